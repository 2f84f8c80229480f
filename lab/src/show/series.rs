//! The candles: what was read, and the tables behind the charts.

use engine::Timeframe;
use maud::{Markup, html};

use super::table::{
    Column::{Number, Words},
    table,
};
use super::{date, signed_cell};
use crate::number::{self, Grouping};
use crate::overlay::Overlay;
use crate::run::Run;
use crate::series::Series;

/// Rows of a file that are named.
const NAMED: usize = 50;

/// The newest candles in the table behind the chart.
const ROWS: usize = 60;

/// How many candles there are from when to when, and which lines of the file were put aside.
#[must_use]
pub fn import(series: &Series) -> Markup {
    let candles = series.candles();
    let span = candles.open_times().first().zip(candles.open_times().last());
    let count = |count: usize| number::decimal(count as f64, 0, Grouping::Thousands);
    html! {
        p class="small muted" {
            (count(candles.len())) " candles of 1 " (candles.timeframe().unit())
            @if let Some((first, last)) = span {
                ", " (date(*first, candles.timeframe())) " to " (date(*last, candles.timeframe())) " UTC"
            }
            @match series.gaps.len() {
                0 => {}
                1 => "; 1 gap"
                gaps => { "; " (count(gaps)) " gaps, as on weekends" }
            }
            "."
        }
        @if !series.quarantined.is_empty() {
            div class="notice notice-warning" {
                div class="notice-text" {
                    p class="notice-title" {
                        @match series.quarantined.len() {
                            1 => "1 row was put aside, since it breaks a rule."
                            rows => { (count(rows)) " rows were put aside, since they break a rule." }
                        }
                        " Open the list below to see which."
                    }
                    details {
                        summary { "Which, and why" }
                        ul class="quarantine" {
                            @for error in series.quarantined.iter().take(NAMED) {
                                li { (error) }
                            }
                            @if series.quarantined.len() > NAMED {
                                li { "and " (count(series.quarantined.len() - NAMED)) " more" }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The newest candles with what is drawn over them.
#[must_use]
pub fn candle_table(series: &Series, overlays: &[Overlay]) -> Markup {
    let candles = series.candles();
    let from = candles.len().saturating_sub(ROWS);
    let price = |value: f64| number::price(value, series.grouping);
    let drawn = |overlay: &Overlay, at: usize| match overlay.values.get(at) {
        Some(value) if value.is_finite() => price(*value),
        _ => number::NONE.to_owned(),
    };
    let mut columns = vec![Words("Opened (UTC)"), Number("Open"), Number("High"), Number("Low"), Number("Close")];
    columns.extend(overlays.iter().map(|overlay| Number(&overlay.title)));
    let rows = html! {
        @for (at, candle) in candles.iter().enumerate().skip(from).rev() {
            tr {
                th scope="row" { (date(candle.open_time, candles.timeframe())) }
                @for value in [candle.open, candle.high, candle.low, candle.close] {
                    td class="number" { (price(value)) }
                }
                @for overlay in overlays {
                    td class="number" { (drawn(overlay, at)) }
                }
            }
        }
    };
    table(&format!("The newest {} candles, the newest first", candles.len() - from), &columns, rows)
}

/// The equity at the end of each month, and how far it was below its peak there.
#[must_use]
pub fn equity_table(run: &Run, series: &Series) -> Markup {
    let times = series.candles().open_times();
    let month = |at: usize| times.get(at).and_then(|time| date(*time, Timeframe::Day).get(..7).map(str::to_owned));
    let ends = (0..times.len()).rev().filter(|at| month(*at) != month(at + 1));
    let columns = [Words("Month"), Number("Equity"), Number("From its peak")];
    let rows = html! {
        @for at in ends {
            tr {
                th scope="row" { (month(at).unwrap_or_default()) }
                td class="number" { (number::decimal(run.report.equity[at], 2, Grouping::Thousands)) }
                (signed_cell(&number::signed_percent(-run.summary.drawdown[at], 1)))
            }
        }
    };
    table("Equity and drawdown at the end of each month, the newest first", &columns, rows)
}
