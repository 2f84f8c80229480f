//! Wilder's smoothing.

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
            self.value = (self.value * (period - 1.0) + x) / period;
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
}
