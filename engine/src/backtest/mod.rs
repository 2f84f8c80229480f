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
//! Feeding candles one by one gives the same bits as the whole series at once: there is no other
//! way.

mod settings;
mod trade;

pub use settings::{Exits, Fill, Settings, Sizing};
pub use trade::Trade;

use crate::parameter::ParameterError;
use crate::{Candle, CandleSlice, Decider, OpenSignal, Outcome, Side, Strategy, Terms, Timeframe};

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
    timeframe: Timeframe,
    settings: Settings,
    /// Cash and what is paid for positions: the equity without their gain.
    balance: f64,
    /// The candle before.
    previous: Option<Candle>,
    /// Decided at its close.
    pending: Option<Terms>,
    position: Option<Position>,
    report: Report,
}

/// The open trade, which is the report's last.
struct Position {
    terms: Terms,
    /// Where its signal stands.
    signal: OpenSignal,
}

/// A strategy over a whole series.
///
/// # Errors
/// The first setting that is outside its range.
pub fn run(strategy: &dyn Strategy, candles: CandleSlice<'_>, settings: Settings) -> Result<Report, ParameterError> {
    let mut backtest = Backtest::new(strategy.start(candles.timeframe()), candles.timeframe(), settings)?;
    backtest.report.equity.reserve_exact(candles.len());
    for candle in candles.iter() {
        backtest.feed(&candle);
    }
    Ok(backtest.into_report())
}

impl Backtest {
    /// The beginning of a series, with a rule that has seen nothing of it.
    ///
    /// # Errors
    /// The first setting that is outside its range.
    pub fn new(decider: Box<dyn Decider>, timeframe: Timeframe, settings: Settings) -> Result<Self, ParameterError> {
        settings.check()?;
        Ok(Self {
            decider,
            timeframe,
            settings,
            balance: settings.cash,
            previous: None,
            pending: None,
            position: None,
            report: Report::default(),
        })
    }

    /// Takes the next closed candle.
    pub fn feed(&mut self, candle: &Candle) {
        if let (Some(terms), Some(previous)) = (self.pending.take(), self.previous) {
            self.fill(terms, &previous, candle);
        }
        self.settle(candle);
        let equity = self.value(candle);
        self.report.equity.push(equity);
        let bet = self.decider.bet(candle);
        self.pending = bet.filter(|terms| self.wants(terms));
        self.previous = Some(*candle);
    }

    /// What there is so far.
    #[must_use]
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// What there is so far.
    #[must_use]
    pub fn into_report(self) -> Report {
        self.report
    }

    /// Whether a proposal is to be filled.
    fn wants(&self, terms: &Terms) -> bool {
        let free = match &self.position {
            None => true,
            Some(position) => self.settings.exits == Exits::Opposite && position.terms.side != terms.side,
        };
        // A rule of one's own may propose what cannot be settled; that is no signal.
        free && self.balance > 0.0 && terms.check().is_ok()
    }

    fn fill(&mut self, terms: Terms, previous: &Candle, candle: &Candle) {
        let Ok(signal) = OpenSignal::new(terms, self.timeframe) else {
            return;
        };
        let (time, price) = match self.settings.fill {
            Fill::NextOpen => (candle.open_time, candle.open),
            Fill::Close => (previous.open_time, previous.close),
        };
        if self.settings.exits == Exits::Signal {
            // A signal whose time has passed without a candle was never filled.
            let late = candle.open_time.saturating_add(self.timeframe.seconds()) > terms.expires_at;
            if late {
                return;
            }
        } else if self.position.is_some() {
            self.exit(time, self.worsened(price, opposite(terms.side)), None);
        }
        let entry_price = self.worsened(price, terms.side);
        let quantity = self.settings.quantity(self.balance, entry_price, &terms);
        if !(entry_price > 0.0 && quantity > 0.0 && quantity.is_finite()) {
            return;
        }
        let fee = self.settings.fee * quantity * entry_price;
        self.balance -= fee;
        self.report.trades.push(Trade::open(terms.side, time, entry_price, quantity, fee));
        self.position = Some(Position { terms, signal });
    }

    /// Lets the position's signal see the candle, and exits with it.
    fn settle(&mut self, candle: &Candle) {
        let (Exits::Signal, Some(position)) = (self.settings.exits, &mut self.position) else {
            return;
        };
        let Some(settlement) = position.signal.feed(candle) else {
            return;
        };
        let side = position.terms.side;
        // Where the market was closed over the expiry, the exit was the close before.
        let close_time = candle.open_time.saturating_add(self.timeframe.seconds());
        let late = close_time > position.terms.expires_at;
        let time = self.previous.filter(|_| late).map_or(candle.open_time, |previous| previous.open_time);
        let price = match settlement.outcome {
            Outcome::Target => settlement.exit_price,
            _ => self.worsened(settlement.exit_price, opposite(side)),
        };
        self.exit(time, price, Some(settlement.outcome));
    }

    fn exit(&mut self, time: i64, price: f64, outcome: Option<Outcome>) {
        let (Some(position), Some(trade)) = (self.position.take(), self.report.trades.last_mut()) else {
            return;
        };
        let fee = self.settings.fee * trade.quantity * price;
        let r_multiple = match self.settings.exits {
            Exits::Signal => Some(position.terms.r_multiple(trade.entry_price, price)),
            Exits::Opposite => None,
        };
        self.balance += trade.gain(price) - fee;
        trade.close(time, price, fee, r_multiple, outcome);
    }

    /// The equity at the candle's close. Ends a ruined account.
    fn value(&mut self, candle: &Candle) -> f64 {
        if let (Some(_), Some(trade)) = (&self.position, self.report.trades.last_mut()) {
            trade.mark(candle.close);
            let equity = self.balance + trade.gain(candle.close);
            if equity > 0.0 {
                return equity;
            }
            self.exit(candle.open_time, candle.close, None);
        }
        self.balance = self.balance.max(0.0);
        self.balance
    }

    /// A price after slippage, for one who buys or sells.
    fn worsened(&self, price: f64, side: Side) -> f64 {
        match side {
            Side::Buy => price * (1.0 + self.settings.slippage),
            Side::Sell => price * (1.0 - self.settings.slippage),
        }
    }
}

fn opposite(side: Side) -> Side {
    match side {
        Side::Buy => Side::Sell,
        Side::Sell => Side::Buy,
    }
}
