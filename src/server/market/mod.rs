//! Candles: bundled history, replayed.

#[cfg(test)]
mod contract;
mod replay;

pub use replay::all as bundled;

use crate::server::config::MarketConfig;
use engine::{Candles, Timeframe};
use std::sync::Arc;

/// Why there are no candles.
#[derive(Debug, thiserror::Error)]
#[error("market data: {0}")]
pub struct MarketError(pub String);

/// A symbol that has candles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// Such as `BTC/USDT`.
    pub symbol: String,
    /// As people call it.
    pub name: String,
    /// What its prices are counted in.
    pub quote: String,
    /// What there are candles of, the finest first; never empty.
    pub timeframes: Vec<Timeframe>,
}

/// Where candles come from. Calls are answered from memory: they may parse at first use, but wait for no network.
pub trait MarketData: Send + Sync {
    /// All symbols, in the operator's order.
    fn symbols(&self) -> &[Symbol];

    /// All candles known of a series, those that the market clock has not reached among them; `None` when there is no
    /// such series.
    ///
    /// # Errors
    /// When the series is there but cannot be read; asking again gives the same.
    fn series(&self, symbol: &str, timeframe: Timeframe) -> Result<Option<Arc<Candles>>, MarketError>;

    /// Whether this is recorded history, which ends, rather than a market that goes on.
    fn is_replay(&self) -> bool;
}

/// The bundled candles.
///
/// # Errors
/// When a configured symbol has no series.
pub fn open(config: &MarketConfig) -> Result<Arc<dyn MarketData>, MarketError> {
    Ok(Arc::new(replay::Replay::open(&config.symbols)?))
}
