//! What only a browser has: the reader's zone, timers, stored preferences. On the server each of these does nothing.

#[cfg(feature = "hydrate")]
use leptos::prelude::*;

/// Says on the document that it is interactive.
pub fn mark_hydrated() {
    #[cfg(feature = "hydrate")]
    if let Some(root) = document().document_element() {
        drop(root.set_attribute("data-hydrated", ""));
    }
}

/// Lets all times on the page go on, and writes the exact ones in the reader's own zone: those that are there, and
/// those that come.
pub fn keep_times() {
    #[cfg(feature = "hydrate")]
    crate::client::times::keep();
}

/// Keeps the keyboard's place while a part of the page is made anew: call it where that is made.
pub fn keep_focus() {
    #[cfg(feature = "hydrate")]
    crate::client::focus::keep();
}

/// Shows which of the symbols on the page are on the watchlist.
pub fn mark_watched(names: &[String]) {
    #[cfg(feature = "hydrate")]
    crate::client::watchlist::mark(names);
    #[cfg(not(feature = "hydrate"))]
    {
        _ = names;
    }
}

/// What `attribute` says in the part of the page with this name.
pub fn told(name: &str, attribute: &str) -> Option<String> {
    #[cfg(feature = "hydrate")]
    {
        let part = document().query_selector(&format!("#{name} [{attribute}]")).ok()??;
        part.get_attribute(attribute)
    }
    #[cfg(not(feature = "hydrate"))]
    {
        _ = (name, attribute);
        None
    }
}

/// What `attribute` says of the thing that was clicked on, where it has one.
pub fn clicked(event: &leptos::ev::MouseEvent, attribute: &str) -> Option<String> {
    #[cfg(feature = "hydrate")]
    {
        crate::client::watchlist::clicked(event, attribute)
    }
    #[cfg(not(feature = "hydrate"))]
    {
        _ = (event, attribute);
        None
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
pub fn stored<T: miniserde::Deserialize>(key: &str) -> Option<T> {
    #[cfg(feature = "hydrate")]
    {
        use gloo_storage::Storage;
        gloo_storage::LocalStorage::raw()
            .get_item(key)
            .ok()
            .flatten()
            .and_then(|json| miniserde::json::from_str(&json).ok())
    }
    #[cfg(not(feature = "hydrate"))]
    {
        _ = key;
        None
    }
}

/// Keeps a preference in this browser; one that keeps nothing only forgets it.
pub fn store<T: miniserde::Serialize>(key: &str, value: T) {
    #[cfg(feature = "hydrate")]
    {
        use gloo_storage::Storage;
        drop(gloo_storage::LocalStorage::raw().set_item(key, &miniserde::json::to_string(&value)));
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
