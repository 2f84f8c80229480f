//! A strategy at work as its readers judge it.

use super::{record::RecordFigures, signal::StrategyView, time::Timestamp};
pub use engine::honesty::Verdict;
use serde::{Deserialize, Serialize};

/// Whether a strategy is proven on a series, and what speaks against it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct VerdictView {
    /// Such as `NIFTY`.
    pub symbol: String,
    /// `1h` or `1d`.
    pub timeframe: String,
    /// `proven` if it passed every check: it does not look ahead, its signals do not depend on where the series begins,
    /// it has trades enough, chance would hardly do as well, it gained out of sample, and so do its neighbours; all after
    /// a fee of 0.1 % a fill. Else, and before it is examined, `unproven`.
    #[cfg_attr(feature = "ssr", schema(value_type = String, pattern = "^(proven|unproven)$"))]
    pub verdict: Verdict,
    /// Everything that speaks against it, the gravest first; empty if it is proven.
    pub reasons: Vec<String>,
    /// Candles of the series that it was examined on.
    pub candles: u32,
    /// Up to when: market time.
    pub until: Timestamp,
    /// Simulations with random entries that it was compared with.
    pub simulations: u32,
    /// Closed trades of its backtest; null before it is examined.
    pub trades: Option<u32>,
    /// How likely chance alone would have done as well, 0 to 1; null without trades.
    pub p_value: Option<f64>,
    /// When it was examined: real time; null before.
    pub examined_at: Option<Timestamp>,
}

/// A strategy at work, and whether it is proven.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct JudgedStrategy {
    /// What it is and how it is set.
    #[serde(flatten)]
    pub strategy: StrategyView,
    /// Whether it is proven, by series.
    pub verdicts: Vec<VerdictView>,
}

/// A strategy on its page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StrategyReport {
    /// What it is, and whether it is proven.
    pub judged: JudgedStrategy,
    /// What its published signals came to.
    pub record: RecordFigures,
    /// What must be said beside figures of so few signals.
    pub caution: Option<String>,
}
