//! What each month brought.

use serde::Serialize;

use super::definition::figures;
use super::market::Market;
use super::statistics::{mean, ratio};

figures! {
    /// Figures of the monthly returns: the equity at a month's last close over that of the month
    /// before, months by UTC. The first month begins with the initial equity.
    pub struct Months {
        /// How many months have candles.
        months: usize = Count, "Signalbox";
        /// The share of months that gained.
        winning_months: Option<f64> = Fraction, "Signalbox";
        /// The best monthly return.
        best_month: Option<f64> = Fraction, "Signalbox";
        /// The worst monthly return.
        worst_month: Option<f64> = Fraction, "Signalbox";
        /// The mean monthly return.
        average_month: Option<f64> = Fraction, "Signalbox";
    }
}

/// A month's return.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Month {
    /// The year.
    pub year: i32,
    /// The month, from 1.
    pub month: u8,
    /// What it brought; `None` after a ruin.
    pub value: Option<f64>,
}

/// The months of a series, in order; a month without candles is left out.
pub(super) fn table(initial: f64, equity: &[f64], market: &Market) -> Vec<Month> {
    let mut before = initial;
    let of = |(year, month, end): &(i32, u8, usize)| {
        let close = *equity.get(*end)?;
        let value = ratio(close, std::mem::replace(&mut before, close)).map(|ratio| ratio - 1.0);
        Some(Month { year: *year, month: *month, value })
    };
    market.months.iter().filter_map(of).collect()
}

impl Months {
    pub(super) fn of(table: &[Month]) -> Self {
        let values: Vec<f64> = table.iter().filter_map(|month| month.value).collect();
        Self {
            months: table.len(),
            winning_months: ratio(values.iter().filter(|x| **x > 0.0).count() as f64, values.len() as f64),
            best_month: values.iter().copied().reduce(f64::max),
            worst_month: values.iter().copied().reduce(f64::min),
            average_month: mean(&values),
        }
    }
}
