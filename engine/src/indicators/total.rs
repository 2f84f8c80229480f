//! Running totals.

/// Two running totals that keep what rounding takes from them: Neumaier's sum. Side by side they cost as much as one.
///
/// A. Neumaier, "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen" (1974).
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Totals {
    sums: [f64; 2],
    lost: [f64; 2],
}

impl Totals {
    /// Adds to each; the totals.
    #[inline]
    pub(super) fn add(&mut self, x: [f64; 2]) -> [f64; 2] {
        let before = self.sums;
        let sums = each(before, x, |sum, x| sum + x);
        // Knuth's exact rounding error of a sum, whichever is the larger.
        let added = each(sums, before, |sum, before| sum - before);
        let kept = each(sums, added, |sum, added| sum - added);
        let lost =
            each(each(before, kept, |before, kept| before - kept), each(x, added, |x, added| x - added), |a, b| a + b);
        self.lost = each(self.lost, lost, |all, lost| all + lost);
        self.sums = sums;
        each(sums, self.lost, |sum, lost| sum + lost)
    }
}

#[inline]
fn each(one: [f64; 2], other: [f64; 2], of: impl Fn(f64, f64) -> f64) -> [f64; 2] {
    [of(one[0], other[0]), of(one[1], other[1])]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_total_loses_nothing() {
        let mut totals = Totals::default();
        totals.add([1.0, 0.0]);
        totals.add([1e100, 1.0]);
        totals.add([1.0, 1e100]);
        assert_eq!(totals.add([-1e100, 1.0]), [2.0, 1e100]);
        assert_eq!(totals.add([0.0, -1e100])[1], 2.0);
    }
}
