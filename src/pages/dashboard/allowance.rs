//! What is left today and until when, and the buttons for more.

use crate::{
    api::{error::Problem, signals::FetchSignals},
    components::{
        form::{Submission, Submit},
        notice::Failure,
        when::{Ago, Exact},
    },
    domain::quota::QuotaState,
    pages::pricing::{Checkout, Subscribe},
};
use leptos::prelude::*;

/// A free account's day, or that the plan knows no limit.
#[component]
pub fn Allowance(
    /// Null for who pays.
    quota: Option<QuotaState>,
    /// The fetch.
    fetch: ServerAction<FetchSignals>,
    /// How it went.
    sent: Submission,
    /// The way to the paid plan.
    checkout: Checkout,
    /// The server's clock.
    as_of: crate::domain::time::Timestamp,
) -> impl IntoView {
    let Some(quota) = quota else {
        return view! {
            <section class="allowance allowance-paid" aria-label="Your plan">
                <div class="allowance-what">
                    <span class="tag tag-paid">"Paid plan"</span>
                    <p class="allowance-figure">"Unlimited signals"</p>
                    <p class="muted">"Each one appears below by itself, the moment it exists."</p>
                </div>
                <p class="allowance-do">
                    <a class="button button-secondary" href="/account#plan">
                        "Manage the plan"
                    </a>
                </p>
            </section>
        }
        .into_any();
    };
    let left = quota.left();
    // One thing to do next: fetch while there is something left, then subscribe.
    let (fetch_look, subscribe_look) = if left > 0 { ("primary", "secondary") } else { ("secondary", "primary") };
    view! {
        <section class="allowance" aria-label="Your plan">
            <div class="allowance-what">
                <span class="tag">"Free plan"</span>
                <p class="allowance-figure">
                    <strong>{left}</strong>
                    {format!(" of {} fetches left today", quota.limit)}
                </p>
                <div class="pips" aria-hidden="true">
                    {(0..quota.limit)
                        .map(|at| view! { <span class=if at < left { "pip pip-left" } else { "pip" }></span> })
                        .collect_view()}
                </div>
                <p class="muted">
                    "Resets " <Ago at=quota.resets_at as_of=as_of /> ", " <Exact at=quota.resets_at />
                </p>
            </div>
            <div class="allowance-do">
                <ActionForm action=fetch>
                    <Submit
                        submission=sent
                        label=format!("Fetch signals ({left} left today)")
                        doing="Fetching…"
                        look=fetch_look
                    />
                </ActionForm>
                <Subscribe checkout=checkout look=subscribe_look />
            </div>
            <div class="allowance-problem" role="alert">
                {move || sent.problem.get().map(|problem| view! { <Refusal problem=problem /> })}
            </div>
        </section>
    }
    .into_any()
}

/// The day's limit is used up; or what else went wrong.
#[component]
fn Refusal(problem: Problem) -> impl IntoView {
    match problem.resets_at {
        Some(resets_at) if problem.code == "quota_exceeded" => view! {
            <div class="notice notice-warning">
                <div class="notice-text">
                    <p class="notice-title">"Daily limit exceeded"</p>
                    <p>
                        {match (problem.used, problem.limit) {
                            (Some(used), Some(limit)) => format!("{used} of {limit} fetches are used. "),
                            _ => String::new(),
                        }} "You can fetch again from " <Exact at=resets_at />
                        ", or subscribe and see every signal now."
                    </p>
                </div>
            </div>
        }
        .into_any(),
        _ => view! { <Failure problem=problem /> }.into_any(),
    }
}
