//! Donchian channel.

use super::window::{Range, Window};
use super::{Band, Indicator, empty};
use crate::{Candle, CandleSlice};

/// Richard Donchian's channel, TA-Lib's DONCHIAN: the highest high and the lowest low of the last
/// `period` candles, the newest among them, and the middle between. First value at index
/// `period − 1`.
#[derive(Clone, Debug)]
pub struct Donchian {
    range: Window<Range>,
}

impl Donchian {
    /// An empty window of `period` candles.
    #[must_use]
    pub fn new(period: usize) -> Self {
        Self { range: Window::new(period) }
    }

    /// Takes the next candle's prices; the channel once there are `period`.
    #[inline]
    pub fn next(&mut self, high: f64, low: f64) -> Option<Band> {
        let Range { high, low } = self.range.next(Range { high, low })?;
        Some(Band { middle: (high + low) / 2.0, upper: high, lower: low })
    }
}

impl Donchian {
    /// Takes a whole series: the upper and the lower line.
    pub(crate) fn bounds(mut self, candles: CandleSlice<'_>) -> [Vec<f64>; 2] {
        let (mut upper, mut lower) = (empty(candles), empty(candles));
        self.range.over(
            candles.len(),
            |part| Range::of(candles, part),
            |range| range,
            |from, ranges| {
                let lines = upper[from..].iter_mut().zip(&mut lower[from..]);
                for ((upper, lower), range) in lines.zip(ranges) {
                    (*upper, *lower) = (range.high, range.low);
                }
            },
        );
        [upper, lower]
    }
}

impl Indicator<3> for Donchian {
    #[inline]
    fn feed(&mut self, candle: &Candle) -> [Option<f64>; 3] {
        Band::outputs(self.next(candle.high, candle.low))
    }

    fn over(self, candles: CandleSlice<'_>) -> [Vec<f64>; 3] {
        let [upper, lower] = self.bounds(candles);
        let middle = upper.iter().zip(&lower).map(|(upper, lower)| (upper + lower) / 2.0).collect();
        [middle, upper, lower]
    }
}
