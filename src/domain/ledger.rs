//! The ledger as the pages and the API show it. What stands in it is `engine::ledger`'s.

use super::time::Timestamp;
use engine::ledger::{Checkpoint, Entry};
use serde::{Deserialize, Serialize};

/// A place in the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryPlace {
    /// The entry's number, from 1, without gaps.
    pub seq: i64,
    /// The SHA-256 of its canonical text, in hex.
    pub hash: String,
}

/// Where a signal stands in the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignalEntries {
    /// The entry that published it, with a commitment to its content.
    pub publication: EntryPlace,
    /// The entry that told its content and its outcome; null while it is open.
    pub reveal: Option<EntryPlace>,
}

/// How far the ledger goes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct LedgerHead {
    /// How many entries there are.
    pub entries: i64,
    /// The hash of the newest; 64 zeros before the first.
    pub hash: String,
    /// When the newest was written; null before the first.
    pub written_at: Option<Timestamp>,
    /// The key that checks the signatures of checkpoints made from now on: Ed25519, in hex.
    pub public_key: String,
    /// The newest checkpoint; null before the first.
    pub checkpoint: Option<SignedCheckpoint>,
}

/// That the ledger had come so far, signed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct SignedCheckpoint {
    /// `at`, and the `hash`, `key` (the public key) and `seq` of the newest entry that it covers.
    #[cfg_attr(feature = "ssr", schema(value_type = Object))]
    pub checkpoint: Checkpoint,
    /// Ed25519 over the canonical JSON of `checkpoint`, in hex.
    pub signature: String,
}

/// An entry with its hash, as a line of the export has it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct LedgerEntry {
    /// `at`, `event` (a `publication`, `reveal` or `correction`), `prev_hash` and `seq`.
    #[cfg_attr(feature = "ssr", schema(value_type = Object))]
    pub entry: Entry,
    /// The SHA-256 of the canonical JSON of `entry`, in hex.
    pub hash: String,
}

/// A page of the ledger.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct LedgerPage {
    /// In order.
    pub entries: Vec<LedgerEntry>,
    /// Those about entries of this page.
    pub checkpoints: Vec<SignedCheckpoint>,
    /// Send it as `cursor` for the next page; null on the last one.
    pub next_cursor: Option<String>,
}
