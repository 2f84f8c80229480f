//! What figures need of the candles alone.

use time::OffsetDateTime;

use super::drawdown;
use super::statistics::{larger, ln_each};
use crate::{CandleSlice, Timeframe};

/// What figures need of a series, whatever is run on it: made once, it serves every run.
#[derive(Clone, Debug, PartialEq)]
pub struct Market {
    /// The logarithm of each close over the one before.
    pub(super) returns: Vec<f64>,
    /// The deepest drawdown of the closes.
    pub(super) max_drawdown: f64,
    /// The last candle of each day.
    pub(super) days: Vec<usize>,
    /// How many days with candles a year has.
    pub(super) days_a_year: f64,
    /// Each year and month, and its last candle.
    pub(super) months: Vec<(i32, u8, usize)>,
}

impl Market {
    /// That of a series.
    #[must_use]
    pub fn of(candles: CandleSlice<'_>) -> Self {
        let times = candles.open_times();
        let (ends, on_weekends) = days(times);
        let share = on_weekends as f64 / times.len() as f64;
        Self {
            returns: returns(candles.closes()),
            max_drawdown: drawdown::depths(candles.closes()).fold(0.0, larger),
            months: months(times, &ends),
            days: ends,
            days_a_year: if share > 2.0 / 7.0 * 0.6 { 365.0 } else { 252.0 },
        }
    }
}

/// The last candle of each day, and how many candles are of Saturdays and Sundays.
fn days(times: &[i64]) -> (Vec<usize>, usize) {
    let (mut ends, mut on_weekends, mut from) = (Vec::new(), 0, 0);
    while let Some(first) = times.get(from) {
        let day = first.div_euclid(Timeframe::Day.seconds());
        let midnight = (day + 1) * Timeframe::Day.seconds();
        let count = times[from..].iter().take_while(|time| **time < midnight).count();
        // 1 January 1970 was a Thursday.
        if (day + 3).rem_euclid(7) > 4 {
            on_weekends += count;
        }
        from += count;
        ends.push(from - 1);
    }
    (ends, on_weekends)
}

/// The logarithm of each value over the one before.
pub(super) fn returns(values: &[f64]) -> Vec<f64> {
    let mut returns: Vec<f64> = values.windows(2).map(|pair| pair[1] / pair[0]).collect();
    ln_each(&mut returns);
    returns
}

/// The months of days that end with these candles.
fn months(times: &[i64], ends: &[usize]) -> Vec<(i32, u8, usize)> {
    let mut months: Vec<(i32, u8, usize)> = Vec::new();
    for end in ends {
        let Ok(at) = OffsetDateTime::from_unix_timestamp(times[*end]) else {
            continue;
        };
        let month = (at.year(), u8::from(at.month()));
        match months.last_mut() {
            Some(last) if (last.0, last.1) == month => last.2 = *end,
            _ => months.push((month.0, month.1, *end)),
        }
    }
    months
}
