//! Places in the chain that somebody noted.

use super::{Hash, Hex};
use std::{fmt, str::FromStr};

/// An entry and its hash, as somebody noted them at some time: `42:` and 64 hex digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The number of the entry, from 1.
    pub seq: u64,
    /// The hash that it had.
    pub hash: Hash,
}

/// A text is no [`Place`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("write the number of an entry, from 1, a colon, and its hash: 64 hex digits in lower case")]
pub struct NoPlace;

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.seq, self.hash)
    }
}

impl FromStr for Place {
    type Err = NoPlace;

    fn from_str(text: &str) -> Result<Self, NoPlace> {
        let (seq, hash) = text.split_once(':').ok_or(NoPlace)?;
        let seq = seq.parse().ok().filter(|seq| *seq > 0).ok_or(NoPlace)?;
        Ok(Self { seq, hash: Hex::parse(hash).ok_or(NoPlace)? })
    }
}
