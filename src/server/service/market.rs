//! The market as it may be seen now: nothing that has not closed.

use super::market_clock;
use crate::{
    domain::{
        signal::{CandlePage, CandleView, ParameterKind, ParameterView, Signal, StrategyView, SymbolView},
        time::Timestamp,
    },
    server::{error::ServiceError, market::Symbol, state::AppState},
};
use engine::{
    Candle, CandleSlice, Candles, Timeframe,
    strategy::{Kind, Parameter},
};
use std::{ops::Range, sync::Arc};

/// Closes in a symbol's small chart.
const CLOSES: usize = 60;

/// All symbols and where they stand.
///
/// # Errors
/// When the database does not answer.
pub async fn symbols(state: &AppState) -> Result<Vec<SymbolView>, ServiceError> {
    let now = market_clock::now(state).await?.now;
    state.market.symbols().iter().map(|symbol| symbol_view(state, symbol, now)).collect()
}

/// One symbol and where it stands at `now`, market time.
pub(super) fn symbol(state: &AppState, name: &str, now: Timestamp) -> Result<SymbolView, ServiceError> {
    symbol_view(state, known(state, name)?, now)
}

/// Closed candles, the newest `limit` of those that open before `before`.
///
/// # Errors
/// `NotFound` when there is no such series.
pub async fn candles(
    state: &AppState,
    symbol: &str,
    timeframe: Timeframe,
    before: Option<Timestamp>,
    limit: usize,
) -> Result<CandlePage, ServiceError> {
    let now = market_clock::now(state).await?.now;
    let series = series(state, symbol, timeframe)?.ok_or(ServiceError::NotFound("series"))?;
    let closed = series.upto(now.secs());
    let end = before.map_or(closed.len(), |before| closed.open_times().partition_point(|open| *open < before.secs()));
    let end = end.min(closed.len());
    Ok(CandlePage {
        symbol: symbol.to_owned(),
        timeframe: timeframe.as_str().to_owned(),
        candles: views(closed, end.saturating_sub(limit), end),
        ended: has_ended(state, &series, now),
        replay: state.market.is_replay(),
    })
}

/// Closed candles around a signal: some before its deciding candle, and those after it up to its end, or up to `now`.
pub(super) fn candles_around(
    state: &AppState,
    signal: &Signal,
    now: Timestamp,
) -> Result<Vec<CandleView>, ServiceError> {
    let Ok(timeframe) = signal.timeframe.parse() else { return Ok(Vec::new()) };
    let Some(series) = series(state, &signal.symbol, timeframe)? else { return Ok(Vec::new()) };
    let closed = series.upto(now.secs());
    let decided = series.upto(signal.candle_closed_at.secs()).len();
    let ended = closed.upto(signal.settled_at.unwrap_or(now).secs()).len();
    let shown = around(decided, ended);
    Ok(views(closed, shown.start, shown.end.min(closed.len())))
}

/// The places shown of a signal decided after `decided` candles, and ended after `ended`.
fn around(decided: usize, ended: usize) -> Range<usize> {
    const BEFORE: usize = 40;
    /// After the decision at least, as far as there are candles.
    const AFTER: usize = 20;
    /// After the end.
    const BEYOND: usize = 5;
    /// After the decision at most: no signal lasts longer.
    const MOST: usize = 500;
    decided.saturating_sub(BEFORE)..(ended + BEYOND).clamp(decided + AFTER, decided + MOST)
}

/// The strategies at work.
pub fn strategies(state: &AppState) -> Vec<StrategyView> {
    let view = |configured: &super::desk::Configured| StrategyView {
        name: configured.strategy.name().to_owned(),
        version: configured.strategy.version(),
        description: configured.strategy.about().to_owned(),
        timeframes: configured.timeframes.iter().map(|timeframe| timeframe.as_str().to_owned()).collect(),
        warm_up: u32::try_from(configured.strategy.warm_up()).unwrap_or(u32::MAX),
        parameters: configured.strategy.parameters().iter().map(parameter).collect(),
    };
    state.desk.strategies().iter().map(view).collect()
}

fn parameter(parameter: &Parameter) -> ParameterView {
    ParameterView {
        name: parameter.name.to_owned(),
        description: parameter.description.to_owned(),
        kind: match parameter.kind {
            Kind::Integer => ParameterKind::Integer,
            Kind::Number => ParameterKind::Number,
        },
        value: parameter.value,
        default: parameter.default,
        min: parameter.min,
        max: parameter.max,
        step: parameter.step,
    }
}

fn symbol_view(state: &AppState, symbol: &Symbol, now: Timestamp) -> Result<SymbolView, ServiceError> {
    let mut ended = true;
    for timeframe in &symbol.timeframes {
        let series = series(state, &symbol.symbol, *timeframe)?;
        ended &= series.is_none_or(|series| has_ended(state, &series, now));
    }
    let daily = series(state, &symbol.symbol, Timeframe::Day)?;
    let closed = daily.as_ref().map(|series| series.upto(now.secs()));
    let all = closed.map_or(&[][..], CandleSlice::closes);
    let closes = all[all.len().saturating_sub(CLOSES)..].to_vec();
    let change = match closes[..] {
        [.., before, last] if before != 0.0 => Some(last / before - 1.0),
        _ => None,
    };
    let last_index = closed.and_then(|closed| Some((closed, closed.len().checked_sub(1)?)));
    Ok(SymbolView {
        symbol: symbol.symbol.clone(),
        name: symbol.name.clone(),
        quote: symbol.quote.clone(),
        timeframes: symbol.timeframes.iter().map(|timeframe| timeframe.as_str().to_owned()).collect(),
        last_close: closes.last().copied(),
        change,
        closed_at: last_index.and_then(|(closed, index)| closed.close_time(index)).map(Timestamp::from_secs),
        closes,
        ended,
    })
}

fn known<'a>(state: &'a AppState, name: &str) -> Result<&'a Symbol, ServiceError> {
    state.market.symbols().iter().find(|symbol| symbol.symbol == name).ok_or(ServiceError::NotFound("symbol"))
}

fn series(state: &AppState, symbol: &str, timeframe: Timeframe) -> Result<Option<Arc<Candles>>, ServiceError> {
    state.market.series(symbol, timeframe).map_err(|error| ServiceError::internal("reading candles", error))
}

/// Whether recorded history is over.
fn has_ended(state: &AppState, series: &Candles, now: Timestamp) -> bool {
    let last = series.len().checked_sub(1).and_then(|index| series.close_time(index));
    state.market.is_replay() && last.is_none_or(|last| last <= now.secs())
}

fn views(candles: CandleSlice<'_>, from: usize, to: usize) -> Vec<CandleView> {
    candles.iter().skip(from).take(to.saturating_sub(from)).map(view).collect()
}

fn view(candle: Candle) -> CandleView {
    CandleView {
        opened_at: Timestamp::from_secs(candle.open_time),
        open: candle.open,
        high: candle.high,
        low: candle.low,
        close: candle.close,
        volume: candle.volume,
    }
}

#[cfg(test)]
mod tests {
    use super::around;

    #[test]
    fn the_candle_that_ended_a_signal_is_shown() {
        assert_eq!(around(100, 103), 60..120, "a short one among as many as ever");
        assert_eq!(around(100, 150), 60..155);
        // The longest that a strategy may be set to.
        assert_eq!(around(100, 600), 60..600);
        assert_eq!(around(10, 90_000), 0..510, "an open one whose time is long over");
        assert_eq!(around(10, 0), 0..30);
    }
}
