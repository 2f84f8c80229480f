//! How a backtest trades.

use serde::{Deserialize, Serialize};

use crate::Terms;
use crate::parameter::ParameterError;

/// At which price a decision is filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fill {
    /// The open of the next candle, as live.
    NextOpen,
    /// The deciding close: as if it had been known a moment before. Filled only if there is a next
    /// candle.
    Close,
}

/// What ends a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Exits {
    /// Its signal's target, stop or expiry, as live.
    Signal,
    /// The opposite signal alone, which opens the opposite position: always in the market.
    Opposite,
}

/// How large a position is. Never worth more than the equity, its entry's fee included.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sizing {
    /// This fraction of the equity, the entry's fee out of it; above 0, at most 1.
    Equity(f64),
    /// As much as loses this fraction of the equity from entry to stop, before costs; above 0, at
    /// most 1.
    Risk(f64),
}

/// How a backtest trades.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// What there is at the beginning, in the currency of the prices; above 0, at most 1e15.
    pub cash: f64,
    /// How large a position is. Units are not rounded.
    pub sizing: Sizing,
    /// Fee of each fill, as a fraction of its value; 0 to 0.1.
    pub fee: f64,
    /// How much worse than the market each fill is but a target's, as a fraction; 0 to 0.1.
    pub slippage: f64,
    /// Where decisions are filled.
    pub fill: Fill,
    /// What ends a position.
    pub exits: Exits,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            cash: 10_000.0,
            sizing: Sizing::Equity(1.0),
            fee: 0.001,
            slippage: 0.0,
            fill: Fill::NextOpen,
            exits: Exits::Signal,
        }
    }
}

impl Settings {
    /// Checks every setting.
    ///
    /// # Errors
    /// The first that is outside its range.
    pub fn check(&self) -> Result<(), ParameterError> {
        let within = |name, value: f64, min: f64, max: f64| {
            let sound = (min..=max).contains(&value);
            if sound { Ok(()) } else { Err(ParameterError { name, value, min, max }) }
        };
        let (Sizing::Equity(size) | Sizing::Risk(size)) = self.sizing;
        within("cash", self.cash, f64::MIN_POSITIVE, 1e15)?;
        within("size", size, f64::MIN_POSITIVE, 1.0)?;
        within("fee", self.fee, 0.0, 0.1)?;
        within("slippage", self.slippage, 0.0, 0.1)
    }

    /// How many units to enter with at this price.
    pub(super) fn quantity(&self, equity: f64, price: f64, terms: &Terms) -> f64 {
        let affordable = equity / (price * (1.0 + self.fee));
        match self.sizing {
            Sizing::Equity(fraction) => affordable * fraction,
            Sizing::Risk(fraction) => (equity * fraction / terms.risk_at(price)).min(affordable),
        }
    }
}
