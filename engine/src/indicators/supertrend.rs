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
        self.state = Some(if self.state.is_none() { state.seeded() } else { state });
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

    /// As it stands after the first candle: a lower band above its close is let go at the next.
    #[inline]
    fn seeded(self) -> Self {
        if self.close < self.lower { Self { lower: f64::NEG_INFINITY, ..self } } else { self }
    }

    /// The next one. A rise has never closed below its lower band, nor a fall above its upper one, so that only
    /// the other can have been let go.
    #[inline]
    fn then(self, fresh: Self) -> Self {
        let Self { upper, lower, close: before, .. } = self;
        let close = fresh.close;
        if self.rising {
            let lower = greater(fresh.lower, lower);
            let upper = if before > upper { let_go(fresh.upper) } else { lesser(fresh.upper, upper) };
            Self { upper, lower, rising: close >= lower, close }
        } else {
            let upper = lesser(fresh.upper, upper);
            let lower = if before < lower { let_go(fresh.lower) } else { greater(fresh.lower, lower) };
            Self { upper, lower, rising: close > upper, close }
        }
    }
}

/// A band after a close that has let it go. That is rare, and here so that it stays a branch: no other
/// candle waits for the comparison.
#[cold]
#[inline(never)]
fn let_go(fresh: f64) -> f64 {
    std::hint::black_box(fresh)
}

impl Supertrend {
    /// Takes a whole series: the lines, and whether each is that of a rise, from the first on.
    fn lines(self, candles: CandleSlice<'_>) -> (Vec<f64>, Vec<bool>) {
        let [mut lines] = self.range.clone().over(candles);
        let from = lines.iter().take_while(|range| range.is_nan()).count();
        let candles = candles.starting_at(from);
        // It begins with a rise.
        let mut rises = vec![true; candles.len()];
        self.run(&mut lines[from..], &mut rises, candles);
        (lines, rises)
    }

    /// Takes candles from the first that has a range on; `lines` begins as their ranges.
    fn run(&self, lines: &mut [f64], rises: &mut [bool], candles: CandleSlice<'_>) {
        let count = candles.len();
        // As long as each other, so that nothing is asked at each candle.
        let (lines, rises) = (&mut lines[..count], &mut rises[..count]);
        let (highs, lows, closes) = (&candles.highs()[..count], &candles.lows()[..count], &candles.closes()[..count]);
        let fresh =
            |range: f64, index: usize| State::of(range * self.multiplier, highs[index], lows[index], closes[index]);
        let Some(range) = lines.first_mut() else {
            return;
        };
        let first = fresh(*range, 0);
        *range = first.line();
        let mut state = first.seeded();
        for index in 1..count {
            state = state.then(fresh(lines[index], index));
            (lines[index], rises[index]) = (state.line(), state.rising);
        }
    }

    /// Where the trend of a series turns, and whether it rises from there.
    pub(crate) fn turns(self, candles: CandleSlice<'_>) -> Vec<(usize, bool)> {
        let (_, rises) = self.lines(candles);
        let second = candles.len() - rises.len() + 1;
        let turn = |(index, pair): (usize, &[bool])| (pair[0] != pair[1]).then_some((second + index, pair[1]));
        rises.windows(2).enumerate().filter_map(turn).collect()
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
        let (lines, rises) = self.lines(candles);
        let mut directions = empty(candles.prefix(candles.len() - rises.len()));
        directions.reserve_exact(rises.len());
        directions.extend(rises.iter().map(|rising| if *rising { 1.0 } else { -1.0 }));
        [lines, directions]
    }
}
