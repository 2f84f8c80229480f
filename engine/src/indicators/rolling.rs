//! Mean, population standard deviation and z-score over a sliding window.
//!
//! A constant series has a deviation of exactly 0, and a small spread on huge values survives.
//!
//! Joining is by Chan, Golub and LeVeque, "Updating Formulae and a Pairwise Algorithm for
//! Computing Sample Variances" (1979).

use std::ops::Range;

use super::window::{Run, Window};
use super::{Indicator, empty};
use crate::{Candle, CandleSlice};

/// Count, mean and spread of some values.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Moments {
    count: f64,
    mean: f64,
    /// Sum of squared distances from the mean.
    squares: f64,
}

impl Moments {
    /// Arithmetic mean: `Σx / n`.
    #[must_use]
    pub fn mean(self) -> f64 {
        self.mean
    }

    /// Population standard deviation: `√(Σ(x − mean)² / n)`, TA-Lib's STDDEV. Never negative.
    #[must_use]
    pub fn standard_deviation(self) -> f64 {
        (self.squares / self.count).sqrt()
    }

    /// How many standard deviations `x` lies above the mean. `None` where that is not defined,
    /// as in a window of equal values.
    #[must_use]
    pub fn z_score(self, x: f64) -> Option<f64> {
        let z = (x - self.mean) / self.standard_deviation();
        z.is_finite().then_some(z)
    }
}

/// Mean and spread of a run of values.
#[derive(Clone, Copy, Debug)]
struct Spread {
    mean: f64,
    /// Sum of squared distances from the mean.
    squares: f64,
}

impl Spread {
    #[inline]
    fn of(x: f64) -> Self {
        Self { mean: x, squares: 0.0 }
    }
}

impl Run for Spread {
    /// The later run's share of the values, and the weight of the distance between the means.
    type Lengths = (f64, f64);

    fn lengths(earlier: f64, later: f64) -> (f64, f64) {
        let count = earlier + later;
        (later / count, earlier * later / count)
    }

    #[inline]
    fn join(self, later: Self, (share, weight): (f64, f64)) -> Self {
        let distance = later.mean - self.mean;
        Self {
            mean: self.mean + distance * share,
            squares: self.squares + later.squares + distance * distance * weight,
        }
    }

    // A value has no squares, so that there is nothing to add to the later run's: the same bits.
    #[inline]
    fn prepend(self, value: Self, (share, weight): (f64, f64)) -> Self {
        let distance = self.mean - value.mean;
        Self { mean: value.mean + distance * share, squares: self.squares + distance * distance * weight }
    }
}

/// The [`Moments`] of the last `period` values.
#[derive(Clone, Debug)]
pub struct Rolling {
    window: Window<Spread>,
    period: f64,
}

impl Rolling {
    /// An empty window of `period` values.
    #[must_use]
    pub fn new(period: usize) -> Self {
        Self { window: Window::new(period), period: period as f64 }
    }

    /// Takes the next value; the moments of the last `period` once there are as many.
    #[inline]
    pub fn next(&mut self, x: f64) -> Option<Moments> {
        let Spread { mean, squares } = self.window.next(Spread::of(x))?;
        Some(Moments { count: self.period, mean, squares })
    }

    /// Takes all closes of a series: the mean of the last `period` at each, and the standard deviation.
    pub(super) fn over(&mut self, candles: CandleSlice<'_>) -> [Vec<f64>; 2] {
        let (closes, mut means, mut deviations) = (candles.closes(), empty(candles), empty(candles));
        let spreads = |part: Range<usize>| closes[part].iter().map(|close| Spread::of(*close));
        self.window.over(
            closes.len(),
            spreads,
            |spread| spread,
            |from, spreads| {
                let columns = means[from..].iter_mut().zip(&mut deviations[from..]);
                for ((mean, deviation), spread) in columns.zip(spreads) {
                    *mean = spread.mean;
                    *deviation = (spread.squares / self.period).sqrt();
                }
            },
        );
        [means, deviations]
    }
}

impl Rolling {
    /// As [`Rolling::over`], with [`Moments::z_score`] for the deviation.
    pub(crate) fn z_scores(&mut self, candles: CandleSlice<'_>) -> [Vec<f64>; 2] {
        let [means, mut column] = self.over(candles);
        for ((deviation, mean), close) in column.iter_mut().zip(&means).zip(candles.closes()) {
            let z = (close - mean) / *deviation;
            *deviation = if z.is_finite() { z } else { f64::NAN };
        }
        [means, column]
    }
}

/// Population standard deviation of the last `period` values, times `deviations`; TA-Lib's STDDEV;
/// of closes. First value at index `period − 1`.
#[derive(Clone, Debug)]
pub struct StandardDeviation {
    window: Rolling,
    deviations: f64,
}

impl StandardDeviation {
    /// An empty window of `period` values.
    #[must_use]
    pub fn new(period: usize, deviations: f64) -> Self {
        Self { window: Rolling::new(period), deviations }
    }

    /// Takes the next value; the deviation of the last `period` once there are as many.
    #[inline]
    pub fn next(&mut self, x: f64) -> Option<f64> {
        Some(self.window.next(x)?.standard_deviation() * self.deviations)
    }
}

impl Indicator<1> for StandardDeviation {
    #[inline]
    fn feed(&mut self, candle: &Candle) -> [Option<f64>; 1] {
        [self.next(candle.close)]
    }

