//! What stands in the ledger. Members are declared in the order in which canonical JSON has them.

use super::{Decimal, Hash, Instant, Salt, canonical};
use crate::{Outcome, Settlement, Side, Terms, Timeframe};
use serde::{Deserialize, Serialize};

/// One entry: what happened, and its place in the chain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// When it was written: real time.
    pub at: Instant,
    /// What happened.
    pub event: Event,
    /// The hash of the entry before, [`Hash::NONE`] before the first.
    pub prev_hash: Hash,
    /// Its number, from 1, without gaps.
    pub seq: u64,
}

/// What an entry says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Event {
    /// The market data under an ended signal is another now.
    Correction(Box<Correction>),
    /// A signal was published.
    Publication(Publication),
    /// A signal has ended, and its content is told.
    Reveal(Box<Reveal>),
}

impl Event {
    /// Its name: `correction`, `publication` or `reveal`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Correction(_) => "correction",
            Self::Publication(_) => "publication",
            Self::Reveal(_) => "reveal",
        }
    }
}

/// That a signal was published, and nothing of what it says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Publication {
    /// What its content must fit: see [`commitment`].
    pub commitment: Hash,
    /// The signal's name.
    pub signal_id: String,
}

/// What a signal said, with the proof that it said so at its publication, and how it ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reveal {
    /// How it ended.
    pub ending: Ending,
    /// The number of the entry that published it.
    pub publication: u64,
    /// What its commitment was salted with.
    pub salt: Salt,
    /// What it said.
    pub signal: Content,
}

/// Everything that a signal said at its publication.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Content {
    /// When the deciding candle closed: market time.
    pub candle_closed_at: Instant,
    /// The measured share of like signals that reached their target, 0 to 1.
    pub confidence: Option<Decimal>,
    /// How many settled signals `confidence` rests on.
    pub confidence_n: u32,
    /// Why `confidence` is null.
    pub confidence_reason: Option<String>,
    /// When it ends undecided: market time.
    pub expires_at: Instant,
    /// Its name.
    pub id: String,
    /// The deciding close.
    pub price: Decimal,
    /// When it was published: real time.
    pub published_at: Instant,
    /// Why, in plain English.
    pub rationale: String,
    /// Whether the candles were a replay of recorded history.
    pub replay: bool,
    /// Distance to the target over distance to the stop.
    pub risk_reward: Decimal,
    /// Its number among the signals.
    pub seq: u64,
    /// Which way it bets.
    pub side: Side,
    /// Where it is lost.
    pub stop: Decimal,
    /// The rule's name.
    pub strategy: String,
    /// The rule's version.
    pub strategy_version: u32,
    /// Such as `NIFTY`.
    pub symbol: String,
    /// Where it is won.
    pub target: Decimal,
    /// The span of its candles.
    pub timeframe: Timeframe,
}

impl Content {
    /// What is needed to settle it.
    #[must_use]
    pub fn terms(&self) -> Terms {
        Terms {
            side: self.side,
            price: self.price.get(),
            target: self.target.get(),
            stop: self.stop.get(),
            candle_closed_at: self.candle_closed_at.secs(),
            expires_at: self.expires_at.secs(),
        }
    }
}

/// How a signal ended, as [`crate::outcome`] says it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ending {
    /// The price it ended at.
    pub exit_price: Decimal,
    /// The open after the deciding candle; null where there was none in time.
    pub fill_price: Option<Decimal>,
    /// `target`, `stop` or `expired`.
    pub outcome: Outcome,
    /// Gain in units of the risk at the fill.
    pub r_multiple: Decimal,
    /// When that was known: market time.
    pub settled_at: Instant,
}

impl Ending {
    /// An ending as the ledger writes it; `None` where a number is not finite.
    #[must_use]
    pub fn new(fill_price: Option<f64>, settlement: Settlement) -> Option<Self> {
        Some(Self {
            exit_price: Decimal::new(settlement.exit_price)?,
            fill_price: match fill_price {
                Some(price) => Some(Decimal::new(price)?),
                None => None,
            },
            outcome: settlement.outcome,
            r_multiple: Decimal::new(settlement.r_multiple)?,
            settled_at: Instant::from_secs(settlement.settled_at),
        })
    }
}

/// That market data changed under a signal that had ended. What was written stays; this says what it would be now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Correction {
    /// What the candles say now.
    pub now: Stated,
    /// The number of the entry that published the signal.
    pub publication: u64,
    /// Why, in plain English.
    pub reason: String,
    /// What the ledger said until now.
    pub was: Stated,
}

/// What candles say about a signal.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stated {
    /// How it ended.
    pub ending: Ending,
    /// The deciding candle's close; null where there is no such candle.
    pub price: Option<Decimal>,
}

/// What a publication commits to: the SHA-256 of the canonical text of salt and content.
///
/// # Errors
/// Never: see [`canonical`].
pub fn commitment(salt: &Salt, signal: &Content) -> Result<Hash, serde_json::Error> {
    #[derive(Serialize)]
    struct Committed<'a> {
        salt: &'a Salt,
        signal: &'a Content,
    }
    Ok(Hash::of(&canonical(&Committed { salt, signal })?))
}
