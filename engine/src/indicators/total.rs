//! A running total.

/// A running total that keeps what rounding takes from it: Neumaier's sum.
///
/// A. Neumaier, "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen" (1974).
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Total {
    sum: f64,
    lost: f64,
}

impl Total {
    /// Adds; the total.
    #[inline]
    pub(super) fn add(&mut self, x: f64) -> f64 {
        let sum = self.sum + x;
        // Knuth's exact rounding error of a sum, whichever is the larger.
        let added = sum - self.sum;
        self.lost += (self.sum - (sum - added)) + (x - added);
        self.sum = sum;
        self.sum + self.lost
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_total_loses_nothing() {
        let mut total = Total::default();
        total.add(1.0);
        total.add(1e100);
        total.add(1.0);
        assert_eq!(total.add(-1e100), 2.0);
    }
}
