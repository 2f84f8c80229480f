//! Keltner channel.

use super::{Atr, Band, Ema, Indicator, typical_price};
use crate::Candle;

/// Keltner channel, TA-Lib's KC: the [`Ema`] of the typical price `(high + low + close) / 3`, and
/// lines `multiplier` [`Atr`]s from it. First value at index `max(period − 1, atr_period)`.
///
/// Seed: as [`Ema`] and [`Atr`], but the one that takes less begins so late that both seeds end on
/// the same candle.
///
/// After Chester Keltner, "How to Make Money in Commodities" (1960), as Linda Raschke changed it.
#[derive(Clone, Debug)]
pub struct Keltner {
    average: Ema,
    range: Atr,
    multiplier: f64,
    /// Candles that the average still leaves out.
    average_late: usize,
    /// Candles that the range still leaves out.
    range_late: usize,
}

impl Keltner {
    /// Averages of these periods, not seeded yet; `multiplier` in average true ranges.
    #[must_use]
    pub fn new(period: usize, atr_period: usize, multiplier: f64) -> Self {
        let before_seed = period.saturating_sub(1);
        Self {
            average: Ema::new(period),
            range: Atr::new(atr_period),
            multiplier,
            average_late: atr_period.saturating_sub(before_seed),
            range_late: before_seed.saturating_sub(atr_period),
        }
    }

    /// Takes the next candle; the channel once both averages have their seed.
    #[inline]
    pub fn next(&mut self, candle: &Candle) -> Option<Band> {
        let middle = due(&mut self.average_late).then(|| self.average.next(typical_price(candle)));
        let range = due(&mut self.range_late).then(|| self.range.next(candle.high, candle.low, candle.close));
        let (middle, width) = (middle??, range?? * self.multiplier);
        Some(Band { middle, upper: middle + width, lower: middle - width })
    }
}

/// Whether there is nothing to wait for any more.
fn due(late: &mut usize) -> bool {
    let due = *late == 0;
    *late = late.saturating_sub(1);
    due
}

impl Indicator<3> for Keltner {
    #[inline]
    fn feed(&mut self, candle: &Candle) -> [Option<f64>; 3] {
        Band::outputs(self.next(candle))
    }
}
