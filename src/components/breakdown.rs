//! The record's figures: the whole of a part in short, parts side by side, and live against backtest.

use super::{
    figure::{self, class_of},
    table::{
        Column::{Number, Words},
        table,
    },
};
use crate::{
    domain::{
        display,
        record::{DifferenceView, DriftView, RecordFigures, RecordFilter},
    },
    session::encode,
};
use maud::{Markup, html};

/// The address of a part of the record.
pub fn address(filter: &RecordFilter) -> String {
    let query = query(filter);
    if query.is_empty() { "/track-record".to_owned() } else { format!("/track-record?{query}") }
}

/// A part of the record as a query, without its question mark; empty for the whole.
pub fn query(filter: &RecordFilter) -> String {
    let period = filter.period.map(|period| period.to_string());
    let asked = [
        ("strategy", filter.strategy.as_ref()),
        ("symbol", filter.symbol.as_ref()),
        ("timeframe", filter.timeframe.as_ref()),
        ("period", period.as_ref()),
    ];
    let given = asked.into_iter().filter_map(|(name, value)| Some(format!("{name}={}", encode(value?))));
    given.collect::<Vec<_>>().join("&")
}

/// A figure in R, its sign always shown; a dash where it is not defined.
pub fn multiple(r: Option<f64>) -> Markup {
    let text = r.map_or_else(|| "–".to_owned(), |r| format!("{} R", display::signed(r, 2)));
    html! {
        span class=(class_of(&text)) { (text) }
    }
}

/// The win rate with its interval.
pub fn rate(figures: &RecordFigures) -> Markup {
    let share = |share: Option<f64>| share.map_or_else(|| "–".to_owned(), |share| display::percent(share, 0));
    html! {
        span class="figure" { (share(figures.win_rate)) }
        @if let (Some(low), Some(high)) = (figures.win_rate_low, figures.win_rate_high) {
            " " span class="figure muted small" { (between(&display::decimal(low * 100.0, 0, false), &display::percent(high, 0))) }
        }
    }
}

/// The mean R with its interval.
pub fn mean(figures: &RecordFigures) -> Markup {
    html! {
        (multiple(figures.expectancy_r))
        @if let (Some(low), Some(high)) = (figures.expectancy_low, figures.expectancy_high) {
            " " span class="figure muted small" { (between(&display::signed(low, 2), &display::signed(high, 2))) }
        }
    }
}

fn between(low: &str, high: &str) -> String {
    format!("{low} to {high}")
}

fn ratio(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |value| display::decimal(value, 2, false))
}

/// A part of the record in its figures.
pub fn figures(figures: &RecordFigures) -> Markup {
    let interval = |low: Option<f64>, high: Option<f64>, write: &dyn Fn(f64) -> String| match (low, high) {
        (Some(low), Some(high)) => format!("95 % interval: {}", between(&write(low), &write(high))),
        _ => "no interval of so few".to_owned(),
    };
    let share = |value: f64| display::percent(value, 1);
    let signed = |value: f64| display::signed(value, 2);
    let told = |r: Option<f64>| r.map_or_else(|| "–".to_owned(), |r| format!("{} R", signed(r)));
    let settled = format!("{} won, {} lost, {} expired", figures.won, figures.lost, figures.expired);
    let items = [
        ("Settled", figures.settled.to_string(), format!("{settled}; {} open", figures.open)),
        (
            "Win rate",
            figures.win_rate.map_or_else(|| "–".to_owned(), share),
            format!("target before stop; {}", interval(figures.win_rate_low, figures.win_rate_high, &share)),
        ),
        (
            "Expectancy",
            told(figures.expectancy_r),
            format!("before costs, {}", interval(figures.expectancy_low, figures.expectancy_high, &signed)),
        ),
        ("Profit factor", ratio(figures.profit_factor), "gains over losses, in R".to_owned()),
        (
            "All together",
            told(figures.total_r),
            format!("best {}, worst {}", told(figures.best_r), told(figures.worst_r)),
        ),
        (
            "Deepest fall",
            format!("{} R", display::decimal(figures.max_drawdown_r, 2, false)),
            "from the highest so far".to_owned(),
        ),
        (
            "Streaks",
            format!("{} / {}", figures.longest_winning_streak, figures.longest_losing_streak),
            "most in a row that gained / lost".to_owned(),
        ),
    ];
    figure::tiles(items)
}

