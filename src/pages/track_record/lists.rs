//! The record's form, tables and downloads.

use crate::{
    components::{
        breakdown,
        figure::{class_of, confidence, outcome_mark, quote_of, replay_mark, result, side_mark, unproven_mark},
        table::{
            Column::{self, Number, Words},
            table,
        },
        verify::verify_button,
        when::day,
    },
    domain::{
        backtest::Workbench,
        display,
        record::{CalibrationView, CurveMonth, RecordFilter, TrackRecord},
        signal::JudgedSignal,
    },
    session::encode,
};
use maud::{Markup, html};

/// What can be asked for, as a form that a browser sends by itself.
pub fn filter(record: &TrackRecord) -> Markup {
    let (asked, choices) = (&record.filter, &record.choices);
    let plain = |names: &[String]| names.iter().map(|name| (name.clone(), name.clone())).collect::<Vec<_>>();
    let periods: Vec<_> = choices.periods.iter().map(|period| (period.to_string(), display::period(*period))).collect();
    let period = asked.period.map(|period| period.to_string());
    html! {
        form class="record-filter" method="get" action="/track-record" aria-label="Part of the record" {
            (choice("strategy", "Strategy", "All strategies", asked.strategy.as_deref(), &plain(&choices.strategies)))
            (choice("symbol", "Symbol", "All symbols", asked.symbol.as_deref(), &plain(&choices.symbols)))
            (choice("timeframe", "Candles", "All lengths", asked.timeframe.as_deref(), &plain(&choices.timeframes)))
            (choice("period", "Decided in", "All the time", period.as_deref(), &periods))
            button class="button button-secondary" type="submit" { "Show" }
            @if *asked != RecordFilter::default() { a class="whole" href="/track-record" { "Show the whole record" } }
        }
    }
}

fn choice(name: &str, label: &str, all: &str, asked: Option<&str>, options: &[(String, String)]) -> Markup {
    // What was asked for and is not there stands among the choices, so that the form says what is shown.
    let foreign = asked.filter(|asked| !options.iter().any(|(value, _)| value == asked));
    html! {
        div class="field" {
            label for={ "filter-" (name) } { (label) }
            select id={ "filter-" (name) } name=(name) {
                option value="" selected[asked.is_none()] { (all) }
                @if let Some(foreign) = foreign { option value=(foreign) selected { (foreign) } }
                @for (value, text) in options {
                    option value=(value) selected[asked == Some(value.as_str())] { (text) }
                }
            }
        }
    }
}

/// What is told of each settled signal.
const COLUMNS: [Column<'static>; 8] = [
    Words("Settled"),
    Words("Symbol"),
    Words("Strategy"),
    Words("Side"),
    Number("Entry → exit"),
    Number("Confidence"),
    Words("Outcome"),
    Number("Result"),
];

/// A page of the settled signals, with the way to the next one.
pub fn signals(record: &TrackRecord, first: bool) -> Markup {
    let part = breakdown::query(&record.filter);
    let and = if part.is_empty() { "" } else { "&" };
    let rows = html! {
        @for signal in &record.signals { (row(signal)) }
    };
    html! {
        (table("record all-signals", "Settled signals, the last settled first", &COLUMNS, rows))
        nav class="pager" aria-label="Pages of signals" {
            @if !first { a class="button button-secondary" rel="first" href=(breakdown::address(&record.filter)) { "Newest" } }
            @if let Some(cursor) = &record.next_cursor {
                a class="button button-secondary" rel="next"
                    href={ "/track-record?" (part) (and) "cursor=" (encode(cursor)) } { "Older" }
            }
        }
    }
}

fn row(JudgedSignal { signal, verdict }: &JudgedSignal) -> Markup {
    let quote = quote_of(&signal.symbol);
    let price = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| display::bare_price(value, quote));
    let (sign, unit) = if quote == "INR" { ("₹", "") } else { ("", quote) };
    html! {
        tr role="row" {
            td role="cell" class="cell-when" { @if let Some(at) = signal.settled_at { (day(at)) } }
            th role="rowheader" scope="row" class="cell-symbol" {
                a href={ "/signal/" (signal.id) } { (signal.symbol) }
                span class="muted" { " " (signal.timeframe) }
                @if signal.replay { " " (replay_mark()) }
            }
            td role="cell" class="cell-strategy" { (signal.strategy) (unproven_mark(*verdict)) }
            td role="cell" class="cell-side" { (side_mark(signal.side)) }
            td role="cell" class="number cell-prices" {
                (sign) (price(signal.fill_price.or(Some(signal.price)))) " → " (sign) (price(signal.exit_price))
                @if !unit.is_empty() { span class="muted" { " " (unit) } }
            }
            td role="cell" class="number cell-confidence" {
                (confidence(signal.confidence, signal.confidence_n, signal.confidence_reason.as_deref()))
            }
            td role="cell" class="cell-outcome" { (outcome_mark(signal.outcome)) }
            td role="cell" class="number cell-result" { (result(signal.r_multiple)) }
        }
    }
}

