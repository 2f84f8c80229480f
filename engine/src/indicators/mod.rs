//! Indicators: each as a state that takes one candle at a time, and as a function over columns
//! that feeds that same state, so that both give the same bits.
//!
//! An **empty** value is `NaN`: the window is not full yet, or the value is not defined. Columns
//! come back as long as they went in. A period of 0 gives empty values only.

mod atr;
mod rolling;

pub use atr::{Atr, atr, true_range};
pub use rolling::{Moments, Rolling, mean, standard_deviation, z_score};

/// The value, or the empty one.
fn or_empty(value: Option<f64>) -> f64 {
    value.unwrap_or(f64::NAN)
}
