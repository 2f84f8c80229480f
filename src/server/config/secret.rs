//! What never reaches a log.

/// A text that never reaches a log.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The secret itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The 32 secret bytes of an Ed25519 key; they never reach a log.
#[derive(Clone, PartialEq, Eq)]
pub struct LedgerKey {
    bytes: [u8; 32],
    is_kept: bool,
}

impl From<[u8; 32]> for LedgerKey {
    fn from(given: [u8; 32]) -> Self {
        Self::new(given, false)
    }
}

impl LedgerKey {
    /// From its bytes, and whether they are kept in the data folder.
    pub(super) fn new(bytes: [u8; 32], is_kept: bool) -> Self {
        Self { bytes, is_kept }
    }

    /// The key itself.
    pub fn reveal(&self) -> &[u8; 32] {
        &self.bytes
    }

    /// Whether it was made here and is kept in the data folder, rather than given.
    pub fn is_kept(&self) -> bool {
        self.is_kept
    }
}

impl std::fmt::Debug for LedgerKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LedgerKey(…)")
    }
}
