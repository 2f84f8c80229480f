//! Relative strength index.

use super::Indicator;
use super::wilder::Wilder;
use crate::Candle;

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
        let (up, down) = if change < 0.0 { (0.0, -change) } else { (change, 0.0) };
        let (gain, loss) = (self.gain.next(up), self.loss.next(down));
        let (gain, loss) = (gain?, loss?);
        let moved = gain + loss;
        Some(if moved > 0.0 { 100.0 * (gain / moved) } else { 0.0 })
    }
}

impl Indicator<1> for Rsi {
    #[inline]
    fn feed(&mut self, candle: &Candle) -> [Option<f64>; 1] {
        [self.next(candle.close)]
    }
}
