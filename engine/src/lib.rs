//! Signalbox's trading maths: from candles to signals, and from signals to what became of them.
//!
//! Pure by design: no I/O, no clock, no async, and no randomness but from a seed. The same input gives
//! the same bits natively and in WebAssembly, which is why nothing here uses the platform's `ln`, `exp`
//! or fused multiply-add.
//!
//! Reading order: [`Candles`] come in, a [`Strategy`] makes a [`Proposal`] at the close of one of
//! them, [`outcome`] says what the later candles did to it, [`history`] does both over a whole
//! series, [`confidence`] turns settled signals into a measured rate, and [`backtest`] stakes money
//! on them. [`figures`] say what that came to, [`honesty`] whether to believe it, [`record`] what the
//! signals came to that were published. [`ledger`] is the record that nobody can quietly edit.
//! [`indicators`] are what rules are made of; [`guide`] writes one step by step.

pub mod backtest;
#[cfg(any(target_arch = "wasm32", test))]
mod big;
pub mod calibration;
pub mod candles;
pub mod confidence;
pub mod figures;
pub mod guide;
pub mod history;
pub mod honesty;
pub mod indicators;
pub mod ledger;
pub mod outcome;
pub mod parameter;
pub mod random;
pub mod reading;
pub mod record;
pub mod strategy;
pub mod sweep;
pub mod synthetic;
pub mod timeframe;
mod words;
pub mod writing;

pub use candles::{Candle, CandleSlice, Candles, Fault, ImportError};
pub use confidence::{Confidence, NoConfidence};
pub use history::{Entry, History};
pub use outcome::{OpenSignal, Outcome, Settlement, Terms, TermsError};
pub use strategy::{Decider, MeanReversion, Proposal, Side, Strategy};
pub use timeframe::{Timeframe, UnknownTimeframe};
