//! On-balance volume.

use super::{Indicator, empty};
use crate::{Candle, CandleSlice};

/// Joseph Granville's on-balance volume, TA-Lib's OBV: the running total of volume, added on a
/// higher close and taken away on a lower one. Starts at the first candle's volume, so that its
/// level depends on where the series begins and only its changes mean anything. As there, each candle may
/// round the total by half a unit in its last place.
#[derive(Clone, Debug, Default)]
pub struct Obv {
    previous_close: Option<f64>,
    total: f64,
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
        self.total += previous.map_or(volume, |previous| flow_of(previous, close, volume));
        self.total
    }
}

/// What a candle's volume adds, after another close.
#[inline]
fn flow_of(previous: f64, close: f64, volume: f64) -> f64 {
    let sign = f64::from(i8::from(close > previous) - i8::from(close < previous));
    sign * volume
}

impl Indicator<1> for Obv {
    #[inline]
    fn feed(&mut self, candle: &Candle) -> [Option<f64>; 1] {
        [Some(self.next(candle.close, candle.volume))]
    }

    fn over(mut self, candles: CandleSlice<'_>) -> [Vec<f64>; 1] {
        let Some(first) = candles.get(0) else {
            return [Vec::new()];
        };
        let mut column = empty(candles);
        column[0] = self.next(first.close, first.volume);
        let after = candles.closes().iter().zip(&candles.closes()[1..]).zip(&candles.volumes()[1..]);
        let mut total = self.total;
        for (value, ((before, close), volume)) in column[1..].iter_mut().zip(after) {
            total += flow_of(*before, *close, *volume);
            *value = total;
        }
        [column]
    }
}
