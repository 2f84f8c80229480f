//! A series, and what has been computed of it.

use std::cell::RefCell;
use std::rc::Rc;

use crate::CandleSlice;

/// How many values are kept at most, 8 bytes each: what does not fit is computed anew.
const MOST_VALUES: usize = 8_000_000;

/// A series with the columns that rules have computed of it: the next rule, or the same with other
/// parameters, finds those that it shares.
pub struct Columns<'a> {
    candles: CandleSlice<'a>,
    kept: RefCell<Vec<Kept>>,
}

#[derive(Clone)]
struct Kept {
    name: &'static str,
    period: usize,
    column: Rc<Vec<f64>>,
}

impl<'a> Columns<'a> {
    /// A series of which nothing has been computed.
    #[must_use]
    pub fn of(candles: CandleSlice<'a>) -> Self {
        Self { candles, kept: RefCell::default() }
    }

    /// The same series with what has been computed of it so far; what is computed from here on is
    /// forgotten with this, so that its memory can be had again while it is near.
    pub(super) fn apart(&self) -> Self {
        Self { candles: self.candles, kept: self.kept.clone() }
    }

    /// The series.
    #[must_use]
    pub fn candles(&self) -> CandleSlice<'a> {
        self.candles
    }

    /// The column of this name and period, by `make` if there is none yet. Whoever gives a name
    /// another meaning gets another's values: take that of the type that makes it.
    pub fn get(
        &self,
        name: &'static str,
        period: usize,
        make: impl FnOnce(CandleSlice<'a>) -> Vec<f64>,
    ) -> Rc<Vec<f64>> {
        let found = |kept: &&Kept| kept.name == name && kept.period == period;
        if let Some(kept) = self.kept.borrow().iter().find(found) {
            return Rc::clone(&kept.column);
        }
        let column = Rc::new(make(self.candles));
        let mut kept = self.kept.borrow_mut();
        if (kept.len() + 1).saturating_mul(self.candles.len()) <= MOST_VALUES {
            kept.push(Kept { name, period, column: Rc::clone(&column) });
        }
        column
    }
}
