//! The watchlist on what the server made.

use leptos::{ev::MouseEvent, prelude::document};
use wasm_bindgen::JsCast;
use web_sys::Element;

/// Marks the symbols on the page that are among `names`.
pub fn mark(names: &[String]) {
    let Ok(tiles) = document().query_selector_all("[data-symbol]") else { return };
    for at in 0..tiles.length() {
        let Some(tile) = tiles.item(at).and_then(|node| node.dyn_into::<Element>().ok()) else { continue };
        let watched = tile.get_attribute("data-symbol").is_some_and(|name| names.contains(&name));
        tile.set_class_name(if watched { "symbol symbol-watched" } else { "symbol" });
        if let Ok(Some(button)) = tile.query_selector("[aria-pressed]") {
            drop(button.set_attribute("aria-pressed", if watched { "true" } else { "false" }));
        }
    }
}

/// What `attribute` says of the innermost thing clicked on that has it.
pub fn clicked(event: &MouseEvent, attribute: &str) -> Option<String> {
    let target = event.target()?.dyn_into::<Element>().ok()?;
    target.closest(&format!("[{attribute}]")).ok()??.get_attribute(attribute)
}
