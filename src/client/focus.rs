//! The keyboard's place on a page whose parts are made anew.

use leptos::prelude::{document, request_animation_frame};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// What tells a link, or a button that the server made, from others.
const KINDS: [&str; 2] = ["href", "data-watch"];

/// Gives the focus back to the link or button that has it now, should it be made anew meanwhile: to the one of the same name, or that
/// leads to the same place. Call it before the page changes.
pub fn keep() {
    let Some(focused) = document().active_element() else { return };
    let name = focused.id();
    let Some((kind, place)) = KINDS.iter().find_map(|kind| Some((*kind, focused.get_attribute(kind)?))) else { return };
    request_animation_frame(move || {
        let page = document();
        if page.active_element().is_some_and(|focused| focused.tag_name() != "BODY") {
            return;
        }
        let same = |link: &HtmlElement| {
            if name.is_empty() {
                link.get_attribute(kind).is_some_and(|there| there == place)
            } else {
                link.id() == name
            }
        };
        let Ok(links) = page.query_selector_all(&format!("main [{kind}]")) else { return };
        let mut links = (0..links.length()).filter_map(|at| links.item(at)?.dyn_into::<HtmlElement>().ok());
        if let Some(link) = links.find(same) {
            drop(link.focus());
        }
    });
}
