//! What a record of published signals comes to.
//!
//! A record counts every signal alike: one unit of risk each, from the fill to the stop, before
//! costs. It has no equity and no sizes, which are a trader's own, so that its figures are in R.
//! Each has a definition with its source in [`definitions`]. A figure that is not defined, as a win
//! rate without settled signals, is `None`, never a number that stands for something else.
//!
//! The win rate is the rate at which targets are reached, the very thing that
//! [confidence](crate::confidence) foretells: a signal that expired is not won, whatever it gained.
//! [`calibration`](crate::calibration) says how the two go together, [`drift`] how a record stands
//! against the backtest of the same strategy.

mod drift;

pub use drift::{Difference, Drift, drift};

use serde::Serialize;

use crate::Outcome;
use crate::calibration::{self, Calibration, Forecast};
use crate::figures::definition::figures;
use crate::figures::statistics::{NORMAL_97_5, deviation, mean, ratio};
use crate::figures::{Definition, wilson};

/// The fewest settled signals from which anything is concluded, as in the
/// [verdict](crate::honesty::FEWEST_TRADES).
pub const FEWEST: usize = crate::honesty::FEWEST_TRADES;

/// A published signal that the market has settled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settled {
    /// How it ended; one that is open does not count.
    pub outcome: Outcome,
    /// Profit or loss in units of the risk taken; finite.
    pub r_multiple: f64,
    /// The confidence that was told at its publication, if one was.
    pub confidence: Option<f64>,
    /// When it was settled: Unix seconds, market time.
    pub settled_at: i64,
}

figures! {
    /// Figures of a record.
    pub struct Figures {
        /// How many signals are settled.
        settled: usize = Count, "Signalbox";
        /// How many are published and not settled yet.
        open: usize = Count, "Signalbox";
        /// How many reached their target before their stop.
        won: usize = Count, "Signalbox";
        /// How many reached their stop first.
        lost: usize = Count, "Signalbox";
        /// How many reached neither in their time.
        expired: usize = Count, "Signalbox";
        /// Won over settled.
        win_rate: Option<f64> = Fraction, "Signalbox";
        /// The lower end of the 95 % interval in which the rate of wins to expect lies.
        win_rate_low: Option<f64> = Fraction, "E. Wilson, Probable Inference (1927), score interval";
        /// The upper end of it.
        win_rate_high: Option<f64> = Fraction, "E. Wilson, Probable Inference (1927), score interval";
        /// The mean R of a settled signal: what a unit of risk brought.
        expectancy_r: Option<f64> = R, "V. Tharp, Trade Your Way to Financial Freedom (1998)";
        /// The standard error of the mean R: `sample deviation / √settled`.
        standard_error_r: Option<f64> = R, "R. Fisher, Statistical Methods for Research Workers (1925)";
        /// The lower end of the 95 % interval of the mean R to expect: `mean − 1.96 · standard error`.
        expectancy_low: Option<f64> = R, "R. Fisher, Statistical Methods for Research Workers (1925)";
        /// The upper end of it.
        expectancy_high: Option<f64> = R, "R. Fisher, Statistical Methods for Research Workers (1925)";
        /// What the signals that gained brought, over what the others lost.
        profit_factor: Option<f64> = Ratio, "MetaTrader 5, Profit Factor";
        /// All R together.
        total_r: Option<f64> = R, "Signalbox";
        /// The best R.
        best_r: Option<f64> = R, "Signalbox";
        /// The worst R; below −1 where a market opened beyond the stop.
        worst_r: Option<f64> = R, "Signalbox";
        /// How far all R together fell at most from the highest they had come to, 0 before the first; 0 or above.
        max_drawdown_r: f64 = R, "V. Tharp, The Definitive Guide to Position Sizing (2008)";
        /// The most signals in a row that gained, in the order of their settlement.
        longest_winning_streak: usize = Count, "MetaTrader 5, Maximum consecutive wins";
        /// The most signals in a row that lost, in the order of their settlement.
        longest_losing_streak: usize = Count, "MetaTrader 5, Maximum consecutive losses";
    }
}

/// What each figure is called and means, in the order of [`Figures`].
#[must_use]
pub fn definitions() -> &'static [Definition] {
    Figures::DEFINITIONS
}

/// What a record comes to: its figures, and the lines and tables that they are of.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Record {
    /// The figures.
    pub figures: Figures,
    /// All R together after each settlement, in their order.
    pub curve: Vec<Point>,
    /// Whether the confidences told could be taken at their word; `None` if none was told.
    pub calibration: Option<Calibration>,
}

/// All R together at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Point {
    /// When a signal was settled: Unix seconds, market time.
    pub settled_at: i64,
    /// All R together from then on.
    pub total_r: f64,
}

