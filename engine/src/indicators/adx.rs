//! Directional movement.

use super::wilder::Wilder;
use super::{Indicator, TrueRange};
use crate::Candle;

/// The values of an [`Adx`]; each 0 to 100.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Directional {
    /// +DI: how much of the true range is movement up.
    pub plus_di: f64,
    /// −DI: how much of it is movement down.
    pub minus_di: f64,
    /// The average of how far the two are apart; `None` while it has no seed.
    pub adx: Option<f64>,
}

/// Wilder's directional movement: TA-Lib's PLUS_DI, MINUS_DI and ADX. The first two have their
/// first value at index `period`, the third at `2 · period − 1`. A range of 0 has a DI of 0, and
/// where there is no movement the ADX stays as it is.
///
/// Seed, as TA-Lib does: movement and range are the sums of the first `period − 1` candles after
/// the first, then `sum −= sum / period; sum += x`. ADX: the plain mean of the first `period`
/// values, those without movement counted as 0, then Wilder's average. Nothing is rounded.
#[derive(Clone, Debug)]
pub struct Adx {
    period: usize,
    range: TrueRange,
    previous: (f64, f64),
    /// Candles in the first sums so far.
    summed: usize,
    /// Smoothed movement up, movement down and true range.
    sums: [f64; 3],
    adx: Wilder,
    last: Option<f64>,
}

impl Adx {
    /// An index over `period` candles, not seeded yet.
    #[must_use]
    pub fn new(period: usize) -> Self {
        Self {
            period,
            range: TrueRange::new(),
            previous: (0.0, 0.0),
            summed: 0,
            sums: [0.0; 3],
            adx: Wilder::new(period),
            last: None,
        }
    }

    /// Takes the next candle's prices; the values once `period` candles have followed the first.
    #[inline]
    pub fn next(&mut self, high: f64, low: f64, close: f64) -> Option<Directional> {
        let (up, down) = (high - self.previous.0, self.previous.1 - low);
        self.previous = (high, low);
        let range = self.range.next(high, low, close)?;
        let plus = if up > 0.0 && up > down { up } else { 0.0 };
        let minus = if down > 0.0 && down > up { down } else { 0.0 };
        if self.period == 0 {
            return None;
        }
        let seeding = self.summed + 1 < self.period;
        for (sum, x) in self.sums.iter_mut().zip([plus, minus, range]) {
            *sum = if seeding { *sum } else { *sum - *sum / self.period as f64 } + x;
        }
        if seeding {
            self.summed += 1;
            return None;
        }
        Some(self.directional())
    }

    #[inline]
    fn directional(&mut self) -> Directional {
        let [plus, minus, range] = self.sums;
        let share = |sum: f64| if range > 0.0 { 100.0 * (sum / range) } else { 0.0 };
        let (plus_di, minus_di) = (share(plus), share(minus));
        let total = plus_di + minus_di;
        if total > 0.0 {
            self.last = self.adx.next(100.0 * ((plus_di - minus_di).abs() / total));
        } else if self.last.is_none() {
            self.last = self.adx.next(0.0);
        }
        Directional { plus_di, minus_di, adx: self.last }
    }
}

impl Indicator<3> for Adx {
    #[inline]
    fn feed(&mut self, candle: &Candle) -> [Option<f64>; 3] {
        let values = self.next(candle.high, candle.low, candle.close);
        values.map_or([None; 3], |values| [values.adx, Some(values.plus_di), Some(values.minus_di)])
    }
}
