//! Symbols: where each stands, with its small chart, and the reader's watchlist.

use super::{
    browser,
    chart::spark,
    figure,
    icon::{Shape, icon},
    when::closing_day,
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

/// Shows which symbols of [`market`] are on the watchlist: those come first.
pub fn mark(watched: &[String]) {
    browser::mark_watched(watched);
}

/// Takes a symbol of [`market`] onto the watchlist or off it, where `event` is a click on its button.
pub fn toggle(event: &leptos::ev::MouseEvent, watched: RwSignal<Vec<String>>) {
    let Some(name) = browser::clicked(event, "data-watch") else { return };
    watched.update(|watched| match watched.iter().position(|watched| *watched == name) {
        Some(at) => drop(watched.remove(at)),
        None => watched.push(name),
    });
    browser::store(KEY, watched.get_untracked());
}

/// All symbols, each with a button for the watchlist.
pub fn market(symbols: &[SymbolView]) -> Markup {
    html! {
        ul class="market" {
            @for symbol in symbols { (tile(symbol)) }
        }
    }
}

fn tile(symbol: &SymbolView) -> Markup {
    let name = &symbol.symbol;
    html! {
        li class="symbol" data-symbol=(name) {
            div class="symbol-head" {
                h3 class="symbol-name" { (name) }
                button type="button" class="watch needs-script" data-watch=(name) aria-pressed="false"
                    aria-label={ "Watch " (name) } { (icon(Shape::Star)) }
            }
            (standing(symbol))
        }
    }
}

fn standing(symbol: &SymbolView) -> Markup {
    let price = symbol.last_close.map_or_else(|| "–".to_owned(), |close| display::price(close, &symbol.quote));
    let change = symbol.change.map(|change| display::signed(change * 100.0, 2));
    let label = format!("{} daily closes, the last {price}", symbol.closes.len());
    html! {
        p class="muted small" { (symbol.name) }
        (spark(&symbol.closes, &label))
        p class="symbol-figures" {
            span class="symbol-price" { (price) }
            @if let Some(change) = change {
                span title="Against the daily close before" {
                    span class=(figure::class_of(&change)) { (change) " %" } span class="muted small" { " 1 d" }
                }
            }
        }
        @if let Some(at) = symbol.closed_at { p class="small muted" { "Daily close of " (closing_day(at)) } }
        @if symbol.ended { p class="small muted" { "Its data has come to an end." } }
    }
}
