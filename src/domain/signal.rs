//! A signal as everybody reads it, and the market it is about.

use super::{
    id::SignalId,
    ledger::SignalEntries,
    quota::QuotaState,
    record::RecordFigures,
    strategy::{Verdict, VerdictView},
    time::Timestamp,
};
pub use engine::{Outcome, Side};
use serde::{Deserialize, Serialize};

/// What a strategy said at the close of a candle, and what the market did with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Signal {
    /// Names it for ever.
    pub id: SignalId,
    /// Its number in the record, from 1, without gaps.
    pub seq: i64,
    /// Such as `NIFTY` or `BTC/USDT`.
    pub symbol: String,
    /// `1h` or `1d`.
    pub timeframe: String,
    /// The rule's name, such as `mean-reversion`.
    pub strategy: String,
    /// The rule's version, from 1.
    pub strategy_version: i32,
    /// Which way.
    #[cfg_attr(feature = "ssr", schema(value_type = String, pattern = "^(BUY|SELL)$"))]
    pub side: Side,
    /// The deciding close, in the symbol's quote currency.
    pub price: f64,
    /// The next open; null until that candle exists.
    pub fill_price: Option<f64>,
    /// Where it is won.
    pub target: f64,
    /// Where it is lost.
    pub stop: f64,
    /// Distance to the target over distance to the stop, from `price`.
    pub risk_reward: f64,
    /// The share of the strategy's earlier settled signals on this symbol and timeframe that reached their target before
    /// their stop, drawn towards its share over all series as by 20 more signals; 0 to 1. Null with a reason below 5.
    pub confidence: Option<f64>,
    /// How many settled signals `confidence` rests on: also those that the strategy would have given before the record
    /// begins.
    pub confidence_n: i64,
    /// Why `confidence` is null.
    pub confidence_reason: Option<String>,
    /// The numbers that decided, in a sentence.
    pub rationale: String,
    /// When the deciding candle closed: market time.
    pub candle_closed_at: Timestamp,
    /// When it was published: real time.
    pub published_at: Timestamp,
    /// When it ends unsettled: market time.
    pub expires_at: Timestamp,
    /// What the market did.
    #[cfg_attr(feature = "ssr", schema(value_type = String, pattern = "^(open|target|stop|expired)$"))]
    pub outcome: Outcome,
    /// Where it ended.
    pub exit_price: Option<f64>,
    /// Profit or loss in units of the risk taken, from the fill.
    pub r_multiple: Option<f64>,
    /// When it was settled: market time.
    pub settled_at: Option<Timestamp>,
    /// The hash of the ledger entry before the one that published it; null where it was published before the ledger
    /// began.
    pub prev_hash: Option<String>,
    /// The hash of the ledger entry that published it; null where it was published before the ledger began.
    pub hash: Option<String>,
    /// Whether the candles are a replay of bundled history.
    pub replay: bool,
}

/// A signal, and whether its strategy is proven.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct JudgedSignal {
    /// The signal.
    #[serde(flatten)]
    pub signal: Signal,
    /// Whether its strategy is proven on its series, as it stands today: `proven` or `unproven`; null while it is not
    /// examined, and where that version of it is no longer at work.
    #[cfg_attr(feature = "ssr", schema(value_type = Option<String>, pattern = "^(proven|unproven)$"))]
    pub verdict: Option<Verdict>,
}

/// A signal in a table: what a line of one shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SignalLine {
    /// Names it for ever.
    pub id: SignalId,
    /// Its number in the record.
    pub seq: i64,
    /// Such as `NIFTY` or `BTC/USDT`.
    pub symbol: String,
    /// `1h` or `1d`.
    pub timeframe: String,
    /// The rule's name.
    pub strategy: String,
    /// Whether the rule is proven on the series; null while it is not examined.
    pub verdict: Option<Verdict>,
    /// Which way.
    pub side: Side,
    /// The fill, or the deciding close until there is one.
    pub entry: f64,
    /// The deciding close.
    pub price: f64,
    /// Where it is won.
    pub target: f64,
    /// Where it is lost.
    pub stop: f64,
    /// The measured share that reached the target, 0 to 1.
    pub confidence: Option<f64>,
    /// How many settled signals `confidence` rests on.
    pub confidence_n: i64,
    /// Why `confidence` is null.
    pub confidence_reason: Option<String>,
    /// When the deciding candle closed: market time.
    pub candle_closed_at: Timestamp,
    /// When it was published: real time.
    pub published_at: Timestamp,
    /// What the market did.
    pub outcome: Outcome,
    /// Where it ended.
    pub exit_price: Option<f64>,
    /// Profit or loss in units of the risk taken, from the fill.
    pub r_multiple: Option<f64>,
    /// When it was settled: market time.
    pub settled_at: Option<Timestamp>,
    /// Whether the candles are a replay of bundled history.
    pub replay: bool,
}

