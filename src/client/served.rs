//! What of a page only the server makes: kept as it came, and asked for when a link leads there.

use super::{call::call, focus, times::set_clock};
use crate::{
    api::error::Problem,
    components::served::{Renewal, SERVED},
    domain::time::Timestamp,
};
use gloo_timers::future::TimeoutFuture;
use leptos::{prelude::*, server_fn::request::ClientReq, task::spawn_local};
use leptos_meta::Title;
use leptos_router::hooks::use_location;
use std::{cell::RefCell, rc::Rc};
use wasm_bindgen::JsCast;
use web_sys::{Document, DomParser, Element, SupportedType};

/// Milliseconds until a part that could not be had is asked for again.
const AGAIN: u32 = 4_000;

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
                let found = fetch(&path, &query, &format!(".{SERVED}")).await;
                // Who has gone on meanwhile wants another page.
                if html.is_disposed() || location.pathname.get_untracked() != path {
                    return;
                }
                match found {
                    Some(found) => {
                        title.set(found.title);
                        html.set(Some(found.content));
                        found.scripts.iter().for_each(|script| load(script));
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

/// What stands in the place of a part of this page, named `name`, that the server makes; `changed` is called when it is in
/// the page.
pub fn part(name: &'static str, renewal: Renewal, changed: impl Fn() + 'static) -> impl IntoView {
    let location = use_location();
    let came = Owner::current_shared_context().is_some_and(|context| context.during_hydration());
    let own = location.pathname.get_untracked();
    let html = RwSignal::new(None);
    Effect::new(move |before: Option<()>| {
        let (asked, query, own) = (renewal.asked(), location.search.get(), own.clone());
        if came && before.is_none() {
            told_clock(&document());
            return;
        }
        // Who has gone on, or asked again, wants something else.
        let over = {
            let query = query.clone();
            move || html.is_disposed() || renewal.is_past(asked) || location.search.get_untracked() != query
        };
        spawn_local(async move {
            // Where the way leads out of this page, it is gone in a moment.
            TimeoutFuture::new(0).await;
            while !over() {
                let found = fetch(&own, &query, &format!("#{name}")).await;
                if over() {
                    return;
                }
                if let Some(found) = found {
                    focus::keep();
                    return html.set(Some(found.content));
                }
                if !came && html.with_untracked(Option::is_none) {
                    return drop(window().location().reload());
                }
                // What is there stays until the server answers again.
                TimeoutFuture::new(AGAIN).await;
            }
        });
    });
    let changed = Rc::new(changed);
    Effect::new(move |_| {
        html.track();
        let changed = Rc::clone(&changed);
        // When it is in the page.
        request_animation_frame(move || {
            if !html.is_disposed() {
                changed();
            }
        });
    });
    view! { <div class=SERVED id=name inner_html=move || html.get().unwrap_or_default()></div> }
}

/// A page as the server made it.
struct Found {
    title: String,
    /// What stands in it where it was looked for.
    content: String,
    /// The addresses of its scripts.
    scripts: Vec<String>,
}

/// A page from the server, if it made one with something at `place`; else the browser had better go there by itself.
async fn fetch(path: &str, query: &str, place: &str) -> Option<Found> {
    // With the site before it: a path that begins with two slashes would name another host.
    let page = format!("{}{path}", window().location().origin().ok()?);
    let request = ClientReq::<Problem>::try_new_get(&page, "", "text/html", query.trim_start_matches('?'));
    let text = call(request).await.ok()?;
    let page = DomParser::new().ok()?.parse_from_string(&text, SupportedType::TextHtml).ok()?;
    let content = page.query_selector(place).ok()??.inner_html();
    let found = page.query_selector_all(&format!("{place} script[src]")).ok()?;
    let source = |at| found.item(at)?.dyn_into::<Element>().ok()?.get_attribute("src");
    let scripts = (0..found.length()).filter_map(source).collect();
    told_clock(&page);
    Some(Found { title: page.title(), content, scripts })
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
