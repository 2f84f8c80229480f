//! What is left today and until when, and the buttons for more.

use crate::{
    api::{error::Problem, submission::Submission},
    components::{
        form::{Form, Submit},
        markup::embed,
        notice::Failure,
        when::{Exact, ago, exact},
    },
    domain::{quota::QuotaState, signal::Standing, time::Timestamp},
    pages::pricing::Subscribe,
};
use leptos::prelude::*;
use maud::{Markup, html};

/// A free account's day, or that the plan knows no limit.
#[component]
pub fn Allowance(
    /// Where the reader stands.
    standing: Standing,
    /// Whether a payment is being confirmed, so that another one should not be asked for.
    confirming: bool,
    /// The fetch.
    fetch: Submission,
    /// The way to the paid plan.
    checkout: Submission,
) -> impl IntoView {
    let Standing { as_of, quota, brought, ends_at, payment_failed, .. } = standing;
    let Some(quota) = quota else {
        return view! { <Unlimited ends_at=ends_at payment_failed=payment_failed /> }.into_any();
    };
    let problem = fetch.problem();
    let left = quota.left();
    // One thing to do next: fetch while there is something left, then subscribe.
    let (fetch_look, subscribe_look) = if left > 0 { ("primary", "secondary") } else { ("secondary", "primary") };
    let left_in_words = if left > 0 { left.to_string() } else { "none".to_owned() };
    view! {
        <section class="allowance" id="plan" aria-label="Your plan">
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
                // There from the first, so that it is told when it changes.
                <p class="muted" role="status">
                    {told(brought, &quota)}
                </p>
            </div>
            <div class="allowance-do">
                <Form submission=fetch>
                    <Submit
                        submission=fetch
                        label=format!("Fetch signals ({left_in_words} left today)")
                        doing="Fetching…"
                        look=fetch_look
                    />
                </Form>
                {(!confirming).then(|| view! { <Subscribe checkout=checkout look=subscribe_look /> })}
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
        span class="muted" {
            "Resets " (ago(quota.resets_at, as_of)) ", " (exact(quota.resets_at))
            @if quota.left() == 0 { "; until then a fetch is refused" }
        }
    }
}

/// What the newest of today's fetches brought. Each one's words are others, since each leaves less.
fn told(brought: Option<u64>, quota: &QuotaState) -> String {
    let what = match brought {
        None => return String::new(),
        Some(0) => "nothing new".to_owned(),
        Some(1) => "1 new signal".to_owned(),
        Some(count) => format!("{count} new signals"),
    };
    format!("Your last fetch brought {what}. {} of {} left today.", quota.left(), quota.limit)
}

/// The plan that knows no limit, and what its reader has to know of its end.
#[component]
fn Unlimited(ends_at: Option<Timestamp>, payment_failed: bool) -> impl IntoView {
    let manage = match ends_at {
        _ if payment_failed => "Check the card",
        Some(_) => "Resume the plan",
        None => "Manage the plan",
    };
    view! {
        <section class="allowance allowance-paid" aria-label="Your plan">
            <div class="allowance-what">
                <span class="tag tag-paid">"Paid plan"</span>
                <p class="allowance-figure">"Unlimited signals"</p>
                <p class="muted">"Each one stands below from the moment it exists."</p>
                {ends_at.filter(|_| !payment_failed).map(|at| view! { <p>"Paid until " <Exact at=at /> ", does not renew."</p> })}
                {payment_failed
                    .then(|| view! { <p>"The last payment failed. It is tried again, and the plan goes on meanwhile."</p> })}
            </div>
            <p class="allowance-do">
                <a class="button button-secondary" href="/account#plan">
                    {manage}
                </a>
            </p>
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fetch_tells_what_it_brought() {
        let after = |used, brought| told(brought, &QuotaState { limit: 3, used, resets_at: Timestamp::default() });
        assert_eq!(after(0, None), "");
        assert_eq!(after(1, Some(3)), "Your last fetch brought 3 new signals. 2 of 3 left today.");
        assert_eq!(after(2, Some(0)), "Your last fetch brought nothing new. 1 of 3 left today.");
        assert_eq!(after(3, Some(1)), "Your last fetch brought 1 new signal. 0 of 3 left today.");
    }

    #[test]
    fn the_day_says_when_a_fetch_is_refused() {
        let day = |used| day_of(&QuotaState { limit: 3, used, resets_at: Timestamp::default() }, Timestamp::default());
        assert!(!day(2).into_string().contains("refused"));
        assert!(day(3).into_string().contains("until then a fetch is refused"));
    }
}
