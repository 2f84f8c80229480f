//! Whether a backtest is to be believed.
//!
//! [`examine`] puts a strategy on a series to six checks and says [`Verdict::Proven`] only if it
//! passes all that decide: it does not [look ahead](look_ahead), it [forgets](warm_up) where the
//! series began, it has enough trades, its result is [unlikely to be chance](significance), it
//! gained [out of sample](walk_forward) after costs with parameters chosen before, and its
//! [neighbours](sensitivity) gain too. [Monte Carlo](monte_carlo) bands say what else the same
//! trades could have come to.
//!
//! What passes is proven on that series, with those costs. That it will go on is not.

mod grid;
mod look_ahead;
mod monte_carlo;
mod sensitivity;
mod significance;
mod verdict;
mod walk_forward;
mod warm_up;

pub use grid::{combinations, neighbours};
pub use look_ahead::{LookAhead, look_ahead};
pub use monte_carlo::{MonteCarlo, monte_carlo};
pub use sensitivity::{Neighbour, Sensitivity, sensitivity};
pub use significance::{Significance, significance};
pub use verdict::{FEWEST_TRADES, Verdict};
pub use walk_forward::{Fold, WalkForward, walk_forward};
pub use warm_up::{WarmUp, warm_up};

use serde::Serialize;

use crate::backtest::{self, Settings};
use crate::figures::statistics::{quantile, sorted};
use crate::parameter::ParameterError;
use crate::{CandleSlice, Strategy};

/// Told how much of some work is done, 0 to 1, before each part of it. An error of it ends the work.
pub type Watch<'a, E> = dyn FnMut(f64) -> Result<(), E> + 'a;

/// How hard an examination is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Checks {
    /// Simulations with random entries.
    pub simulations: usize,
    /// Draws of the Monte Carlo.
    pub draws: usize,
    /// Of both.
    pub seed: u64,
    /// The largest p-value that passes.
    pub level: f64,
    /// How many strategies or parameters were tried to find this one: the level is divided by
    /// it, as C. Bonferroni has it, since of twenty that mean nothing one passes at 0.05.
    pub compared: usize,
    /// How many of the strategy's first parameters the walk forward chooses.
    pub parameters: usize,
    /// The stretches of the walk forward.
    pub folds: usize,
}

impl Default for Checks {
    fn default() -> Self {
        Self { simulations: 2_000, draws: 2_000, seed: 1, level: 0.05, compared: 1, parameters: 2, folds: 5 }
    }
}

/// What the checks found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Examination {
    /// Whether later candles change earlier signals.
    pub look_ahead: LookAhead,
    /// How long it depends on where the series begins.
    pub warm_up: WarmUp,
    /// How many closed trades there are.
    pub trades: usize,
    /// Whether chance would have done as well; `None` without trades.
    pub significance: Option<Significance>,
    /// What the same trades could have come to; `None` without closed ones.
    pub monte_carlo: Option<MonteCarlo>,
    /// What parameters chosen on the past earned afterwards; `None` if the series is too short.
    pub walk_forward: Option<WalkForward>,
    /// What neighbouring parameters return.
    pub sensitivity: Sensitivity,
}

/// What an examination found, and what it comes to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Honesty {
    /// Proven or not.
    pub verdict: Verdict,
    /// Everything that speaks against it, in plain English; empty if it is proven.
    pub reasons: Vec<String>,
    /// What the checks found.
    pub found: Examination,
}

/// Examines a strategy on a series.
///
/// # Errors
/// The first setting that is outside its range.
pub fn examine(
    strategy: &dyn Strategy,
    candles: CandleSlice<'_>,
    settings: Settings,
    checks: &Checks,
) -> Result<Honesty, ParameterError> {
    examine_watched(strategy, candles, settings, checks, &mut |_| Ok(()))
}

/// As [`examine`], for whoever shows how far it is, or may end it. The watch is asked before each backtest, each
/// simulation and each draw, so that an end is never far, however long the whole takes.
///
/// # Errors
/// The first setting that is outside its range, or the watch's error.
pub fn examine_watched<E: From<ParameterError>>(
    strategy: &dyn Strategy,
    candles: CandleSlice<'_>,
    settings: Settings,
    checks: &Checks,
    watch: &mut Watch<'_, E>,
) -> Result<Honesty, E> {
    let Checks { simulations, draws, seed, parameters, folds, .. } = *checks;
    let trades = backtest::run(strategy, candles, settings)?.trades;
    // Each takes this much of the whole time, roughly.
    let look_ahead = look_ahead::watched(strategy, candles, settings, &mut part(watch, 0.0, 0.3))?;
    let drawn = (simulations, seed);
    let significance = significance::watched(strategy, candles, settings, drawn, &mut part(watch, 0.3, 0.85))?;
    let warm_up = warm_up::watched(strategy, candles, &mut part(watch, 0.85, 0.86))?;
    let sensitivity = sensitivity::watched(strategy, candles, settings, &mut part(watch, 0.86, 0.89))?;
    let walked = (parameters, folds);
    let walk_forward = walk_forward::watched(strategy, candles, settings, walked, &mut part(watch, 0.89, 0.97))?;
    let monte_carlo = monte_carlo::watched(&trades, settings.cash, (draws, seed), &mut part(watch, 0.97, 1.0))?;
    let found = Examination {
        look_ahead,
        warm_up,
        trades: trades.iter().filter(|trade| trade.exit_time.is_some()).count(),
        significance,
        monte_carlo,
        walk_forward,
        sensitivity,
    };
    let reasons = verdict::objections(&found, checks);
    let verdict = if reasons.is_empty() { Verdict::Proven } else { Verdict::Unproven };
    Ok(Honesty { verdict, reasons, found })
}

/// The watch of a part of the work, from one share of the whole to another.
fn part<E>(watch: &mut Watch<'_, E>, from: f64, to: f64) -> impl FnMut(f64) -> Result<(), E> {
    move |done| watch(from + (to - from) * done)
}

/// Where most of some values lie.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Band {
    /// 1 in 20 is below.
    pub low: f64,
    /// Half are below.
    pub middle: f64,
    /// 1 in 20 is above.
    pub high: f64,
}

impl Band {
    /// Of some values; 0 throughout of none.
    fn of(values: &[f64]) -> Self {
        let sorted = sorted(values);
        let at = |fraction| quantile(&sorted, fraction).unwrap_or_default();
        Self { low: at(0.05), middle: at(0.5), high: at(0.95) }
    }
}
