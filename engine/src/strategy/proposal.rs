//! What a strategy says at the close of a candle.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Terms;

/// Which way a signal bets. Written `BUY` and `SELL`, in text and in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Side {
    /// On a rise.
    Buy,
    /// On a fall.
    Sell,
}

impl Side {
    /// Its name: `BUY` or `SELL`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Buy => "BUY",
            Self::Sell => "SELL",
        }
    }

    /// How far `to` lies from `from` in the direction of the bet; negative against it.
    #[must_use]
    #[inline]
    pub fn gain(self, from: f64, to: f64) -> f64 {
        // Multiplied rather than asked for, since nobody can guess the side: the bits are those of taking away.
        let way = match self {
            Self::Buy => 1.0,
            Self::Sell => -1.0,
        };
        way * to - way * from
    }
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Side {
    type Err = UnknownSide;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Buy, Self::Sell]
            .into_iter()
            .find(|side| side.as_str() == text)
            .ok_or_else(|| UnknownSide(text.to_owned()))
    }
}

/// A text that names no [`Side`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown side {0:?}: expected BUY or SELL")]
pub struct UnknownSide(pub String);

/// A signal in the making: decided, not yet published or filled. Times are Unix seconds of market
/// time, prices are the series' own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Proposal {
    /// Which way it bets.
    pub side: Side,
    /// The deciding candle's close.
    pub price: f64,
    /// Where the bet is won.
    pub target: f64,
    /// Where it is lost.
    pub stop: f64,
    /// `|target − price| / |price − stop|`.
    pub risk_reward: f64,
    /// When the deciding candle closed.
    pub candle_closed_at: i64,
    /// When the bet ends undecided.
    pub expires_at: i64,
    /// Why, in plain English, with the numbers that decided.
    pub rationale: String,
}

impl Proposal {
    /// A proposal on these terms.
    #[must_use]
    pub fn new(terms: Terms, rationale: String) -> Self {
        let risk_reward = terms.risk_reward();
        let Terms { side, price, target, stop, candle_closed_at, expires_at } = terms;
        Self { side, price, target, stop, risk_reward, candle_closed_at, expires_at, rationale }
    }

    /// What is needed to settle it.
    #[must_use]
    pub fn terms(&self) -> Terms {
        Terms {
            side: self.side,
            price: self.price,
            target: self.target,
            stop: self.stop,
            candle_closed_at: self.candle_closed_at,
            expires_at: self.expires_at,
        }
    }
}
