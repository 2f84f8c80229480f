//! Bytes of a fixed number, written as lower-case hex.

use super::canonical::{as_text, text::Text};
use sha2::{Digest, Sha256};
use std::fmt;

/// `N` bytes, written as lower-case hex.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Hex<const N: usize>(pub [u8; N]);

/// A SHA-256.
pub type Hash = Hex<32>;
/// What makes a commitment unguessable: 32 random bytes.
pub type Salt = Hex<32>;
/// An Ed25519 key that checks signatures; it is its own name.
pub type PublicKey = Hex<32>;
/// An Ed25519 signature.
pub type Signature = Hex<64>;

/// Bytes written at a time.
const PIECE: usize = 32;

impl Hash {
    /// What the first entry names as the one before it.
    pub const NONE: Self = Self([0; 32]);

    /// The SHA-256 of a text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self(Sha256::digest(text.as_bytes()).into())
    }
}

impl<const N: usize> Hex<N> {
    /// Reads lower-case hex of exactly this length.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digit = |byte: u8| match byte {
            b'0'..=b'9' => Some(byte - b'0'),
            b'a'..=b'f' => Some(byte - b'a' + 10),
            _ => None,
        };
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        if pairs.len() != N || !rest.is_empty() {
            return None;
        }
        let mut bytes = [0; N];
        for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
            *byte = digit(*high)? << 4 | digit(*low)?;
        }
        Some(Self(bytes))
    }
}

impl<const N: usize> fmt::Display for Hex<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        // A verifier writes several hashes an entry: in pieces, not digit by digit.
        for bytes in self.0.chunks(PIECE) {
            let mut digits = [0; 2 * PIECE];
            for (pair, byte) in digits.as_chunks_mut::<2>().0.iter_mut().zip(bytes) {
                *pair = [byte >> 4, byte & 15].map(|digit| DIGITS[usize::from(digit)]);
            }
            f.write_str(str::from_utf8(&digits[..2 * bytes.len()]).map_err(|_| fmt::Error)?)?;
        }
        Ok(())
    }
}

impl<const N: usize> fmt::Debug for Hex<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<const N: usize> Text for Hex<N> {
    const EXPECTED: &'static str = "lower-case hex of the right length";

    fn parse(text: &str) -> Option<Self> {
        Self::parse(text)
    }
}

as_text!(Hex<const N: usize>);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_lower_case_hex_of_their_own_length() {
        let hex = Hex([0, 1, 0xab, 0xff]);
        assert_eq!(hex.to_string(), "0001abff");
        assert_eq!(Hex::parse("0001abff"), Some(hex));
        for text in ["0001ABFF", "0001abf", "0001abff0", "0001abfg", "", "0001ab\u{e9}"] {
            assert_eq!(Hex::<4>::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_hash_is_sha_256() {
        let known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(Hash::of("abc").to_string(), known);
    }
}
