//! On-balance volume.

use super::Indicator;
use super::total::Total;
use crate::Candle;

/// Joseph Granville's on-balance volume, TA-Lib's OBV: the running total of volume, added on a
/// higher close and taken away on a lower one. Starts at the first candle's volume, so that its
/// level depends on where the series begins and only its changes mean anything.
#[derive(Clone, Debug, Default)]
pub struct Obv {
    previous_close: Option<f64>,
    total: Total,
}

impl Obv {
    /// A total of nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next candle's close and volume; the total.
    #[inline]
    pub fn next(&mut self, close: f64, volume: f64) -> f64 {
        let previous = self.previous_close.replace(close);
        let flow = match previous {
            Some(previous) if close < previous => -volume,
            Some(previous) if close == previous => 0.0,
            _ => volume,
        };
        self.total.add(flow)
    }
}

impl Indicator<1> for Obv {
    #[inline]
    fn feed(&mut self, candle: &Candle) -> [Option<f64>; 1] {
        [Some(self.next(candle.close, candle.volume))]
    }
}
