//! Drawn signs. Each is decoration beside a word.

use super::markup::embed;
use leptos::prelude::*;
use maud::{Markup, html};

/// Which sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// An arrow up: buy.
    Up,
    /// An arrow down: sell.
    Down,
    /// Lines of a chart: the dashboard.
    Chart,
    /// A person: the account.
    Person,
    /// A price tag: pricing.
    Tag,
    /// A star: the watchlist.
    Star,
    /// A warning triangle.
    Warning,
    /// A tick.
    Tick,
    /// A clock turned back: backtests.
    Back,
    /// Sliders: the operator's page.
    Sliders,
}

impl Shape {
    fn path(self) -> &'static str {
        match self {
            Self::Up => "M8 13V3M3.5 7.5 8 3l4.5 4.5",
            Self::Down => "M8 3v10M3.5 8.5 8 13l4.5-4.5",
            Self::Chart => "M2 13.5h12M3 10l3-4 3 2.5L13.5 3",
            Self::Person => "M8 8a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM2.5 14c.6-2.9 2.8-4 5.5-4s4.9 1.1 5.5 4",
            Self::Tag => "M2 2h5.5L14 8.5 8.5 14 2 7.5ZM5 5h.01",
            Self::Star => "m8 1.8 1.9 3.9 4.3.6-3.1 3 .7 4.3L8 11.6l-3.8 2 .7-4.3-3.1-3 4.3-.6Z",
            Self::Warning => "M8 2 14.5 13.5h-13ZM8 6.5v3M8 11.5v.01",
            Self::Tick => "m3 8.5 3.5 3.5L13 4.5",
            Self::Back => "M2.5 8a5.5 5.5 0 1 0 1.8-4L2.5 5.5m0-3v3h3M8 5v3.2l2.2 1.3",
            Self::Sliders => "M2 4h12M2 8h12M2 12h12M6 2.5v3M10.5 6.5v3M5 10.5v3",
        }
    }
}

/// A sign of one em.
pub fn icon(shape: Shape) -> Markup {
    html! {
        svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false" { path d=(shape.path()) {} }
    }
}

/// The same in a view.
#[component]
pub fn Icon(
    /// Which.
    shape: Shape,
) -> impl IntoView {
    embed(icon(shape))
}
