//! Relative strength index.

use super::strands::Inputs;
use super::wilder::Wilder;
use super::{Indicator, empty, greater};
use crate::{Candle, CandleSlice};

/// Wilder's relative strength index, TA-Lib's RSI; of closes: `100 · gain / (gain + loss)`, where
/// both are Wilder's averages of the changes up and down. 0 to 100; 0 where nothing has moved.
/// First value at index `period`.
///
/// Seed: the plain means of the first `period` changes.
#[derive(Clone, Debug)]
pub struct Rsi {
    previous: Option<f64>,
    gain: Wilder,
    loss: Wilder,
}

impl Rsi {
    /// An index over `period` changes, not seeded yet.
    #[must_use]
    pub fn new(period: usize) -> Self {
        Self { previous: None, gain: Wilder::new(period), loss: Wilder::new(period) }
    }

    /// Takes the next value; the index once `period` changes are known.
    #[inline]
    pub fn next(&mut self, x: f64) -> Option<f64> {
        let change = x - self.previous.replace(x)?;
        let (gain, loss) = (self.gain.next(one_way(change, UP)), self.loss.next(one_way(change, DOWN)));
        Some(percent(gain?, loss?))
    }
}

/// How far values rise, or fall, from one to the next; 0 where they do the other.
#[derive(Clone, Copy)]
struct Changes<'a> {
    before: &'a [f64],
    after: &'a [f64],
    way: f64,
}

impl Inputs for Changes<'_> {
    #[inline]
    fn len(self) -> usize {
        self.after.len()
    }

    #[inline]
    fn part(self, from: usize, count: usize) -> Self {
        Self { before: self.before.part(from, count), after: self.after.part(from, count), way: self.way }
    }

    #[inline]
    fn at(self, index: usize) -> f64 {
        one_way(self.after[index] - self.before[index], self.way)
    }
}

const UP: f64 = 1.0;
const DOWN: f64 = -1.0;

/// How far a change goes one way; 0 where it goes the other.
#[inline]
fn one_way(change: f64, way: f64) -> f64 {
    greater(change * way, 0.0)
}

#[inline]
fn percent(gain: f64, loss: f64) -> f64 {
    let moved = gain + loss;
    if moved > 0.0 { 100.0 * (gain / moved) } else { 0.0 }
}

impl Indicator<1> for Rsi {
    #[inline]
    fn feed(&mut self, candle: &Candle) -> [Option<f64>; 1] {
        [self.next(candle.close)]
    }

    fn over(mut self, candles: CandleSlice<'_>) -> [Vec<f64>; 1] {
        let mut column = empty(candles);
        let Some((first, after)) = candles.closes().split_first() else {
            return [column];
        };
        column[0] = self.next(*first).unwrap_or(f64::NAN);
        let rises = Changes { before: &candles.closes()[..after.len()], after, way: UP };
        let mut losses = vec![f64::NAN; after.len()];
        self.gain.over(rises, &mut column[1..]);
        self.loss.over(Changes { way: DOWN, ..rises }, &mut losses);
        for (gain, loss) in column[1..].iter_mut().zip(losses) {
            *gain = if gain.is_nan() { f64::NAN } else { percent(*gain, loss) };
        }
        [column]
    }
}