impl Record {
    /// Of these signals in any order, and `open` ones beside them.
    #[must_use]
    pub fn of(signals: &[Settled], open: usize) -> Self {
        let ordered = in_order(signals);
        let told = ordered.iter().filter_map(|signal| {
            Some(Forecast { confidence: signal.confidence?, hit: signal.outcome == Outcome::Target })
        });
        Self {
            figures: Figures::of_ordered(&ordered, open),
            curve: curve(&ordered),
            calibration: calibration::measure(&told.collect::<Vec<_>>()),
        }
    }
}

impl Figures {
    /// Of these signals in any order, and `open` ones beside them.
    #[must_use]
    pub fn of(signals: &[Settled], open: usize) -> Self {
        Self::of_ordered(&in_order(signals), open)
    }

    /// Each with its definition; `None` where it is not defined.
    #[must_use]
    pub fn table(&self) -> Vec<(Definition, Option<f64>)> {
        Self::DEFINITIONS.iter().copied().zip(self.values()).collect()
    }

    /// What must be said beside figures of so few signals; `None` from [`FEWEST`] on.
    #[must_use]
    pub fn caution(&self) -> Option<String> {
        let so_far = match self.settled {
            0 => "No signal here is settled yet, so that there is nothing to measure.".to_owned(),
            1 => "Only 1 signal is settled.".to_owned(),
            few if few < FEWEST => format!("Only {few} signals are settled."),
            _ => return None,
        };
        Some(format!("{so_far} Nothing is concluded from fewer than {FEWEST}: chance alone brings figures like these."))
    }

    fn of_ordered(ordered: &[Settled], open: usize) -> Self {
        let multiples: Vec<f64> = ordered.iter().map(|signal| signal.r_multiple).collect();
        let ended = |outcome: Outcome| ordered.iter().filter(|signal| signal.outcome == outcome).count();
        let (settled, won) = (ordered.len(), ended(Outcome::Target));
        let interval = wilson(won, settled);
        let expectancy_r = mean(&multiples);
        let standard_error_r = deviation(&multiples).map(|deviation| deviation / (settled as f64).sqrt());
        let reach = expectancy_r.zip(standard_error_r.map(|error| NORMAL_97_5 * error));
        let sum_of = |of: fn(&f64) -> bool| multiples.iter().copied().filter(of).sum::<f64>();
        Self {
            settled,
            open,
            won,
            lost: ended(Outcome::Stop),
            expired: ended(Outcome::Expired),
            win_rate: ratio(won as f64, settled as f64),
            win_rate_low: interval.map(|(low, _)| low),
            win_rate_high: interval.map(|(_, high)| high),
            expectancy_r,
            standard_error_r,
            expectancy_low: reach.map(|(mean, reach)| mean - reach),
            expectancy_high: reach.map(|(mean, reach)| mean + reach),
            profit_factor: ratio(sum_of(|r| *r > 0.0), -sum_of(|r| *r < 0.0)),
            total_r: (settled > 0).then(|| multiples.iter().sum()),
            best_r: multiples.iter().copied().reduce(f64::max),
            worst_r: multiples.iter().copied().reduce(f64::min),
            max_drawdown_r: max_drawdown(&multiples),
            longest_winning_streak: longest(&multiples, |r| r > 0.0),
            longest_losing_streak: longest(&multiples, |r| r < 0.0),
        }
    }
}

/// Those that are settled, by the time of their settlement; at one moment as they come.
fn in_order(signals: &[Settled]) -> Vec<Settled> {
    let counts = |signal: &&Settled| signal.outcome != Outcome::Open && signal.r_multiple.is_finite();
    let mut ordered: Vec<Settled> = signals.iter().filter(counts).copied().collect();
    ordered.sort_by_key(|signal| signal.settled_at);
    ordered
}

fn curve(ordered: &[Settled]) -> Vec<Point> {
    let mut total_r = 0.0;
    let point = |signal: &Settled| {
        total_r += signal.r_multiple;
        Point { settled_at: signal.settled_at, total_r }
    };
    ordered.iter().map(point).collect()
}

fn max_drawdown(multiples: &[f64]) -> f64 {
    let (mut total, mut peak, mut deepest) = (0.0_f64, 0.0_f64, 0.0_f64);
    for r in multiples {
        total += r;
        peak = peak.max(total);
        deepest = deepest.max(peak - total);
    }
    deepest
}

fn longest(multiples: &[f64], of: impl Fn(f64) -> bool) -> usize {
    let streak = |(now, longest): (usize, usize), r: &f64| {
        let now = if of(*r) { now + 1 } else { 0 };
        (now, longest.max(now))
    };
    multiples.iter().fold((0, 0), streak).1
}
