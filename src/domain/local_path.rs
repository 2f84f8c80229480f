//! A place on this site, safe to be sent to after signing in.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A path, perhaps with a query, on this very site. Never another host, never a control character.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct LocalPath(String);

/// A text that leads elsewhere, or nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("Not a place on this site.")]
pub struct NotLocal;

impl LocalPath {
    /// Parses `/path?query`; at most 1,024 visible ASCII characters.
    pub fn parse(text: &str) -> Result<Self, NotLocal> {
        let visible = text.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
        let local = text.starts_with('/') && !text.starts_with("//");
        if visible && local && text.len() <= 1024 { Ok(Self(text.to_owned())) } else { Err(NotLocal) }
    }
}

impl AsRef<str> for LocalPath {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for LocalPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<LocalPath> for String {
    fn from(path: LocalPath) -> Self {
        path.0
    }
}

impl TryFrom<String> for LocalPath {
    type Error = NotLocal;
    fn try_from(text: String) -> Result<Self, NotLocal> {
        Self::parse(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_places_on_this_site_are_taken() {
        for good in ["/", "/dashboard", "/signal/1?tab=chart#x"] {
            assert!(LocalPath::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "dashboard",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/a\r\nSet-Cookie: x",
            "/a b",
            "/é",
        ] {
            assert_eq!(LocalPath::parse(bad), Err(NotLocal), "{bad:?}");
        }
    }
}