/// The curve by month of settlement, the newest first.
pub fn months(months: &[CurveMonth]) -> Markup {
    let told = |r: f64| {
        let text = format!("{} R", display::signed(r, 2));
        html! {
            span class=(class_of(&text)) { (text) }
        }
    };
    let rows = html! {
        @for month in months.iter().rev() {
            tr role="row" {
                th role="rowheader" scope="row" class="cell-name" { (display::period(month.month)) }
                td role="cell" class="number" data-label="Settled" { (month.settled) }
                td role="cell" class="number" data-label="In the month" { (told(month.r)) }
                td role="cell" class="number" data-label="All together" { (told(month.total_r)) }
            }
        }
    };
    let columns = [Words("Month"), Number("Settled"), Number("In the month"), Number("All together")];
    table("parts", "All R together by month of settlement", &columns, rows)
}

/// The reliability table.
pub fn tenths(calibration: &CalibrationView) -> Markup {
    let share = |share: f64| display::percent(share, 0);
    let from_to = |low: f64, high: f64| format!("{} to {}", display::decimal(low * 100.0, 0, false), share(high));
    let rows = html! {
        @for row in &calibration.table {
            tr role="row" {
                th role="rowheader" scope="row" class="cell-name" { (from_to(row.from, row.to)) }
                td role="cell" class="number" data-label="Signals" { (row.count) }
                td role="cell" class="number" data-label="Told" { (share(row.forecast)) }
                td role="cell" class="number" data-label="Came" { (share(row.observed)) }
                td role="cell" class="number" data-label="95 % interval" { (from_to(row.low, row.high)) }
            }
        }
    };
    let columns = [Words("Confidence"), Number("Signals"), Number("Told"), Number("Came"), Number("95 % interval")];
    table("parts", "Confidence told against what came of it", &columns, rows)
}

/// The files, and how to check them: in the reader's browser by the files of `workbench`.
pub fn downloads(record: &TrackRecord, workbench: Option<&Workbench>) -> Markup {
    let part = breakdown::query(&record.filter);
    let and = if part.is_empty() { "" } else { "&" };
    let whole = part.is_empty();
    html! {
        section class="block" id="check" aria-labelledby="check-title" {
            h2 id="check-title" { "Check it yourself" }
            p {
                @if whole { "Every settled signal of the record" } @else { "Every settled signal of this part of the record" }
                ", with its prices, its reason and its times. Each outcome follows from the signal's own target, stop and "
                "expiry and from the candles after it, which anybody can read under "
                a href="/docs" rel="external" { "the API" } ". The ledger commits to each signal when it is published and "
                "reveals it when it has ended; your own browser can " a href="/verify" { "check the whole of it" } "."
            }
            @if record.replay {
                p class="muted" {
                    "What a replay published at its start had long ended by then: it was committed to and revealed in one go, "
                    "and the candles after it are public. It shows how the record works, not that anybody knew beforehand."
                }
            }
            @if let Some(workbench) = workbench { (verify_button(workbench, false)) }
            p class="actions" {
                a class="button button-secondary" rel="external" download
                    href={ "/api/v1/track-record?" (part) (and) "format=csv" } { "Download as CSV" }
                a class="button button-secondary" rel="external" download
                    href={ "/api/v1/track-record?" (part) (and) "format=json" } { "Download as JSON" }
            }
        }
    }
}

/// What each figure means, with its source.
pub fn meanings() -> Markup {
    html! {
        details class="more-table" {
            summary { "What the figures mean, and where they are from" }
            dl class="meanings" {
                @for definition in engine::record::definitions() {
                    dt { code { (definition.name) } }
                    dd { (definition.meaning.trim()) " " span class="muted" { "Source: " (definition.source) "." } }
                }
            }
        }
    }
}
