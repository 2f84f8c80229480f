//! Signals as a table in text (RFC 4180), for spreadsheets.

use crate::{
    domain::{signal::JudgedSignal, strategy::Verdict, time::Timestamp},
    server::error::ServiceError,
};
use bytes::Bytes;
use csv::{Terminator, Writer, WriterBuilder};
use std::borrow::Cow;

/// The columns, in their order.
const HEAD: [&str; 27] = [
    "seq",
    "id",
    "symbol",
    "timeframe",
    "strategy",
    "strategy_version",
    "verdict",
    "side",
    "price",
    "fill_price",
    "target",
    "stop",
    "risk_reward",
    "confidence",
    "confidence_n",
    "confidence_reason",
    "candle_closed_at",
    "published_at",
    "expires_at",
    "outcome",
    "exit_price",
    "r_multiple",
    "settled_at",
    "rationale",
    "replay",
    "prev_hash",
    "hash",
];

/// With what a spreadsheet takes a cell for a formula, in ASCII and in full width.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// The first line.
///
/// # Errors
/// When it cannot be written, which memory always can.
pub fn head() -> Result<Bytes, ServiceError> {
    written(|table| table.write_record(HEAD))
}

/// A line for each signal.
///
/// # Errors
/// As [`head`].
pub fn lines(signals: &[JudgedSignal]) -> Result<Bytes, ServiceError> {
    written(|table| {
        signals.iter().try_for_each(|signal| table.write_record(cells(signal).iter().map(|cell| cell.as_bytes())))
    })
}

fn written(write: impl FnOnce(&mut Writer<Vec<u8>>) -> csv::Result<()>) -> Result<Bytes, ServiceError> {
    let mut table = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(Vec::new());
    write(&mut table).map_err(|error| ServiceError::internal("writing a table", error))?;
    let bytes =
        table.into_inner().map_err(|error| ServiceError::internal("writing a table", error.error().to_string()))?;
    Ok(bytes.into())
}

fn cells(JudgedSignal { signal, verdict }: &JudgedSignal) -> [Cow<'_, str>; HEAD.len()] {
    let number = |value: f64| Cow::Owned(value.to_string());
    let maybe = |value: Option<f64>| value.map_or(Cow::Borrowed(""), number);
    let time = |at: Timestamp| Cow::Owned(at.to_string());
    let text =
        |words: &'_ Option<String>| words.as_deref().map(|words| harmless(words).into_owned()).unwrap_or_default();
    [
        signal.seq.to_string().into(),
        signal.id.to_string().into(),
        harmless(&signal.symbol),
        harmless(&signal.timeframe),
        harmless(&signal.strategy),
        signal.strategy_version.to_string().into(),
        verdict.map_or("", Verdict::as_str).into(),
        signal.side.as_str().into(),
        number(signal.price),
        maybe(signal.fill_price),
        number(signal.target),
        number(signal.stop),
        number(signal.risk_reward),
        maybe(signal.confidence),
        signal.confidence_n.to_string().into(),
        text(&signal.confidence_reason).into(),
        time(signal.candle_closed_at),
        time(signal.published_at),
        time(signal.expires_at),
        signal.outcome.as_str().into(),
        maybe(signal.exit_price),
        maybe(signal.r_multiple),
        signal.settled_at.map_or(Cow::Borrowed(""), time),
        harmless(&signal.rationale),
        signal.replay.to_string().into(),
        text(&signal.prev_hash).into(),
        text(&signal.hash).into(),
    ]
}

/// A text that no spreadsheet takes for a formula: an apostrophe stands before one that it would. Numbers are written as
/// numbers and never come here, so that a loss keeps its sign.
fn harmless(text: &str) -> Cow<'_, str> {
    if text.starts_with(FORMULA) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        id::SignalId,
        signal::{Outcome, Side, Signal},
    };
    use uuid::Uuid;

    fn signal() -> Signal {
        Signal {
            id: SignalId(Uuid::nil()),
            seq: 7,
            symbol: "BTC/USDT".to_owned(),
            timeframe: "1h".to_owned(),
            strategy: "macd".to_owned(),
            strategy_version: 1,
            side: Side::Sell,
            price: 0.000_000_1,
            fill_price: None,
            target: 22_530.7,
            stop: -1.5,
            risk_reward: 2.0,
            confidence: None,
            confidence_n: 3,
            confidence_reason: None,
            rationale: "The close fell, \"far\" below.".to_owned(),
            candle_closed_at: Timestamp::from_secs(1_717_200_000),
            published_at: Timestamp::from_secs(1_717_200_000),
            expires_at: Timestamp::from_secs(1_717_200_000),
            outcome: Outcome::Stop,
            exit_price: Some(4e13),
            r_multiple: Some(-1.25),
            settled_at: None,
            prev_hash: None,
            hash: None,
            replay: true,
        }
    }

    fn read(signals: &[Signal]) -> Vec<Vec<String>> {
        let judged = |signal: &Signal| JudgedSignal { signal: signal.clone(), verdict: Some(Verdict::Unproven) };
        let judged: Vec<_> = signals.iter().map(judged).collect();
        let table = [head().unwrap(), lines(&judged).unwrap()].concat();
        let mut table = csv::Reader::from_reader(table.as_slice());
        assert_eq!(table.headers().unwrap().iter().collect::<Vec<_>>(), HEAD);
        table.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
    }

    fn cell<'a>(row: &'a [String], column: &str) -> &'a str {
        &row[HEAD.iter().position(|name| *name == column).unwrap()]
    }

    #[test]
    fn what_begins_like_a_formula_is_made_harmless_and_numbers_stay_numbers() {
        let evil =
            ["=1+1", "+1", "-1+cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠1"];
        for words in evil {
            let signal = Signal {
                symbol: words.to_owned(),
                timeframe: words.to_owned(),
                strategy: words.to_owned(),
                confidence_reason: Some(words.to_owned()),
                rationale: words.to_owned(),
                prev_hash: Some(words.to_owned()),
                hash: Some(words.to_owned()),
                ..signal()
            };
            let rows = read(&[signal]);
            for column in ["symbol", "timeframe", "strategy", "confidence_reason", "rationale", "prev_hash", "hash"] {
                assert_eq!(cell(&rows[0], column), format!("'{words}"), "{column}");
            }
            for (column, number) in [("r_multiple", "-1.25"), ("stop", "-1.5"), ("price", "0.0000001")] {
                assert_eq!(cell(&rows[0], column), number, "{column}");
                assert!(cell(&rows[0], column).parse::<f64>().is_ok());
            }
        }
    }

    #[test]
    fn a_row_reads_back_as_it_was() {
        let rows = read(&[signal(), Signal { fill_price: Some(1.0 / 3.0), ..signal() }]);
        assert_eq!(rows.len(), 2);
        let (row, filled) = (&rows[0], &rows[1]);
        assert_eq!((cell(row, "seq"), cell(row, "side"), cell(row, "outcome")), ("7", "SELL", "stop"));
        assert_eq!(
            (cell(row, "fill_price"), cell(row, "settled_at"), cell(row, "exit_price")),
            ("", "", "40000000000000")
        );
        assert_eq!(cell(row, "rationale"), "The close fell, \"far\" below.");
        assert_eq!((cell(row, "candle_closed_at"), cell(row, "replay")), ("2024-06-01T00:00:00Z", "true"));
        assert_eq!(cell(row, "verdict"), "unproven");
        assert_eq!(cell(filled, "fill_price").parse(), Ok(1.0 / 3.0), "to the last bit");
    }
}
