//! Indicators: each a state that takes one candle at a time.
//!
//! - A **state**, [`Sma`] and the rest, has a `next` of its own that takes just what it reads.
//! - As an [`Indicator`] it takes whole candles: [`Indicator::feed`] one by one,
//!   [`Indicator::over`] a series at once. The batch feeds the same state, so both give the same
//!   bits.
//! - The [`catalogue`] has them all by name, with parameters, ranges and outputs, as text has
//!   them: `macd:12:26:9`.
//!
//! An **empty** value is `None`, and `NaN` in columns: the window is not full yet, or the value is
//! not defined. No value given out is infinite or `NaN` otherwise. Columns come back as long as
//! they went in. A period of 0 gives empty values only.
//!
//! The values are TA-Lib's, whose names and parameters the catalogue has too. Windows are summed
//! without ever subtracting, so that they do not drift; everything else that is smoothed says
//! from what seed. An update is amortised O(1), that of [`Cci`] O(window).
//!
//! Why not the crate `kand` (0.2.2): its steps for streaming hold no window, so that there is none
//! for the stochastic, MFI and z-score, and those for extremes cannot know when an extreme leaves;
//! its sums run, which leaves 4 % in a standard deviation after a spike; MFI and SAR are off by
//! 5 % and 1 % of TA-Lib's on hourly candles; it has fused multiplications throughout, which are
//! slow calls in WASM and on the plain x86-64. It is not for its speed that it is left out: in SMA,
//! ROC and others it is the faster.

mod adx;
mod atr;
mod bollinger;
pub mod catalogue;
mod cci;
mod donchian;
mod ema;
mod keltner;
mod macd;
mod mfi;
mod obv;
mod parabolic_sar;
mod roc;
mod rolling;
mod rsi;
mod sma;
mod stochastic;
mod strands;
mod supertrend;
mod total;
mod vwap;
mod wilder;
mod williams_r;
mod window;
mod wma;

pub use adx::{Adx, Directional};
pub use atr::{Atr, TrueRange};
pub use bollinger::Bollinger;
pub use cci::Cci;
pub use donchian::Donchian;
pub use ema::Ema;
pub use keltner::Keltner;
pub use macd::{Macd, MacdLines};
pub use mfi::Mfi;
pub use obv::Obv;
pub use parabolic_sar::ParabolicSar;
pub use roc::Roc;
pub use rolling::{Moments, Rolling, StandardDeviation, ZScore};
pub use rsi::Rsi;
pub use sma::Sma;
pub use stochastic::{Stochastic, StochasticLines};
pub use supertrend::{Supertrend, Trend};
pub use vwap::Vwap;
pub use williams_r::WilliamsR;
pub use wma::Wma;

use crate::{Candle, CandleSlice};

/// A state that takes one candle at a time and has `N` outputs, the main line first.
pub trait Indicator<const N: usize> {
    /// Takes the next closed candle; the outputs at its close.
    fn feed(&mut self, candle: &Candle) -> [Option<f64>; N];

    /// The outputs over a series, as columns.
    fn over(mut self, candles: CandleSlice<'_>) -> [Vec<f64>; N]
    where
        Self: Sized,
    {
        let mut columns: [Vec<f64>; N] = std::array::from_fn(|_| empty(candles));
        for (index, candle) in candles.iter().enumerate() {
            for (column, value) in columns.iter_mut().zip(self.feed(&candle)) {
                if let Some(value) = value.filter(|value| value.is_finite()) {
                    column[index] = value;
                }
            }
        }
        columns
    }
}

/// A line with one above and one below it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Band {
    /// The line in the middle.
    pub middle: f64,
    /// The upper line.
    pub upper: f64,
    /// The lower line.
    pub lower: f64,
}

impl Band {
    /// The outputs of an [`Indicator`]: middle, upper, lower.
    fn outputs(band: Option<Self>) -> [Option<f64>; 3] {
        band.map_or([None; 3], |band| [Some(band.middle), Some(band.upper), Some(band.lower)])
    }
}

/// A column without a value.
fn empty(candles: CandleSlice<'_>) -> Vec<f64> {
    vec![f64::NAN; candles.len()]
}

/// The lesser of two numbers, as one instruction everywhere; of equal ones the second.
#[inline]
pub(crate) fn lesser(one: f64, other: f64) -> f64 {
    if one < other { one } else { other }
}

/// The greater of two numbers, as one instruction everywhere; of equal ones the second.
#[inline]
pub(crate) fn greater(one: f64, other: f64) -> f64 {
    if one > other { one } else { other }
}

/// A number where a condition holds, else 0: without a branch, which for rises and falls would be
/// guessed wrong half the time.
#[inline]
fn only_if(condition: bool, number: f64) -> f64 {
    f64::from_bits(number.to_bits() & u64::from(condition).wrapping_neg())
}

/// How much of two typical prices their difference must be to count, TA-Lib's: less is the rounding
/// of [`typical_price`].
const LEAST_DIFFERENCE: f64 = 1e-14;

/// `(high + low + close) / 3`.
fn typical_price(candle: &Candle) -> f64 {
    (candle.high + candle.low + candle.close) / 3.0
}
