//! Wilder's smoothing.

use super::strands;

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
    pub(super) fn over(&mut self, values: &[f64], averages: &mut [f64]) {
        let seed = (self.period - self.seeded).min(values.len());
        let (early, values) = values.split_at(seed);
        let (seeding, averages) = averages.split_at_mut(seed);
        for (average, x) in seeding.iter_mut().zip(early) {
            *average = self.next(*x).unwrap_or(f64::NAN);
        }
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
