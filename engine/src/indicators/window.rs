//! Sliding windows without subtraction.
//!
//! A window is the end of the last full block of `period` values, whose suffixes are kept, joined
//! with the beginning of the current block. Nothing that was added is ever taken away again, so a
//! huge value leaves no rounding behind once it is out of the window, and nothing drifts however
//! long the series. An update is amortised O(1): one joining for the new value, one for its
//! suffix when the block is full, one for the answer.

use std::ops;

use crate::CandleSlice;

/// What is known of a run of neighbouring values, and can be joined with what is known of the run
/// after it. Joining is associative but for rounding.
pub(super) trait Run: Copy {
    /// What joining takes from how long the two runs are. It is the same at the same place of every
    /// block, so that it is computed once.
    type Lengths: Copy;

    /// That of a run of `earlier` values and one of `later` after it.
    fn lengths(earlier: f64, later: f64) -> Self::Lengths;

    /// What is known of both runs together.
    fn join(self, later: Self, lengths: Self::Lengths) -> Self;

    /// The same where the earlier run is one value.
    #[inline]
    fn prepend(self, value: Self, lengths: Self::Lengths) -> Self {
        value.join(self, lengths)
    }
}

/// The [`Run`] of the last `period` values.
#[derive(Clone, Debug)]
pub(super) struct Window<R: Run> {
    period: usize,
    /// The current block's values, as runs of one, up to `filled`; after them the suffixes of the
    /// block before. The values become suffixes when the block is full.
    cells: Vec<R>,
    /// By how many values the current block has before the next: what joining that takes.
    joins: Vec<Joins<R::Lengths>>,
    /// How many values the current block has.
    filled: usize,
    /// All of the current block's values joined.
    current: Option<R>,
}

/// What the three joinings at a place of a block take.
#[derive(Clone, Copy, Debug)]
struct Joins<L> {
    /// The block's values before it, and the value.
    append: L,
    /// A value, and as many after it as come before this place.
    prepend: L,
    /// The rest of the block before, and this block with the value.
    answer: L,
}

impl<R: Run> Window<R> {
    /// An empty window of `period` values. Memory is taken as it fills.
    pub(super) fn new(period: usize) -> Self {
        Self { period, cells: Vec::new(), joins: Vec::new(), filled: 0, current: None }
    }

    /// Takes the next value, as a run of one; the run of the last `period` once there are as many.
    #[inline]
    pub(super) fn next(&mut self, value: R) -> Option<R> {
        let place = self.filled;
        match self.cells.get_mut(place) {
            Some(cell) => *cell = value,
            None if self.period == 0 => return None,
            None => self.grow(value),
        }
        let joins = *self.joins.get(place)?;
        let current = self.current.map_or(value, |current| current.join(value, joins.append));
        self.filled += 1;
        if self.filled == self.period {
            self.turn();
            return Some(current);
        }
        self.current = Some(current);
        Some(self.cells.get(self.filled)?.join(current, joins.answer))
    }

    /// Takes `count` values, of which `values` gives any part, and gives what `answer` makes of the runs that
    /// [`Window::next`] would give, some at a time with the index of the first of them. Whole blocks
    /// go through without asking at each value where in its block it is.
    #[inline]
    pub(super) fn over<V, A: Copy>(
        &mut self,
        count: usize,
        values: impl Fn(ops::Range<usize>) -> V,
        answer: impl Fn(R) -> A,
        mut take: impl FnMut(usize, &[A]),
    ) where
        V: DoubleEndedIterator<Item = R> + ExactSizeIterator,
    {
        let (mut index, mut answers, mut suffixes) = (0, Vec::new(), Vec::new());
        while index < count {
            let begins = self.filled == 0 && !self.cells.is_empty();
            if begins && self.period > 1 && count - index >= self.period {
                let part = index..index + self.period;
                answers.resize(self.period, answer(self.cells[0]));
                suffixes.resize(self.period, self.cells[0]);
                self.block(values(part.clone()), values(part).rev(), &answer, &mut answers, &mut suffixes);
                take(index, &answers);
                std::mem::swap(&mut self.cells, &mut suffixes);
                index += self.period;
                continue;
            }
            for value in values(index..index + 1) {
                if let Some(run) = self.next(value) {
                    take(index, &[answer(run)]);
                }
            }
            index += 1;
        }
    }

    /// As [`Window::over`], with a number for each run and what becomes of it, as a column; empty before the first.
    #[inline]
    pub(super) fn column<V>(
        &mut self,
        count: usize,
        values: impl Fn(ops::Range<usize>) -> V,
        answer: impl Fn(R) -> f64,
        finish: impl Fn(f64) -> f64,
    ) -> Vec<f64>
    where
        V: DoubleEndedIterator<Item = R> + ExactSizeIterator,
    {
        let mut column = Vec::with_capacity(count);
        self.over(count, values, answer, |from, answers| {
            column.resize(from, f64::NAN);
            column.extend(answers.iter().map(|answer| finish(*answer)));
        });
        column.resize(count, f64::NAN);
        column
    }

