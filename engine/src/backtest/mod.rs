//! A strategy over a series with money at stake: the execution model.
//!
//! Candle by candle, in this order:
//! 1. What was decided at the close before is **filled**, at this candle's open or at that close
//!    ([`Fill`]). So a decision at the last candle fills nothing.
//! 2. A position **exits** ([`Exits`]). With its signal: at the target, the stop or the expiry,
//!    exactly as [`OpenSignal`] settles a published one. Or only against the opposite
//!    signal, at that one's fill.
//! 3. The **equity** is taken, open positions valued at the close.
//! 4. The strategy **decides**. There is one position at a time: while there is one, a proposal
//!    counts only if it is opposite and [`Exits::Opposite`] is set.
//!
//! **Costs.** Every fill pays [`Settings::fee`] of its value. [`Settings::slippage`] worsens every
//! fill but that of a target, which is a limit order.
//!
//! **Ruin.** A short can lose more than there is. When the equity is gone at a close, the position
//! ends there, the equity is 0 from then on, and nothing is filled any more.
//!
//! Feeding candles one by one gives the same bits as the whole series at once. The same
//! account goes through both; over a whole series it is spared the candles at which it can only wait.

mod account;
mod settings;
mod trade;

pub use settings::{Exits, Fill, Settings, Sizing};
pub use trade::Trade;

use account::Account;

use crate::parameter::ParameterError;
use crate::strategy::Columns;
use crate::{Candle, CandleSlice, Decider, Strategy, Terms, Timeframe};

/// What a backtest has so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    /// The trades in the order of their entries; the last may be open.
    pub trades: Vec<Trade>,
    /// The equity at the close of each candle.
    pub equity: Vec<f64>,
}

/// A backtest on its way through a series.
pub struct Backtest {
    decider: Box<dyn Decider>,
    account: Account,
}

/// A strategy over a whole series.
///
/// # Errors
/// The first setting that is outside its range.
pub fn run(strategy: &dyn Strategy, candles: CandleSlice<'_>, settings: Settings) -> Result<Report, ParameterError> {
    run_over(strategy, &Columns::of(candles), settings)
}

/// A strategy over a whole series, for those who run several over the same.
///
/// # Errors
/// The first setting that is outside its range.
pub fn run_over(strategy: &dyn Strategy, columns: &Columns<'_>, settings: Settings) -> Result<Report, ParameterError> {
    settings.check()?;
    follow(strategy.bets(columns), columns.candles(), settings)
}

/// These bets over a whole series, each with the index of the deciding candle.
///
/// # Errors
/// The first setting that is outside its range.
pub(crate) fn follow(
    bets: impl IntoIterator<Item = (usize, Terms)>,
    candles: CandleSlice<'_>,
    settings: Settings,
) -> Result<Report, ParameterError> {
    let mut account = Account::new(candles.timeframe(), settings)?;
    account.follow(bets, candles);
    Ok(account.into_report())
}

impl Backtest {
    /// The beginning of a series, with a rule that has seen nothing of it.
    ///
    /// # Errors
    /// The first setting that is outside its range.
    pub fn new(decider: Box<dyn Decider>, timeframe: Timeframe, settings: Settings) -> Result<Self, ParameterError> {
        Ok(Self { decider, account: Account::new(timeframe, settings)? })
    }

    /// Takes the next closed candle.
    pub fn feed(&mut self, candle: &Candle) {
        self.account.feed(candle);
        self.account.hear(self.decider.bet(candle));
    }

    /// What there is so far.
    #[must_use]
    pub fn report(&self) -> &Report {
        self.account.report()
    }

    /// What there is so far.
    #[must_use]
    pub fn into_report(self) -> Report {
        self.account.into_report()
    }
}