/// One of several parts side by side: what it is called, where it is shown alone, and its figures.
pub struct Line {
    /// As its readers call it.
    pub name: String,
    /// Where it is shown alone.
    pub address: String,
    /// What its signals came to.
    pub figures: RecordFigures,
}

/// Parts side by side. `caption` says what the table is, `what` what a line is.
pub fn parts(caption: &str, what: &str, lines: &[Line]) -> Markup {
    let figures = ["Settled", "Open", "Win rate", "Expectancy", "Profit factor", "All together", "Deepest fall"];
    let columns: Vec<_> = [Words(what)].into_iter().chain(figures.map(Number)).collect();
    let rows = html! {
        @for line in lines { (part(line)) }
    };
    table("parts", caption, &columns, rows)
}

fn part(line: &Line) -> Markup {
    let figures = &line.figures;
    html! {
        tr role="row" {
            th role="rowheader" scope="row" class="cell-name" { a href=(line.address) { (line.name) } }
            td role="cell" class="number" data-label="Settled" { (figures.settled) }
            td role="cell" class="number" data-label="Open" { (figures.open) }
            td role="cell" class="number" data-label="Win rate" { (rate(figures)) }
            td role="cell" class="number" data-label="Expectancy" { (mean(figures)) }
            td role="cell" class="number" data-label="Profit factor" { (ratio(figures.profit_factor)) }
            td role="cell" class="number" data-label="All together" { (multiple(figures.total_r)) }
            td role="cell" class="number" data-label="Deepest fall" { (display::decimal(figures.max_drawdown_r, 2, false)) " R" }
        }
    }
}

/// Live against backtest. `live` names the side that was published.
pub fn drifts(drifts: &[DriftView], live: &str) -> Markup {
    let settled = format!("{live}: settled");
    let figures =
        ["Backtest: settled", "win rate", "mean R", &settled, "win rate", "mean R", "Difference of mean R"].map(Number);
    let columns: Vec<_> = [Words("Strategy")].into_iter().chain(figures).collect();
    let rows = html! {
        @for drift in drifts { (compared(drift, live)) }
    };
    html! {
        (table("parts drift", "Each strategy's published signals against its backtest", &columns, rows))
        ul class="drift-words" {
            @for drift in drifts { li { strong { (drift.strategy) } ": " (drift.words) } }
        }
    }
}

fn compared(drift: &DriftView, live: &str) -> Markup {
    let of_live = |what: &str| format!("{live}: {what}");
    html! {
        tr role="row" {
            th role="rowheader" scope="row" class="cell-name" {
                (drift.strategy) span class="muted" { " version " (drift.version) }
            }
            td role="cell" class="number" data-label="Backtest: settled" { (drift.backtest.settled) }
            td role="cell" class="number" data-label="Backtest: win rate" { (rate(&drift.backtest)) }
            td role="cell" class="number" data-label="Backtest: mean R" { (mean(&drift.backtest)) }
            td role="cell" class="number" data-label=(of_live("settled")) { (drift.live.settled) }
            td role="cell" class="number" data-label=(of_live("win rate")) { (rate(&drift.live)) }
            td role="cell" class="number" data-label=(of_live("mean R")) { (mean(&drift.live)) }
            td role="cell" class="number" data-label="Difference of mean R" { (difference(drift.expectancy_r)) }
        }
    }
}

fn difference(difference: Option<DifferenceView>) -> Markup {
    html! {
        (multiple(difference.map(|difference| difference.value)))
        @if let Some(DifferenceView { low, high, .. }) = difference {
            " " span class="figure muted small" { (between(&display::signed(low, 2), &display::signed(high, 2))) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_the_record_has_an_address() {
        assert_eq!(address(&RecordFilter::default()), "/track-record");
        let filter = RecordFilter {
            strategy: Some("macd".to_owned()),
            symbol: Some("BTC/USDT&x".to_owned()),
            timeframe: None,
            period: "2024-05".parse().ok(),
        };
        assert_eq!(address(&filter), "/track-record?strategy=macd&symbol=BTC/USDT%26x&period=2024-05");
    }

    #[test]
    fn what_is_not_defined_is_a_dash() {
        let markup = figures(&RecordFigures::default()).into_string();
        assert!(markup.contains("–") && !markup.contains("NaN") && markup.contains("no interval of so few"));
    }
}