    /// Takes as many values as a block has, two or more, at the beginning of one that is not the
    /// first. Its suffixes are made from its end while its beginnings are joined from its start:
    /// two sums that wait for their own rounding only.
    #[inline]
    fn block<A>(
        &self,
        mut values: impl ExactSizeIterator<Item = R>,
        mut backwards: impl ExactSizeIterator<Item = R>,
        answer: impl Fn(R) -> A,
        answers: &mut [A],
        suffixes: &mut [R],
    ) {
        let (Some(mut current), Some(mut suffix)) = (values.next(), backwards.next()) else {
            return;
        };
        let last = self.period - 1;
        answers[0] = answer(self.cells[1].join(current, self.joins[0].answer));
        suffixes[last] = suffix;
        let rests = self.joins[1..last].iter().zip(&self.cells[2..]);
        let places = rests.zip(answers[1..last].iter_mut()).zip(suffixes[1..last].iter_mut().rev());
        let both = values.by_ref().zip(backwards.by_ref());
        for ((((joins, rest), whole), longer), (value, before)) in places.zip(both) {
            current = current.join(value, joins.append);
            *whole = answer(rest.join(current, joins.answer));
            suffix = suffix.prepend(before, joins.prepend);
            *longer = suffix;
        }
        let (Some(value), Some(before)) = (values.next(), backwards.next()) else {
            return;
        };
        answers[last] = answer(current.join(value, self.joins[last].append));
        suffixes[0] = suffix.prepend(before, self.joins[last].prepend);
    }

    /// A place more in the block, in the first one.
    #[cold]
    fn grow(&mut self, value: R) {
        let (before, rest) = (self.cells.len() as f64, (self.period - self.cells.len() - 1) as f64);
        self.cells.push(value);
        self.joins.push(Joins {
            append: R::lengths(before, 1.0),
            prepend: R::lengths(1.0, before),
            answer: R::lengths(rest, before + 1.0),
        });
    }

    /// Turns the full block's values into suffixes and begins the next block.
    #[inline]
    fn turn(&mut self) {
        let mut suffix: Option<R> = None;
        for (cell, joins) in self.cells.iter_mut().rev().zip(&self.joins) {
            let longer = suffix.map_or(*cell, |suffix: R| suffix.prepend(*cell, joins.prepend));
            *cell = longer;
            suffix = Some(longer);
        }
        self.filled = 0;
        self.current = None;
    }
}

/// A sum.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sum(pub(super) f64);

impl Run for Sum {
    type Lengths = ();

    fn lengths(_: f64, _: f64) {}

    #[inline]
    fn join(self, later: Self, (): ()) -> Self {
        Self(self.0 + later.0)
    }
}

/// The highest and the lowest.
#[derive(Clone, Copy, Debug)]
pub(super) struct Range {
    pub(super) high: f64,
    pub(super) low: f64,
}

impl Range {
    /// Those of a part of a series' candles.
    pub(super) fn of(
        candles: CandleSlice<'_>,
        part: ops::Range<usize>,
    ) -> impl DoubleEndedIterator<Item = Self> + ExactSizeIterator {
        let lows = &candles.lows()[part.clone()];
        candles.highs()[part].iter().zip(lows).map(|(high, low)| Self { high: *high, low: *low })
    }
}

impl Run for Range {
    type Lengths = ();

    fn lengths(_: f64, _: f64) {}

    #[inline]
    fn join(self, later: Self, (): ()) -> Self {
        Self {
            high: if later.high > self.high { later.high } else { self.high },
            low: if later.low < self.low { later.low } else { self.low },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_window_is_the_join_of_its_values(
            values in prop::collection::vec(-1000i32..1000, 0..200),
            period in 1usize..40,
        ) {
            let (mut sums, mut ranges) = (Window::new(period), Window::new(period));
            for (index, value) in values.iter().enumerate() {
                let x = f64::from(*value);
                let sum = sums.next(Sum(x)).map(|sum| sum.0);
                let range = ranges.next(Range { high: x, low: x }).map(|range| (range.high, range.low));
                let window = (index + 1).checked_sub(period).map(|start| &values[start..=index]);
                // Whole numbers: every order of adding gives the same bits.
                prop_assert_eq!(sum, window.map(|window| f64::from(window.iter().sum::<i32>())));
                let extremes = |window: &[i32]| (window.iter().max().copied(), window.iter().min().copied());
                let expected = window.map(extremes).map(|(high, low)| (high.unwrap().into(), low.unwrap().into()));
                prop_assert_eq!(range, expected);
            }
        }
    }

    #[test]
    fn odd_periods_are_harmless() {
        assert!((0..5).all(|_| Window::new(0).next(Sum(1.0)).is_none()));
        let mut endless = Window::new(usize::MAX);
        assert!((0..5).all(|_| endless.next(Sum(1.0)).is_none()));
        assert_eq!(Window::new(1).next(Sum(7.0)).map(|sum| sum.0), Some(7.0));
    }
}
