//! True range and its average.
//!
//! J. Welles Wilder, "New Concepts in Technical Trading Systems" (1978); seeded as TA-Lib does.

use super::strands::Inputs;
use super::wilder::Wilder;
use super::{Indicator, empty};
use crate::{Candle, CandleSlice};

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
        Some(between(high, low, previous_close))
    }
}

impl Indicator<1> for TrueRange {
    #[inline]
    fn feed(&mut self, candle: &Candle) -> [Option<f64>; 1] {
        [self.next(candle.high, candle.low, candle.close)]
    }

    fn over(mut self, candles: CandleSlice<'_>) -> [Vec<f64>; 1] {
        let mut column = empty(candles);
        let Some(first) = candles.get(0) else {
            return [column];
        };
        column[0] = self.next(first.high, first.low, first.close).unwrap_or(f64::NAN);
        let after = candles.closes().iter().zip(&candles.highs()[1..]).zip(&candles.lows()[1..]);
        for (range, ((previous_close, high), low)) in column[1..].iter_mut().zip(after) {
            *range = between(*high, *low, *previous_close);
        }
        [column]
    }
}

/// The true range after a close.
#[inline]
fn between(high: f64, low: f64, previous_close: f64) -> f64 {
    let top = if previous_close > high { previous_close } else { high };
    let bottom = if previous_close < low { previous_close } else { low };
    top - bottom
}

/// The true ranges of a series' candles but the first.
#[derive(Clone, Copy)]
struct Ranges<'a> {
    highs: &'a [f64],
    lows: &'a [f64],
    previous_closes: &'a [f64],
}

impl<'a> Ranges<'a> {
    /// Those of one candle or more.
    fn of(candles: CandleSlice<'a>) -> Self {
        let count = candles.len() - 1;
        Self { highs: &candles.highs()[1..], lows: &candles.lows()[1..], previous_closes: &candles.closes()[..count] }
    }
}

impl Inputs for Ranges<'_> {
    #[inline]
    fn len(self) -> usize {
        self.highs.len()
    }

    #[inline]
    fn part(self, from: usize, count: usize) -> Self {
        Self {
            highs: self.highs.part(from, count),
            lows: self.lows.part(from, count),
            previous_closes: self.previous_closes.part(from, count),
        }
    }

    #[inline]
    fn at(self, index: usize) -> f64 {
        between(self.highs[index], self.lows[index], self.previous_closes[index])
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

    fn over(mut self, candles: CandleSlice<'_>) -> [Vec<f64>; 1] {
        let mut column = empty(candles);
        let Some(first) = candles.get(0) else {
            return [column];
        };
        column[0] = self.next(first.high, first.low, first.close).unwrap_or(f64::NAN);
        self.average.over(Ranges::of(candles), &mut column[1..]);
        [column]
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
