//! What the trades brought in R: units of the risk at the fill.

use super::definition::figures;
use super::statistics::{deviation, mean, quantile, ratio, sorted};
use crate::Outcome;
use crate::backtest::Trade;

figures! {
    /// Figures of the R multiples of closed trades, before costs; empty where the signals' stops
    /// do not end the trades.
    pub struct Multiples {
        /// The mean R: what a unit of risk brought.
        expectancy_r: Option<f64> = R, "V. Tharp, Trade Your Way to Financial Freedom (1998)";
        /// The middle R.
        median_r: Option<f64> = R, "Signalbox";
        /// The best R.
        best_r: Option<f64> = R, "Signalbox";
        /// The worst R; below −1 where a market opened beyond the stop.
        worst_r: Option<f64> = R, "Signalbox";
        /// The sample standard deviation of R.
        deviation_r: Option<f64> = R, "V. Tharp, The Definitive Guide to Position Sizing (2008)";
        /// All R together.
        total_r: Option<f64> = R, "Signalbox";
        /// The share of trades that reached the target.
        target_rate: Option<f64> = Fraction, "Signalbox";
        /// The share of trades that were stopped.
        stop_rate: Option<f64> = Fraction, "Signalbox";
        /// The share of trades that expired.
        expired_rate: Option<f64> = Fraction, "Signalbox";
    }
}

impl Multiples {
    pub(super) fn of(trades: &[Trade]) -> Self {
        let multiples: Vec<f64> = trades.iter().filter_map(|trade| trade.r_multiple).collect();
        let sorted = sorted(&multiples);
        let share = |outcome: Outcome| {
            let ended = trades.iter().filter_map(|trade| trade.outcome);
            let (count, so) = ended.fold((0.0, 0.0), |(n, so), end| (n + 1.0, so + f64::from(end == outcome)));
            ratio(so, count)
        };
        Self {
            expectancy_r: mean(&multiples),
            median_r: quantile(&sorted, 0.5),
            best_r: sorted.last().copied(),
            worst_r: sorted.first().copied(),
            deviation_r: deviation(&multiples),
            total_r: (!multiples.is_empty()).then(|| multiples.iter().sum()),
            target_rate: share(Outcome::Target),
            stop_rate: share(Outcome::Stop),
            expired_rate: share(Outcome::Expired),
        }
    }
}
