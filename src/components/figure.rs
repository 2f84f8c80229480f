//! Figures and words that carry a meaning: side, outcome, result. A word and a sign before they are a colour.

use super::icon::{Shape, icon};
use crate::domain::{
    display,
    signal::{Outcome, Side},
    strategy::Verdict,
};
use maud::{Markup, html};

/// Figures in a row of tiles: of each its name, its value, and what it means.
pub fn tiles<W: AsRef<str>>(figures: impl IntoIterator<Item = (&'static str, String, W)>) -> Markup {
    html! {
        dl class="tally" {
            @for (name, value, what) in figures {
                div class="tally-item" {
                    dt { (name) }
                    dd { span class="tally-value" { (value) } span class="tally-what" { (what.as_ref()) } }
                }
            }
        }
    }
}

/// BUY or SELL, with its arrow and colour.
pub fn side_mark(side: Side) -> Markup {
    let (class, shape, word) = match side {
        Side::Buy => ("side side-buy", Shape::Up, "BUY"),
        Side::Sell => ("side side-sell", Shape::Down, "SELL"),
    };
    html! {
        span class=(class) { (icon(shape)) (word) }
    }
}

/// What the market did with it.
pub fn outcome_mark(outcome: Outcome) -> Markup {
    let (class, word) = match outcome {
        Outcome::Open => ("outcome", "Open"),
        Outcome::Target => ("outcome outcome-won", "Target"),
        Outcome::Stop => ("outcome outcome-lost", "Stop"),
        Outcome::Expired => ("outcome", "Expired"),
    };
    html! {
        span class=(class) { (word) }
    }
}

/// Whether a strategy is proven on a series.
pub fn verdict_mark(verdict: Verdict) -> Markup {
    let (class, word) = match verdict {
        Verdict::Proven => ("tag tag-good", "Proven"),
        Verdict::Unproven => ("tag tag-warning", "Unproven"),
    };
    html! {
        span class=(class) { (word) }
    }
}

/// In a row of signals, after the strategy's name: quietly that it is unproven on that series. Why is told on the signal's
/// own page, to which the row leads.
pub fn unproven_mark(verdict: Option<Verdict>) -> Markup {
    html! {
        @if verdict == Some(Verdict::Unproven) {
            " "
            span class="unproven" title="Not every check speaks for this strategy here. The signal's page says why." { "unproven" }
        }
    }
}

/// A result in units of the risk taken, its sign always shown; a dash while open.
pub fn result(r: Option<f64>) -> Markup {
    let text = r.map_or_else(|| "–".to_owned(), |r| format!("{} R", display::signed(r, 2)));
    html! {
        span class=(class_of(&text)) { (text) }
    }
}

/// How a figure written by [`display::signed`] is coloured: by the sign that is read, so that 0.00 has no colour.
pub fn class_of(text: &str) -> &'static str {
    match text.chars().next() {
        Some('+') => "figure gain",
        Some('−') => "figure loss",
        _ => "figure",
    }
}

/// The measured share of like signals that won (0 to 1) and how many settled signals it rests on; a dash with its
/// reason below five.
pub fn confidence(share: Option<f64>, count: i64, reason: Option<&str>) -> Markup {
    let Some(share) = share else {
        let reason = reason.unwrap_or("Too few settled signals yet.");
        return html! {
            span class="figure muted" title=(reason) { "–" span class="visually-hidden" { " " (reason) } }
        };
    };
    html! {
        span class="figure"
            title={ "Measured on " (count) " earlier signals of the rule on this series, before the record too; drawn towards its rate everywhere" } {
            (display::percent(share, 0)) span class="muted" { " (" span class="visually-hidden" { "measured on " } (count) ")" }
        }
    }
}

/// Says that what it stands beside is history played back.
pub fn replay_mark() -> Markup {
    html! {
        span class="tag"
            title="Computed from bundled historical candles, played back on a market clock of their own." { "Replay" }
    }
}

/// A named value in a list of facts.
pub fn fact(name: &str, value: Markup) -> Markup {
    html! {
        div class="fact" {
            dt { (name) }
            dd { (value) }
        }
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
