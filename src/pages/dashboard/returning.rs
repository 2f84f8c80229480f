//! Back from the checkout: paid, though the news of it may still be under way, or called off.

use super::super::pricing::Subscribe;
use crate::{
    api::{billing::ConfirmCheckout, error::Problem, source::Source, submission::Submission},
    components::{
        browser,
        notice::{Notice, Tone},
    },
    domain::billing::BillingStatus,
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// Milliseconds between two looks whether the payment has arrived.
const LOOK_EVERY: u32 = 1_500;

/// Looks until one says that it takes longer: about a minute.
const LOOKS: u32 = 40;

/// A payment that the page's address tells of, until the page shows the plan that it paid for.
#[derive(Clone, Copy)]
pub struct Payment {
    /// Where the reader stands by the books, once the payment was looked for.
    pub status: Source<BillingStatus>,
    /// How often it was looked for.
    looks: RwSignal<u32>,
}

/// How far a payment has come, as the page tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The page shows the plan.
    Arrived,
    /// It is being paid, or the page does not show it yet.
    Confirming,
    /// The page's address names no checkout of this account.
    Unknown,
}

impl Payment {
    /// The one that the page's address tells of, if it tells of one: asks for it.
    pub fn told() -> Option<Self> {
        let query = use_query_map();
        let get = move |key: &'static str| query.with_untracked(|query| query.get(key));
        (get("checkout").as_deref() == Some("success")).then(|| {
            let session_id = get("session_id");
            let status = Source::ask(move || ConfirmCheckout { session_id: session_id.clone() });
            Self { status, looks: RwSignal::new(0) }
        })
    }

    /// Looks for it until the page shows the plan, as `shown` says. Whenever it has arrived and the page does not show
    /// that, `on_paid` has the page ask anew.
    pub fn follow(self, shown: RwSignal<bool>, on_paid: impl Fn() + Copy + 'static) {
        let Self { status, looks } = self;
        let unknown = RwSignal::new(false);
        Effect::new(move |_| {
            browser::every(LOOK_EVERY, move || {
                if !shown.get_untracked() && !unknown.get_untracked() && looks.get_untracked() < LOOKS {
                    looks.update(|looks| *looks += 1);
                    status.refetch();
                }
            });
        });
        Effect::new(move |_| match status.get() {
            Some(Ok(status)) if status.is_paid && !shown.get_untracked() => on_paid(),
            Some(Err(problem)) if problem.status == 404 => unknown.set(true),
            _ => {}
        });
    }

    /// Says how far it has come.
    pub fn notice(self, progress: Progress) -> AnyView {
        let looks = self.looks;
        match progress {
            Progress::Arrived => view! { <Thanks /> }.into_any(),
            Progress::Unknown => view! { <Unknown /> }.into_any(),
            Progress::Confirming => view! {
                {move || {
                    if looks.get() < LOOKS { view! { <Confirming /> }.into_any() } else { view! { <Waiting /> }.into_any() }
                }}
            }
            .into_any(),
        }
    }
}

impl Progress {
    /// From whether the page shows the plan, and what the search for the payment found.
    pub fn of(is_shown: bool, found: &Result<BillingStatus, Problem>) -> Self {
        match found {
            _ if is_shown => Self::Arrived,
            Err(problem) if problem.status == 404 => Self::Unknown,
            _ => Self::Confirming,
        }
    }
}

/// Says that the checkout was called off, where the page's address does.
#[component]
pub fn CalledOff(
    /// To go on with.
    checkout: Submission,
) -> impl IntoView {
    let query = use_query_map();
    let called_off = query.with_untracked(|query| query.get("checkout").as_deref() == Some("canceled"));
    called_off.then(|| {
        view! {
            <Notice tone=Tone::Plain>
                <p class="notice-title">"The checkout was canceled"</p>
                <p>"Nothing was charged. You can go on whenever you like."</p>
                <Subscribe checkout=checkout look="secondary" />
            </Notice>
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::plan::Plan;

    #[test]
    fn thanks_are_said_when_the_page_shows_the_plan_and_no_sooner() {
        let found = |is_paid| {
            Ok(BillingStatus {
                is_paid,
                plan: Plan::Pro,
                status: None,
                current_period_end: None,
                cancel_at_period_end: false,
            })
        };
        assert_eq!(Progress::of(false, &found(true)), Progress::Confirming);
        assert_eq!(Progress::of(true, &found(false)), Progress::Arrived);
        let nobodys = Err(Problem::new(404, "not_found", "Not found"));
        assert_eq!(Progress::of(false, &nobodys), Progress::Unknown);
        assert_eq!(Progress::of(true, &nobodys), Progress::Arrived);
        assert_eq!(Progress::of(false, &Err(Problem::new(503, "unavailable", "Away"))), Progress::Confirming);
    }
}
