//! How far, and for how long, the equity was below its peak.

use super::definition::figures;
use super::statistics::{larger, mean, ratio};
use crate::{CandleSlice, Timeframe};

figures! {
    /// Drawdowns: how far the equity at a close is below the highest at a close before. One lasts
    /// from the close of the peak to that of the recovery, or of the series.
    pub struct Drawdowns {
        /// The deepest drawdown: the largest `1 − equity / peak`; 0 to 1.
        max_drawdown: f64 = Fraction, "backtesting.py, 'Max. Drawdown'; M. Magdon-Ismail and A. Atiya, Maximum Drawdown (2004)";
        /// How long the longest drawdown lasted.
        max_drawdown_days: f64 = Days, "backtesting.py, 'Max. Drawdown Duration'";
        /// The mean over all drawdowns of how deep each was.
        average_drawdown: Option<f64> = Fraction, "backtesting.py, 'Avg. Drawdown'";
        /// The mean over all drawdowns of how long each lasted.
        average_drawdown_days: Option<f64> = Days, "backtesting.py, 'Avg. Drawdown Duration'";
        /// How many drawdowns there were.
        drawdowns: usize = Count, "Signalbox";
        /// How far below its peak the equity is at the end.
        current_drawdown: f64 = Fraction, "Signalbox";
        /// `√(mean of squared drawdowns)` over all candles, those without one among them.
        ulcer_index: f64 = Fraction, "P. Martin and B. McCann, The Investor's Guide to Fidelity Funds (1989)";
        /// The mean drawdown over all candles, those without one among them.
        pain_index: f64 = Fraction, "T. Becker, The Zephyr Pain Index and Pain Ratio (2006)";
        /// The share of candles at whose close the equity was below its peak.
        time_under_water: f64 = Fraction, "Signalbox";
    }
}

/// `1 − equity / peak` at each close; 0 to 1.
#[must_use]
pub fn series(equity: &[f64]) -> Vec<f64> {
    let mut peak = f64::MIN_POSITIVE;
    let below = |equity: &f64| {
        peak = larger(peak, *equity);
        1.0 - equity / peak
    };
    equity.iter().map(below).collect()
}

impl Drawdowns {
    pub(super) fn of(below: &[f64], candles: CandleSlice<'_>) -> Self {
        let spells = Spell::all(below, candles);
        let depths: Vec<f64> = spells.iter().map(|spell| spell.depth).collect();
        let days: Vec<f64> = spells.iter().map(|spell| spell.days).collect();
        let count = (below.len() as f64).max(1.0);
        Self {
            max_drawdown: below.iter().copied().fold(0.0, larger),
            max_drawdown_days: days.iter().copied().fold(0.0, f64::max),
            average_drawdown: mean(&depths),
            average_drawdown_days: mean(&days),
            drawdowns: spells.len(),
            current_drawdown: below.last().copied().unwrap_or_default(),
            ulcer_index: (below.iter().map(|below| below * below).sum::<f64>() / count).sqrt(),
            pain_index: below.iter().sum::<f64>() / count,
            time_under_water: ratio(below.iter().filter(|below| **below > 0.0).count() as f64, count)
                .unwrap_or_default(),
        }
    }
}

/// One drawdown.
struct Spell {
    depth: f64,
    days: f64,
}

impl Spell {
    fn all(below: &[f64], candles: CandleSlice<'_>) -> Vec<Self> {
        let times = candles.open_times();
        let (mut spells, mut peak, mut depth) = (Vec::new(), 0, 0.0);
        for (index, below) in below.iter().enumerate() {
            depth = larger(depth, *below);
            let over = *below == 0.0 || index + 1 == times.len();
            if over && depth > 0.0 {
                let seconds = (times[index] - times[peak]) as f64;
                spells.push(Self { depth, days: seconds / Timeframe::Day.seconds() as f64 });
                depth = 0.0;
            }
            if *below == 0.0 {
                peak = index;
            }
        }
        spells
    }
}
