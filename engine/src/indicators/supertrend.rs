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

/// A trend on its way. A fall is a rise upside down, so that one rule does for both: prices are taken times `way`.
#[derive(Clone, Copy, Debug)]
struct State {
    /// 1 in a rise, −1 in a fall.
    way: f64,
    /// The band below, which ends the trend. It only rises.
    near: f64,
    /// The band above. It only falls, until a close above it lets it go: infinitely far, for the next candle.
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
        (Self { way: 1.0, near: kept, far: unless_let_go(far, close) }, near)
    }

    /// After the next candle, with its line.
    #[inline(always)]
    fn then(self, sum: f64, width: f64, close: f64) -> (Self, f64) {
        let Self { way, near, far } = self;
        let (middle, close) = (sum * (way / 2.0), close * way);
        let (near, far) = (greater(middle - width, near), lesser(middle + width, far));
        if close >= near {
            (Self { way, near, far: unless_let_go(far, close) }, near * way)
        } else {
            (Self { way: -way, near: -far, far: f64::INFINITY }, far * way)
        }
    }
}

/// A far band as the next candle finds it.
#[inline]
fn unless_let_go(far: f64, close: f64) -> f64 {
    if close > far { f64::INFINITY } else { far }
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
    /// Apart, so that the state stays in registers: beside a call it would not.
    #[inline(never)]
    fn to_turn(&self, state: &mut State, lines: &mut [f64], candles: CandleSlice<'_>) -> Option<usize> {
        // As long as each other, so that nothing is asked at each candle.
        let count = lines.len();
        let (highs, lows, closes) = (&candles.highs()[..count], &candles.lows()[..count], &candles.closes()[..count]);
        let mut now = *state;
        for index in 0..count {
            let before = now.way;
            let width = lines[index] * self.multiplier;
            (now, lines[index]) = now.then(highs[index] + lows[index], width, closes[index]);
            if now.way != before {
                *state = now;
                return Some(index);
            }
        }
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
