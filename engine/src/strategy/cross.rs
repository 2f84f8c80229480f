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
        crossed(std::mem::replace(&mut self.before, difference), difference)
    }
}

/// The side to which a difference has crossed zero; none from or to `NaN`.
pub(super) fn crossed(before: f64, now: f64) -> Option<Side> {
    if before < 0.0 && now > 0.0 {
        Some(Side::Buy)
    } else if before > 0.0 && now < 0.0 {
        Some(Side::Sell)
    } else {
        None
    }
}

/// How many values are asked at once whether any turns.
const AT_ONCE: usize = 8;

/// Where a column turns, by what `turn` makes of a value and the one after it: the index of the later
/// one, and the side. Few do, so that some are asked at once, without a branch for each.
pub(super) fn turns(column: &[f64], turn: impl Fn(f64, f64) -> Option<Side>) -> Vec<(usize, Side)> {
    let (before, now) = (&column[..column.len().saturating_sub(1)], column.get(1..).unwrap_or_default());
    let parts = before.chunks(AT_ONCE).zip(now.chunks(AT_ONCE));
    let mut turns = Vec::new();
    for (part, (before, now)) in parts.enumerate() {
        let pairs = || before.iter().zip(now);
        if pairs().fold(false, |any, (before, now)| any | turn(*before, *now).is_some()) {
            let first = part * AT_ONCE + 1;
            let side = |(index, (before, now)): (usize, (&f64, &f64))| Some((index, turn(*before, *now)?));
            turns.extend((first..).zip(pairs()).filter_map(side));
        }
    }
    turns
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

    #[test]
    fn a_column_turns_where_its_values_do_one_by_one() {
        for length in 0..40_u32 {
            let column: Vec<f64> =
                (0..length).map(|i| f64::from(i.wrapping_mul(2_654_435_761) >> 8) % 3.0 - 1.0).collect();
            let mut cross = Cross::default();
            let each = column.iter().enumerate().filter_map(|(index, x)| Some((index, cross.next(*x)?)));
            assert_eq!(turns(&column, crossed), each.collect::<Vec<_>>());
        }
        assert_eq!(turns(&[f64::NAN, 1.0, -1.0], crossed), [(2, Side::Sell)]);
    }
}
