//! What must hold whatever text comes from elsewhere. Each function is a target of the fuzzer (`fuzz/`) and
//! replayed with its corpus by the tests; each takes any bytes, and panics where something does not hold.

use engine::indicators::catalogue::{Line, Spec};
use engine::ledger::{Markets, Verifier, verify};
use engine::{Candle, Candles, Timeframe};

/// A file of candles: read strictly and leniently it is the same where nothing is wrong with it, and what
/// is let in keeps the rules.
pub fn importer(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    for asked in [None, Some(Timeframe::Hour), Some(Timeframe::Day)] {
        match Candles::timeframe_of_csv(text, asked) {
            Ok(told) => assert!(asked.is_none_or(|asked| asked == told)),
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
    for timeframe in Timeframe::ALL {
        let (strict, lenient) = (Candles::parse_csv(text, timeframe), Candles::import_csv(text, timeframe));
        match (strict, lenient) {
            (Err(strict), Err(lenient)) => assert_eq!(strict.to_string(), lenient.to_string()),
            (Ok(candles), Ok(import)) => {
                assert!(import.quarantined.is_empty());
                assert_eq!(candles, import.candles);
            }
            (Err(error), Ok(import)) => {
                assert!(!error.to_string().is_empty());
                assert!(!import.quarantined.is_empty());
                assert!(import.quarantined.is_sorted_by_key(|error| error.row));
                let lines = text.lines().count();
                for error in &import.quarantined {
                    assert!(error.row > 1 && error.row <= lines, "{error} of {lines} lines");
                }
                let again = Candles::from_rows(timeframe, import.candles.view().iter());
                assert_eq!(again, Ok(import.candles));
            }
            (Ok(_), Err(error)) => panic!("refused, though it can be read: {error}"),
        }
    }
}

/// The name of an indicator's line: what is taken can be written and read again, and gives columns as long as
/// the series.
pub fn indicators(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else {
        return;
    };
    let line = match text.parse::<Line>() {
        Ok(line) => line,
        Err(error) => {
            assert!(error.to_string().len() < 1_000, "{error}");
            return;
        }
    };
    let spec = line.spec();
    let again: Spec = spec.to_string().parse().expect("what was read is written so that it can be read");
    assert_eq!(again.columns(), spec.columns());
    assert!(line.output() < spec.columns().len());
    assert!(spec.parameters().iter().all(|parameter| parameter.check().is_ok()));
    let candles = few();
    let columns = spec.over(candles.view());
    assert!(columns.iter().all(|column| column.len() == candles.len()));
    let main = columns[0].iter().position(|value| !value.is_nan());
    assert!(main.is_none_or(|first| first >= spec.first()));
}

/// An export of a ledger: whatever pieces it comes in, the report is the same.
pub fn ledger(data: &[u8]) {
    let report = verify(data, Markets::default());
    if let Some(fault) = &report.fault {
        assert!(!fault.to_string().is_empty());
    }
    let mut verifier = Verifier::new(Markets::default());
    for piece in data.chunks(data.len() / 3 + 1) {
        verifier.feed(piece);
    }
    assert_eq!(verifier.finish(), report);
}

/// A few candles that rise and fall.
fn few() -> Candles {
    let row = |hour: i32| {
        let close = f64::from(100 + hour % 7 * (hour % 3));
        let (high, low) = (close + 1.0, close - 2.0);
        Candle { open_time: i64::from(hour) * 3_600, open: close - 1.0, high, low, close, volume: f64::from(hour % 5) }
    };
    Candles::from_rows(Timeframe::Hour, (0..70).map(row)).expect("the rows keep the rules")
}