impl From<&JudgedSignal> for SignalLine {
    fn from(JudgedSignal { signal, verdict }: &JudgedSignal) -> Self {
        Self {
            verdict: *verdict,
            id: signal.id,
            seq: signal.seq,
            symbol: signal.symbol.clone(),
            timeframe: signal.timeframe.clone(),
            strategy: signal.strategy.clone(),
            side: signal.side,
            entry: signal.fill_price.unwrap_or(signal.price),
            price: signal.price,
            target: signal.target,
            stop: signal.stop,
            confidence: signal.confidence,
            confidence_n: signal.confidence_n,
            confidence_reason: signal.confidence_reason.clone(),
            candle_closed_at: signal.candle_closed_at,
            published_at: signal.published_at,
            outcome: signal.outcome,
            exit_price: signal.exit_price,
            r_multiple: signal.r_multiple,
            settled_at: signal.settled_at,
            replay: signal.replay,
        }
    }
}

/// A signal in the feed: its fields, and the names under which older clients know two of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct FeedSignal {
    /// The signal.
    #[serde(flatten)]
    pub judged: JudgedSignal,
    /// The same as `side`.
    #[serde(rename = "type")]
    #[cfg_attr(feature = "ssr", schema(value_type = String, pattern = "^(BUY|SELL)$"))]
    pub kind: Side,
    /// The same as `published_at`.
    pub timestamp: Timestamp,
}

impl From<JudgedSignal> for FeedSignal {
    fn from(judged: JudgedSignal) -> Self {
        Self { kind: judged.signal.side, timestamp: judged.signal.published_at, judged }
    }
}

/// Which signals of the feed: those that are all of what is named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FeedFilter {
    /// Only this symbol's.
    pub symbol: Option<String>,
    /// Only these bets.
    pub side: Option<Side>,
    /// Only of those that the market did this with.
    pub outcome: Option<Outcome>,
}

impl FeedFilter {
    /// Whether it lets a signal through.
    pub fn admits(&self, signal: &SignalLine) -> bool {
        self.symbol.as_ref().is_none_or(|symbol| *symbol == signal.symbol)
            && self.side.is_none_or(|side| side == signal.side)
            && self.outcome.is_none_or(|outcome| outcome == signal.outcome)
    }
}

/// The feed, newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct FeedPage {
    /// The signals.
    pub signals: Vec<FeedSignal>,
    /// How many fetches the reader's plan gives: `3/day (upgrade for unlimited)` or `unlimited`.
    pub user_limit: String,
}

/// A symbol, where it stands and its last closes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct SymbolView {
    /// Such as `NIFTY`.
    pub symbol: String,
    /// As people call it.
    pub name: String,
    /// What its prices are counted in: `INR` or `USDT`.
    pub quote: String,
    /// Timeframes with candles, the finest first.
    pub timeframes: Vec<String>,
    /// The newest closed daily candle's close; null before the first.
    pub last_close: Option<f64>,
    /// Change of the last close against the one before, as a fraction.
    pub change: Option<f64>,
    /// When that candle closed: market time.
    pub closed_at: Option<Timestamp>,
    /// Up to 60 daily closes, oldest first.
    pub closes: Vec<f64>,
    /// Whether its data has come to an end; nothing loops.
    pub ended: bool,
}

/// Where the market clock stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct MarketNow {
    /// Market time.
    pub now: Timestamp,
    /// Whether it is a replay of bundled history.
    pub replay: bool,
    /// Market seconds that pass in a real one.
    pub speed: f64,
}

/// Where a reader of the dashboard stands, and what news are known by. Asking costs no fetch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, miniserde::Deserialize)]
pub struct Standing {
    /// The server's clock when this was made; relative times count from it.
    pub as_of: Timestamp,
    /// Whether every signal is live for this person.
    pub is_paid: bool,
    /// What is left today; null for who pays.
    pub quota: Option<QuotaState>,
    /// How many signals the newest of today's fetches brought that those before it had not; null before the first, and for
    /// who pays.
    pub brought: Option<u64>,
    /// When the plan ends by itself; null where it renews, and for who does not pay.
    pub ends_at: Option<Timestamp>,
    /// Whether the plan's last payment failed and is tried again; the plan goes on meanwhile.
    pub payment_failed: bool,
    /// The greatest number in the feed of who pays; 0 before the first signal, and for who does not pay.
    pub newest: i64,
    /// Another one when the [`Dashboard`] is another one, but for ages.
    pub version: String,
}

