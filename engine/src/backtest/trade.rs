//! One trade of a backtest.

use serde::{Deserialize, Serialize};

use crate::{Outcome, Side};

/// A position from its entry to its exit. Times are Unix seconds: the open of the candle in which
/// it was filled.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trade {
    /// Which way it bet.
    pub side: Side,
    /// When it was entered.
    pub entry_time: i64,
    /// The price paid or got for a unit.
    pub entry_price: f64,
    /// When it was left; `None` while it is open.
    pub exit_time: Option<i64>,
    /// The price got or paid for a unit; `None` while it is open.
    pub exit_price: Option<f64>,
    /// Units.
    pub quantity: f64,
    /// All fees so far.
    pub fees: f64,
    /// Gain less fees; of an open trade at the newest close.
    pub pnl: f64,
    /// Gain for a unit of risk at the entry, fees left out ([`crate::Terms::r_multiple`]); `None`
    /// while it is open, and where the signal's stop does not end it.
    pub r_multiple: Option<f64>,
    /// How its signal ended; `None` while it is open, and where something else ended it.
    pub outcome: Option<Outcome>,
}

impl Trade {
    pub(super) fn open(side: Side, entry_time: i64, entry_price: f64, quantity: f64, fee: f64) -> Self {
        Self {
            side,
            entry_time,
            entry_price,
            exit_time: None,
            exit_price: None,
            quantity,
            fees: fee,
            pnl: -fee,
            r_multiple: None,
            outcome: None,
        }
    }

    /// What it has gained at a price, fees left out.
    #[must_use]
    pub fn gain(&self, price: f64) -> f64 {
        self.quantity * self.side.gain(self.entry_price, price)
    }

    /// Values it at a price.
    pub(super) fn mark(&mut self, price: f64) {
        self.pnl = self.gain(price) - self.fees;
    }

    pub(super) fn close(&mut self, time: i64, price: f64, fee: f64, r: Option<f64>, outcome: Option<Outcome>) {
        self.exit_time = Some(time);
        self.exit_price = Some(price);
        self.fees += fee;
        self.mark(price);
        self.r_multiple = r;
        self.outcome = outcome;
    }
}
