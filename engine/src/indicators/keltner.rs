//! Keltner channel.

use super::{Atr, Band, Ema, Indicator, typical_price};
use crate::Candle;

/// Keltner channel, TA-Lib's KC: the [`Ema`] of the typical price `(high + low + close) / 3`, and
/// lines `multiplier` [`Atr`]s from it. First value at index `max(period − 1, atr_period)`.
///
/// Seed: as [`Ema`] and [`Atr`], but where the range takes longer, the average begins so late that
/// its seed ends with the range's.
///
/// After Chester Keltner, "How to Make Money in Commodities" (1960), as Linda Raschke changed it.
#[derive(Clone, Debug)]
pub struct Keltner {
    average: Ema,
    range: Atr,
    multiplier: f64,
    /// Candles that the average still leaves out.
    late: usize,
}

impl Keltner {
    /// Averages of these periods, not seeded yet; `multiplier` in average true ranges.
    #[must_use]
    pub fn new(period: usize, atr_period: usize, multiplier: f64) -> Self {
        let late = atr_period.saturating_sub(period.saturating_sub(1));
        Self { average: Ema::new(period), range: Atr::new(atr_period), multiplier, late }
    }

    /// Takes the next candle; the channel once both averages have their seed.
    #[inline]
    pub fn next(&mut self, candle: &Candle) -> Option<Band> {
        let range = self.range.next(candle.high, candle.low, candle.close);
        if self.late > 0 {
            self.late -= 1;
            return None;
        }
        let middle = self.average.next(typical_price(candle))?;
        let width = range? * self.multiplier;
        Some(Band { middle, upper: middle + width, lower: middle - width })
    }
}

impl Indicator<3> for Keltner {
    #[inline]
    fn feed(&mut self, candle: &Candle) -> [Option<f64>; 3] {
        Band::outputs(self.next(candle))
    }
}
