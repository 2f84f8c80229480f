//! Supertrend.

use super::{Atr, Indicator, empty, lesser};
use crate::{Candle, CandleSlice};

/// The values of a [`Supertrend`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trend {
    /// Where the trend ends: below the price in a rise, above it in a fall.
    pub line: f64,
    /// Whether it is a rise.
    pub rising: bool,
}

/// Olivier Seban's Supertrend, TA-Lib's SUPERTREND. Bands lie `multiplier` [`Atr`]s from the
/// middle of the candle. The upper one only falls, until a close above it lets it go; the lower
/// one only rises, until a close below it. A close below the lower band ends a rise, one above the
/// upper band a fall. First value at index `period`.
///
/// Seed: the first value is a rise, with the bands of its own candle; the average is seeded as
/// [`Atr`].
#[derive(Clone, Debug)]
pub struct Supertrend {
    range: Atr,
    multiplier: f64,
    /// After the first value.
    state: Option<State>,
}

#[derive(Clone, Copy, Debug)]
struct State {
    upper: f64,
    lower: f64,
    rising: bool,
    close: f64,
}

impl Supertrend {
    /// An average over `period` true ranges, not seeded yet; `multiplier` in average true ranges.
    #[must_use]
    pub fn new(period: usize, multiplier: f64) -> Self {
        Self { range: Atr::new(period), multiplier, state: None }
    }

    /// Takes the next candle's prices; the trend once the average has its seed.
    #[inline]
    pub fn next(&mut self, high: f64, low: f64, close: f64) -> Option<Trend> {
        let width = self.range.next(high, low, close)? * self.multiplier;
        Some(self.turn(width, high, low, close))
    }

    /// Takes the next candle's prices with the distance of the bands.
    #[inline]
    fn turn(&mut self, width: f64, high: f64, low: f64, close: f64) -> Trend {
        let middle = (high + low) / 2.0;
        let fresh = State { upper: middle + width, lower: middle - width, rising: true, close };
        let state = self.state.map_or(fresh, |before| before.then(fresh));
        self.state = Some(state);
        Trend { line: if state.rising { state.lower } else { state.upper }, rising: state.rising }
    }
}

impl State {
    #[inline]
    fn then(self, fresh: Self) -> Self {
        let Self { upper, lower, close: before, .. } = self;
        let close = fresh.close;
        let upper = if before > upper { fresh.upper } else { lesser(fresh.upper, upper) };
        let lower = if before < lower { fresh.lower } else { -lesser(-fresh.lower, -lower) };
        let rising = if self.rising { close >= lower } else { close > upper };
        Self { upper, lower, rising, close }
    }
}

impl Indicator<2> for Supertrend {
    /// The line, and the direction as 1 or −1.
    #[inline]
    fn feed(&mut self, candle: &Candle) -> [Option<f64>; 2] {
        let trend = self.next(candle.high, candle.low, candle.close);
        trend.map_or([None; 2], |trend| [Some(trend.line), Some(if trend.rising { 1.0 } else { -1.0 })])
    }

    fn over(mut self, candles: CandleSlice<'_>) -> [Vec<f64>; 2] {
        let [mut lines] = self.range.clone().over(candles);
        let mut directions = empty(candles);
        let from = lines.iter().take_while(|range| range.is_nan()).count();
        let columns = lines[from..].iter_mut().zip(&mut directions[from..]);
        for ((line, direction), candle) in columns.zip(candles.starting_at(from).iter()) {
            let trend = self.turn(*line * self.multiplier, candle.high, candle.low, candle.close);
            *line = trend.line;
            *direction = if trend.rising { 1.0 } else { -1.0 };
        }
        [lines, directions]
    }
}
