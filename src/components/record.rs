//! The public record: settled signals, losers too.

use super::{
    figure::{self, outcome_mark, quote_of, replay_mark, result, side_mark, unproven_mark},
    notice::empty,
    table::{
        Column::{Number, Words},
        table,
    },
    when::day,
};
use crate::domain::{
    display,
    signal::{MarketNow, Proof, SignalLine},
};
use leptos::prelude::*;
use maud::{Markup, html};

/// Settled signals, the newest first. `caption` says what the table is, for screen readers.
pub fn record(settled: &[SignalLine], caption: &str) -> Markup {
    if settled.is_empty() {
        let text = html! {
            p { "The first appears here as soon as the market reaches a target or a stop, or time runs out." }
        };
        return empty("No signal has been settled yet", text);
    }
    let columns =
        [Words("Settled"), Words("Symbol"), Words("Side"), Number("Entry → exit"), Words("Outcome"), Number("Result")];
    let rows = html! {
        @for signal in settled { (row(signal)) }
    };
    table("record", caption, &columns, rows)
}

fn row(signal: &SignalLine) -> Markup {
    let quote = quote_of(&signal.symbol);
    let entry = display::bare_price(signal.entry, quote);
    let exit = signal.exit_price.map_or_else(|| "–".to_owned(), |exit| display::bare_price(exit, quote));
    let (sign, unit) = if quote == "INR" { ("₹", "") } else { ("", quote) };
    html! {
        tr role="row" {
            td role="cell" class="cell-when" {
                @if let Some(at) = signal.settled_at { (day(at)) }
            }
            th role="rowheader" scope="row" class="cell-symbol" {
                a href={ "/signal/" (signal.id) } { (signal.symbol) }
                span class="muted" { " " (signal.timeframe) }
                span class="rule" { (signal.strategy) (unproven_mark(signal.verdict)) }
            }
            td role="cell" class="cell-side" { (side_mark(signal.side)) }
            td role="cell" class="number cell-prices" {
                (sign) (entry) " → " (sign) (exit)
                @if !unit.is_empty() { span class="muted" { " " (unit) } }
            }
            td role="cell" class="cell-outcome" { (outcome_mark(signal.outcome)) }
            td role="cell" class="number cell-result" { (result(signal.r_multiple)) }
        }
    }
}

/// The record in five figures.
pub fn tally(proof: &Proof) -> Markup {
    let total = proof.total_r.map_or_else(|| "–".to_owned(), |r| format!("{} R", display::signed(r, 2)));
    let figures = [
        ("Published", proof.published.to_string(), "signals so far"),
        ("Won", proof.won.to_string(), "reached the target"),
        ("Lost", proof.lost.to_string(), "hit the stop"),
        ("Expired", proof.expired.to_string(), "ended in between"),
        ("All together", total, "R is the risk taken, from fill to stop"),
    ];
    figure::tiles(figures)
}

/// Says which market time it is and that it is a replay.
pub fn market_line(market: &MarketNow) -> Markup {
    html! {
        p class="market-line" {
            @if market.replay { (replay_mark()) " " }
            span { "Market time " } " " (day(market.now)) " "
            @if market.replay {
                span class="muted" { " – real candles of that day, played back faster than they came." }
            }
        }
    }
}

/// The same in a view.
#[component]
pub fn MarketLine(
    /// From the server.
    market: MarketNow,
) -> impl IntoView {
    view! { <div class="markup" inner_html=market_line(&market).into_string()></div> }
}
