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
fn crossed(before: f64, now: f64) -> Option<Side> {
    around_zero(before).then(around_zero(now))
}

/// Where a difference stands that may cross zero.
#[inline(always)]
pub(super) fn around_zero(difference: f64) -> Zones {
    let (below, above) = (difference < 0.0, difference > 0.0);
    Zones::of([below, above], [above, below])
}

/// Where a value stands: for each side, whether the next value may turn to it, and whether this one does
/// where the one before may be turned from.
#[derive(Clone, Copy)]
pub(super) struct Zones(u64);

impl Zones {
    /// For BUY, and for SELL.
    #[inline(always)]
    pub fn of(buy: [bool; 2], sell: [bool; 2]) -> Self {
        Self(u64::from(buy[0]) | u64::from(buy[1]) << 1 | u64::from(sell[0]) << 2 | u64::from(sell[1]) << 3)
    }

    /// The side to which the next value turns.
    pub fn then(self, now: Self) -> Option<Side> {
        match self.0 & now.0 >> 1 & 0b101 {
            0 => None,
            turned => Some(side(turned & 1 == 1)),
        }
    }
}

fn side(buys: bool) -> Side {
    if buys { Side::Buy } else { Side::Sell }
}

/// How many values are asked at once whether any turns: a byte of a word for each.
const AT_ONCE: usize = 8;

/// Where a column turns, by the zones of its values: the index of the later one, and the side. Few do, so
/// that some are asked at once, without a branch for each.
pub(super) fn turns(column: &[f64], zones: impl Fn(f64) -> Zones) -> Vec<(usize, Side)> {
    let (mut turns, mut count, mut before) = (vec![(0, Side::Buy); column.len() / 8 + 2 * AT_ONCE], 0, 0);
    let mut take = |part: usize, now: u64| {
        let mut turned = (now << 8 | before) & now >> 1 & 0x0505_0505_0505_0505;
        before = now >> 56;
        if count + AT_ONCE > turns.len() {
            turns.resize(2 * turns.len(), (0, Side::Buy));
        }
        loop {
            let bit = turned.trailing_zeros() as usize;
            turns[count] = (part * AT_ONCE + bit / 8, side(bit & 7 == 0));
            count += usize::from(turned != 0);
            turned &= turned.wrapping_sub(1);
            if turned == 0 {
                break;
            }
        }
    };
    let (parts, rest) = column.as_chunks::<AT_ONCE>();
    for (part, values) in parts.iter().enumerate() {
        let word = |word: u64, lane: usize| word | zones(values[lane]).0 << (8 * lane);
        take(part, (0..AT_ONCE).fold(0, word));
    }
    let word = |word: u64, (lane, value): (usize, &f64)| word | zones(*value).0 << (8 * lane);
    take(parts.len(), rest.iter().enumerate().fold(0, word));
    turns.truncate(count);
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
            assert_eq!(turns(&column, around_zero), each.collect::<Vec<_>>());
        }
        assert_eq!(turns(&[f64::NAN, 1.0, -1.0], around_zero), [(2, Side::Sell)]);
    }
}
