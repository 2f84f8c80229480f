//! Server: the document around every page, with the headers that belong to it.

use crate::{
    app::App,
    pages::head::{self, Head},
    server::{rpc, state::AppState},
};
use leptos::{nonce::use_nonce, prelude::*};
use leptos_axum::ResponseOptions;
use leptos_meta::MetaTags;
use maud::{Markup, PreEscaped, html};

/// Sets the chosen theme before the first paint, so that nothing flashes.
const THEME_SCRIPT: &str = "try{var t=JSON.parse(localStorage.getItem('theme'));\
if(t==='light'||t==='dark')document.documentElement.dataset.theme=t}catch(e){}";

/// Milliseconds after which the client starts though nobody touched the page: soon enough for times in the reader's zone,
/// and before the first look for news.
const QUIET: u32 = 2_500;

/// The document around every page.
pub fn shell(_options: LeptosOptions) -> impl IntoView {
    let Ok(state) = rpc::state() else {
        return view! { <p>"This page was asked for outside a request."</p> }.into_any();
    };
    let nonce = use_nonce().map(|nonce| nonce.to_string()).unwrap_or_default();
    set_policy(&state, &nonce);
    let path = use_context::<http::request::Parts>().map(|parts| parts.uri.path().to_owned()).unwrap_or_default();
    let head = head(&state, &path, &nonce).into_string();
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head inner_html=head></head>
            <body>
                <App />
            </body>
        </html>
    }
    .into_any()
}

/// What stands before the page: no client takes it over, so that it is text.
fn head(state: &AppState, path: &str, nonce: &str) -> Markup {
    let entry = &state.assets.entry;
    html! {
        meta charset="utf-8";
        meta name="viewport" content="width=device-width, initial-scale=1";
        script nonce=(nonce) { (PreEscaped(THEME_SCRIPT)) }
        link rel="stylesheet" href=(entry.css);
        link rel="preload" href="/fonts/inter.woff2" as="font" type="font/woff2" crossorigin="";
        link rel="modulepreload" href=(entry.js);
        (tags(state, path))
        // Where the page's own title goes.
        (PreEscaped(MetaTags().into_view().to_html()))
        script type="module" nonce=(nonce) { (PreEscaped(start_script(&entry.js, &entry.wasm))) }
    }
}

/// Fetches the client once the page is painted, and starts it when the reader first touches the page, at the latest after
/// a moment of quiet. Until then nothing holds up what is being read, and links and forms work by themselves. What is
/// read first comes first over a slow line; a page that is not looked at is never painted and need not wait.
fn start_script(js: &str, wasm: &str) -> String {
    format!(
        "function fetched(){{\
var wasm=fetch('{wasm}'),code=WebAssembly.compileStreaming?WebAssembly.compileStreaming(wasm):wasm,begun,\
signs=['pointermove','pointerdown','touchstart','keydown','input'],\
start=()=>{{if(begun)return;begun=1;signs.forEach(sign=>removeEventListener(sign,start));\
import('{js}').then(m=>m.default({{module_or_path:code}}).then(()=>m.hydrate()))}};\
signs.forEach(sign=>addEventListener(sign,start,{{passive:true}}));setTimeout(start,{QUIET})}}\
document.hidden?fetched():requestAnimationFrame(()=>setTimeout(fetched))"
    )
}

/// What search engines and link previews read.
fn tags(state: &AppState, path: &str) -> Markup {
    let Head { title, description, indexed } = head::of(path);
    let site = &state.config.site.name;
    let (title, address, image) = (format!("{title} · {site}"), state.config.link(path), state.config.link("/og.png"));
    let preview = [
        ("og:type", "website"),
        ("og:site_name", site),
        ("og:title", &title),
        ("og:description", description),
        ("og:url", &address),
        ("og:image", &image),
        ("og:image:width", "1200"),
        ("og:image:height", "630"),
        ("og:image:alt", "A price chart with an entry, a target and a stop"),
    ];
    html! {
        meta name="description" content=(description);
        meta name="robots" content=(if indexed { "index, follow" } else { "noindex" });
        @if indexed { link rel="canonical" href=(address); }
        @for (name, content) in preview { meta property=(name) content=(content); }
        meta name="twitter:card" content="summary_large_image";
        @for (scheme, colour) in [("light", "#f8f9fb"), ("dark", "#0f1319")] {
            meta name="theme-color" media={ "(prefers-color-scheme: " (scheme) ")" } content=(colour);
        }
        link rel="icon" href="/favicon.ico" sizes="32x32";
        link rel="icon" href="/favicon.svg" type="image/svg+xml";
        link rel="apple-touch-icon" href="/apple-touch-icon.png";
        link rel="manifest" href="/site.webmanifest";
    }
}

/// The policy of this one page: its own scripts by their nonce, everything else from this site, forms to this site
/// and the payment pages.
fn set_policy(state: &AppState, nonce: &str) {
    let Some(response) = use_context::<ResponseOptions>() else { return };
    let payments = state.payments.payment_origins().join(" ");
    let policy = format!(
        "default-src 'self'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; \
         form-action 'self' {payments}; frame-ancestors 'none'; base-uri 'self'; object-src 'none'"
    );
    if let Ok(value) = http::HeaderValue::from_str(&policy) {
        response.insert_header(http::header::CONTENT_SECURITY_POLICY, value);
    }
    // What a page shows depends on who asks.
    response.insert_header(http::header::CACHE_CONTROL, http::HeaderValue::from_static("no-cache, private"));
}
