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

/// Where a column turns, by the zones of its values: the index of the later one, and the side.
pub(super) fn turns<T>(column: &[T], zones: impl Fn(&T) -> Zones) -> Vec<(usize, Side)> {
    let (parts, rest) = column.as_chunks::<AT_ONCE>();
    let mut turns = Turns::over(column.len());
    for values in parts {
        turns.take((0..AT_ONCE).fold(0, |word, lane| word | zones(&values[lane]).0 << (8 * lane)));
    }
    turns.take(rest.iter().rev().fold(0, |word, value| word << 8 | zones(value).0));
    turns.found()
}

/// Where a line crosses another: the [`turns`] of their difference.
pub(super) fn crosses(line: &[f64], other: &[f64]) -> Vec<(usize, Side)> {
    let ((parts, rest), (others, other_rest)) = (line.as_chunks::<AT_ONCE>(), other.as_chunks::<AT_ONCE>());
    let mut turns = Turns::over(line.len());
    for (values, others) in parts.iter().zip(others) {
        let zones = |lane: usize| around_zero(values[lane] - others[lane]).0;
        turns.take((0..AT_ONCE).fold(0, |word, lane| word | zones(lane) << (8 * lane)));
    }
    let zones = rest.iter().zip(other_rest).map(|(value, other)| around_zero(value - other).0);
    turns.take(zones.rev().fold(0, |word, zones| word << 8 | zones));
    turns.found()
}

/// Turns on the way through a column. Few values turn, so that some are asked at once, without a branch for
/// each, and hardly one for those that do.
struct Turns {
    /// The first `count` of these; the others are room.
    found: Vec<(usize, Side)>,
    count: usize,
    /// How many values were asked.
    asked: usize,
    /// The zones of the last one.
    before: u64,
}

impl Turns {
    fn over(values: usize) -> Self {
        let room = values / AT_ONCE + 2 * AT_ONCE;
        Self { found: vec![(0, Side::Buy); room], count: 0, asked: 0, before: 0 }
    }

    /// Takes the zones of the next values, the first in the lowest byte.
    fn take(&mut self, now: u64) {
        let mut turned = (now << 8 | self.before) & now >> 1 & 0x0505_0505_0505_0505;
        if self.count + AT_ONCE > self.found.len() {
            self.found.resize(2 * self.found.len(), (0, Side::Buy));
        }
        loop {
            let bit = turned.trailing_zeros() as usize;
            self.found[self.count] = (self.asked + bit / 8, side(bit & 7 == 0));
            self.count += usize::from(turned != 0);
            turned &= turned.wrapping_sub(1);
            if turned == 0 {
                break;
            }
        }
        (self.asked, self.before) = (self.asked + AT_ONCE, now >> 56);
    }

    fn found(mut self) -> Vec<(usize, Side)> {
        self.found.truncate(self.count);
        self.found
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

    #[test]
    fn a_column_turns_where_its_values_do_one_by_one() {
        for length in 0..40_u32 {
            let column: Vec<f64> =
                (0..length).map(|i| f64::from(i.wrapping_mul(2_654_435_761) >> 8) % 3.0 - 1.0).collect();
            let mut cross = Cross::default();
            let each = column.iter().enumerate().filter_map(|(index, x)| Some((index, cross.next(*x)?)));
            let each: Vec<_> = each.collect();
            assert_eq!(turns(&column, |value| around_zero(*value)), each);
            assert_eq!(crosses(&column, &vec![0.0; column.len()]), each);
        }
        assert_eq!(crosses(&[f64::NAN, 1.0, -1.0], &[0.0; 3]), [(2, Side::Sell)]);
        let every: Vec<f64> = (0..99).map(|i| f64::from(i % 2) - 0.5).collect();
        assert_eq!(crosses(&every, &[0.0; 99]).len(), 98);
    }
}
