//! Supertrend.

use super::{Atr, Indicator, empty, greater, lesser};
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
        let fresh = State::of(width, high, low, close);
        let state = self.state.map_or(fresh, |before| before.then(fresh));
        self.state = Some(state);
        Some(Trend { line: state.line(), rising: state.rising })
    }
}

impl State {
    /// The first, of a candle with bands this far from its middle.
    #[inline]
    fn of(width: f64, high: f64, low: f64, close: f64) -> Self {
        let middle = (high + low) / 2.0;
        Self { upper: middle + width, lower: middle - width, rising: true, close }
    }

    #[inline]
    fn line(self) -> f64 {
        if self.rising { self.lower } else { self.upper }
    }

    #[inline]
    fn then(self, fresh: Self) -> Self {
        let Self { upper, lower, close: before, .. } = self;
        let close = fresh.close;
        let upper = if before > upper { fresh.upper } else { lesser(fresh.upper, upper) };
        let lower = if before < lower { fresh.lower } else { greater(fresh.lower, lower) };
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

    fn over(self, candles: CandleSlice<'_>) -> [Vec<f64>; 2] {
        let [mut lines] = self.range.over(candles);
        let mut directions = empty(candles);
        let from = lines.iter().take_while(|range| range.is_nan()).count();
        let candles = candles.starting_at(from);
        let prices = candles.highs().iter().zip(candles.lows()).zip(candles.closes());
        let columns = lines[from..].iter_mut().zip(&mut directions[from..]);
        let mut before = self.state;
        for ((line, direction), ((high, low), close)) in columns.zip(prices) {
            let fresh = State::of(*line * self.multiplier, *high, *low, *close);
            let state = before.map_or(fresh, |before| before.then(fresh));
            (*line, *direction) = (state.line(), if state.rising { 1.0 } else { -1.0 });
            before = Some(state);
        }
        [lines, directions]
    }
}
