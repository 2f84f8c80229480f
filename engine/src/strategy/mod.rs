//! Rules that propose signals.
//!
//! A strategy is a named, versioned value with parameters. It decides at the close of a candle,
//! from that candle and the ones before it. [`Strategy::start`] gives the one implementation of
//! the rule, a state that takes one candle at a time; [`Strategy::decide`] and
//! [`Strategy::decide_all`] feed it, so that live and history cannot differ. [`Strategy::bets`] gives
//! the same over a whole series, column by column where a rule knows how; `tests/strategies.rs` holds
//! the two together, bit for bit.
//!
//! To write one, implement [`Rule`]; the [guide](crate::guide) does it step by step.

mod average_cross;
mod bet;
mod columns;
mod cross;
mod donchian_breakout;
mod ensemble;
mod macd;
mod mean_reversion;
mod proposal;
mod rsi_reversal;
mod rule;
mod supertrend;

pub use crate::parameter::{Kind, Parameter, ParameterError, SettingError};
pub use average_cross::{AverageCrossParameters, EmaCross, SmaCross};
pub use bet::{Bet, Bookmaker};
pub use columns::Columns;
pub use cross::Cross;
pub use donchian_breakout::{DonchianBreakout, DonchianBreakoutParameters};
pub use ensemble::{Ensemble, EnsembleParameters};
pub use macd::{Macd, MacdParameters};
pub use mean_reversion::{MeanReversion, MeanReversionParameters};
pub use proposal::{Proposal, Side, UnknownSide};
pub use rsi_reversal::{RsiReversal, RsiReversalParameters};
pub use rule::{Rule, Ruled};
pub use supertrend::{Supertrend, SupertrendParameters};

use crate::writing::Quoted;
use crate::{Candle, CandleSlice, Terms, Timeframe};

/// A named, versioned rule with its parameters set.
pub trait Strategy: Send + Sync {
    /// Its stable name, as in `mean-reversion`.
    fn name(&self) -> &'static str;

    /// Raised by one whenever the same candles and parameters may give other proposals.
    fn version(&self) -> u32;

    /// What it bets on, in a sentence or two.
    fn about(&self) -> &'static str;

    /// Its parameters: values, defaults and ranges, those of the rule itself first.
    fn parameters(&self) -> Vec<Parameter>;

    /// The same rule with other values for the named parameters.
    ///
    /// # Errors
    /// If there is no parameter of a name, or a value is outside its range.
    fn with(&self, settings: &[(&str, f64)]) -> Result<Box<dyn Strategy>, SettingError>;

    /// How many candles it needs before it can propose anything, the deciding one among them.
    fn warm_up(&self) -> usize;

    /// The rule at the beginning of a series.
    fn start(&self, timeframe: Timeframe) -> Box<dyn Decider>;

    /// The terms of everything the rule says over a series, with the index of the deciding candle:
    /// what [`Decider::bet`] gives candle by candle, bit for bit. A rule that can do it in fewer steps
    /// than one a candle says so here.
    fn bets(&self, columns: &Columns<'_>) -> Vec<(usize, Terms)> {
        let candles = columns.candles();
        let mut decider = self.start(candles.timeframe());
        candles.iter().enumerate().filter_map(|(index, candle)| Some((index, decider.bet(&candle)?))).collect()
    }

    /// What the rule says at the close of the last candle given, having seen all of them.
    fn decide(&self, candles: CandleSlice<'_>) -> Option<Proposal> {
        let mut decider = self.start(candles.timeframe());
        let newest = candles.len().checked_sub(1)?;
        for candle in candles.iter().take(newest) {
            decider.bet(&candle);
        }
        decider.next(&candles.get(newest)?)
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

    /// As [`Decider::next`], for those who read no rationale.
    fn bet(&mut self, candle: &Candle) -> Option<Terms> {
        self.next(candle).map(|proposal| proposal.terms())
    }
}

/// Every strategy there is, with its default parameters.
#[must_use]
pub fn all() -> Vec<Box<dyn Strategy>> {
    let mut all = members();
    all.push(Box::new(Ensemble::default()));
    all
}

/// Those that the ensemble combines: every other one.
fn members() -> Vec<Box<dyn Strategy>> {
    vec![
        Box::new(MeanReversion::default()),
        Box::new(SmaCross::default()),
        Box::new(EmaCross::default()),
        Box::new(Macd::default()),
        Box::new(RsiReversal::default()),
        Box::new(DonchianBreakout::default()),
        Box::new(Supertrend::default()),
    ]
}

/// The strategy of this name, with its default parameters.
#[must_use]
pub fn named(name: &str) -> Option<Box<dyn Strategy>> {
    all().into_iter().find(|strategy| strategy.name() == name)
}

/// Why a strategy cannot be had as asked for.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ChoiceError {
    /// There is none of the name.
    #[error("there is no strategy {}: there are {}", Quoted(name), there.join(", "))]
    Unknown {
        /// What was asked for, at most 40 characters.
        name: String,
        /// What there is.
        there: Vec<&'static str>,
    },
    /// It cannot be set so.
    #[error(transparent)]
    Setting(#[from] SettingError),
}

/// The strategy of this name, with these parameters and its defaults for the others.
///
/// # Errors
/// If there is none of the name, no parameter of a name, or a value is outside its range.
pub fn chosen<'a>(
    name: &str,
    settings: impl IntoIterator<Item = (&'a str, f64)>,
) -> Result<Box<dyn Strategy>, ChoiceError> {
    let unknown = || ChoiceError::Unknown {
        name: name.chars().take(40).collect(),
        there: all().iter().map(|strategy| strategy.name()).collect(),
    };
    let settings: Vec<_> = settings.into_iter().collect();
    Ok(named(name).ok_or_else(unknown)?.with(&settings)?)
}

/// The strategy of this name and version, with its default parameters. Only the newest version of
/// a rule is kept: what an older one said stands in the record.
#[must_use]
pub fn versioned(name: &str, version: u32) -> Option<Box<dyn Strategy>> {
    named(name).filter(|strategy| strategy.version() == version)
}
