//! Signalbox: a trading-signals business and the proof of its record.
//!
//! Each module says where it runs; cfg on modules appears here only.
#![recursion_limit = "512"]

/// Both sides: server functions, the only door from pages to the server.
pub mod api;
/// Both sides: the route table.
pub mod app;
/// Client: what only a browser can do.
#[cfg(feature = "hydrate")]
mod client;
/// Both sides: building blocks of pages; props in, callbacks out.
pub mod components;
/// Both sides: parsed types and pure rules.
pub mod domain;
/// Both sides: one file a route.
pub mod pages;
/// Server: everything that never leaves it.
#[cfg(feature = "ssr")]
pub mod server;
/// Both sides: who is signed in.
pub mod session;
/// Server: the document around every page.
#[cfg(feature = "ssr")]
mod shell;

/// Client: takes over the server-rendered page.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    components::browser::follow_redirects();
    client::served::note();
    leptos::mount::hydrate_body(app::App);
}
