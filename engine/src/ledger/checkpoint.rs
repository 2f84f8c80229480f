//! Signatures over how far the chain had come.

use super::{Hash, Hex, Instant, PublicKey, Signature, canonical};
use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};

/// Entries after which a publisher makes a checkpoint at once: more without one are not to be taken on trust.
pub const MAX_UNSIGNED: u64 = 64;

/// That the chain had come so far at some time.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Checkpoint {
    /// When it was signed: real time.
    pub at: Instant,
    /// The hash of that entry.
    pub hash: Hash,
    /// Whose signature it is: the public key itself.
    pub key: PublicKey,
    /// The number of the newest entry.
    pub seq: u64,
}

/// Signs checkpoints.
pub struct Signer(SigningKey);

impl Signer {
    /// From the 32 secret bytes of an Ed25519 key (RFC 8032's private key).
    #[must_use]
    pub fn from_secret(secret: &[u8; 32]) -> Self {
        Self(SigningKey::from_bytes(secret))
    }

    /// What checks its signatures.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        Hex(self.0.verifying_key().to_bytes())
    }

    /// A checkpoint at entry `seq`, which has this hash, and its signature.
    ///
    /// # Errors
    /// Never: see [`canonical`].
    pub fn sign(&self, seq: u64, hash: Hash, at: Instant) -> Result<(Checkpoint, Signature), serde_json::Error> {
        let checkpoint = Checkpoint { at, hash, key: self.public_key(), seq };
        let signature = self.0.sign(canonical(&checkpoint)?.as_bytes());
        Ok((checkpoint, Hex(signature.to_bytes())))
    }
}

impl std::fmt::Debug for Signer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Signer({}…)", self.public_key())
    }
}

/// A key that was read once; reading one is a good part of the work of checking a signature.
pub(super) struct Key {
    name: PublicKey,
    point: VerifyingKey,
}

impl Key {
    /// The key of that name, if there is one.
    pub(super) fn read(name: PublicKey) -> Option<Self> {
        Some(Self { name, point: VerifyingKey::from_bytes(&name.0).ok()? })
    }

    pub(super) fn name(&self) -> PublicKey {
        self.name
    }

    /// Whether it signed this text. Strictly: there is one signature for a text and key, not several forms of it.
    pub(super) fn signed(&self, text: &str, signature: &Signature) -> bool {
        let signature = ed25519_dalek::Signature::from_bytes(&signature.0);
        self.point.verify_strict(text.as_bytes(), &signature).is_ok()
    }
}
