//! Back from the checkout: paid, though the news of it may still be under way, or called off.

use super::super::pricing::Subscribe;
use crate::{
    api::{billing::ConfirmCheckout, source::Source, submission::Submission},
    components::{
        browser,
        loaded::loaded,
        notice::{Notice, Tone},
    },
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// Milliseconds between two looks whether the payment has arrived.
const LOOK_EVERY: u32 = 1_500;

/// Says how the checkout went; asks until the payment has arrived, then calls `on_paid`.
#[component]
pub fn Returning(
    /// Called once the plan is in force.
    on_paid: impl Fn() + Copy + Send + Sync + 'static,
    /// To go on with.
    checkout: Submission,
) -> impl IntoView {
    let query = use_query_map();
    let get = move |key: &'static str| query.with_untracked(|query| query.get(key));
    match get("checkout").as_deref() {
        Some("success") => view! { <Arriving session_id=get("session_id") on_paid=on_paid /> }.into_any(),
        Some("canceled") => view! {
            <Notice tone=Tone::Plain>
                <p class="notice-title">"The checkout was canceled"</p>
                <p>"Nothing was charged. You can go on whenever you like."</p>
                <Subscribe checkout=checkout look="secondary" />
            </Notice>
        }
        .into_any(),
        _ => ().into_any(),
    }
}

#[component]
fn Arriving(session_id: Option<String>, on_paid: impl Fn() + Copy + Send + Sync + 'static) -> impl IntoView {
    let status = Source::ask(move || ConfirmCheckout { session_id: session_id.clone() });
    let paid = RwSignal::new(false);
    Effect::new(move |_| {
        browser::every(LOOK_EVERY, move || {
            if !paid.get_untracked() {
                status.refetch();
            }
        });
    });
    Effect::new(move |_| {
        let arrived = matches!(status.get(), Some(Ok(status)) if status.is_paid);
        if arrived && !paid.get_untracked() {
            paid.set(true);
            on_paid();
        }
    });
    loaded(status, 0, |status| {
        let arrived = status.is_ok_and(|status| status.is_paid);
        if arrived { view! { <Thanks /> }.into_any() } else { view! { <Confirming /> }.into_any() }
    })
}

#[component]
fn Thanks() -> impl IntoView {
    view! {
        <Notice tone=Tone::Good>
            <p class="notice-title">"Thank you. Your paid plan has begun"</p>
            <p>"Every signal is live from now on. A receipt is on its way by mail."</p>
        </Notice>
    }
}

#[component]
fn Confirming() -> impl IntoView {
    view! {
        <Notice tone=Tone::Plain>
            <p class="notice-title">"Your payment is being confirmed"</p>
            <p>"This takes a few seconds as a rule. The page goes on by itself; without JavaScript, reload it."</p>
            <div class="progress" aria-hidden="true">
                <span></span>
            </div>
        </Notice>
    }
}
