//! Sliding windows without subtraction.
//!
//! A window is the end of the last full block of `period` values, whose suffixes are kept, joined
//! with the beginning of the current block. Nothing that was added is ever taken away again, so a
//! huge value leaves no rounding behind once it is out of the window, and nothing drifts however
//! long the series. An update is amortised O(1): one joining for the new value, one for its
//! suffix when the block is full, one for the answer.

/// What is known of a run of neighbouring values, and can be joined with what is known of the run
/// after it. Joining is associative but for rounding.
pub(super) trait Run: Copy {
    /// What is known of both runs together.
    fn join(self, later: Self) -> Self;
}

/// The [`Run`] of the last `period` values.
#[derive(Clone, Debug)]
pub(super) struct Window<R> {
    period: usize,
    /// The current block's values, as runs of one, up to `filled`; after them the suffixes of the
    /// block before. The values become suffixes when the block is full.
    cells: Vec<R>,
    /// How many values the current block has.
    filled: usize,
    /// All of the current block's values joined.
    current: Option<R>,
}

impl<R: Run> Window<R> {
    /// An empty window of `period` values. Memory is taken as it fills.
    pub(super) fn new(period: usize) -> Self {
        Self { period, cells: Vec::new(), filled: 0, current: None }
    }

    /// Takes the next value, as a run of one; the run of the last `period` once there are as many.
    #[inline]
    pub(super) fn next(&mut self, value: R) -> Option<R> {
        let current = self.current.map_or(value, |current| current.join(value));
        if let Some(cell) = self.cells.get_mut(self.filled) {
            *cell = value;
        } else if self.period == 0 {
            return None;
        } else {
            self.cells.push(value);
        }
        self.filled += 1;
        if self.filled == self.period {
            self.turn();
            return Some(current);
        }
        self.current = Some(current);
        Some(self.cells.get(self.filled)?.join(current))
    }

    /// Turns the full block's values into suffixes and begins the next block.
    #[inline]
    fn turn(&mut self) {
        let mut suffix: Option<R> = None;
        for cell in self.cells.iter_mut().rev() {
            let longer = suffix.map_or(*cell, |suffix| cell.join(suffix));
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
    #[inline]
    fn join(self, later: Self) -> Self {
        Self(self.0 + later.0)
    }
}

/// The highest and the lowest.
#[derive(Clone, Copy, Debug)]
pub(super) struct Range {
    pub(super) high: f64,
    pub(super) low: f64,
}

impl Run for Range {
    #[inline]
    fn join(self, later: Self) -> Self {
        Self { high: self.high.max(later.high), low: self.low.min(later.low) }
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
