//! Figures and words that carry a meaning: side, outcome, result. A word and a sign before they are a colour.

use super::icon::{Icon, Shape};
use crate::domain::{
    display,
    signal::{Outcome, Side},
};
use leptos::prelude::*;

/// BUY or SELL, with its arrow and colour.
#[component]
pub fn SideMark(
    /// Which way.
    side: Side,
) -> impl IntoView {
    let (class, shape, word) = match side {
        Side::Buy => ("side side-buy", Shape::Up, "BUY"),
        Side::Sell => ("side side-sell", Shape::Down, "SELL"),
    };
    view! {
        <span class=class>
            <Icon shape=shape />
            {word}
        </span>
    }
}

/// What the market did with it.
#[component]
pub fn OutcomeMark(
    /// Open, or how it was settled.
    outcome: Outcome,
) -> impl IntoView {
    let (class, word) = match outcome {
        Outcome::Open => ("outcome", "Open"),
        Outcome::Target => ("outcome outcome-won", "Target"),
        Outcome::Stop => ("outcome outcome-lost", "Stop"),
        Outcome::Expired => ("outcome", "Expired"),
    };
    view! { <span class=class>{word}</span> }
}

/// A result in units of the risk taken, its sign always shown; a dash while open.
#[component]
pub fn Result(
    /// In R.
    r: Option<f64>,
) -> impl IntoView {
    let text = r.map_or_else(|| "–".to_owned(), |r| format!("{} R", display::signed(r, 2)));
    let class = class_of(&text);
    view! { <span class=class>{text}</span> }
}

/// How a figure written by [`display::signed`] is coloured: by the sign that is read, so that 0.00 has no colour.
pub fn class_of(text: &str) -> &'static str {
    match text.chars().next() {
        Some('+') => "figure gain",
        Some('−') => "figure loss",
        _ => "figure",
    }
}

/// The measured share of like signals that won, and how many there were; a dash with its reason below five.
#[component]
pub fn Confidence(
    /// The share, 0 to 1.
    share: Option<f64>,
    /// How many settled signals it rests on.
    count: i64,
    /// Why there is no share.
    reason: Option<String>,
) -> impl IntoView {
    match share {
        Some(share) => view! {
            <span class="figure" title=format!("Measured on {count} earlier settled signals")>
                {display::percent(share, 0)}
                <span class="muted">{format!(" of {count}")}</span>
            </span>
        }
        .into_any(),
        None => {
            let reason = reason.unwrap_or_else(|| "Too few settled signals yet.".to_owned());
            view! {
                <span class="figure muted" title=reason.clone()>
                    "–"
                    <span class="visually-hidden">{format!(" {reason}")}</span>
                </span>
            }
            .into_any()
        }
    }
}

/// Says that what it stands beside is history played back.
#[component]
pub fn ReplayMark() -> impl IntoView {
    view! {
        <span class="tag" title="Computed from bundled historical candles, played back on a market clock of their own.">
            "Replay"
        </span>
    }
}

/// What a symbol's prices are counted in: rupees, but for pairs, which name it.
pub fn quote_of(symbol: &str) -> &str {
    symbol.split_once('/').map_or("INR", |(_, quote)| quote)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_reads_as_nothing_has_no_colour() {
        let class = |value: f64| class_of(&display::signed(value, 2));
        assert_eq!(
            [1.25, 0.004, 0.0, -0.004, -0.8].map(class),
            ["figure gain", "figure", "figure", "figure", "figure loss"]
        );
    }
}
