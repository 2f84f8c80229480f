//! Relative strength index.

use super::wilder::Wilder;
use super::{Indicator, empty};
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
        let (gain, loss) = (self.gain.next(up(change)), self.loss.next(down(change)));
        Some(percent(gain?, loss?))
    }
}

#[inline]
fn up(change: f64) -> f64 {
    if change < 0.0 { 0.0 } else { change }
}

#[inline]
fn down(change: f64) -> f64 {
    if change < 0.0 { -change } else { 0.0 }
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
        let changes = || candles.closes().iter().zip(after).map(|(before, close)| close - before);
        let mut changed: Vec<f64> = changes().map(up).collect();
        let mut losses = vec![f64::NAN; after.len()];
        self.gain.over(&changed, &mut column[1..]);
        changed.iter_mut().zip(changes()).for_each(|(down_by, change)| *down_by = down(change));
        self.loss.over(&changed, &mut losses);
        for (gain, loss) in column[1..].iter_mut().zip(losses) {
            *gain = if gain.is_nan() { f64::NAN } else { percent(*gain, loss) };
        }
        [column]
    }
}
