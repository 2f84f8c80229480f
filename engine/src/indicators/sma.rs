//! Simple moving average.

use std::ops::Range;

use super::window::{Sum, Window};
use super::{Indicator, empty};
use crate::{Candle, CandleSlice};

/// The plain mean of the last `period` values, TA-Lib's SMA; of closes. First value at index
/// `period − 1`.
#[derive(Clone, Debug)]
pub struct Sma {
    window: Window<Sum>,
    period: f64,
}

impl Sma {
    /// An empty window of `period` values.
    #[must_use]
    pub fn new(period: usize) -> Self {
        Self { window: Window::new(period), period: period as f64 }
    }

    /// Takes the next value; the mean of the last `period` once there are as many.
    #[inline]
    pub fn next(&mut self, x: f64) -> Option<f64> {
        self.window.next(Sum(x)).map(|sum| sum.0 / self.period)
    }

    /// Takes many values; `means`, as long and empty, gets the mean at each from where there is one.
    pub(super) fn of(&mut self, values: &[f64], means: &mut [f64]) {
        let sums = |part: Range<usize>| values[part].iter().map(|value| Sum(*value));
        let sum = |sum: Sum| sum.0;
        self.window.over(values.len(), sums, sum, |from, sums| {
            for (mean, sum) in means[from..].iter_mut().zip(sums) {
                *mean = sum / self.period;
            }
        });
    }
}

impl Indicator<1> for Sma {
    #[inline]
    fn feed(&mut self, candle: &Candle) -> [Option<f64>; 1] {
        [self.next(candle.close)]
    }

    fn over(mut self, candles: CandleSlice<'_>) -> [Vec<f64>; 1] {
        let mut column = empty(candles);
        self.of(candles.closes(), &mut column);
        [column]
    }
}
