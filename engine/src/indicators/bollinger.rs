//! Bollinger bands.

use super::{Band, Indicator, Rolling};
use crate::{Candle, CandleSlice};

/// John Bollinger's bands, TA-Lib's BBANDS with simple averages; of closes: the mean of the last
/// `period` values, and lines `up` and `down` population standard deviations from it. First value
/// at index `period − 1`.
#[derive(Clone, Debug)]
pub struct Bollinger {
    window: Rolling,
    up: f64,
    down: f64,
}

impl Bollinger {
    /// An empty window of `period` values; `up` and `down` in standard deviations.
    #[must_use]
    pub fn new(period: usize, up: f64, down: f64) -> Self {
        Self { window: Rolling::new(period), up, down }
    }

    /// Takes the next value; the bands of the last `period` once there are as many.
    #[inline]
    pub fn next(&mut self, x: f64) -> Option<Band> {
        let moments = self.window.next(x)?;
        let (middle, deviation) = (moments.mean(), moments.standard_deviation());
        Some(Band { middle, upper: middle + self.up * deviation, lower: middle - self.down * deviation })
    }
}

impl Indicator<3> for Bollinger {
    #[inline]
    fn feed(&mut self, candle: &Candle) -> [Option<f64>; 3] {
        Band::outputs(self.next(candle.close))
    }

    fn over(mut self, candles: CandleSlice<'_>) -> [Vec<f64>; 3] {
        let [middle, deviations] = self.window.over(candles);
        let upper = middle.iter().zip(&deviations).map(|(middle, deviation)| middle + self.up * deviation).collect();
        let lower = middle.iter().zip(&deviations).map(|(middle, deviation)| middle - self.down * deviation).collect();
        [middle, upper, lower]
    }
}
