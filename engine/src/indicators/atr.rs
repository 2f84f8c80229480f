//! True range and its average.
//!
//! J. Welles Wilder, "New Concepts in Technical Trading Systems" (1978); seeded as TA-Lib does.

use super::Indicator;
use super::wilder::Wilder;
use crate::Candle;

/// True range, TA-Lib's TRANGE: `max(high, previous close) − min(low, previous close)`. The first
/// candle has none.
#[derive(Clone, Debug, Default)]
pub struct TrueRange {
    previous_close: Option<f64>,
}

impl TrueRange {
    /// A range that has seen no candle.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next candle's prices; the true range from the second candle on.
    #[inline]
    pub fn next(&mut self, high: f64, low: f64, close: f64) -> Option<f64> {
        let previous_close = self.previous_close.replace(close)?;
        Some(high.max(previous_close) - low.min(previous_close))
    }
}

impl Indicator<1> for TrueRange {
    #[inline]
    fn feed(&mut self, candle: &Candle) -> [Option<f64>; 1] {
        [self.next(candle.high, candle.low, candle.close)]
    }
}

/// Average true range by Wilder's smoothing, TA-Lib's ATR. First value at index `period`.
///
/// Seed: the plain mean of the first `period` true ranges. Then
/// `atr = (atr · (period − 1) + true range) / period`.
#[derive(Clone, Debug)]
pub struct Atr {
    range: TrueRange,
    average: Wilder,
}

impl Atr {
    /// An average over `period` true ranges, not seeded yet.
    #[must_use]
    pub fn new(period: usize) -> Self {
        Self { range: TrueRange::new(), average: Wilder::new(period) }
    }

    /// Takes the next candle's prices; the average once `period` true ranges are known.
    #[inline]
    pub fn next(&mut self, high: f64, low: f64, close: f64) -> Option<f64> {
        self.average.next(self.range.next(high, low, close)?)
    }
}

impl Indicator<1> for Atr {
    #[inline]
    fn feed(&mut self, candle: &Candle) -> [Option<f64>; 1] {
        [self.next(candle.high, candle.low, candle.close)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wilders_average_by_hand() {
        let prices = [(10.0, 8.0, 9.0), (12.0, 9.0, 11.0), (11.0, 7.0, 8.0), (15.0, 12.0, 14.0)];
        let (mut range, mut average) = (TrueRange::new(), Atr::new(2));
        // True ranges: none, 12 − 9, 11 − 7, 15 − 8.
        let ranges = prices.map(|(high, low, close)| range.next(high, low, close));
        assert_eq!(ranges, [None, Some(3.0), Some(4.0), Some(7.0)]);
        let averages = prices.map(|(high, low, close)| average.next(high, low, close));
        assert_eq!(averages, [None, None, Some(3.5), Some((3.5 + 7.0) / 2.0)]);
    }

    #[test]
    fn odd_periods_are_harmless() {
        let mut none = Atr::new(0);
        assert!((0..9).all(|_| none.next(1.0, 1.0, 1.0).is_none()));
        let mut unsmoothed = Atr::new(1);
        assert_eq!([(); 3].map(|()| unsmoothed.next(2.0, 1.0, 1.0)), [None, Some(1.0), Some(1.0)]);
    }
}
