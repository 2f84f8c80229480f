//! Symbols: where each stands, with its small chart, and the reader's watchlist.

use super::{
    browser,
    chart::spark,
    figure,
    icon::{Icon, Shape},
};
use crate::domain::{display, signal::SymbolView};
use leptos::prelude::*;
use maud::{Markup, html};

/// The preference's name in the browser's storage.
const KEY: &str = "watchlist";

/// The reader's watchlist, known once the page is interactive. Make it where the page is made.
pub fn watchlist() -> RwSignal<Vec<String>> {
    let watched = RwSignal::new(Vec::new());
    Effect::new(move |_| watched.set(browser::stored(KEY).unwrap_or_default()));
    watched
}

/// All symbols, those on the watchlist first.
#[component]
pub fn Market(
    /// From the server.
    symbols: Vec<SymbolView>,
    /// The reader's watchlist.
    watched: RwSignal<Vec<String>>,
) -> impl IntoView {
    view! { <ul class="market">{symbols.into_iter().map(|symbol| tile(symbol, watched)).collect_view()}</ul> }
        .into_any()
}

fn tile(symbol: SymbolView, watched: RwSignal<Vec<String>>) -> impl IntoView {
    let name = symbol.symbol.clone();
    let is_watched = {
        let name = name.clone();
        move || watched.with(|watched| watched.contains(&name))
    };
    let pressed = is_watched.clone();
    let toggle = {
        let name = name.clone();
        move |_| {
            watched.update(|watched| match watched.iter().position(|watched| *watched == name) {
                Some(at) => drop(watched.remove(at)),
                None => watched.push(name.clone()),
            });
            browser::store(KEY, watched.get_untracked());
        }
    };
    view! {
        <li class="symbol" class:symbol-watched=is_watched>
            <div class="symbol-head">
                <h3 class="symbol-name">{name.clone()}</h3>
                <button
                    type="button"
                    class="watch needs-script"
                    aria-pressed=move || if pressed() { "true" } else { "false" }
                    aria-label=format!("Watch {name}")
                    on:click=toggle
                >
                    <Icon shape=Shape::Star />
                </button>
            </div>
            <div class="markup" inner_html=standing(&symbol).into_string()></div>
        </li>
    }
}

fn standing(symbol: &SymbolView) -> Markup {
    let price = symbol.last_close.map_or_else(|| "–".to_owned(), |close| display::price(close, &symbol.quote));
    let (class, change) = match symbol.change {
        Some(change) => {
            let change = display::signed(change * 100.0, 2);
            (figure::class_of(&change), format!("{change} %"))
        }
        None => ("figure muted", "–".to_owned()),
    };
    let label = format!("{} closes, the last {price}", symbol.closes.len());
    html! {
        p class="muted small" { (symbol.name) }
        (spark(&symbol.closes, &label))
        p class="symbol-figures" {
            span class="symbol-price" { (price) }
            span class=(class) title="Against the close before" { (change) }
        }
        @if symbol.ended { p class="small muted" { "Its data has come to an end." } }
    }
}
