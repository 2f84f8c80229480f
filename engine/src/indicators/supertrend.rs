//! Supertrend.

use std::hint::cold_path;

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

/// A trend on its way. A fall is a rise upside down, so that one rule does for both: prices are taken times `way`.
#[derive(Clone, Copy, Debug)]
struct State {
    /// 1 in a rise, −1 in a fall.
    way: f64,
    bands: Bands,
}

/// The bands about a rise.
#[derive(Clone, Copy, Debug)]
struct Bands {
    /// The one below, which ends the rise. It only rises.
    near: f64,
    /// The one above. It only falls, until a close above it lets it go: infinitely far, for the next candle.
    far: f64,
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
        let (state, line) = match self.state {
            Some(state) => state.then(high + low, width, close),
            None => State::first(high + low, width, close),
        };
        self.state = Some(state);
        Some(Trend { line, rising: state.way > 0.0 })
    }
}

impl State {
    /// After the first candle, by the sum of its high and low, with its line: a rise, though it may close below it.
    #[inline]
    fn first(sum: f64, width: f64, close: f64) -> (Self, f64) {
        let (near, far) = (sum / 2.0 - width, sum / 2.0 + width);
        let kept = if close < near { f64::NEG_INFINITY } else { near };
        let far = if close > far { f64::INFINITY } else { far };
        (Self { way: 1.0, bands: Bands { near: kept, far } }, near)
    }

    /// After the next candle, with its line.
    #[inline]
    fn then(self, sum: f64, width: f64, close: f64) -> (Self, f64) {
        let Self { way, bands } = self;
        match bands.then(sum * (way / 2.0), width, close * way) {
            Ok(bands) => (Self { way, bands }, bands.near * way),
            Err(end) => (self.turned(end), end * way),
        }
    }

    /// After the candle that closed below the band below, where the one above was at `far`.
    #[inline]
    fn turned(self, far: f64) -> Self {
        Self { way: -self.way, bands: Bands { near: -far, far: f64::INFINITY } }
    }
}

impl Bands {
    /// After the next candle of the rise; if it ends the rise, where the band above was.
    #[inline(always)]
    fn then(self, middle: f64, width: f64, close: f64) -> Result<Self, f64> {
        let near = greater(middle - width, self.near);
        let far = lesser(middle + width, self.far);
        if close < near {
            return Err(far);
        }
        if close > far {
            // Guessed rather than waited for: the next candle would start only when this comparison is done.
            cold_path();
            return Ok(Self { near, far: f64::INFINITY });
        }
        Ok(Self { near, far })
    }
}

impl Supertrend {
    /// Takes a whole series: the lines, and the candles at which rise and fall begin by turns, the first rise at the
    /// first value.
    fn lines(self, candles: CandleSlice<'_>) -> (Vec<f64>, Vec<usize>) {
        let [mut lines] = self.range.clone().over(candles);
        let Some(first) = lines.iter().position(|range| !range.is_nan()) else {
            return (lines, Vec::new());
        };
        let sum = candles.highs()[first] + candles.lows()[first];
        let (mut state, line) = State::first(sum, lines[first] * self.multiplier, candles.closes()[first]);
        lines[first] = line;
        let mut turns = vec![first];
        let mut from = first + 1;
        while let Some(turn) = self.to_turn(&mut state, &mut lines[from..], candles.starting_at(from)) {
            turns.push(from + turn);
            from += turn + 1;
        }
        (lines, turns)
    }

    /// Takes candles up to the one at which the trend turns, if it does, and makes lines of their ranges.
    ///
    /// Apart, so that the bands stay in registers: beside a call they would not.
    #[inline(never)]
    fn to_turn(&self, state: &mut State, lines: &mut [f64], candles: CandleSlice<'_>) -> Option<usize> {
        let prices = candles.highs().iter().zip(candles.lows()).zip(candles.closes());
        let (way, mut bands) = (state.way, state.bands);
        for (index, (line, ((high, low), close))) in lines.iter_mut().zip(prices).enumerate() {
            match bands.then((high + low) * (way / 2.0), *line * self.multiplier, close * way) {
                Ok(next) => bands = next,
                Err(end) => {
                    *line = end * way;
                    *state = state.turned(end);
                    return Some(index);
                }
            }
            *line = bands.near * way;
        }
        state.bands = bands;
        None
    }

    /// Where the trend of a series turns, and whether it rises from there.
    pub(crate) fn turns(self, candles: CandleSlice<'_>) -> Vec<(usize, bool)> {
        let (_, turns) = self.lines(candles);
        turns.into_iter().enumerate().skip(1).map(|(number, index)| (index, number % 2 == 0)).collect()
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
        let (lines, turns) = self.lines(candles);
        let mut directions = empty(candles);
        let ends = turns.iter().skip(1).copied().chain([candles.len()]);
        for (number, (from, to)) in turns.iter().zip(ends).enumerate() {
            directions[*from..to].fill(if number % 2 == 0 { 1.0 } else { -1.0 });
        }
        [lines, directions]
    }
}
