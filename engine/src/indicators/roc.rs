//! Rate of change.

use super::Indicator;
use crate::Candle;

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
        let change = if before == 0.0 { 0.0 } else { (x / before - 1.0) * 100.0 };
        change.is_finite().then_some(change)
    }
}

impl Indicator<1> for Roc {
    #[inline]
    fn feed(&mut self, candle: &Candle) -> [Option<f64>; 1] {
        [self.next(candle.close)]
    }
}
