//! Williams %R.

use super::window::{Range, Window};
use super::{Indicator, empty};
use crate::{Candle, CandleSlice};

/// Larry Williams' %R, TA-Lib's WILLR: how far the close lies below the highest high of the last
/// `period` candles, in percent of their range. −100 to 0; a range of 0 counts as 0. First value
/// at index `period − 1`.
#[derive(Clone, Debug)]
pub struct WilliamsR {
    range: Window<Range>,
}

impl WilliamsR {
    /// An empty window of `period` candles.
    #[must_use]
    pub fn new(period: usize) -> Self {
        Self { range: Window::new(period) }
    }

    /// Takes the next candle's prices; %R once there are `period`.
    #[inline]
    pub fn next(&mut self, high: f64, low: f64, close: f64) -> Option<f64> {
        let Range { high, low } = self.range.next(Range { high, low })?;
        Some(percent(high, low, close))
    }
}

impl Indicator<1> for WilliamsR {
    #[inline]
    fn feed(&mut self, candle: &Candle) -> [Option<f64>; 1] {
        [self.next(candle.high, candle.low, candle.close)]
    }

    fn over(mut self, candles: CandleSlice<'_>) -> [Vec<f64>; 1] {
        let (closes, mut column) = (candles.closes(), empty(candles));
        self.range.over(
            candles.len(),
            |part| Range::of(candles, part),
            |range| range,
            |from, ranges| {
                for ((value, close), range) in column[from..].iter_mut().zip(&closes[from..]).zip(ranges) {
                    *value = percent(range.high, range.low, *close);
                }
            },
        );
        [column]
    }
}

#[inline]
fn percent(high: f64, low: f64, close: f64) -> f64 {
    if high > low { (close - high) / (high - low) * 100.0 } else { 0.0 }
}
