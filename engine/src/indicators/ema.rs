//! Exponential moving average.

use super::{Indicator, empty, strands};
use crate::{Candle, CandleSlice};

/// Exponentially weighted average, TA-Lib's EMA; of closes. First value at index `period − 1`.
///
/// Seed: the plain mean of the first `period` values. Then `ema += (x − ema) · 2 / (period + 1)`,
/// which stays where it is while prices do.
#[derive(Clone, Debug)]
pub struct Ema {
    period: usize,
    weight: f64,
    /// Values in the seed so far.
    seeded: usize,
    /// Their sum until the seed is whole, then the average.
    value: f64,
}

impl Ema {
    /// An average with the weight that goes with `period`, not seeded yet.
    #[must_use]
    pub fn new(period: usize) -> Self {
        Self { period, weight: 2.0 / (period as f64 + 1.0), seeded: 0, value: 0.0 }
    }

    /// Takes the next value; the average once there are `period`.
    #[inline]
    pub fn next(&mut self, x: f64) -> Option<f64> {
        if self.seeded == self.period {
            if self.period == 0 {
                return None;
            }
            self.value = step(self.value, x, self.weight);
            return Some(self.value);
        }
        self.seeded += 1;
        self.value += x;
        if self.seeded < self.period {
            return None;
        }
        self.value /= self.period as f64;
        Some(self.value)
    }
}

#[inline]
fn step(average: f64, x: f64, weight: f64) -> f64 {
    average + (x - average) * weight
}

impl Ema {
    /// Takes many values; `averages`, as long and empty, gets the average at each from where there is one.
    pub(super) fn of(&mut self, values: &[f64], averages: &mut [f64]) {
        let seed = (self.period - self.seeded).min(values.len());
        let (early, values) = values.split_at(seed);
        let (seeding, averages) = averages.split_at_mut(seed);
        for (average, x) in seeding.iter_mut().zip(early) {
            *average = self.next(*x).unwrap_or(f64::NAN);
        }
        if self.period > 0 {
            let memory = self.period / 2 + 1;
            strands::run(self.value, values, averages, memory, |value, x| step(value, x, self.weight));
            self.value = averages.last().copied().unwrap_or(self.value);
        }
    }
}

impl Indicator<1> for Ema {
    #[inline]
    fn feed(&mut self, candle: &Candle) -> [Option<f64>; 1] {
        [self.next(candle.close)]
    }

    fn over(mut self, candles: CandleSlice<'_>) -> [Vec<f64>; 1] {
        let mut column = empty(candles);
        self.of(candles.closes(), &mut column);
        [column]
    }
}
