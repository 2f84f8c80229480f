//! Live against backtest: what each strategy would have said on its series before its record began, and what it said.

use super::{
    desk::Configured,
    history::{Entry, Group, History, RecordCache},
};
use crate::{
    domain::{
        record::{DriftView, RecordFilter},
        time::Timestamp,
    },
    server::{error::ServiceError, state::AppState, store::signals::SeriesKey},
};
use engine::{
    Candles, Strategy, history,
    record::{Figures, Settled, drift},
};
use std::{collections::HashMap, sync::Arc};
use tokio::sync::Mutex;

/// The backtests made so far: each is made once in a process.
#[derive(Default)]
pub struct Backtests(Mutex<Made>);

/// What a backtest came to, by series and by when its record begins, which never changes.
type Made = HashMap<(SeriesKey, Timestamp), Arc<Vec<Settled>>>;

/// A series with a record, and the rule that can be run on what was before it.
struct Ground {
    series: SeriesKey,
    begins_at: Timestamp,
    strategy: Box<dyn Strategy>,
    candles: Arc<Candles>,
}

/// How each strategy's published signals in a part of the record stand against its backtest on the same series. The
/// period leaves out live signals alone: the backtest is of all that was before.
///
/// # Errors
/// When the database does not answer, or a series cannot be read.
pub(super) async fn views(state: &AppState, filter: &RecordFilter) -> Result<Vec<DriftView>, ServiceError> {
    let history = RecordCache::history(state).await?;
    let mut views = Vec::new();
    for configured in state.desk.strategies() {
        let grounds = grounds(state, &history, filter, configured)?;
        if grounds.is_empty() {
            continue;
        }
        let is_here = |entry: &&Entry| grounds.iter().any(|ground| ground.series == *history.series(entry));
        let live: Group = history.part(filter).filter(is_here).collect();
        let backtest = state.record.backtests.of(grounds).await?;
        views.push(view(configured, &Figures::of(&backtest, 0), &live.figures()));
    }
    Ok(views)
}

fn view(configured: &Configured, backtest: &Figures, live: &Figures) -> DriftView {
    let found = drift(backtest, live);
    DriftView {
        strategy: configured.strategy.name().to_owned(),
        version: i32::try_from(configured.strategy.version()).unwrap_or(i32::MAX),
        backtest: (*backtest).into(),
        live: (*live).into(),
        expectancy_r: found.expectancy_r.map(Into::into),
        win_rate: found.win_rate.map(Into::into),
        words: found.words,
    }
}

/// The series of a part of the record on which a strategy, in its present version, has published.
fn grounds(
    state: &AppState,
    history: &History,
    filter: &RecordFilter,
    configured: &Configured,
) -> Result<Vec<Ground>, ServiceError> {
    let everything = RecordFilter { period: None, ..filter.clone() };
    let mut begins: Vec<(&SeriesKey, Timestamp)> = Vec::new();
    // By number, so that the first of a series comes first.
    for entry in history.part(&everything) {
        let series = history.series(entry);
        let ours = series.strategy == configured.strategy.name()
            && u32::try_from(series.version) == Ok(configured.strategy.version());
        if ours && !begins.iter().any(|(known, _)| *known == series) {
            begins.push((series, entry.decided_at));
        }
    }
    let ground = |(series, begins_at): (&SeriesKey, Timestamp)| ground(state, configured, series, begins_at);
    Ok(begins.into_iter().map(ground).collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
}

fn ground(
    state: &AppState,
    configured: &Configured,
    series: &SeriesKey,
    begins_at: Timestamp,
) -> Result<Option<Ground>, ServiceError> {
    let Ok(timeframe) = series.timeframe.parse() else { return Ok(None) };
    if !configured.timeframes.contains(&timeframe) {
        return Ok(None);
    }
    let candles = state.market.series(&series.symbol, timeframe);
    let Some(candles) = candles.map_err(|error| ServiceError::internal("reading candles", error))? else {
        return Ok(None);
    };
    let strategy = configured.strategy.with(&[]);
    let strategy = strategy.map_err(|error| ServiceError::internal("setting a strategy", error))?;
    Ok(Some(Ground { series: series.clone(), begins_at, strategy, candles }))
}

impl Backtests {
    /// What was said and settled on these series before their records began.
    async fn of(&self, grounds: Vec<Ground>) -> Result<Vec<Settled>, ServiceError> {
        // Held while one is made: whoever else asks waits for it rather than make it too.
        let mut made = self.0.lock().await;
        let mut all = Vec::new();
        for ground in grounds {
            let key = (ground.series.clone(), ground.begins_at);
            if let Some(known) = made.get(&key) {
                all.extend_from_slice(known);
                continue;
            }
            let backtest = tokio::task::spawn_blocking(move || ground.run()).await;
            let backtest = backtest.map_err(|error| ServiceError::internal("running a backtest", error))?;
            all.extend_from_slice(&backtest);
            made.insert(key, Arc::new(backtest));
        }
        Ok(all)
    }
}

impl Ground {
    /// Takes some milliseconds.
    fn run(&self) -> Vec<Settled> {
        let before = self.candles.upto(self.begins_at.secs() - 1);
        let entries = history::run(self.strategy.as_ref(), before);
        let settled = entries.iter().filter_map(|entry| entry.settlement);
        settled
            .map(|settlement| Settled {
                outcome: settlement.outcome,
                r_multiple: settlement.r_multiple,
                confidence: None,
                settled_at: settlement.settled_at,
            })
            .collect()
    }
}
