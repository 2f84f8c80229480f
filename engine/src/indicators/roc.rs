//! Rate of change.

use super::{Indicator, empty, only_if};
use crate::{Candle, CandleSlice};

/// Rate of change, TA-Lib's ROC; of closes: `(x / x[period ago] − 1) · 100`, in percent; 0 where
/// the older value is 0. First value at index `period`.
#[derive(Clone, Debug)]
pub struct Roc {
    period: usize,
    /// The last values; the oldest at `oldest` once it is full.
    window: Vec<f64>,
    oldest: usize,
}

impl Roc {
    /// An empty window of `period` values.
    #[must_use]
    pub fn new(period: usize) -> Self {
        Self { period, window: Vec::new(), oldest: 0 }
    }

    /// Takes the next value; the change from the one `period` before it. Empty where that cannot
    /// be represented.
    #[inline]
    pub fn next(&mut self, x: f64) -> Option<f64> {
        if self.window.len() < self.period {
            self.window.push(x);
            return None;
        }
        let before = std::mem::replace(self.window.get_mut(self.oldest)?, x);
        self.oldest += 1;
        if self.oldest == self.period {
            self.oldest = 0;
        }
        let change = change(before, x);
        change.is_finite().then_some(change)
    }
}

/// In percent of what was before.
#[inline]
fn change(before: f64, x: f64) -> f64 {
    only_if(before != 0.0, (x / before - 1.0) * 100.0)
}

impl Indicator<1> for Roc {
    #[inline]
    fn feed(&mut self, candle: &Candle) -> [Option<f64>; 1] {
        [self.next(candle.close)]
    }

    fn over(mut self, candles: CandleSlice<'_>) -> [Vec<f64>; 1] {
        let (closes, mut column) = (candles.closes(), empty(candles));
        for (value, close) in column.iter_mut().zip(closes).take(self.period) {
            *value = self.next(*close).unwrap_or(f64::NAN);
        }
        if self.period > 0 {
            let after = closes.iter().zip(closes.iter().skip(self.period));
            for (value, (before, x)) in column.iter_mut().skip(self.period).zip(after) {
                let change = change(*before, *x);
                *value = if change.is_finite() { change } else { f64::NAN };
            }
        }
        [column]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Candles, Timeframe};

    #[test]
    fn a_series_goes_on_from_what_was_fed() {
        let candle = |(day, close): (i64, f64)| Candle {
            open_time: day * 86_400,
            open: close,
            high: close,
            low: close,
            close,
            volume: 0.0,
        };
        let candles =
            |closes: &[f64]| Candles::from_rows(Timeframe::Day, (0..).zip(closes.iter().copied()).map(candle));
        let mut fed = Roc::new(2);
        assert_eq!([1.0, 2.0].map(|x| fed.next(x)), [None, None]);
        let [column] = fed.over(candles(&[2.0, 5.0, 3.0]).unwrap().view());
        assert_eq!(column, [100.0, 150.0, 50.0]);
        let [fresh] = Roc::new(2).over(candles(&[1.0, 2.0, 2.0]).unwrap().view());
        assert!(fresh[..2].iter().all(|x| x.is_nan()) && fresh[2] == 100.0);
    }
}
