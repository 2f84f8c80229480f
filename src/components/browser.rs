//! What only a browser has: the reader's zone, timers, stored preferences. On the server each of these does nothing.

use crate::domain::time::Timestamp;
use leptos::prelude::*;

/// Counts half minutes since the page was opened, so that relative times go on.
#[derive(Clone, Copy)]
pub struct Ticks(RwSignal<u32>);

/// Seconds between two ticks.
const TICK_SECONDS: u32 = 30;

/// Lets relative times on all pages go on.
pub fn provide_ticks() {
    let ticks = Ticks(RwSignal::new(0));
    provide_context(ticks);
    Effect::new(move |_| every(TICK_SECONDS * 1000, move || ticks.0.update(|count| *count += 1)));
}

/// `as_of`, going on from when this is called.
///
/// No signal of the caller's: what is on the page may outlive the data it was made of by a moment.
pub fn going_on(as_of: Timestamp) -> impl Fn() -> Timestamp + Copy + Send + Sync {
    let ticks = use_context::<Ticks>();
    let born = ticks.map_or(0, |Ticks(count)| count.get_untracked());
    move || {
        let count = ticks.map_or(0, |Ticks(count)| count.get());
        let passed = count.saturating_sub(born) * TICK_SECONDS;
        as_of + std::time::Duration::from_secs(passed.into())
    }
}

/// Says on the document that it is interactive.
pub fn mark_hydrated() {
    #[cfg(feature = "hydrate")]
    if let Some(root) = document().document_element() {
        drop(root.set_attribute("data-hydrated", ""));
    }
}

/// Leads to where a server function points: to another page whole, so that nothing of the old one stays; the same
/// page is only asked anew, or scrolled to a part of it.
#[cfg(feature = "hydrate")]
pub fn follow_redirects() {
    let hook = |there: &str| {
        let location = window().location();
        let here = [location.pathname(), location.search()].into_iter().flatten().collect::<String>();
        let (page, part) = there.split_once('#').map_or((there, None), |(page, part)| (page, Some(part)));
        if part.is_some() && location.pathname().is_ok_and(|path| path == page) {
            return;
        }
        drop(if page == here { location.reload() } else { location.set_href(there) });
    };
    // Set before the router, whose own hook would keep the old page's data.
    drop(leptos::server_fn::redirect::set_redirect_hook(hook));
}

/// `at` in the reader's own zone and its name: `1 Jun 2024, 11:00 GMT+5:30`.
pub fn local_instant(at: Timestamp) -> Option<String> {
    #[cfg(feature = "hydrate")]
    {
        use wasm_bindgen::JsValue;
        let options = js_sys::Object::new();
        for (name, value) in [
            ("day", "numeric"),
            ("month", "short"),
            ("year", "numeric"),
            ("hour", "2-digit"),
            ("minute", "2-digit"),
            ("timeZoneName", "short"),
        ] {
            js_sys::Reflect::set(&options, &JsValue::from_str(name), &JsValue::from_str(value)).ok()?;
        }
        let date = js_sys::Date::new(&JsValue::from_f64(at.millis() as f64));
        Some(date.to_locale_string("en-GB", &options).into())
    }
    #[cfg(not(feature = "hydrate"))]
    {
        _ = at;
        None
    }
}

/// Runs `work` every so many milliseconds while the page is open and looked at.
pub fn every(milliseconds: u32, work: impl Fn() + 'static) {
    #[cfg(feature = "hydrate")]
    {
        let interval = gloo_timers::callback::Interval::new(milliseconds, move || {
            if !document().hidden() {
                work();
            }
        });
        // Kept by the page; it ends with it.
        StoredValue::new_local(interval);
    }
    #[cfg(not(feature = "hydrate"))]
    {
        _ = (milliseconds, work);
    }
}

/// Whether the reader is at the top of the page.
pub fn at_top() -> bool {
    #[cfg(feature = "hydrate")]
    {
        window().scroll_y().is_ok_and(|y| y < 120.0)
    }
    #[cfg(not(feature = "hydrate"))]
    {
        true
    }
}

/// A preference kept in this browser.
pub fn stored<T: serde::de::DeserializeOwned>(key: &str) -> Option<T> {
    #[cfg(feature = "hydrate")]
    {
        use gloo_storage::Storage;
        gloo_storage::LocalStorage::get(key).ok()
    }
    #[cfg(not(feature = "hydrate"))]
    {
        _ = key;
        None
    }
}

/// Keeps a preference in this browser; one that keeps nothing only forgets it.
pub fn store<T: serde::Serialize>(key: &str, value: T) {
    #[cfg(feature = "hydrate")]
    {
        use gloo_storage::Storage;
        drop(gloo_storage::LocalStorage::set(key, value));
    }
    #[cfg(not(feature = "hydrate"))]
    {
        _ = (key, value);
    }
}

/// Shows the page in `light` or `dark`, else as the system has it.
pub fn apply_theme(theme: &str) {
    #[cfg(feature = "hydrate")]
    if let Some(root) = document().document_element() {
        drop(match theme {
            "light" | "dark" => root.set_attribute("data-theme", theme),
            _ => root.remove_attribute("data-theme"),
        });
    }
    #[cfg(not(feature = "hydrate"))]
    {
        _ = theme;
    }
}
