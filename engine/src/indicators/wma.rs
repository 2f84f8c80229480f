//! Linearly weighted moving average.

use super::Indicator;
use super::window::{Run, Window};
use crate::Candle;

/// The mean of the last `period` values, weighted `1, 2, … period` from the oldest to the newest,
/// TA-Lib's WMA; of closes. First value at index `period − 1`.
#[derive(Clone, Debug)]
pub struct Wma {
    window: Window<Ramp>,
    /// `1 + 2 + … + period`.
    weights: f64,
}

impl Wma {
    /// An empty window of `period` values.
    #[must_use]
    pub fn new(period: usize) -> Self {
        let count = period as f64;
        Self { window: Window::new(period), weights: count * (count + 1.0) / 2.0 }
    }

    /// Takes the next value; the weighted mean of the last `period` once there are as many.
    #[inline]
    pub fn next(&mut self, x: f64) -> Option<f64> {
        let ramp = self.window.next(Ramp { count: 1.0, sum: x, weighted: x })?;
        Some(ramp.weighted / self.weights)
    }
}

impl Indicator<1> for Wma {
    #[inline]
    fn feed(&mut self, candle: &Candle) -> [Option<f64>; 1] {
        [self.next(candle.close)]
    }
}

/// A run of values with their sum and their sum weighted `1, 2, … count`.
#[derive(Clone, Copy, Debug)]
struct Ramp {
    count: f64,
    sum: f64,
    weighted: f64,
}

impl Run for Ramp {
    #[inline]
    fn join(self, later: Self) -> Self {
        Self {
            count: self.count + later.count,
            sum: self.sum + later.sum,
            // Each of the later weights is raised by as many values as come before.
            weighted: self.weighted + (later.weighted + self.count * later.sum),
        }
    }
}
