//! How far, and for how long, the equity was below its peak.

use super::definition::figures;
use super::statistics::{larger, mean};
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
    depths(equity).collect()
}

/// The same one after the other, of any line.
pub(super) fn depths(line: &[f64]) -> impl ExactSizeIterator<Item = f64> {
    let mut peak = f64::MIN_POSITIVE;
    line.iter().map(move |value| {
        peak = larger(peak, *value);
        1.0 - value / peak
    })
}

impl Drawdowns {
    pub(super) fn of(below: &[f64], candles: CandleSlice<'_>) -> Self {
        let spells = Spell::all(below, candles);
        let depths: Vec<f64> = spells.iter().map(|spell| spell.depth).collect();
        let days: Vec<f64> = spells.iter().map(|spell| spell.days).collect();
        let count = (below.len() as f64).max(1.0);
        let sums = |(sum, squares, under), below: &f64| {
            (sum + below, squares + below * below, under + usize::from(*below > 0.0))
        };
        let (sum, squares, under) = below.iter().fold((0.0, 0.0, 0_usize), sums);
        Self {
            max_drawdown: depths.iter().copied().fold(0.0, larger),
            max_drawdown_days: days.iter().copied().fold(0.0, f64::max),
            average_drawdown: mean(&depths),
            average_drawdown_days: mean(&days),
            drawdowns: spells.len(),
            current_drawdown: below.last().copied().unwrap_or_default(),
            ulcer_index: f64::sqrt(squares / count),
            pain_index: sum / count,
            time_under_water: under as f64 / count,
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
