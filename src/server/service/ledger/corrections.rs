//! Market data that changed under a signal that had ended: what was written stays, and an entry is added.

use super::{
    book::{Book, content, ending},
    number, read,
};
use crate::{
    domain::{id::SignalId, signal::Signal, time::Timestamp},
    server::{error::ServiceError, service::market_clock, state::AppState},
};
use engine::ledger::{Correction, Event, Stated, stated};
use std::collections::HashMap;

/// Signals and entries looked at at a time.
const PIECE: u64 = 500;

/// Holds every revealed signal against the candles as they are now, and adds a correction for each that they no longer
/// bear out; how many. Asking twice adds nothing.
///
/// # Errors
/// When the database or a series does not answer; corrections added until then stay.
pub async fn correct(state: &AppState) -> Result<usize, ServiceError> {
    let now = market_clock::now(state).await?.now;
    let corrected = corrected(state).await?;
    let (mut after, mut added) = (0, 0);
    loop {
        let signals = state.store.settled_signals_after(after, PIECE).await?;
        let Some(last) = signals.last() else { return Ok(added) };
        after = last.seq;
        for signal in &signals {
            let Some(stated) = by_candles(state, signal, now)? else { continue };
            let said = match corrected.get(&signal.id) {
                Some(said) => *said,
                None => said(signal)?,
            };
            if said != stated {
                added += usize::from(add(state, signal.id, stated).await?);
            }
        }
    }
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
fn by_candles(state: &AppState, signal: &Signal, now: Timestamp) -> Result<Option<Stated>, ServiceError> {
    let content = content(signal)?;
    let series = state.market.series(&content.symbol, content.timeframe);
    let series = series.map_err(|error| ServiceError::internal("correcting the ledger", error))?;
    Ok(series.and_then(|series| stated(&content, &series, now.secs())))
}

/// What a signal's row says of it.
fn said(signal: &Signal) -> Result<Stated, ServiceError> {
    Ok(Stated { ending: ending(signal)?, price: Some(content(signal)?.price) })
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
