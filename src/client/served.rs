//! What of a page only the server makes: kept as it came, and asked for when a link leads there.

use super::{call::call, times::set_clock};
use crate::{api::error::Problem, components::served::SERVED, domain::time::Timestamp};
use gloo_timers::future::TimeoutFuture;
use leptos::{prelude::*, server_fn::request::ClientReq, task::spawn_local};
use leptos_meta::Title;
use leptos_router::hooks::use_location;
use std::cell::RefCell;
use wasm_bindgen::JsCast;
use web_sys::{Document, DomParser, Element, SupportedType};

thread_local! {
    /// The title that the document came with, until the page that came with it is taken over.
    static CAME: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Notes what the document came with: call it before anything on it changes.
pub fn note() {
    CAME.set(document().title());
}

/// What stands in the place of a page that the server makes.
pub fn view() -> impl IntoView {
    let location = use_location();
    let came = Owner::current_shared_context().is_some_and(|context| context.during_hydration());
    let (title, html) = (RwSignal::new(if came { CAME.take() } else { String::new() }), RwSignal::new(None));
    Effect::new(move |before: Option<()>| {
        let (path, query) = (location.pathname.get(), location.search.get());
        if came && before.is_none() {
            told_clock(&document());
        } else {
            spawn_local(async move {
                // Where the way leads out of this page, it is gone in a moment.
                TimeoutFuture::new(0).await;
                if html.is_disposed() {
                    return;
                }
                let found = fetch(&path, &query).await;
                // Who has gone on meanwhile wants another page.
                if html.is_disposed() || location.pathname.get_untracked() != path {
                    return;
                }
                match found {
                    Some((its_title, content, scripts)) => {
                        title.set(its_title);
                        html.set(Some(content));
                        scripts.iter().for_each(|script| load(script));
                    }
                    None => drop(window().location().reload()),
                }
            });
        }
    });
    view! {
        <Title text=move || title.get() />
        <div class=SERVED inner_html=move || html.get().unwrap_or_default()></div>
    }
}

/// A page's title, what the server made of it, if it made any, and its scripts; else the browser had better go there by
/// itself.
async fn fetch(path: &str, query: &str) -> Option<(String, String, Vec<String>)> {
    // With the site before it: a path that begins with two slashes would name another host.
    let page = format!("{}{path}", window().location().origin().ok()?);
    let request = ClientReq::<Problem>::try_new_get(&page, "", "text/html", query.trim_start_matches('?'));
    let text = call(request).await.ok()?;
    let page = DomParser::new().ok()?.parse_from_string(&text, SupportedType::TextHtml).ok()?;
    let content = page.query_selector(&format!(".{SERVED}")).ok()??.inner_html();
    let found = page.query_selector_all(&format!(".{SERVED} script[src]")).ok()?;
    let source = |at| found.item(at)?.dyn_into::<Element>().ok()?.get_attribute("src");
    let scripts = (0..found.length()).filter_map(source).collect();
    told_clock(&page);
    Some((page.title(), content, scripts))
}

/// Loads a module, which the browser does not do for text that is put into a page. One that is there already is not run
/// again: what it defined takes up its elements by itself.
fn load(script: &str) {
    let (Ok(element), Some(body)) = (document().create_element("script"), document().body()) else { return };
    for (name, value) in [("type", "module"), ("src", script)] {
        drop(element.set_attribute(name, value));
    }
    drop(body.append_child(&element));
}

/// Relative times count from when the page was made.
fn told_clock(page: &Document) {
    let made = page.query_selector("[data-as-of]").ok().flatten().and_then(|part| part.get_attribute("data-as-of"));
    if let Some(as_of) = made.and_then(|made| made.parse().ok()) {
        set_clock(Timestamp::from_millis(as_of));
    }
}
