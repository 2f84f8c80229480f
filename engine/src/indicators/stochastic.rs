//! Stochastic oscillator.

use super::window::{Range, Window};
use super::{Indicator, Sma, empty};
use crate::{Candle, CandleSlice};

/// The values of a [`Stochastic`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StochasticLines {
    /// %K, slowed.
    pub k: f64,
    /// %D, the average of %K.
    pub d: f64,
}

/// George Lane's slow stochastic, TA-Lib's STOCH with simple averages: where the close lies
/// between the lowest low and the highest high of the last `fast_k` candles, in percent, averaged
/// over `slow_k` (%K), and that over `slow_d` (%D). 0 to 100; a range of 0 counts as 0. Both first
/// at index `fast_k + slow_k + slow_d − 3`.
#[derive(Clone, Debug)]
pub struct Stochastic {
    range: Window<Range>,
    k: Sma,
    d: Sma,
}

impl Stochastic {
    /// Empty windows of these periods.
    #[must_use]
    pub fn new(fast_k: usize, slow_k: usize, slow_d: usize) -> Self {
        Self { range: Window::new(fast_k), k: Sma::new(slow_k), d: Sma::new(slow_d) }
    }

    /// Takes the next candle's prices; the lines once all windows are full.
    #[inline]
    pub fn next(&mut self, high: f64, low: f64, close: f64) -> Option<StochasticLines> {
        let Range { high, low } = self.range.next(Range { high, low })?;
        let k = self.k.next(percent(high, low, close))?;
        let d = self.d.next(k)?;
        Some(StochasticLines { k, d })
    }
}

#[inline]
fn percent(high: f64, low: f64, close: f64) -> f64 {
    if high > low { (close - low) / (high - low) * 100.0 } else { 0.0 }
}

impl Indicator<2> for Stochastic {
    #[inline]
    fn feed(&mut self, candle: &Candle) -> [Option<f64>; 2] {
        let lines = self.next(candle.high, candle.low, candle.close);
        lines.map_or([None; 2], |lines| [Some(lines.k), Some(lines.d)])
    }

    fn over(mut self, candles: CandleSlice<'_>) -> [Vec<f64>; 2] {
        let (closes, mut fast) = (candles.closes(), empty(candles));
        self.range.over(
            candles.len(),
            |part| Range::of(candles, part),
            |range| range,
            |from, ranges| {
                for ((value, close), range) in fast[from..].iter_mut().zip(&closes[from..]).zip(ranges) {
                    *value = percent(range.high, range.low, *close);
                }
            },
        );
        let [mut k, mut d] = [empty(candles), empty(candles)];
        let begun = |column: &[f64]| column.iter().take_while(|value| value.is_nan()).count();
        let from = begun(&fast);
        self.k.of(&fast[from..], &mut k[from..]);
        let from = begun(&k);
        self.d.of(&k[from..], &mut d[from..]);
        // Both lines begin together.
        let from = begun(&d);
        k[..from].fill(f64::NAN);
        [k, d]
    }
}
