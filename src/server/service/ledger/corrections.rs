//! What has ended, held against the ledger and the candles. Market data that changed under it gets an entry, and what was
//! written stays; a row that says something else than the ledger is told to the operator.

use super::{
    book::{Book, content, ending},
    number, read,
};
use crate::{
    domain::{id::SignalId, signal::Signal, time::Timestamp},
    server::{error::ServiceError, service::market_clock, state::AppState, store::ledger::StoredEntry},
};
use engine::ledger::{Content, Correction, Event, Reveal, Stated, stated};
use std::collections::HashMap;

/// Entries looked at at a time.
const PIECE: u64 = 500;

/// Counts the signals whose row is not what the ledger says.
const DIFFERING: &str = "signalbox_ledger_rows_differing_total";

/// What came of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// Corrections added to the ledger.
    pub corrections: usize,
    /// Signals whose row is not what the ledger revealed, or that have one of them only.
    pub differing: usize,
}

/// Holds what the ledger revealed against the candles as they are now, and adds a correction for each signal that these
/// no longer bear out; holds the rows of all signals that have ended against what was revealed. Asking twice adds nothing.
///
/// # Errors
/// When the database or a series does not answer; corrections added until then stay.
pub async fn correct(state: &AppState) -> Result<Held, ServiceError> {
    // Known from the first look on, so that what watches it sees it rise.
    metrics::counter!(DIFFERING).increment(0);
    let now = market_clock::now(state).await?.now;
    // Read before the reveals: by then each of these has its own.
    let mut untold = state.store.settled_numbers().await?;
    let corrected = corrected(state).await?;
    let (mut after, mut held, mut first) = (0, Held::default(), i64::MAX);
    loop {
        let entries = state.store.ledger_entries_of_kind("reveal", after, PIECE).await?;
        let Some(last) = entries.last() else { break };
        after = last.seq;
        let rows = rows(state, &entries).await?;
        for entry in &entries {
            let Event::Reveal(reveal) = read(entry)?.event else { continue };
            first = first.min(i64::try_from(reveal.signal.seq).unwrap_or(i64::MAX));
            untold.remove(&entry.signal);
            if !rows.get(&entry.signal).is_some_and(|row| is_told_by(row, &reveal)) {
                held.differing += 1;
                tell_of_change(entry.signal, Some(entry.seq));
            }
            let Some(stated) = by_candles(state, &reveal.signal, now)? else { continue };
            let revealed = Stated { ending: reveal.ending, price: Some(reveal.signal.price) };
            if *corrected.get(&entry.signal).unwrap_or(&revealed) != stated {
                held.corrections += usize::from(add(state, entry.signal, stated).await?);
            }
        }
    }
    // Only what was published before the ledger began is not in it.
    for (signal, _) in untold.into_iter().filter(|(_, seq)| !(1..first).contains(seq)) {
        held.differing += 1;
        tell_of_change(signal, None);
    }
    Ok(held)
}

/// The rows of the signals that these entries are about.
async fn rows(state: &AppState, entries: &[StoredEntry]) -> Result<HashMap<SignalId, Signal>, ServiceError> {
    let ids: Vec<SignalId> = entries.iter().map(|entry| entry.signal).collect();
    let rows = state.store.signals(&ids).await?;
    Ok(rows.into_iter().map(|row| (row.id, row)).collect())
}

/// Whether a reveal says what the row does. A row that cannot be written as an entry was never one.
fn is_told_by(row: &Signal, reveal: &Reveal) -> bool {
    content(row).is_ok_and(|content| content == reveal.signal)
        && ending(row).is_ok_and(|ending| ending == reveal.ending)
}

/// Tells the operator of a signal whose row is another than its reveal, entry `seq`, or that has one of them only.
fn tell_of_change(signal: SignalId, seq: Option<i64>) {
    metrics::counter!(DIFFERING).increment(1);
    tracing::error!(
        signal.id = %signal,
        ledger.seq = seq,
        "what the database shows of an ended signal is not what the ledger says: somebody has changed it"
    );
}

/// What the newest correction of each corrected signal says.
async fn corrected(state: &AppState) -> Result<HashMap<SignalId, Stated>, ServiceError> {
    let (mut after, mut corrected) = (0, HashMap::new());
    loop {
        let entries = state.store.ledger_entries_of_kind("correction", after, PIECE).await?;
        let Some(last) = entries.last() else { return Ok(corrected) };
        after = last.seq;
        for entry in &entries {
            if let Event::Correction(correction) = read(entry)?.event {
                corrected.insert(entry.signal, correction.now);
            }
        }
    }
}

/// What the candles say of a signal by now; `None` where by them it has not ended.
fn by_candles(state: &AppState, signal: &Content, now: Timestamp) -> Result<Option<Stated>, ServiceError> {
    let series = state.market.series(&signal.symbol, signal.timeframe);
    let series = series.map_err(|error| ServiceError::internal("correcting the ledger", error))?;
    Ok(series.and_then(|series| stated(signal, &series, now.secs())))
}

/// Adds a correction of this signal, unless the ledger says nothing of it, or this; whether it did.
async fn add(state: &AppState, signal: SignalId, now: Stated) -> Result<bool, ServiceError> {
    let txn = state.store.begin().await?;
    // What is read after this is the last word until this transaction ends.
    txn.lock_ledger().await?;
    let (mut publication, mut was) = (None, None);
    for entry in txn.ledger_of_signal(signal).await? {
        match read(&entry)?.event {
            Event::Publication(_) => publication = Some(entry.seq),
            Event::Reveal(reveal) => was = Some(Stated { ending: reveal.ending, price: Some(reveal.signal.price) }),
            Event::Correction(correction) => was = Some(correction.now),
        }
    }
    let (Some(publication), Some(was)) = (publication, was.filter(|was| *was != now)) else { return Ok(false) };
    let reason = "The candles under this signal are others than when it ended.".to_owned();
    let correction = Correction { now, publication: number(publication)?, reason, was };
    let mut book = Book::new(&txn, state.clock.now());
    book.correct(signal, correction).await?;
    book.write().await?;
    txn.commit().await?;
    tracing::warn!(signal.id = %signal, "the candles under an ended signal have changed: the ledger has a correction");
    Ok(true)
}
