//! What a strategy looks at, drawn over the candles or below them.

use engine::indicators::{Bollinger, Donchian, Ema, Indicator, Macd, Rsi, Sma, Supertrend};
use engine::writing::Plain;
use engine::{CandleSlice, Strategy};

/// A line of a chart.
pub struct Overlay {
    /// What it is, with what it is set to.
    pub title: String,
    /// Whether it is a price, drawn over the candles; else it has a pane below them.
    pub is_price: bool,
    /// A value for each candle; `NaN` where there is none.
    pub values: Vec<f64>,
}

/// The lines of the indicators that a strategy rests on. One that rests on none of the engine's, as the ensemble, has
/// none.
#[must_use]
pub fn overlays(strategy: &dyn Strategy, candles: CandleSlice<'_>) -> Vec<Overlay> {
    let parameters = strategy.parameters();
    let value = |name: &str| parameters.iter().find(|set| set.name == name).map_or(0.0, |set| set.value);
    let count = |name: &str| value(name) as usize;
    let price = |title: String, values| Overlay { title, is_price: true, values };
    let beside = |title: String, values| Overlay { title, is_price: false, values };
    match strategy.name() {
        "sma-cross" => ["fast", "slow"]
            .map(|name| price(format!("SMA {}", count(name)), line(&mut Sma::new(count(name)), candles, 0)))
            .into(),
        "ema-cross" => ["fast", "slow"]
            .map(|name| price(format!("EMA {}", count(name)), line(&mut Ema::new(count(name)), candles, 0)))
            .into(),
        "mean-reversion" => {
            let (period, wide) = (count("period"), value("threshold"));
            let band = |name: &str, output| {
                let values = line(&mut Bollinger::new(period, wide, wide), candles, output);
                price(format!("{name} {period}, {} σ", Plain(wide)), values)
            };
            vec![band("Mean", 0), band("Upper band", 1), band("Lower band", 2)]
        }
        "donchian-breakout" => {
            let period = count("period");
            let edge = |name: &str, output| {
                price(format!("{name} of {period}"), line(&mut Donchian::new(period), candles, output))
            };
            vec![edge("High", 1), edge("Low", 2)]
        }
        "supertrend" => {
            let (period, multiplier) = (count("period"), value("multiplier"));
            let values = line(&mut Supertrend::new(period, multiplier), candles, 0);
            vec![price(format!("Supertrend {period}, {}", Plain(multiplier)), values)]
        }
        "macd" => {
            let (fast, slow, signal) = (count("fast"), count("slow"), count("signal"));
            let of = |output| line(&mut Macd::new(fast, slow, signal), candles, output);
            vec![beside(format!("MACD {fast}, {slow}"), of(0)), beside(format!("Signal {signal}"), of(1))]
        }
        "rsi-reversal" => {
            let period = count("period");
            vec![beside(format!("RSI {period}"), line(&mut Rsi::new(period), candles, 0))]
        }
        _ => Vec::new(),
    }
}

/// One of an indicator's outputs over a series. By the indicators themselves and not by their catalogue, which would bring
/// all the others along.
fn line<const N: usize>(indicator: &mut impl Indicator<N>, candles: CandleSlice<'_>, output: usize) -> Vec<f64> {
    candles.iter().map(|candle| indicator.feed(&candle)[output].unwrap_or(f64::NAN)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::{Candle, Candles, Timeframe, strategy};

    #[test]
    fn every_strategy_shows_what_it_rests_on() {
        let candle = |day: i64| {
            let close = 100.0 + (day % 7) as f64;
            Candle { open_time: day * 86_400, open: close, high: close + 1.0, low: close - 1.0, close, volume: 1.0 }
        };
        let candles = Candles::from_rows(Timeframe::Day, (0..120).map(candle)).unwrap();
        for strategy in strategy::all() {
            let overlays = overlays(strategy.as_ref(), candles.view());
            assert_eq!(overlays.is_empty(), strategy.name() == "ensemble", "{}", strategy.name());
            for overlay in overlays {
                assert_eq!(overlay.values.len(), candles.len(), "{}", overlay.title);
                assert!(overlay.values.last().unwrap().is_finite(), "{}", overlay.title);
            }
        }
    }
}
