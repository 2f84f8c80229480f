//! Commodity channel index.

use super::{Indicator, LEAST_DIFFERENCE, typical_price};
use crate::Candle;

/// Donald Lambert's commodity channel index, TA-Lib's CCI: the distance of the typical price
/// `(high + low + close) / 3` from its mean over the last `period` candles, in units of 0.015 mean
/// absolute deviations; 0 at the mean. First value at index `period − 1`. An
/// update is O(period): the deviation is from a mean that moves.
#[derive(Clone, Debug)]
pub struct Cci {
    period: usize,
    /// The last values; the oldest at `oldest` once it is full.
    window: Vec<f64>,
    oldest: usize,
}

impl Cci {
    /// An empty window of `period` values.
    #[must_use]
    pub fn new(period: usize) -> Self {
        Self { period, window: Vec::new(), oldest: 0 }
    }

    /// Takes the next typical price; the index of the last `period` once there are as many.
    #[inline]
    pub fn next(&mut self, x: f64) -> Option<f64> {
        if self.window.len() == self.period {
            *self.window.get_mut(self.oldest)? = x;
            self.oldest = (self.oldest + 1) % self.period;
        } else {
            self.window.push(x);
            if self.window.len() < self.period {
                return None;
            }
        }
        let count = self.period as f64;
        // Distances from the newest value are small, and exactly 0 if all are equal.
        let distance = sum(&self.window, |value| x - value) / count;
        if distance.abs() <= LEAST_DIFFERENCE * (x + (x - distance)) {
            return Some(0.0);
        }
        let deviation = sum(&self.window, |value| (distance - (x - value)).abs()) / count;
        Some(distance / (0.015 * deviation))
    }
}

impl Indicator<1> for Cci {
    #[inline]
    fn feed(&mut self, candle: &Candle) -> [Option<f64>; 1] {
        [self.next(typical_price(candle))]
    }
}

/// A sum in four strands, which the processor adds side by side.
#[inline]
fn sum(values: &[f64], of: impl Fn(f64) -> f64) -> f64 {
    let mut strands = [0.0; 4];
    let (fours, rest) = values.as_chunks::<4>();
    for four in fours {
        for (strand, value) in strands.iter_mut().zip(four) {
            *strand += of(*value);
        }
    }
    let rest: f64 = rest.iter().map(|value| of(*value)).sum();
    (strands[0] + strands[1]) + (strands[2] + strands[3]) + rest
}