/// What the dashboard shows of signals and market. Opening it costs no fetch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dashboard {
    /// The server's clock when this was made; relative times count from it.
    pub as_of: Timestamp,
    /// Where the market clock stands.
    pub market: MarketNow,
    /// Whether every signal is live for this person.
    pub is_paid: bool,
    /// Paid: the newest of the feed that the filter admits. Free: what was fetched today. Newest first.
    pub signals: Vec<SignalLine>,
    /// The newest settled signals, losers too.
    pub settled: Vec<SignalLine>,
    /// All symbols.
    pub symbols: Vec<SymbolView>,
}

/// A signal's page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SignalDetail {
    /// The server's clock when this was made.
    pub as_of: Timestamp,
    /// The signal.
    pub signal: Signal,
    /// Its symbol.
    pub symbol: SymbolView,
    /// Candles around it, oldest first.
    pub candles: Vec<CandleView>,
    /// Where it stands in the ledger; null where it was published before the ledger began.
    pub ledger: Option<SignalEntries>,
    /// Whether its strategy is proven on its series; null where that version is no longer at work.
    pub verdict: Option<VerdictView>,
    /// What its strategy's published signals came to.
    pub record: StrategyRecord,
}

/// What a strategy's published signals came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StrategyRecord {
    /// All of them.
    pub everywhere: RecordFigures,
    /// Those on one series.
    pub on_series: RecordFigures,
}

/// A candle as the API shows it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct CandleView {
    /// When it opens.
    pub opened_at: Timestamp,
    /// First price.
    pub open: f64,
    /// Highest price.
    pub high: f64,
    /// Lowest price.
    pub low: f64,
    /// Last price.
    pub close: f64,
    /// Units traded; 0 where the source has none.
    pub volume: f64,
}

/// Candles of a series.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct CandlePage {
    /// Such as `NIFTY`.
    pub symbol: String,
    /// `1h` or `1d`.
    pub timeframe: String,
    /// Closed candles, oldest first.
    pub candles: Vec<CandleView>,
    /// Whether the series' data has come to an end; nothing loops.
    pub ended: bool,
    /// Whether it is a replay of bundled history.
    pub replay: bool,
}

/// A strategy at work.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct StrategyView {
    /// Its stable name.
    pub name: String,
    /// Its version, from 1.
    pub version: u32,
    /// What it bets on, in a sentence or two.
    pub description: String,
    /// Where it is at work.
    pub timeframes: Vec<String>,
    /// Candles that it needs before it can say anything.
    pub warm_up: u32,
    /// How it is set.
    pub parameters: Vec<ParameterView>,
}

/// Whether a parameter counts something or measures it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub enum ParameterKind {
    /// Whole numbers only.
    Integer,
    /// Any number in the range.
    Number,
}

/// A parameter of a strategy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct ParameterView {
    /// Its name, as in the configuration.
    pub name: String,
    /// What it does, in a few words.
    pub description: String,
    /// Whole or not.
    pub kind: ParameterKind,
    /// What it is set to.
    pub value: f64,
    /// What it is set to unless the operator says otherwise.
    pub default: f64,
    /// The least it may be.
    pub min: f64,
    /// The most it may be.
    pub max: f64,
    /// How far a slider moves at once; values between are allowed too.
    pub step: f64,
}

/// The public proof on the landing page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Proof {
    /// Another one when the record is another one.
    pub version: i64,
    /// The server's clock when this was made.
    pub as_of: Timestamp,
    /// Where the market clock stands.
    pub market: MarketNow,
    /// Signals published so far.
    pub published: i64,
    /// Settled at the target.
    pub won: i64,
    /// Settled at the stop.
    pub lost: i64,
    /// Expired in between.
    pub expired: i64,
    /// The sum of R over all settled ones; null before the first.
    pub total_r: Option<f64>,
    /// What signals are made for, by symbol.
    pub symbols: Vec<String>,
    /// The newest settled signals, losers too.
    pub settled: Vec<SignalLine>,
}
