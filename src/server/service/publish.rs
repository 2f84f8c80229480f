//! Signals made at the close of candles and settled by later ones, once.

use crate::{
    domain::{
        id::SignalId,
        signal::{Outcome, Signal},
        time::Timestamp,
    },
    server::{
        config::Publish,
        error::{BoxError, ServiceError},
        service::{desk::Draft, ledger::book::Book, market_clock, settle, verdicts},
        state::AppState,
        store::{Transaction, signals::SeriesKey},
    },
};
use engine::{Timeframe, UnknownTimeframe};
use std::{collections::HashMap, time::Duration};
use uuid::Uuid;

/// A market day.
const DAY: Duration = Duration::from_secs(86_400);

/// What a round changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Published {
    /// New signals.
    pub signals: usize,
    /// Fills and settlements of earlier ones.
    pub changes: usize,
}

/// Publishes what the market's last days would have, before the first request is welcome; at a later start, goes on
/// where the market was left. Where only the proven are published, whoever is still to be examined is so first.
///
/// # Errors
/// When the database or a series does not answer, or a strategy cannot be examined; nothing was published.
pub async fn backfill(state: &AppState) -> Result<(), ServiceError> {
    if state.config.signals.publish == Publish::Proven {
        verdicts::examine_all(state).await?;
    }
    let published = tick(state).await?;
    if published != Published::default() {
        tracing::info!(signals = published.signals, changes = published.changes, "caught up with the market");
    }
    Ok(())
}

/// Moves the market clock on and publishes what its strategies say at the candles that have closed, in market order;
/// fills and settles what is open. All of it or nothing, once, whichever replica comes first.
///
/// # Errors
/// When the database or a series does not answer; nothing was changed.
pub async fn tick(state: &AppState) -> Result<Published, ServiceError> {
    let txn = state.store.begin().await?;
    let now = market_clock::beat(state, &txn).await?;
    let round = Round::begin(state, &txn, now).await?;
    let drafts =
        if round.closed { verdicts::publishable(state, round.drafts(state).await?).await? } else { Vec::new() };
    let mut book = Book::new(&txn, state.clock.now());
    let changes = round.settle_open(state, &txn, &mut book).await?;
    let published = Published { signals: drafts.len(), changes };
    round.publish(state, &txn, drafts, &mut book).await?;
    book.write().await?;
    // The highest of these times is the record's version: it rises with whatever is news.
    if round.closed || changes > 0 {
        txn.set_progress(&round.series, now).await?;
    }
    txn.commit().await?;
    if published != Published::default() {
        metrics::counter!("signalbox_signals_published_total").increment(published.signals as u64);
        state.feed.drop_all();
        state.work.checkpoints.notify_one();
    }
    Ok(published)
}

/// One transaction's look at the market.
struct Round {
    now: Timestamp,
    series: Vec<SeriesKey>,
    progress: HashMap<SeriesKey, Timestamp>,
    /// From where a series begins that has not been spoken on.
    from: Timestamp,
    /// Whether a candle has closed since the last round that had news.
    closed: bool,
}

impl Round {
    async fn begin(state: &AppState, txn: &Transaction, now: Timestamp) -> Result<Self, ServiceError> {
        let progress: HashMap<_, _> = txn.progress().await?.into_iter().collect();
        // A series added later begins now: the record's order stays the market's.
        let from = if progress.is_empty() { now - DAY * state.config.market.backfill_days } else { now };
        let series = state.desk.series(state.market.as_ref());
        let mut closed = false;
        for series in &series {
            closed |= has_closed(state, series, progress.get(series), now)?;
        }
        Ok(Self { now, series, progress, from, closed })
    }

    async fn drafts(&self, state: &AppState) -> Result<Vec<Draft>, ServiceError> {
        let (progress, from, now, state) = (self.progress.clone(), self.from, self.now, state.clone());
        let work = move || {
            state.desk.drafts(state.market.as_ref(), now, |series| progress.get(series).copied().unwrap_or(from))
        };
        let drafts = tokio::task::spawn_blocking(work).await.map_err(|e| ServiceError::internal("deciding", e))?;
        drafts.map_err(|error| ServiceError::internal("deciding", error))
    }

    async fn settle_open(
        &self,
        state: &AppState,
        txn: &Transaction,
        book: &mut Book<'_>,
    ) -> Result<usize, ServiceError> {
        let (mut changes, mut ended) = (0, Vec::new());
        for mut signal in txn.open_signals().await? {
            if let Some(change) = settle::change(state.market.as_ref(), &signal, self.now)?
                && txn.settle_signal(&change).await?
            {
                changes += 1;
                if change.settlement.is_some() {
                    settle::apply(&mut signal, &change);
                    ended.push(signal);
                }
            }
        }
        book.reveal_earlier(&ended).await?;
        Ok(changes)
    }

    async fn publish(
        &self,
        state: &AppState,
        txn: &Transaction,
        drafts: Vec<Draft>,
        book: &mut Book<'_>,
    ) -> Result<(), ServiceError> {
        if drafts.is_empty() {
            return Ok(());
        }
        let (first, published_at) = (txn.last_signal_seq().await? + 1, state.clock.now());
        let mut signals = Vec::with_capacity(drafts.len());
        for (seq, draft) in (first..).zip(drafts) {
            let mut signal = signal(draft, seq, published_at, state.market.is_replay());
            let committed = book.publish(&mut signal).await?;
            if let Some(change) = settle::change(state.market.as_ref(), &signal, self.now)? {
                settle::apply(&mut signal, &change);
                if change.settlement.is_some() {
                    book.reveal(&signal, &committed).await?;
                }
            }
            signals.push((signal, committed.salt));
        }
        Ok(txn.insert_signals(&signals).await?)
    }
}

/// Whether a candle of the series has closed since it was last spoken on.
fn has_closed(
    state: &AppState,
    series: &SeriesKey,
    progress: Option<&Timestamp>,
    now: Timestamp,
) -> Result<bool, ServiceError> {
    let Some(progress) = progress else { return Ok(true) };
    let failed = |error: BoxError| ServiceError::internal("looking for closed candles", error);
    let timeframe: Timeframe = series.timeframe.parse().map_err(|error: UnknownTimeframe| failed(error.into()))?;
    let candles = state.market.series(&series.symbol, timeframe).map_err(|error| failed(error.into()))?;
    Ok(candles.is_some_and(|candles| candles.upto(now.secs()).len() > candles.upto(progress.secs()).len()))
}

fn signal(draft: Draft, seq: i64, published_at: Timestamp, replay: bool) -> Signal {
    let Draft { series, proposal, confidence } = draft;
    let confidence_n = confidence.as_ref().map_or_else(|none| none.n, |measured| measured.n);
    Signal {
        id: SignalId(Uuid::new_v4()),
        seq,
        symbol: series.symbol,
        timeframe: series.timeframe,
        strategy: series.strategy,
        strategy_version: series.version,
        side: proposal.side,
        price: proposal.price,
        fill_price: None,
        target: proposal.target,
        stop: proposal.stop,
        risk_reward: proposal.risk_reward,
        confidence: confidence.as_ref().ok().map(|measured| measured.value),
        confidence_n: i64::from(confidence_n),
        confidence_reason: confidence.err().map(|none| none.to_string()),
        rationale: proposal.rationale,
        candle_closed_at: Timestamp::from_secs(proposal.candle_closed_at),
        published_at,
        expires_at: Timestamp::from_secs(proposal.expires_at),
        outcome: Outcome::Open,
        exit_price: None,
        r_multiple: None,
        settled_at: None,
        prev_hash: None,
        hash: None,
        replay,
    }
}
