//! Recorded history, carried in the program.

use super::{MarketData, MarketError, Symbol};
use crate::server::config::SymbolConfig;
use engine::{Candles, Timeframe};
use std::sync::{Arc, OnceLock};

/// A recorded series as text.
#[derive(Clone, Copy)]
struct Recording {
    symbol: &'static str,
    timeframe: Timeframe,
    csv: &'static str,
}

/// Every recording, the finest timeframe of a symbol first. Where they come from: `engine/data/README.md`.
static RECORDINGS: [Recording; 5] = [
    Recording { symbol: "NIFTY", timeframe: Timeframe::Day, csv: include_str!("../../../engine/data/NIFTY_1d.csv") },
    Recording {
        symbol: "BANKNIFTY",
        timeframe: Timeframe::Day,
        csv: include_str!("../../../engine/data/BANKNIFTY_1d.csv"),
    },
    Recording {
        symbol: "BTC/USDT",
        timeframe: Timeframe::Hour,
        csv: include_str!("../../../engine/data/BTCUSDT_1h.csv"),
    },
    Recording {
        symbol: "BTC/USDT",
        timeframe: Timeframe::Day,
        csv: include_str!("../../../engine/data/BTCUSDT_1d.csv"),
    },
    Recording {
        symbol: "ETH/USDT",
        timeframe: Timeframe::Day,
        csv: include_str!("../../../engine/data/ETHUSDT_1d.csv"),
    },
];

/// The recordings of the configured symbols. Each is parsed when it is first asked for, once in the program.
pub struct Replay {
    symbols: Vec<Symbol>,
}

impl Replay {
    /// The recordings of `symbols`.
    ///
    /// # Errors
    /// When one of them is not recorded.
    pub fn open(symbols: &[SymbolConfig]) -> Result<Self, MarketError> {
        let symbols = symbols.iter().map(recorded).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { symbols })
    }
}

/// Every recording with its symbol, configured or not.
///
/// # Errors
/// When one cannot be read.
pub fn all() -> Result<Vec<(&'static str, Arc<Candles>)>, MarketError> {
    (0..RECORDINGS.len()).map(|index| Ok((RECORDINGS[index].symbol, parsed(index)?))).collect()
}

/// The candles of the recording at `index`, parsed once in the program.
fn parsed(index: usize) -> Result<Arc<Candles>, MarketError> {
    static PARSED: [OnceLock<Arc<Candles>>; RECORDINGS.len()] = [const { OnceLock::new() }; RECORDINGS.len()];
    if let Some(candles) = PARSED[index].get() {
        return Ok(Arc::clone(candles));
    }
    let Recording { symbol, timeframe, csv } = RECORDINGS[index];
    let candles =
        Candles::parse_csv(csv, timeframe).map_err(|error| MarketError(format!("{symbol} {timeframe}: {error}")))?;
    Ok(Arc::clone(PARSED[index].get_or_init(|| Arc::new(candles))))
}

fn recorded(config: &SymbolConfig) -> Result<Symbol, MarketError> {
    let timeframes: Vec<Timeframe> = RECORDINGS
        .iter()
        .filter(|recording| recording.symbol == config.symbol)
        .map(|recording| recording.timeframe)
        .collect();
    if timeframes.is_empty() {
        return Err(MarketError(format!("market.symbols: there are no recorded candles of `{}`", config.symbol)));
    }
    Ok(Symbol { symbol: config.symbol.clone(), name: config.name.clone(), quote: config.quote.clone(), timeframes })
}

impl MarketData for Replay {
    fn symbols(&self) -> &[Symbol] {
        &self.symbols
    }

    fn series(&self, symbol: &str, timeframe: Timeframe) -> Result<Option<Arc<Candles>>, MarketError> {
        let is_it = |recording: &Recording| recording.symbol == symbol && recording.timeframe == timeframe;
        let configured = self.symbols.iter().any(|known| known.symbol == symbol);
        RECORDINGS.iter().position(is_it).filter(|_| configured).map(parsed).transpose()
    }

    fn is_replay(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::market::contract;

    fn symbol(symbol: &str) -> SymbolConfig {
        SymbolConfig { symbol: symbol.to_owned(), name: "A name".to_owned(), quote: "INR".to_owned() }
    }

    #[test]
    fn keeps_the_contract() {
        let replay = Replay::open(&["ETH/USDT", "NIFTY", "BANKNIFTY", "BTC/USDT"].map(symbol)).unwrap();
        contract::holds(&replay);
        assert!(replay.is_replay());
        assert_eq!(replay.symbols()[3].timeframes, [Timeframe::Hour, Timeframe::Day]);
        assert_eq!(replay.series("BTC/USDT", Timeframe::Hour).unwrap().unwrap().len(), 18_000);
    }

    #[test]
    fn what_is_not_recorded_or_not_configured_is_told() {
        assert!(Replay::open(&[symbol("GOLD")]).is_err());
        let replay = Replay::open(&[symbol("NIFTY")]).unwrap();
        assert!(replay.series("BTC/USDT", Timeframe::Day).unwrap().is_none());
    }
}
