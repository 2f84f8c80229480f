//! Linearly weighted moving average.

use std::ops::Range;

use super::Indicator;
use super::window::{Run, Window};
use crate::{Candle, CandleSlice};

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
        let ramp = self.window.next(Ramp::of(x))?;
        Some(ramp.weighted / self.weights)
    }
}

impl Indicator<1> for Wma {
    #[inline]
    fn feed(&mut self, candle: &Candle) -> [Option<f64>; 1] {
        [self.next(candle.close)]
    }

    fn over(mut self, candles: CandleSlice<'_>) -> [Vec<f64>; 1] {
        let closes = candles.closes();
        let ramps = |part: Range<usize>| closes[part].iter().map(|close| Ramp::of(*close));
        let mean = |weighted| weighted / self.weights;
        [self.window.column(closes.len(), ramps, |ramp| ramp.weighted, mean)]
    }
}

/// The sum of a run of values, and that weighted `1, 2, …`.
#[derive(Clone, Copy, Debug)]
struct Ramp {
    sum: f64,
    weighted: f64,
}

impl Ramp {
    #[inline]
    fn of(x: f64) -> Self {
        Self { sum: x, weighted: x }
    }
}

impl Run for Ramp {
    /// How many values the earlier run has.
    type Lengths = f64;

    fn lengths(earlier: f64, _: f64) -> f64 {
        earlier
    }

    #[inline]
    fn join(self, later: Self, earlier: f64) -> Self {
        Self {
            sum: self.sum + later.sum,
            // Each of the later weights is raised by as many values as come before.
            weighted: self.weighted + (later.weighted + earlier * later.sum),
        }
    }

    #[inline]
    fn prepend(self, value: Self, _: f64) -> Self {
        Self { sum: value.sum + self.sum, weighted: value.weighted + (self.weighted + self.sum) }
    }
}
