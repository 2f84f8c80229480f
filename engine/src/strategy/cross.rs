//! When one line crosses another.

use crate::Side;

/// Sees a difference cross zero: strictly below at one candle and strictly above at the next, or
/// the other way round. A difference of exactly 0 in between is no cross.
#[derive(Clone, Debug, Default)]
pub struct Cross {
    before: Option<f64>,
}

impl Cross {
    /// Takes the next difference: BUY where it comes above zero, SELL where it comes below.
    pub fn next(&mut self, difference: f64) -> Option<Side> {
        let before = self.before.replace(difference)?;
        if before < 0.0 && difference > 0.0 {
            Some(Side::Buy)
        } else if before > 0.0 && difference < 0.0 {
            Some(Side::Sell)
        } else {
            None
        }
    }
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
