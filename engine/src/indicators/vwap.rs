//! Volume weighted average price.

use super::total::Total;
use super::{Indicator, typical_price};
use crate::Candle;

/// The average typical price `(high + low + close) / 3` paid for a unit of volume since the first
/// candle, TA-Lib's VWAP. Empty until there is any volume, where TA-Lib gives 0; a candle without
/// volume changes nothing. For a session's VWAP feed that session's candles.
#[derive(Clone, Debug, Default)]
pub struct Vwap {
    paid: Total,
    volume: Total,
}

impl Vwap {
    /// An average of nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next candle's typical price and volume; the average once there is any volume.
    #[inline]
    pub fn next(&mut self, price: f64, volume: f64) -> Option<f64> {
        let paid = self.paid.add(price * volume);
        let volume = self.volume.add(volume);
        (volume > 0.0).then(|| paid / volume)
    }
}

impl Indicator<1> for Vwap {
    #[inline]
    fn feed(&mut self, candle: &Candle) -> [Option<f64>; 1] {
        [self.next(typical_price(candle), candle.volume)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_no_price_before_there_is_volume() {
        let mut vwap = Vwap::new();
        assert_eq!(
            [(9.0, 0.0), (2.0, 1.0), (9.0, 0.0), (5.0, 2.0)].map(|(x, v)| vwap.next(x, v)),
            [None, Some(2.0), Some(2.0), Some(4.0)]
        );
    }
}
