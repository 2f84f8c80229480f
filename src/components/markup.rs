//! What only shows and never reacts is written as text (`maud`), not as a view: the server writes it several times as
//! fast, and the client needs no code to take it over. What reacts is a view around it.

use leptos::prelude::*;
use maud::Markup;

/// Puts a piece of markup into a view, without a box of its own.
pub fn embed(markup: Markup) -> impl IntoView {
    view! { <span class="markup" inner_html=markup.into_string()></span> }
}
