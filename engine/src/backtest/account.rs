//! The money of a backtest: what is filled, what ends, what it is worth.

use super::{Exits, Fill, Report, Settings, Trade};
use crate::parameter::ParameterError;
use crate::{Candle, CandleSlice, OpenSignal, Outcome, Side, Terms, Timeframe};

/// An account on its way through a series. It is shown each candle, then told what was decided at
/// its close.
pub(super) struct Account {
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

impl Account {
    /// The beginning of a series.
    ///
    /// # Errors
    /// The first setting that is outside its range.
    pub(super) fn new(timeframe: Timeframe, settings: Settings) -> Result<Self, ParameterError> {
        settings.check()?;
        Ok(Self {
            timeframe,
            settings,
            balance: settings.cash,
            previous: None,
            pending: None,
            position: None,
            report: Report::default(),
        })
    }

    /// Takes a whole series, and what is decided at which of its closes, in order.
    pub(super) fn follow(&mut self, bets: impl IntoIterator<Item = (usize, Terms)>, candles: CandleSlice<'_>) {
        let mut bets = bets.into_iter().peekable();
        let mut index = 0;
        self.report.equity.reserve_exact(candles.len());
        while index < candles.len() {
            if self.settings.exits == Exits::Signal && self.pending.is_none() {
                index = self.hold(candles, index);
            }
            // What was decided meanwhile was not wanted.
            while bets.next_if(|(decided, _)| *decided < index).is_some() {}
            if self.waits() {
                // Until something is decided nothing but time goes by.
                let next = bets.peek().map_or(candles.len(), |(next, _)| candles.len().min(*next));
                self.wait(next - index);
                index = next;
            }
            let Some(candle) = candles.get(index) else {
                return;
            };
            self.feed(&candle);
            self.hear(bets.next_if(|(decided, _)| *decided == index).map(|(_, terms)| terms));
            index += 1;
        }
    }

    /// Takes the next closed candle.
    pub(super) fn feed(&mut self, candle: &Candle) {
        if let (Some(terms), Some(previous)) = (self.pending.take(), self.previous) {
            self.fill(terms, &previous, candle);
        }
        self.settle(candle);
        let equity = self.value(candle);
        self.report.equity.push(equity);
        self.previous = Some(*candle);
    }

    /// Takes what was decided at the close of that candle.
    pub(super) fn hear(&mut self, bet: Option<Terms>) {
        self.pending = bet.filter(|terms| self.wants(terms));
    }

    /// What there is so far.
    pub(super) fn report(&self) -> &Report {
        &self.report
    }

    /// What there is so far.
    pub(super) fn into_report(self) -> Report {
        self.report
    }

    /// Whether a candle can change nothing.
    fn waits(&self) -> bool {
        self.position.is_none() && self.pending.is_none()
    }

    /// Lets candles go by that change nothing.
    fn wait(&mut self, candles: usize) {
        if candles > 0 {
            self.balance = self.balance.max(0.0);
            self.report.equity.resize(self.report.equity.len() + candles, self.balance);
        }
    }

    /// Lets candles go by, from this index on, that do nothing to the open position but change what
    /// it is worth: the index of the first that may do more. What is decided at them is not wanted.
    fn hold(&mut self, candles: CandleSlice<'_>, from: usize) -> usize {
        let (Some(position), Some(trade)) = (&mut self.position, self.report.trades.last_mut()) else {
            return from;
        };
        let to = position.signal.skip(candles, from);
        let equity = candles.closes()[from..to].iter().map(|close| self.balance + trade.gain(*close));
        // What ruins the account ends the position.
        self.report.equity.extend(equity.take_while(|equity| *equity > 0.0));
        let to = self.report.equity.len();
        if let Some(last) = to.checked_sub(1).filter(|last| *last >= from).and_then(|last| candles.get(last)) {
            trade.mark(last.close);
            self.previous = Some(last);
        }
        to
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
