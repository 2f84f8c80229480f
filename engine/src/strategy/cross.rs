//! When one line crosses another.

use crate::Side;

/// Sees a difference cross zero: strictly below at one candle and strictly above at the next, or
/// the other way round. A difference of exactly 0 in between is no cross.
#[derive(Clone, Debug)]
pub struct Cross {
    /// `NaN` where there was none.
    before: f64,
}

impl Default for Cross {
    fn default() -> Self {
        Self { before: f64::NAN }
    }
}

impl Cross {
    /// Takes the next difference: BUY where it comes above zero, SELL where it comes below.
    #[inline]
    pub fn next(&mut self, difference: f64) -> Option<Side> {
        let before = std::mem::replace(&mut self.before, difference);
        if before < 0.0 && difference > 0.0 {
            Some(Side::Buy)
        } else if before > 0.0 && difference < 0.0 {
            Some(Side::Sell)
        } else {
            None
        }
    }
}

/// Where a column of differences crosses zero, as [`Cross`] sees it; `NaN` is none.
pub(super) fn crosses(differences: impl Iterator<Item = f64>) -> impl Iterator<Item = (usize, Side)> {
    let mut cross = Cross::default();
    differences.enumerate().filter_map(move |(index, difference)| Some((index, cross.next(difference)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_strictly_below_then_strictly_above_crosses() {
        let mut cross = Cross::default();
        let sides = [-1.0, 2.0, 1.0, -3.0, 0.0, 1.0, 0.0, -1.0, 1.0].map(|difference| cross.next(difference));
        let (buy, sell) = (Some(Side::Buy), Some(Side::Sell));
        assert_eq!(sides, [None, buy, None, sell, None, None, None, None, buy]);
    }
}
