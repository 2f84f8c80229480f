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

/// Looks until one says that it takes longer: about a minute.
const LOOKS: u32 = 40;

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
    let (looks, decided) = (RwSignal::new(0), RwSignal::new(false));
    Effect::new(move |_| {
        browser::every(LOOK_EVERY, move || {
            if !decided.get_untracked() && looks.get_untracked() < LOOKS {
                looks.update(|looks| *looks += 1);
                status.refetch();
            }
        });
    });
    Effect::new(move |_| {
        let answer = status.get();
        let arrived = matches!(&answer, Some(Ok(status)) if status.is_paid);
        let unknown = matches!(&answer, Some(Err(problem)) if problem.status == 404);
        if (arrived || unknown) && !decided.get_untracked() {
            decided.set(true);
            if arrived {
                on_paid();
            }
        }
    });
    loaded(status, 0, move |status| match status {
        Ok(status) if status.is_paid => view! { <Thanks /> }.into_any(),
        Err(problem) if problem.status == 404 => view! { <Unknown /> }.into_any(),
        _ => view! {
            {move || {
                if looks.get() < LOOKS { view! { <Confirming /> }.into_any() } else { view! { <Waiting /> }.into_any() }
            }}
        }
        .into_any(),
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

/// It takes longer than anybody looks at a page.
#[component]
fn Waiting() -> impl IntoView {
    view! {
        <Notice tone=Tone::Warning>
            <p class="notice-title">"Your payment is still not confirmed"</p>
            <p>"Nothing is lost: your plan begins by itself as soon as the payment is known here. Do not pay again."</p>
            <WhatToDo />
        </Notice>
    }
}

/// The page's address names no checkout of this account.
#[component]
fn Unknown() -> impl IntoView {
    view! {
        <Notice tone=Tone::Warning>
            <p class="notice-title">"This account has no such checkout"</p>
            <p>
                "If you paid, nothing is lost: your plan begins in the account that you paid from. Log in there if it is another one."
            </p>
            <WhatToDo />
        </Notice>
    }
}

#[component]
fn WhatToDo() -> impl IntoView {
    view! {
        <p>
            <a href="" rel="external">
                "Reload this page"
            </a> " in a few minutes, see the payments in " <a href="/account#plan">"your account"</a>
            ", or write to the address " <a href="#operator" rel="external">
                "at the foot of the page"
            </a> "."
        </p>
    }
}
