//! What every source of candles keeps to.

use super::MarketData;
use engine::Timeframe;

/// Checks a source.
///
/// # Panics
/// When it breaks the contract.
pub fn holds(market: &dyn MarketData) {
    assert!(!market.symbols().is_empty());
    for symbol in market.symbols() {
        assert!(!symbol.timeframes.is_empty(), "{}", symbol.symbol);
        assert!(symbol.timeframes.is_sorted(), "{}: the finest first", symbol.symbol);
        for timeframe in Timeframe::ALL {
            let series = market.series(&symbol.symbol, timeframe).unwrap();
            assert_eq!(series.is_some(), symbol.timeframes.contains(&timeframe), "{} {timeframe}", symbol.symbol);
            let Some(series) = series else { continue };
            assert_eq!(series.timeframe(), timeframe);
            let again = market.series(&symbol.symbol, timeframe).unwrap().unwrap();
            assert!(again.len() >= series.len(), "a series never loses candles");
            assert_eq!(again.get(0), series.get(0), "a candle never changes");
        }
    }
    assert!(market.series("no such symbol", Timeframe::Day).unwrap().is_none());
}
