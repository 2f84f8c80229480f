//! True range and its average.
//!
//! J. Welles Wilder, "New Concepts in Technical Trading Systems" (1978); seeded as TA-Lib does.

use super::or_empty;

/// Average true range by Wilder's smoothing.
///
/// True range: `max(high, previous close) − min(low, previous close)`; the first candle has none.
/// Seed: the plain mean of the first `period` true ranges. Then
/// `atr = (atr · (period − 1) + true range) / period`.
#[derive(Clone, Debug)]
pub struct Atr {
    period: usize,
    previous_close: Option<f64>,
    /// True ranges in the seed so far.
    seeded: usize,
    /// Their sum until the seed is whole, then the average.
    value: f64,
}

impl Atr {
    /// An average over `period` true ranges, not seeded yet.
    #[must_use]
    pub fn new(period: usize) -> Self {
        Self { period, previous_close: None, seeded: 0, value: 0.0 }
    }

    /// Takes the next candle's prices; the average once `period` true ranges are known.
    pub fn next(&mut self, high: f64, low: f64, close: f64) -> Option<f64> {
        let previous_close = self.previous_close.replace(close)?;
        let range = range(high, low, previous_close);
        let period = self.period as f64;
        if self.seeded == self.period {
            if self.period == 0 {
                return None;
            }
            self.value = (self.value * (period - 1.0) + range) / period;
            return Some(self.value);
        }
        self.seeded += 1;
        self.value += range;
        if self.seeded < self.period {
            return None;
        }
        self.value /= period;
        Some(self.value)
    }
}

/// [`Atr`] over columns. First value at index `period`. Shorter columns cut the longer ones.
#[must_use]
pub fn atr(highs: &[f64], lows: &[f64], closes: &[f64], period: usize) -> Vec<f64> {
    let mut state = Atr::new(period);
    rows(highs, lows, closes).map(|(high, low, close)| or_empty(state.next(high, low, close))).collect()
}

/// True range over columns, TA-Lib's TRANGE. First value at index 1. Shorter columns cut the
/// longer ones.
#[must_use]
pub fn true_range(highs: &[f64], lows: &[f64], closes: &[f64]) -> Vec<f64> {
    let mut previous_close = None;
    rows(highs, lows, closes)
        .map(|(high, low, close)| or_empty(previous_close.replace(close).map(|previous| range(high, low, previous))))
        .collect()
}

fn range(high: f64, low: f64, previous_close: f64) -> f64 {
    high.max(previous_close) - low.min(previous_close)
}

fn rows<'a>(highs: &'a [f64], lows: &'a [f64], closes: &'a [f64]) -> impl Iterator<Item = (f64, f64, f64)> + 'a {
    highs.iter().zip(lows).zip(closes).map(|((high, low), close)| (*high, *low, *close))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wilders_average_by_hand() {
        let (highs, lows) = ([10.0, 12.0, 11.0, 15.0], [8.0, 9.0, 7.0, 12.0]);
        let closes = [9.0, 11.0, 8.0, 14.0];
        // True ranges: none, 12 − 9, 11 − 7, 15 − 8.
        assert_eq!(true_range(&highs, &lows, &closes)[1..], [3.0, 4.0, 7.0]);
        let average = atr(&highs, &lows, &closes, 2);
        assert!(average[0].is_nan() && average[1].is_nan());
        assert_eq!(average[2..], [3.5, (3.5 + 7.0) / 2.0]);
    }

    #[test]
    fn short_columns_and_odd_periods_are_harmless() {
        assert!(atr(&[], &[], &[], 14).is_empty());
        assert!(true_range(&[1.0], &[1.0], &[1.0])[0].is_nan());
        assert!(atr(&[1.0; 9], &[1.0; 9], &[1.0; 9], 0).iter().all(|x| x.is_nan()));
        assert_eq!(atr(&[2.0; 3], &[1.0; 3], &[1.0; 3], 1)[1..], [1.0, 1.0]);
    }
}