    fn over(mut self, candles: CandleSlice<'_>) -> [Vec<f64>; 1] {
        let closes = candles.closes();
        let spreads = |part: Range<usize>| closes[part].iter().map(|close| Spread::of(*close));
        let Rolling { window, period } = &mut self.window;
        let deviation = |squares: f64| (squares / *period).sqrt() * self.deviations;
        [window.column(closes.len(), spreads, |spread| spread.squares, deviation)]
    }
}

/// `(x − mean) / standard deviation` of the last `period` values, `x` among them: the distance in
/// which Bollinger's bands are drawn; of closes. First value at index `period − 1`; empty while
/// all values in the window are equal. Its size is at most `√(period − 1)`.
#[derive(Clone, Debug)]
pub struct ZScore(Rolling);

impl ZScore {
    /// An empty window of `period` values.
    #[must_use]
    pub fn new(period: usize) -> Self {
        Self(Rolling::new(period))
    }

    /// Takes the next value; its distance from the mean of the last `period` once there are as
    /// many.
    #[inline]
    pub fn next(&mut self, x: f64) -> Option<f64> {
        self.0.next(x)?.z_score(x)
    }
}

impl Indicator<1> for ZScore {
    #[inline]
    fn feed(&mut self, candle: &Candle) -> [Option<f64>; 1] {
        [self.next(candle.close)]
    }

    fn over(mut self, candles: CandleSlice<'_>) -> [Vec<f64>; 1] {
        let [_, z_scores] = self.0.z_scores(candles);
        [z_scores]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn each(values: &[f64], period: usize, of: impl Fn(Moments, f64) -> Option<f64>) -> Vec<f64> {
        let mut window = Rolling::new(period);
        let next = |x: &f64| window.next(*x).and_then(|moments| of(moments, *x)).unwrap_or(f64::NAN);
        values.iter().map(next).collect()
    }

    fn mean(values: &[f64], period: usize) -> Vec<f64> {
        each(values, period, |moments, _| Some(moments.mean()))
    }

    fn standard_deviation(values: &[f64], period: usize) -> Vec<f64> {
        each(values, period, |moments, _| Some(moments.standard_deviation()))
    }

    fn z_score(values: &[f64], period: usize) -> Vec<f64> {
        each(values, period, Moments::z_score)
    }

    /// Two passes over one window, the textbook's way.
    fn directly(window: &[f64]) -> (f64, f64) {
        let count = window.len() as f64;
        let first = window[0];
        let mean = first + window.iter().map(|x| x - first).sum::<f64>() / count;
        let squares = window.iter().map(|x| (x - mean).powi(2)).sum::<f64>();
        (mean, (squares / count).sqrt())
    }

    proptest! {
        #[test]
        fn every_window_equals_its_direct_sum(
            values in prop::collection::vec(prop_oneof![-1e3..1e3, 3.9e13..4.1e13, Just(0.0)], 0..120),
            period in 1usize..40,
        ) {
            let (means, deviations) = (mean(&values, period), standard_deviation(&values, period));
            prop_assert_eq!(means.len(), values.len());
            for index in 0..values.len() {
                let Some(start) = (index + 1).checked_sub(period) else {
                    prop_assert!(means[index].is_nan() && deviations[index].is_nan());
                    continue;
                };
                let window = &values[start..=index];
                let size = window.iter().fold(1e-9, |size: f64, x| size.max(x.abs()));
                let (mean, deviation) = directly(window);
                prop_assert!((means[index] - mean).abs() <= 1e-13 * size);
                prop_assert!((deviations[index] - deviation).abs() <= 1e-12 * size);
            }
        }

        #[test]
        fn small_spreads_on_huge_values_survive(values in prop::collection::vec(0u32..100, 20..80)) {
            let shifted: Vec<f64> = values.iter().map(|x| 4e13 + f64::from(*x)).collect();
            let plain: Vec<f64> = values.iter().map(|x| f64::from(*x)).collect();
            let pairs = standard_deviation(&shifted, 20).into_iter().zip(standard_deviation(&plain, 20));
            for (big, small) in pairs.skip(19) {
                // 4e13 leaves 2^-8 as the last bit of a value, and so of the mean.
                prop_assert!((big - small).abs() <= 0.02, "{} {}", big, small);
            }
        }
    }

    #[test]
    fn a_spike_leaves_nothing_behind() {
        let mut values = vec![1.0, 2.0, 3.0, 1e18, 4.0];
        values.extend([1.0, 2.0, 3.0, 4.0, 1.0, 2.0, 3.0, 4.0]);
        let deviations = standard_deviation(&values, 4);
        for deviation in &deviations[8..] {
            assert!((deviation - 1.25_f64.sqrt()).abs() < 1e-15);
        }
    }

    #[test]
    fn equal_values_have_no_spread_and_no_z_score() {
        let values = [0.1; 50];
        assert!(standard_deviation(&values, 7)[6..].iter().all(|x| *x == 0.0));
        assert!(mean(&values, 7)[6..].iter().all(|x| *x == 0.1));
        assert!(z_score(&values, 7).iter().all(|x| x.is_nan()));
    }

    #[test]
    fn odd_periods_are_harmless() {
        assert!(mean(&[], 5).is_empty());
        assert!(mean(&[1.0, 2.0], 0).iter().all(|x| x.is_nan()));
        assert!(mean(&[1.0, 2.0], usize::MAX).iter().all(|x| x.is_nan()));
        assert_eq!(mean(&[1.0, 2.0], 1), [1.0, 2.0]);
    }
}
