//! What parameters chosen on the past would have earned afterwards.

use std::ops::Range;

use serde::Serialize;

use super::{Watch, grid::combinations};
use crate::backtest::{self, Report, Settings};
use crate::parameter::ParameterError;
use crate::strategy::Columns;
use crate::{CandleSlice, Strategy};

/// A stretch of the series, and the stretch before it on which its parameters were chosen.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Fold {
    /// The parameters that did best before.
    pub chosen: Vec<(&'static str, f64)>,
    /// The open of the first candle in the sample, Unix seconds.
    pub sample_from: i64,
    /// The open of the first candle out of the sample.
    pub from: i64,
    /// The open of the last one.
    pub to: i64,
    /// What the chosen parameters returned in the sample, after costs.
    pub in_sample: f64,
    /// What they returned out of it, after costs.
    pub out_of_sample: f64,
    /// How many trades were entered out of the sample.
    pub trades: usize,
}

/// A walk forward through a series.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct WalkForward {
    /// The stretches, in order.
    pub folds: Vec<Fold>,
    /// How many combinations of parameters there were to choose from.
    pub combinations: usize,
    /// What all stretches out of sample returned, one after the other, after costs.
    pub out_of_sample: f64,
    /// How many trades that took.
    pub trades: usize,
    /// The share of stretches that gained.
    pub gaining: f64,
}

/// Walks over the second half of a series in `folds` equal stretches. The parameters of each are
/// those, of the neighbours of the strategy's first `parameters` ones, that returned most on the
/// candles before it, as many as half of the series: nothing of the stretch is looked at to choose
/// them. A stretch begins and ends without a position, and pays to leave it. `None` if the series is
/// too short for a stretch of one candle.
///
/// R. Pardo, "The Evaluation and Optimization of Trading Strategies" (2008).
///
/// # Errors
/// The first setting that is outside its range.
pub fn walk_forward(
    strategy: &dyn Strategy,
    candles: CandleSlice<'_>,
    settings: Settings,
    parameters: usize,
    folds: usize,
) -> Result<Option<WalkForward>, ParameterError> {
    watched(strategy, candles, settings, (parameters, folds), &mut |_| Ok(()))
}

/// As [`walk_forward`], under a watch.
pub(super) fn watched<E: From<ParameterError>>(
    strategy: &dyn Strategy,
    candles: CandleSlice<'_>,
    settings: Settings,
    (parameters, folds): (usize, usize),
    watch: &mut Watch<'_, E>,
) -> Result<Option<WalkForward>, E> {
    settings.check()?;
    let candidates = combinations(strategy, parameters);
    let half = candles.len() / 2;
    if folds == 0 || candles.len() - half < folds || half == 0 {
        return Ok(None);
    }
    let edge = |fold: usize| half + (candles.len() - half) * fold / folds;
    let mut walked = Vec::with_capacity(folds);
    for fold in 0..folds {
        let of_all = &mut |done| watch((fold as f64 + done) / folds as f64);
        let Some(fold) = walk(&candidates, candles, settings, edge(fold)..edge(fold + 1), of_all)? else {
            return Ok(None);
        };
        walked.push(fold);
    }
    Ok(Some(WalkForward::of(walked, candidates.len())))
}

impl WalkForward {
    fn of(folds: Vec<Fold>, combinations: usize) -> Self {
        let grown = folds.iter().fold(1.0, |grown, fold| grown * (1.0 + fold.out_of_sample));
        let gaining = folds.iter().filter(|fold| fold.out_of_sample > 0.0).count();
        Self {
            combinations,
            out_of_sample: grown - 1.0,
            trades: folds.iter().map(|fold| fold.trades).sum(),
            gaining: gaining as f64 / folds.len() as f64,
            folds,
        }
    }
}

/// Chooses on the half of the series before a stretch, and trades the stretch. `None` without candidates.
fn walk<E: From<ParameterError>>(
    candidates: &[Box<dyn Strategy>],
    candles: CandleSlice<'_>,
    settings: Settings,
    stretch: Range<usize>,
    watch: &mut Watch<'_, E>,
) -> Result<Option<Fold>, E> {
    let (half, Range { start: from, end: to }) = (candles.len() / 2, stretch);
    let known = candles.prefix(from).starting_at(from - half);
    // The stretch itself is one backtest more than there are candidates.
    let share = candidates.len() as f64 / (candidates.len() + 1) as f64;
    let Some((chosen, in_sample)) = best(candidates, known, settings, &mut |done| watch(share * done))? else {
        return Ok(None);
    };
    watch(share)?;
    let stretch = candles.prefix(to).starting_at(from - half);
    let after = after(chosen, stretch, half, settings)?;
    let times = candles.open_times();
    Ok(Some(Fold {
        chosen: chosen.parameters().iter().map(|set| (set.name, set.value)).collect(),
        sample_from: times[from - half],
        from: times[from],
        to: times[to - 1],
        in_sample,
        out_of_sample: left(&after, stretch, &settings) / settings.cash - 1.0,
        trades: after.trades.len(),
    }))
}

/// The candidate that returned most, the first of equals, and what it returned.
fn best<'a, E: From<ParameterError>>(
    candidates: &'a [Box<dyn Strategy>],
    candles: CandleSlice<'_>,
    settings: Settings,
    watch: &mut Watch<'_, E>,
) -> Result<Option<(&'a dyn Strategy, f64)>, E> {
    let columns = Columns::of(candles);
    let mut best: Option<(&dyn Strategy, f64)> = None;
    for (tried, candidate) in candidates.iter().enumerate() {
        watch(tried as f64 / candidates.len() as f64)?;
        let report = backtest::run_over(candidate.as_ref(), &columns, settings)?;
        let returned = left(&report, candles, &settings) / settings.cash - 1.0;
        if best.is_none_or(|(_, most)| returned > most) {
            best = Some((candidate.as_ref(), returned));
        }
    }
    Ok(best)
}

/// The backtest of a strategy that sees all candles, but may trade only after the first `known`:
/// the decision at the last close of those is the first that is filled.
fn after(
    strategy: &dyn Strategy,
    candles: CandleSlice<'_>,
    known: usize,
    settings: Settings,
) -> Result<Report, ParameterError> {
    let mut bets = strategy.bets(&Columns::of(candles));
    bets.retain(|(decided, _)| *decided + 1 >= known);
    backtest::follow(bets, candles, settings)
}

/// The equity at the end, once an open trade is left at the last close.
fn left(report: &Report, candles: CandleSlice<'_>, settings: &Settings) -> f64 {
    let equity = report.equity.last().copied().unwrap_or(settings.cash);
    let open = report.trades.last().filter(|trade| trade.exit_time.is_none());
    let close = candles.last().map_or(0.0, |candle| candle.close);
    equity - open.map_or(0.0, |trade| trade.quantity * close * (settings.fee + settings.slippage))
}
