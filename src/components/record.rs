//! The public record: settled signals, losers too.

use super::{
    figure::{OutcomeMark, ReplayMark, Result, SideMark, quote_of},
    notice::Empty,
    when::Day,
};
use crate::domain::{
    display,
    signal::{Proof, SignalLine},
};
use leptos::prelude::*;

/// Settled signals, the newest first.
#[component]
pub fn Record(
    /// The newest first.
    settled: Vec<SignalLine>,
    /// Says what the table is, for screen readers.
    caption: &'static str,
) -> impl IntoView {
    if settled.is_empty() {
        return view! {
            <Empty title="No signal has been settled yet">
                <p>"The first appears here as soon as the market reaches a target or a stop, or time runs out."</p>
            </Empty>
        }
        .into_any();
    }
    view! {
        <div class="table-box">
            <table class="table record" role="table">
                <caption class="visually-hidden">{caption}</caption>
                <thead role="rowgroup">
                    <tr role="row">
                        <th role="columnheader" scope="col">"Settled"</th>
                        <th role="columnheader" scope="col">"Symbol"</th>
                        <th role="columnheader" scope="col">"Side"</th>
                        <th role="columnheader" scope="col" class="number">"Entry → exit"</th>
                        <th role="columnheader" scope="col">"Outcome"</th>
                        <th role="columnheader" scope="col" class="number">"Result"</th>
                    </tr>
                </thead>
                <tbody role="rowgroup">{settled.into_iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn row(signal: SignalLine) -> impl IntoView {
    let quote = quote_of(&signal.symbol);
    let entry = display::bare_price(signal.entry, quote);
    let exit = signal.exit_price.map_or_else(|| "–".to_owned(), |exit| display::bare_price(exit, quote));
    let sign = if quote == "INR" { "₹" } else { "" };
    let prices = format!("{sign}{entry} → {sign}{exit}");
    let unit = if sign.is_empty() { format!(" {quote}") } else { String::new() };
    view! {
        <tr role="row">
            <td role="cell" class="cell-when">
                {signal.settled_at.map(|at| view! { <Day at=at /> })}
            </td>
            <th role="rowheader" scope="row" class="cell-symbol">
                <a href=format!("/signal/{}", signal.id)>{signal.symbol.clone()}</a>
                <span class="muted">{format!(" {}", signal.timeframe)}</span>
            </th>
            <td role="cell" class="cell-side">
                <SideMark side=signal.side />
            </td>
            <td role="cell" class="number cell-prices">
                {prices}
                <span class="muted">{unit}</span>
            </td>
            <td role="cell" class="cell-outcome">
                <OutcomeMark outcome=signal.outcome />
            </td>
            <td role="cell" class="number cell-result">
                <Result r=signal.r_multiple />
            </td>
        </tr>
    }
}

/// The record in four figures.
#[component]
pub fn Tally(
    /// From the server.
    proof: Proof,
) -> impl IntoView {
    let total = proof.total_r.map_or_else(|| "–".to_owned(), |r| format!("{} R", display::signed(r, 2)));
    let figures = [
        ("Published", proof.published.to_string(), "signals so far"),
        ("Won", proof.won.to_string(), "reached the target"),
        ("Lost", proof.lost.to_string(), "hit the stop"),
        ("Expired", proof.expired.to_string(), "ended in between"),
        ("All together", total, "R is the risk taken, from fill to stop"),
    ];
    view! {
        <dl class="tally">
            {figures
                .into_iter()
                .map(|(name, value, what)| {
                    view! {
                        <div class="tally-item">
                            <dt>{name}</dt>
                            <dd>
                                <span class="tally-value">{value}</span>
                                <span class="tally-what">{what}</span>
                            </dd>
                        </div>
                    }
                })
                .collect_view()}
        </dl>
    }
    .into_any()
}

/// Says which market time it is and that it is a replay.
#[component]
pub fn MarketLine(
    /// From the server.
    market: crate::domain::signal::MarketNow,
) -> impl IntoView {
    view! {
        <p class="market-line">
            {market.replay.then(|| view! { <ReplayMark /> })} <span>"Market time "</span> <Day at=market.now />
            {market
                .replay
                .then(|| {
                    view! { <span class="muted">" – real candles of that day, played back faster than they came."</span> }
                })}
        </p>
    }
    .into_any()
}
