//! The times that `when` wrote go on, and are told in the reader's own zone.

use crate::{
    components::browser::every,
    domain::{display, time::Timestamp},
};
use js_sys::{Date, Function, Intl::DateTimeFormat, Object, Reflect};
use leptos::prelude::document;
use std::cell::{Cell, LazyCell};
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use web_sys::{Element, MutationObserver, MutationObserverInit};

/// Milliseconds between two looks at all relative times.
const EVERY: u32 = 30_000;

thread_local! {
    /// Milliseconds by which the server's clock is ahead of the reader's.
    static AHEAD: Cell<f64> = const { Cell::new(0.0) };
    /// `1 Jun 2024, 11:00 GMT+5:30`, in the reader's zone.
    static FORMAT: LazyCell<Function> = LazyCell::new(format);
}

fn format() -> Function {
    let options = Object::new();
    for (name, value) in [
        ("day", "numeric"),
        ("month", "short"),
        ("year", "numeric"),
        ("hour", "2-digit"),
        ("minute", "2-digit"),
        ("timeZoneName", "short"),
    ] {
        // A property of an object just made can always be set.
        drop(Reflect::set(&options, &JsValue::from_str(name), &JsValue::from_str(value)));
    }
    DateTimeFormat::new(&js_sys::Array::of1(&JsValue::from_str("en-GB")), &options).format()
}

/// Says what the server's clock shows now.
pub fn set_clock(as_of: Timestamp) {
    AHEAD.set(as_of.millis() as f64 - Date::now());
}

/// Tells every time that is on the page or comes onto it; the relative ones again and again.
pub fn keep() {
    tell_all();
    every(EVERY, tell_all);
    let Some(body) = document().body() else { return };
    let changed = Closure::<dyn Fn()>::new(tell_all);
    let Ok(observer) = MutationObserver::new(changed.as_ref().unchecked_ref()) else { return };
    // The page keeps both for as long as it is open.
    changed.forget();
    let what = MutationObserverInit::new();
    what.set_child_list(true);
    what.set_subtree(true);
    drop(observer.observe_with_options(&body, &what));
}

fn tell_all() {
    let Ok(times) = document().query_selector_all("time[data-ago],time[data-exact]") else { return };
    for at in 0..times.length() {
        if let Some(time) = times.item(at).and_then(|node| node.dyn_into::<Element>().ok()) {
            tell(&time);
        }
    }
}

fn tell(time: &Element) {
    let Some(at) = time.get_attribute("datetime").map(|text| Date::parse(&text)).filter(|at| at.is_finite()) else {
        return;
    };
    let is_relative = time.has_attribute("data-ago");
    // Once is enough: a time that means another instant is another element.
    if !time.has_attribute("data-told") {
        let local = FORMAT.with(|format| format.call1(&JsValue::UNDEFINED, &Date::new(&JsValue::from_f64(at))));
        if let Some(local) = local.ok().and_then(|local| local.as_string()) {
            if is_relative {
                drop(time.set_attribute("title", &local));
            } else {
                time.set_text_content(Some(&local));
            }
        }
        drop(time.set_attribute("data-told", ""));
    }
    if is_relative {
        let now = Timestamp::from_millis((Date::now() + AHEAD.get()) as i64);
        let text = display::relative(Timestamp::from_millis(at as i64), now);
        // Only what changed: a change is looked at again.
        if time.text_content().as_deref() != Some(&text) {
            time.set_text_content(Some(&text));
        }
    }
}
