//! Volume weighted average price.

use super::Indicator;
use super::total::Totals;
use crate::{Candle, CandleSlice};

/// The average typical price `(high + low + close) / 3` paid for a unit of volume since the first
/// candle, TA-Lib's VWAP. Empty until there is any volume, where TA-Lib gives 0; a candle without
/// volume changes nothing. For a session's VWAP feed that session's candles.
#[derive(Clone, Debug, Default)]
pub struct Vwap {
    /// What was paid, and for what volume.
    totals: Totals,
}

impl Vwap {
    /// An average of nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next candle's prices and volume; the average once there is any volume.
    #[inline]
    pub fn next(&mut self, high: f64, low: f64, close: f64, volume: f64) -> Option<f64> {
        self.add(high + low + close, volume)
    }

    /// Takes the sum of the three prices: divided by 3 once, at the end.
    #[inline]
    fn add(&mut self, prices: f64, volume: f64) -> Option<f64> {
        let [paid, volume] = self.totals.add([prices * volume, 3.0 * volume]);
        (volume > 0.0).then(|| paid / volume)
    }
}

impl Indicator<1> for Vwap {
    #[inline]
    fn feed(&mut self, candle: &Candle) -> [Option<f64>; 1] {
        [self.next(candle.high, candle.low, candle.close, candle.volume)]
    }

    fn over(mut self, candles: CandleSlice<'_>) -> [Vec<f64>; 1] {
        let ranges = candles.highs().iter().zip(candles.lows());
        let mut column: Vec<f64> =
            ranges.zip(candles.closes()).map(|((high, low), close)| high + low + close).collect();
        for (value, volume) in column.iter_mut().zip(candles.volumes()) {
            *value = self.add(*value, *volume).unwrap_or(f64::NAN);
        }
        [column]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_no_price_before_there_is_volume() {
        let mut vwap = Vwap::new();
        assert_eq!(
            [(9.0, 0.0), (2.0, 1.0), (9.0, 0.0), (5.0, 2.0)].map(|(x, v)| vwap.next(x, x, x, v)),
            [None, Some(2.0), Some(2.0), Some(4.0)]
        );
    }
}
