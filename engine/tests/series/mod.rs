//! The bundled series.

use engine::{Candles, Timeframe};

const SERIES: [(&str, &str, Timeframe); 5] = [
    ("NIFTY_1d", include_str!("../../data/NIFTY_1d.csv"), Timeframe::Day),
    ("BANKNIFTY_1d", include_str!("../../data/BANKNIFTY_1d.csv"), Timeframe::Day),
    ("BTCUSDT_1d", include_str!("../../data/BTCUSDT_1d.csv"), Timeframe::Day),
    ("ETHUSDT_1d", include_str!("../../data/ETHUSDT_1d.csv"), Timeframe::Day),
    ("BTCUSDT_1h", include_str!("../../data/BTCUSDT_1h.csv"), Timeframe::Hour),
];

/// Each with its name.
pub fn all() -> impl Iterator<Item = (&'static str, Candles)> {
    SERIES.into_iter().map(|(name, text, timeframe)| (name, Candles::parse_csv(text, timeframe).unwrap()))
}
