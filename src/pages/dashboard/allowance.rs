//! What is left today and until when, and the buttons for more.

use crate::{
    api::{error::Problem, submission::Submission},
    components::{
        form::{Form, Submit},
        markup::embed,
        notice::Failure,
        when::{Exact, ago, exact},
    },
    domain::{quota::QuotaState, time::Timestamp},
    pages::pricing::Subscribe,
};
use leptos::prelude::*;
use maud::{Markup, html};

/// A free account's day, or that the plan knows no limit.
#[component]
pub fn Allowance(
    /// Null for who pays.
    quota: Option<QuotaState>,
    /// The fetch.
    fetch: Submission,
    /// The way to the paid plan.
    checkout: Submission,
    /// The server's clock.
    as_of: Timestamp,
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
    let problem = fetch.problem();
    let left = quota.left();
    // One thing to do next: fetch while there is something left, then subscribe.
    let (fetch_look, subscribe_look) = if left > 0 { ("primary", "secondary") } else { ("secondary", "primary") };
    view! {
        <section class="allowance" aria-label="Your plan">
            <div class="allowance-what">
                <p class="allowance-plan">
                    <span class="tag">"Free plan"</span>
                    <a class="lone-link" href="/pricing">
                        "Compare plans"
                    </a>
                </p>
                <p class="allowance-figure">
                    <strong>{left}</strong>
                    {format!(" of {} fetches left today", quota.limit)}
                </p>
                {embed(day_of(&quota, as_of))}
            </div>
            <div class="allowance-do">
                <Form submission=fetch>
                    <Submit
                        submission=fetch
                        label=format!("Fetch signals ({left} left today)")
                        doing="Fetching…"
                        look=fetch_look
                    />
                </Form>
                <Subscribe checkout=checkout look=subscribe_look />
            </div>
            <div class="allowance-problem" role="alert">
                {move || problem.get().map(|problem| view! { <Refusal problem=problem /> })}
            </div>
        </section>
    }
    .into_any()
}

/// The day in signs, and when it ends.
fn day_of(quota: &QuotaState, as_of: Timestamp) -> Markup {
    html! {
        span class="pips" aria-hidden="true" {
            @for at in 0..quota.limit { span class=(if at < quota.left() { "pip pip-left" } else { "pip" }) {} }
        }
        span class="muted" { "Resets " (ago(quota.resets_at, as_of)) ", " (exact(quota.resets_at)) }
    }
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
