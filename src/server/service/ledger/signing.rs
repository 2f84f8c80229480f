//! Checkpoints: how far the ledger had come, signed.

use super::{number, unreadable};
use crate::server::{
    error::ServiceError,
    state::AppState,
    store::ledger::{StoredCheckpoint, StoredEntry},
};
use engine::ledger::{Hash, Instant};
use std::time::Duration;

/// Entries after which a checkpoint is made at once.
const AT_MOST: i64 = engine::ledger::MAX_UNSIGNED.cast_signed();
/// How long an entry may wait for a checkpoint. Each costs whoever verifies the ledger as much as a hundred entries.
const WAIT: Duration = Duration::from_secs(3600);
/// Entries looked through at a time.
const PIECE: u64 = 1_000;

/// Signs the newest entry if it is time: at the first entry, after [`AT_MOST`] of them, or [`WAIT`] after the last
/// checkpoint. It signs only what follows from the last checkpoint; whether it did.
///
/// # Errors
/// When the database does not answer, the ledger is no whole chain any more, or was signed with another key before: who
/// verifies it trusts one.
pub async fn sign(state: &AppState) -> Result<bool, ServiceError> {
    let last = last_of_ours(state).await?;
    let Some(newest) = state.store.newest_ledger_entry().await? else { return Ok(false) };
    let now = state.clock.now();
    let is_time = last.is_none_or(|last| newest.seq - last.seq >= AT_MOST || last.signed_at + WAIT <= now);
    let has_news = last.is_none_or(|last| newest.seq > last.seq);
    if !(is_time && has_news) {
        return Ok(false);
    }
    follow(state, last, &newest).await?;
    let at = Instant::from_millis(now.millis());
    let signed = state.signer.sign(number(newest.seq)?, newest.hash, at);
    let (checkpoint, signature) = signed.map_err(|error| ServiceError::internal("signing the ledger", error))?;
    let stored =
        StoredCheckpoint { seq: newest.seq, hash: newest.hash, key: checkpoint.key, signature, signed_at: now };
    let txn = state.store.begin().await?;
    txn.add_checkpoint(&stored).await?;
    txn.commit().await?;
    Ok(true)
}

/// The last checkpoint.
///
/// # Errors
/// When the database does not answer, or it was signed with another key than ours.
pub async fn last_of_ours(state: &AppState) -> Result<Option<StoredCheckpoint>, ServiceError> {
    let last = state.store.newest_checkpoint().await?;
    match last {
        Some(last) if last.key != state.signer.public_key() => Err(ServiceError::internal(
            "signing the ledger",
            format!("it has been signed with another LEDGER_KEY, whose public key is {}: set that one again", last.key),
        )),
        last => Ok(last),
    }
}

/// Walks the chain from the last checkpoint to the newest entry.
async fn follow(state: &AppState, last: Option<StoredCheckpoint>, newest: &StoredEntry) -> Result<(), ServiceError> {
    let (mut seq, mut hash) = match last {
        Some(last) => {
            let signed = state.store.ledger_entries(last.seq - 1, last.seq, 1).await?;
            if signed.first().map(|entry| entry.hash) != Some(last.hash) {
                return Err(broken(last.seq));
            }
            (last.seq, last.hash)
        }
        None => (0, Hash::NONE),
    };
    while seq < newest.seq {
        let entries = state.store.ledger_entries(seq, newest.seq, PIECE).await?;
        if entries.is_empty() {
            return Err(broken(seq + 1));
        }
        for entry in entries {
            if entry.seq != seq + 1 || entry.prev_hash != hash || Hash::of(&entry.body) != entry.hash {
                return Err(broken(seq + 1));
            }
            (seq, hash) = (entry.seq, entry.hash);
        }
    }
    Ok(())
}

fn broken(seq: i64) -> ServiceError {
    unreadable(format!("entry {seq} does not follow from what was signed before; nothing is signed after it"))
}
