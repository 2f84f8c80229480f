//! What the importer makes of files from the wild: every line let in or put aside, and why.

use engine::candles::Column::{self, Close, High, Low, Open, Time, Volume};
use engine::candles::Import;
use engine::{Candle, Candles, Fault, Timeframe};

fn import(text: &str) -> Import {
    Candles::import_csv(text, Timeframe::Day).unwrap()
}

/// The rows put aside and their rules; the strict reader must stop at the first.
fn put_aside(text: &str) -> Vec<(usize, Fault)> {
    let import = import(text);
    match Candles::parse_csv(text, Timeframe::Day) {
        Ok(candles) => assert!(candles == import.candles && import.quarantined.is_empty()),
        Err(error) => assert_eq!(Some(&error), import.quarantined.first()),
    }
    import.quarantined.into_iter().map(|error| (error.row, error.fault)).collect()
}

#[test]
fn malformed_values_are_put_aside_one_by_one() {
    let text = include_str!("robustness/bad.csv");
    let mut expected: Vec<_> = (202..=251).map(|row| (row, Fault::Missing(Time))).collect();
    let below = |row, low| (row, Fault::BelowLow { column: Close, value: 1.0e-8, low });
    let above = |row, high| (row, Fault::AboveHigh { column: Close, value: 2.0e-8, high });
    expected.extend([
        below(252, 1.284e-8),
        above(253, 1.294e-8),
        below(254, 1.295e-8),
        below(255, 1.302e-8),
        below(256, 1.309e-8),
        above(257, 1.319e-8),
    ]);
    let negative = |row, column: Column, value| (row, Fault::Negative { column, value });
    let crossed = |row, column: Column, value, high| (row, Fault::AboveHigh { column, value, high });
    expected.extend([
        negative(356, Open, -263.16),
        negative(358, High, -266.1),
        negative(359, Low, -265.13),
        negative(360, Volume, -64_874_192.0),
        crossed(361, Open, 270.77, 269.09),
        crossed(362, Low, 267.53, 255.06),
        crossed(363, Low, 275.12, 270.15),
    ]);
    expected.extend((451..=501).map(|row| (row, Fault::Missing(Open))));
    assert_eq!(put_aside(text), expected);

    let import = import(text);
    assert_eq!(import.candles.len(), 502 - expected.len());
    let first = Candle {
        open_time: 1_483_401_600,
        open: 212.61,
        high: 213.35,
        low: 211.52,
        close: 212.8,
        volume: 96_708_880.0,
    };
    assert_eq!(import.candles.get(0), Some(first));
    // Where the rows without a time were, those without values, and six bad ones around a weekend.
    let mut gaps = import.gaps;
    gaps.sort_by_key(|gap| std::cmp::Reverse(gap.missing));
    let longest: Vec<_> = gaps.iter().take(3).map(|gap| (gap.row, gap.missing)).collect();
    assert_eq!(longest, [(258, 83), (502, 76), (364, 10)]);
    assert_eq!((gaps[0].from, gaps[0].to), (1_508_284_800, 1_515_456_000));
}

#[test]
fn rows_of_nulls_are_put_aside() {
    let rows = [
        297, 395, 509, 558, 559, 560, 561, 562, 587, 915, 1034, 1055, 1060, 1065, 1104, 1156, 1225, 1234, 1276, 1309,
        1557, 1590, 1613, 1634, 1751, 1802, 1842, 1871, 2049, 2201, 2543, 2789, 2987, 3251, 3283,
    ];
    let expected = rows.map(|row| (row, Fault::Missing(Open)));
    let text = include_str!("robustness/nifty_with_null_rows.csv");
    assert_eq!(put_aside(text), expected);
    let import = import(text);
    assert_eq!(import.candles.len(), 3_432 - expected.len());
    // The close, not the adjusted one beside it, and the volume after that.
    let close = text.lines().nth(1).unwrap().split(',').nth(4).unwrap();
    assert_eq!(import.candles.get(0).unwrap().close, close.parse::<f64>().unwrap());
}

#[test]
fn zero_quotes_are_let_in() {
    let text = include_str!("robustness/zeros.csv");
    assert!(put_aside(text).is_empty());
    let import = import(text);
    assert_eq!(import.candles.len(), 200);
    assert!(import.candles.view().highs().iter().all(|high| *high == 0.0));
    // 3 January 2017: years of two digits, months first.
    assert_eq!(import.candles.get(0).unwrap().open_time, 1_483_401_600);
}

#[test]
fn huge_values_are_let_in() {
    let text = include_str!("robustness/toobig.csv");
    assert!(put_aside(text).is_empty());
    let import = import(text);
    assert_eq!(import.candles.len(), 1_246);
    assert_eq!(import.candles.get(0).unwrap().high, 44_909_275_184_681.3);
}
