//! The work of one backtest, in slices between which it can be ended.

use super::{
    job::{Order, Source},
    view::{BacktestResult, BacktestView},
};
use crate::server::error::BoxError;
use engine::{
    CandleSlice, Candles, Strategy,
    backtest::{Backtest, Report, Settings},
    honesty::{self, Watch},
    strategy::ParameterError,
    synthetic,
};
use serde_json::value::{RawValue, to_raw_value};
use std::sync::Arc;

/// Candles in a slice: some milliseconds for the slowest strategy.
const SLICE: usize = 10_000;

/// The share of the whole that the backtest itself takes where it is examined too.
const BEFORE_EXAMINATION: f64 = 0.1;

/// Why it was not done.
pub(super) enum Halt {
    /// It was not wanted any more.
    Cancelled,
    /// It took longer than it may.
    TooLong,
    /// It could not be.
    Broken(BoxError),
}

impl From<ParameterError> for Halt {
    fn from(error: ParameterError) -> Self {
        Self::Broken(error.into())
    }
}

/// Does it, and tells what came of it, as it is sent.
pub(super) fn run(order: Order, watch: &mut Watch<'_, Halt>) -> Result<Arc<RawValue>, Halt> {
    let Order { source, strategy, settings, checks } = order;
    let candles = match &source {
        Source::Series { candles, .. } => Arc::clone(candles),
        Source::Synthetic { candles, seed, timeframe } => Arc::new(synthetic::candles(*candles, *seed, *timeframe)),
    };
    let view = within(&candles, &source);
    let share = if checks.is_some() { BEFORE_EXAMINATION } else { 1.0 };
    let report = trade(strategy.as_ref(), view, settings, &mut |done| watch(share * done))?;
    let honesty = checks.map(|checks| {
        let rest = &mut |done| watch(share + (1.0 - share) * done);
        honesty::examine_watched(strategy.as_ref(), view, settings, &checks, rest)
    });
    let told = BacktestView::of(report, view, &settings, honesty.transpose()?);
    let result = BacktestResult::of(source.told(view), strategy.as_ref(), &settings, told).bounded();
    let raw = to_raw_value(&result).map_err(|error| Halt::Broken(error.into()))?;
    Ok(Arc::from(raw))
}

fn within<'a>(candles: &'a Candles, source: &Source) -> CandleSlice<'a> {
    match source {
        Source::Series { from, to, .. } => candles.view().since(*from).upto(*to),
        Source::Synthetic { .. } => candles.view(),
    }
}

fn trade(
    strategy: &dyn Strategy,
    candles: CandleSlice<'_>,
    settings: Settings,
    watch: &mut Watch<'_, Halt>,
) -> Result<Report, Halt> {
    let mut backtest = Backtest::new(strategy.start(candles.timeframe()), candles.timeframe(), settings)?;
    for slice in 0..candles.len().div_ceil(SLICE) {
        watch((slice * SLICE) as f64 / candles.len() as f64)?;
        candles.starting_at(slice * SLICE).prefix(SLICE).iter().for_each(|candle| backtest.feed(&candle));
    }
    Ok(backtest.into_report())
}
