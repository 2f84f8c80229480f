//! The lines of an export, written and taken apart.

use super::{Checkpoint, Entry, Hash, Hex, Signature, Wrong, canonical};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// Bytes that a line may have, its line feed not counted.
pub const MAX_LINE: usize = 64 * 1024;

/// The first line.
const HEADER: &str = r#"{"ledger":{"version":1}}"#;

/// A line, read.
pub(super) enum Line<'a> {
    Header,
    /// An entry and its hash.
    Entry(Box<Entry>, Hash),
    /// A checkpoint, its text, and its signature.
    Checkpoint(Checkpoint, &'a str, Signature),
    End(End),
}

/// What the last line says of all before it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct End {
    /// How many entries there are.
    pub(super) entries: u64,
    /// The hash of the newest, [`Hash::NONE`] where there is none.
    pub(super) hash: Hash,
}

/// The first line of an export, with its line feed.
#[must_use]
pub fn header_line() -> String {
    format!("{HEADER}\n")
}

/// An entry's line: `text` is what [`canonical`] makes of the entry, `hash` the hash of that.
#[must_use]
pub fn entry_line(text: &str, hash: &Hash) -> String {
    format!("{{\"entry\":{text},\"hash\":\"{hash}\"}}\n")
}

/// A checkpoint's line.
///
/// # Errors
/// Never: see [`canonical`].
pub fn checkpoint_line(checkpoint: &Checkpoint, signature: &Signature) -> Result<String, serde_json::Error> {
    Ok(format!("{{\"checkpoint\":{},\"signature\":\"{signature}\"}}\n", canonical(checkpoint)?))
}

/// The last line of an export of so many entries, of which the newest has this hash ([`Hash::NONE`] without any).
///
/// # Errors
/// Never: see [`canonical`].
pub fn end_line(entries: u64, hash: Hash) -> Result<String, serde_json::Error> {
    Ok(format!("{{\"end\":{}}}\n", canonical(&End { entries, hash })?))
}

impl<'a> Line<'a> {
    /// Reads a line without its line feed. Every byte of it is accounted for: what is not exactly as this module
    /// writes it is wrong.
    pub(super) fn read(line: &'a [u8]) -> Result<Self, Wrong> {
        let line = str::from_utf8(line).map_err(|_| Wrong::NotText)?;
        if line == HEADER {
            return Ok(Self::Header);
        }
        if let Some((text, hash)) = sealed(line, "{\"entry\":", ",\"hash\":\"") {
            // First of all: only of an entry that was not changed is the rest worth telling.
            if Hash::of(text) != hash {
                return Err(Wrong::Hash);
            }
            return Ok(Self::Entry(exact(text)?, hash));
        }
        if let Some((text, signature)) = sealed(line, "{\"checkpoint\":", ",\"signature\":\"") {
            return Ok(Self::Checkpoint(exact(text)?, text, signature));
        }
        let end = line.strip_prefix("{\"end\":").and_then(|rest| rest.strip_suffix('}'));
        end.map_or(Err(Wrong::NoSuchLine), |text| Ok(Self::End(exact(text)?)))
    }
}

/// The text between `before` and `between`, and the hex after it, of a line that ends with `"}`.
fn sealed<'a, const N: usize>(line: &'a str, before: &str, between: &str) -> Option<(&'a str, Hex<N>)> {
    let line = line.strip_prefix(before)?.strip_suffix("\"}")?;
    let (text, seal) = line.split_at_checked(line.len().checked_sub(2 * N)?)?;
    Some((text.strip_suffix(between)?, Hex::parse(seal)?))
}

/// What the text says, if it is the one canonical text for it.
fn exact<T: Serialize + DeserializeOwned>(text: &str) -> Result<T, Wrong> {
    let part = serde_json::from_str(text).map_err(|error| Wrong::Unreadable(error.to_string()))?;
    let again = canonical(&part).map_err(|error| Wrong::Unreadable(error.to_string()))?;
    if again == text { Ok(part) } else { Err(Wrong::NotCanonical) }
}
