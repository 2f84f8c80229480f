//! Instants: relative with the exact one on hover, or exact in the reader's zone.
//!
//! The server writes relative times as they are when it answers, exact ones in UTC. Once a page is interactive,
//! [`browser::keep_times`](super::browser::keep_times) lets the relative ones go on and writes the exact ones in the
//! reader's own zone.

use super::markup::embed;
use crate::domain::{display, time::Timestamp};
use leptos::prelude::*;
use maud::{Markup, html};

/// How long ago, or until; the exact instant on hover and for screen readers.
pub fn ago(at: Timestamp, as_of: Timestamp) -> Markup {
    html! {
        time datetime=(at) title=(display::instant(at)) data-ago { (display::relative(at, as_of)) }
    }
}

/// The exact instant.
pub fn exact(at: Timestamp) -> Markup {
    html! {
        time datetime=(at) data-exact { (display::instant(at)) }
    }
}

/// A calendar day of the market, in UTC.
pub fn day(at: Timestamp) -> Markup {
    html! {
        time datetime=(at) title=(display::instant(at)) { (display::date(at)) }
    }
}

/// The day of the market that a candle belongs to which closed at `at`: one that closes at midnight, to the day before.
pub fn closing_day(at: Timestamp) -> Markup {
    html! {
        time datetime=(at) title=(display::instant(at)) { (display::date(Timestamp::from_millis(at.millis() - 1))) }
    }
}

/// The exact instant, in a view.
#[component]
pub fn Exact(
    /// Which instant.
    at: Timestamp,
) -> impl IntoView {
    embed(exact(at))
}
