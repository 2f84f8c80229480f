//! The indicators beside TA-Lib's, on the bundled series.

use engine::indicators::catalogue::{self, Line};
use engine::{Candles, Timeframe};

/// What a table is called, the timeframe, the series, and its values by TA-Lib.
const TABLES: [(&str, Timeframe, &str, &str); 3] = [
    ("NIFTY_1d", Timeframe::Day, include_str!("../data/NIFTY_1d.csv"), include_str!("talib/NIFTY_1d.csv")),
    ("BTCUSDT_1d", Timeframe::Day, include_str!("../data/BTCUSDT_1d.csv"), include_str!("talib/BTCUSDT_1d.csv")),
    ("BTCUSDT_1h", Timeframe::Hour, include_str!("../data/BTCUSDT_1h.csv"), include_str!("talib/BTCUSDT_1h.csv")),
];

#[test]
fn every_indicator_that_ta_lib_has_is_compared() {
    let named = |table: &str, entry: &catalogue::Entry| {
        let header = table.lines().next().unwrap();
        header.split(',').any(|column| column.split([':', '.']).next() == Some(entry.name))
    };
    for entry in catalogue::ALL {
        let tables = TABLES.iter().filter(|(.., table)| named(table, entry)).count();
        assert_eq!(tables > 0, entry.name != "zscore", "{}", entry.name);
    }
}

/// How far a value may be off, of itself or of the column's median size.
const PRECISION: f64 = 1e-9;

#[test]
fn every_value_equals_ta_libs_from_the_first() {
    for (symbol, timeframe, series, table) in TABLES {
        let candles = Candles::parse_csv(series, timeframe).unwrap();
        let mut rows = table.lines().map(|line| line.split(',').collect::<Vec<_>>());
        let header = rows.next().unwrap();
        let rows: Vec<_> = rows.collect();
        assert_eq!(header.len(), if timeframe == Timeframe::Day { 25 } else { 34 }, "{symbol}");
        for (place, name) in header.iter().enumerate().skip(1) {
            let line: Line = name.parse().unwrap();
            let ours = &line.spec().over(candles.view())[line.output()];
            assert_eq!(ours.len(), candles.len());
            let theirs: Vec<Option<f64>> = rows.iter().map(|row| row[place].parse().ok()).collect();
            let least = PRECISION * median_size(&theirs);
            for (row, theirs) in rows.iter().zip(&theirs) {
                let ours = ours[row[0].parse::<usize>().unwrap()];
                match theirs {
                    None => assert!(ours.is_nan(), "{symbol} {name} {}: {ours}, TA-Lib has none", row[0]),
                    Some(theirs) => {
                        let error = (ours - theirs).abs();
                        assert!(
                            error <= least.max(PRECISION * theirs.abs()),
                            "{symbol} {name} {}: {ours} {theirs}",
                            row[0]
                        );
                    }
                }
            }
        }
    }
}

fn median_size(values: &[Option<f64>]) -> f64 {
    let mut sizes: Vec<f64> = values.iter().flatten().map(|value| value.abs()).collect();
    assert!(sizes.len() > 100);
    sizes.sort_by(f64::total_cmp);
    sizes[sizes.len() / 2]
}
