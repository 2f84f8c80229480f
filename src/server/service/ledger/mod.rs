//! The ledger: what was published and what became of it, chained and signed, for everybody to read.
//!
//! It begins with the first signal that is published once its tables are there; what was published before has no
//! commitment, and none is made up afterwards.

pub mod book;
pub mod corrections;
pub mod signing;

use super::page;
use crate::{
    domain::{
        id::SignalId,
        ledger::{EntryPlace, LedgerEntry, LedgerHead, LedgerPage, SignalEntries, SignedCheckpoint},
    },
    server::{
        error::ServiceError,
        state::AppState,
        store::ledger::{StoredCheckpoint, StoredEntry},
    },
};
use bytes::Bytes;
use engine::ledger::{Checkpoint, Entry, Hash, Instant, checkpoint_line, end_line, entry_line, header_line};
use futures::{Stream, StreamExt, TryStreamExt, stream};

/// Entries of an export read at a time.
const PIECE: u64 = 500;

/// How far the ledger goes, and whose signatures it has.
///
/// # Errors
/// When the database does not answer.
pub async fn head(state: &AppState) -> Result<LedgerHead, ServiceError> {
    let newest = state.store.newest_ledger_entry().await?;
    let checkpoint = state.store.newest_checkpoint().await?;
    Ok(LedgerHead {
        entries: newest.as_ref().map_or(0, |entry| entry.seq),
        hash: newest.as_ref().map_or(Hash::NONE, |entry| entry.hash).to_string(),
        written_at: newest.map(|entry| entry.written_at),
        public_key: checkpoint.as_ref().map_or_else(|| state.signer.public_key(), |last| last.key).to_string(),
        checkpoint: checkpoint.as_ref().map(signed).transpose()?,
    })
}

/// A page of entries in order, after that of the cursor.
///
/// # Errors
/// `Invalid` when the cursor is none of ours.
pub async fn page(state: &AppState, cursor: Option<&str>, limit: u64) -> Result<LedgerPage, ServiceError> {
    let after = cursor.map_or(Ok(0), str::parse::<i64>).ok().filter(|after| *after >= 0);
    let after = after.ok_or_else(page::refused)?;
    let entries = state.store.ledger_entries(after, i64::MAX, limit + 1).await?;
    let (entries, next_cursor) = page::cut(entries, limit, |last| last.seq.to_string());
    let upto = entries.last().map_or(after, |entry| entry.seq);
    let checkpoints = state.store.ledger_checkpoints(after, upto).await?;
    Ok(LedgerPage {
        entries: entries.iter().map(view).collect::<Result<_, _>>()?,
        checkpoints: checkpoints.iter().map(signed).collect::<Result<_, _>>()?,
        next_cursor,
    })
}

/// The whole ledger as `engine::ledger` describes its export, up to the entry that is the newest now; read in pieces, so
/// that its size costs no memory. It breaks off where the database does, and then lacks its last line.
///
/// # Errors
/// When the database does not answer at the beginning.
pub async fn export(
    state: &AppState,
) -> Result<impl Stream<Item = Result<Bytes, ServiceError>> + Send + 'static, ServiceError> {
    let newest = state.store.newest_ledger_entry().await?;
    let (entries, hash) = newest.map_or((0, Hash::NONE), |entry| (entry.seq, entry.hash));
    let end = end_line(number(entries)?, hash).map_err(unreadable)?;
    let state = state.clone();
    let pieces = stream::try_unfold(0, move |after| {
        let state = state.clone();
        async move {
            if after >= entries {
                return Ok(None);
            }
            let (piece, upto) = piece(&state, after, entries).await?;
            Ok(Some((piece, upto)))
        }
    });
    let whole = stream::once(async { Ok(header_line()) }).chain(pieces).chain(stream::once(async { Ok(end) }));
    Ok(whole.map_ok(Bytes::from))
}

/// Where a signal stands in the ledger; `None` where it was published before there was one.
///
/// # Errors
/// When the database does not answer.
pub async fn of_signal(state: &AppState, signal: SignalId) -> Result<Option<SignalEntries>, ServiceError> {
    let entries = state.store.ledger_of_signal(signal).await?;
    let place = |kind: &str| {
        let found = entries.iter().find(|entry| entry.kind == kind);
        found.map(|entry| EntryPlace { seq: entry.seq, hash: entry.hash.to_string() })
    };
    Ok(place("publication").map(|publication| SignalEntries { publication, reveal: place("reveal") }))
}

/// The lines of the entries after `after`, and up to which entry they go.
async fn piece(state: &AppState, after: i64, newest: i64) -> Result<(String, i64), ServiceError> {
    let entries = state.store.ledger_entries(after, newest, PIECE).await?;
    let Some(upto) = entries.last().map(|entry| entry.seq) else {
        return Err(unreadable(format!("entries after {after} are missing")));
    };
    let mut checkpoints = state.store.ledger_checkpoints(after, upto).await?.into_iter().peekable();
    let mut text = String::new();
    for entry in entries {
        text.push_str(&entry_line(&entry.body, &entry.hash));
        while let Some(stored) = checkpoints.next_if(|stored| stored.seq <= entry.seq) {
            text.push_str(&checkpoint_line(&checkpoint(&stored)?, &stored.signature).map_err(unreadable)?);
        }
    }
    Ok((text, upto))
}

fn view(stored: &StoredEntry) -> Result<LedgerEntry, ServiceError> {
    Ok(LedgerEntry { entry: read(stored)?, hash: stored.hash.to_string() })
}

fn read(stored: &StoredEntry) -> Result<Entry, ServiceError> {
    serde_json::from_str(&stored.body).map_err(unreadable)
}

fn signed(stored: &StoredCheckpoint) -> Result<SignedCheckpoint, ServiceError> {
    Ok(SignedCheckpoint { checkpoint: checkpoint(stored)?, signature: stored.signature.to_string() })
}

fn checkpoint(stored: &StoredCheckpoint) -> Result<Checkpoint, ServiceError> {
    let at = Instant::from_millis(stored.signed_at.millis());
    Ok(Checkpoint { at, hash: stored.hash, key: stored.key, seq: number(stored.seq)? })
}

fn number(seq: i64) -> Result<u64, ServiceError> {
    u64::try_from(seq).map_err(unreadable)
}

fn unreadable(error: impl Into<crate::server::error::BoxError>) -> ServiceError {
    ServiceError::internal("reading the ledger", error)
}
