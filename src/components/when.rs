//! Instants: relative with the exact one on hover, or exact in the reader's zone.

use super::browser;
use crate::domain::{display, time::Timestamp};
use leptos::prelude::*;

/// How long ago, or until; the exact instant on hover and for screen readers, in the reader's zone once that is known.
#[component]
pub fn Ago(
    /// Which instant.
    at: Timestamp,
    /// The server's clock when the page's data was made.
    as_of: Timestamp,
) -> impl IntoView {
    let now = browser::going_on(as_of);
    let exact = exact_text(at);
    view! {
        <time datetime=at.to_string() title=move || exact.get()>
            {move || display::relative(at, now())}
        </time>
    }
}

/// The exact instant: in UTC from the server, in the reader's zone as soon as that is known.
#[component]
pub fn Exact(
    /// Which instant.
    at: Timestamp,
) -> impl IntoView {
    let exact = exact_text(at);
    view! { <time datetime=at.to_string()>{move || exact.get()}</time> }
}

/// A calendar day of the market, in UTC.
#[component]
pub fn Day(
    /// An instant in that day.
    at: Timestamp,
) -> impl IntoView {
    view! {
        <time datetime=at.to_string() title=display::instant(at)>
            {display::date(at)}
        </time>
    }
}

fn exact_text(at: Timestamp) -> ArcRwSignal<String> {
    let text = ArcRwSignal::new(display::instant(at));
    let localised = text.clone();
    Effect::new(move |_| {
        if let Some(local) = browser::local_instant(at) {
            localised.set(local);
        }
    });
    text
}
