//! What parameters chosen on the past would have earned afterwards.

use serde::Serialize;

use super::grid::combinations;
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
    settings.check()?;
    let candidates = combinations(strategy, parameters);
    let half = candles.len() / 2;
    if folds == 0 || candles.len() - half < folds || half == 0 {
        return Ok(None);
    }
    let edge = |fold: usize| half + (candles.len() - half) * fold / folds;
    let mut walked = Vec::with_capacity(folds);
    for fold in 0..folds {
        let (from, to) = (edge(fold), edge(fold + 1));
        let known = candles.prefix(from).starting_at(from - half);
        let Some((chosen, in_sample)) = best(&candidates, known, settings)? else {
            return Ok(None);
        };
        let stretch = candles.prefix(to).starting_at(from - half);
        let after = after(chosen, stretch, half, settings)?;
        let times = candles.open_times();
        walked.push(Fold {
            chosen: chosen.parameters().iter().map(|set| (set.name, set.value)).collect(),
            sample_from: times[from - half],
            from: times[from],
            to: times[to - 1],
            in_sample,
            out_of_sample: left(&after, stretch, &settings) / settings.cash - 1.0,
            trades: after.trades.len(),
        });
    }
    let grown = walked.iter().fold(1.0, |grown, fold| grown * (1.0 + fold.out_of_sample));
    let gaining = walked.iter().filter(|fold| fold.out_of_sample > 0.0).count();
    Ok(Some(WalkForward {
        combinations: candidates.len(),
        out_of_sample: grown - 1.0,
        trades: walked.iter().map(|fold| fold.trades).sum(),
        gaining: gaining as f64 / folds as f64,
        folds: walked,
    }))
}

/// The candidate that returned most, the first of equals, and what it returned.
fn best<'a>(
    candidates: &'a [Box<dyn Strategy>],
    candles: CandleSlice<'_>,
    settings: Settings,
) -> Result<Option<(&'a dyn Strategy, f64)>, ParameterError> {
    let columns = Columns::of(candles);
    let mut best: Option<(&dyn Strategy, f64)> = None;
    for candidate in candidates {
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
