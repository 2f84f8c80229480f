//! Content hashes, for file names and for 'has this changed?'.

use sha2::{Digest, Sha256};

/// The first 16 hexadecimal digits of the SHA-256 of `content`.
pub fn short(content: &[u8]) -> String {
    Sha256::digest(content).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_start_of_sha256() {
        assert_eq!(short(b"abc"), "ba7816bf8f01cfea");
    }
}
