//! Whatever is no page.

use leptos::prelude::*;
use leptos_meta::Title;

/// Says so, and where to go on.
#[component]
pub fn NotFound() -> impl IntoView {
    view! {
        <Title text="Not found" />
        <section class="form-page">
            <p class="eyebrow">"404"</p>
            <h1>"There is nothing at this address"</h1>
            <p class="lead">"The page may have moved, or the address may have been mistyped."</p>
            <p class="actions">
                <a class="button" href="/">"Go to the start"</a>
                <a class="button button-secondary" href="/dashboard">"Go to the dashboard"</a>
            </p>
        </section>
    }
    .into_any()
}
