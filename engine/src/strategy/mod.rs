//! Rules that propose signals.
//!
//! A strategy is a named, versioned value with parameters. It decides at the close of a candle,
//! from that candle and the ones before it. [`Strategy::start`] gives the one implementation of
//! the rule, a state that takes one candle at a time; [`Strategy::decide`] and
//! [`Strategy::decide_all`] feed it, so that live and history cannot differ.

mod mean_reversion;
mod proposal;
mod words;

pub use crate::parameter::{Kind, Parameter, ParameterError};
pub use mean_reversion::{MeanReversion, MeanReversionParameters};
pub use proposal::{Proposal, Side, UnknownSide};

use crate::{Candle, CandleSlice, Timeframe};

/// A named, versioned rule with its parameters set.
pub trait Strategy: Send + Sync {
    /// Its stable name, as in `mean-reversion`.
    fn name(&self) -> &'static str;

    /// Raised by one whenever the same candles and parameters may give other proposals.
    fn version(&self) -> u32;

    /// Its parameters: values, defaults and ranges.
    fn parameters(&self) -> Vec<Parameter>;

    /// How many candles it needs before it can propose anything, the deciding one among them.
    fn warm_up(&self) -> usize;

    /// The rule at the beginning of a series.
    fn start(&self, timeframe: Timeframe) -> Box<dyn Decider>;

    /// What the rule says at the close of the last candle given, having seen all of them.
    fn decide(&self, candles: CandleSlice<'_>) -> Option<Proposal> {
        let mut decider = self.start(candles.timeframe());
        candles.iter().fold(None, |_, candle| decider.next(&candle))
    }

    /// Everything the rule says over a series, with the index of the deciding candle; one pass.
    fn decide_all(&self, candles: CandleSlice<'_>) -> Vec<(usize, Proposal)> {
        let mut decider = self.start(candles.timeframe());
        candles.iter().enumerate().filter_map(|(index, candle)| Some((index, decider.next(&candle)?))).collect()
    }
}

/// A [`Strategy`] on its way through one series.
pub trait Decider: Send {
    /// Takes the next closed candle and decides at its close.
    fn next(&mut self, candle: &Candle) -> Option<Proposal>;
}

/// Every strategy there is, with its default parameters.
#[must_use]
pub fn all() -> Vec<Box<dyn Strategy>> {
    vec![Box::new(MeanReversion::default())]
}

/// The strategy of this name, with its default parameters.
#[must_use]
pub fn named(name: &str) -> Option<Box<dyn Strategy>> {
    all().into_iter().find(|strategy| strategy.name() == name)
}
