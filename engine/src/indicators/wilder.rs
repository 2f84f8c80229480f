//! Wilder's smoothing.

use super::strands::{self, Inputs};

/// Wilder's average: `(average · (period − 1) + x) / period`.
///
/// Seed: the plain mean of the first `period` values.
#[derive(Clone, Debug)]
pub(super) struct Wilder {
    period: usize,
    /// Values in the seed so far.
    seeded: usize,
    /// Their sum until the seed is whole, then the average.
    value: f64,
}

impl Wilder {
    pub(super) fn new(period: usize) -> Self {
        Self { period, seeded: 0, value: 0.0 }
    }

    /// Takes the next value; the average once there are `period`.
    #[inline]
    pub(super) fn next(&mut self, x: f64) -> Option<f64> {
        let period = self.period as f64;
        if self.seeded == self.period {
            if self.period == 0 {
                return None;
            }
            self.value = step(self.value, x, period);
            return Some(self.value);
        }
        self.seeded += 1;
        self.value += x;
        if self.seeded < self.period {
            return None;
        }
        self.value /= period;
        Some(self.value)
    }

    /// Takes many values; `averages`, as long and empty, gets the average at each from where there
    /// is one.
    pub(super) fn over(&mut self, values: impl Inputs, averages: &mut [f64]) {
        #[cfg(not(target_arch = "wasm32"))]
        self.over_inputs(values, averages);
        // One code for all, for its size.
        #[cfg(target_arch = "wasm32")]
        self.over_inputs((0..values.len()).map(|index| values.at(index)).collect::<Vec<_>>().as_slice(), averages);
    }

    fn over_inputs(&mut self, values: impl Inputs, averages: &mut [f64]) {
        let seed = (self.period - self.seeded).min(values.len());
        let (seeding, averages) = averages.split_at_mut(seed);
        for (index, average) in seeding.iter_mut().enumerate() {
            *average = self.next(values.at(index)).unwrap_or(f64::NAN);
        }
        let values = values.part(seed, values.len() - seed);
        if self.period > 0 {
            let period = self.period as f64;
            strands::run(self.value, values, averages, self.period, |value, x| step(value, x, period));
            self.value = averages.last().copied().unwrap_or(self.value);
        }
    }
}

#[inline]
fn step(average: f64, x: f64, period: f64) -> f64 {
    (average * (period - 1.0) + x) / period
}
