//! Simple moving average.

use super::Indicator;
use super::window::{Sum, Window};
use crate::Candle;

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
}

impl Indicator<1> for Sma {
    #[inline]
    fn feed(&mut self, candle: &Candle) -> [Option<f64>; 1] {
        [self.next(candle.close)]
    }
}
