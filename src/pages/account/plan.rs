//! The plan and what was paid.

use crate::{
    api::{
        self,
        billing::{LoadBillingStatus, OpenPortal, StartCheckout, Transactions},
        submission::{Submission, submission},
    },
    components::{
        form::{Form, FormProblem, Submit},
        loaded::loaded,
        notice::{Empty, Failure},
        table::{
            Column::{Number, Words},
            table,
        },
        when::{Exact, day},
    },
    domain::{
        billing::{BillingStatus, TransactionView},
        subscription::SubscriptionState,
    },
    pages::pricing::Subscribe,
};
use leptos::prelude::*;
use maud::{Markup, html};

/// Asked from the server.
#[derive(Clone, Copy)]
pub struct Source {
    /// Where one stands.
    pub status: api::source::Source<BillingStatus>,
    payments: api::source::Source<Vec<TransactionView>>,
    checkout: Submission,
}

impl Source {
    /// Asks.
    pub fn ask() -> Self {
        Self {
            status: api::source::Source::ask(|| LoadBillingStatus {}),
            payments: api::source::Source::ask(|| Transactions {}),
            checkout: submission::<StartCheckout>(),
        }
    }
}

/// Where one stands, and the payments.
#[component]
pub fn YourPlan(
    /// From the server.
    source: Source,
) -> impl IntoView {
    view! {
        <section class="block" aria-labelledby="plan">
            <h2 id="plan">"Plan"</h2>
            {loaded(
                source.status,
                3,
                move |status| match status {
                    Ok(status) => view! { <Standing status=status checkout=source.checkout /> }.into_any(),
                    Err(problem) => view! { <Failure problem=problem /> }.into_any(),
                },
            )}
            <h3>"Payments"</h3>
            {loaded(
                source.payments,
                3,
                |payments| match payments {
                    Ok(payments) => view! { <Payments payments=payments /> }.into_any(),
                    Err(problem) => view! { <Failure problem=problem /> }.into_any(),
                },
            )}
        </section>
    }
    .into_any()
}

#[component]
fn Standing(status: BillingStatus, checkout: Submission) -> impl IntoView {
    let sent = submission::<OpenPortal>();
    let live = status.status.is_some_and(SubscriptionState::is_live);
    let state = status.status.map(words);
    let end = status.current_period_end.filter(|_| live);
    view! {
        <dl class="facts">
            <div class="fact">
                <dt>"Plan"</dt>
                <dd>
                    {status.plan.label()} " "
                    {status.is_paid.then(|| view! { <span class="tag tag-paid">"Paid plan"</span> })}
                </dd>
            </div>
            {state
                .map(|state| {
                    view! {
                        <div class="fact">
                            <dt>"State"</dt>
                            <dd>{state}</dd>
                        </div>
                    }
                })}
            {end
                .map(|end| {
                    view! {
                        <div class="fact">
                            <dt>{if status.cancel_at_period_end { "Ends" } else { "Renews" }}</dt>
                            <dd>
                                <Exact at=end />
                            </dd>
                        </div>
                    }
                })}
        </dl>
        {status
            .cancel_at_period_end
            .then(|| view! { <p class="hint">"Canceled: every signal stays live until then, and nothing more is charged."</p> })}
        {if live {
            view! {
                <Form submission=sent>
                    <FormProblem submission=sent />
                    <Submit submission=sent label="Manage the plan" doing="Opening…" look="secondary" />
                    <p class="hint">"Cancel or resume, change the card, see invoices: on the payment provider's page."</p>
                </Form>
            }
                .into_any()
        } else {
            view! {
                <Subscribe checkout=checkout />
                <p>
                    <a class="lone-link" href="/pricing">
                        "Compare plans"
                    </a>
                </p>
            }
                .into_any()
        }}
    }
    .into_any()
}

fn words(state: SubscriptionState) -> &'static str {
    match state {
        SubscriptionState::Trialing => "On trial",
        SubscriptionState::Active => "Active",
        SubscriptionState::PastDue => "A payment failed; it is tried again. Check your card.",
        SubscriptionState::Canceled => "Ended",
        SubscriptionState::Incomplete => "The first payment has not gone through yet",
        SubscriptionState::Paused => "Paused",
    }
}

#[component]
fn Payments(payments: Vec<TransactionView>) -> impl IntoView {
    if payments.is_empty() {
        return view! {
            <Empty title="No payments yet">
                <p>"Each payment appears here with its invoice."</p>
            </Empty>
        }
        .into_any();
    }
    let columns = [Words("Date"), Words("What for"), Words("State"), Number("Amount")];
    let payments = table("payments", "Payments", &columns, rows(&payments));
    view! { <div class="markup" inner_html=payments.into_string()></div> }.into_any()
}

fn rows(payments: &[TransactionView]) -> Markup {
    html! {
        @for payment in payments { (row(payment)) }
    }
}

fn row(payment: &TransactionView) -> Markup {
    // Only the payment provider's own pages; whatever else stands there is no link.
    let link =
        payment.invoice_url.as_deref().filter(|url| url.starts_with("https://") || url.starts_with("http://127.0.0.1"));
    html! {
        tr role="row" {
            td role="cell" class="cell-when" { (day(payment.created_at)) }
            td role="cell" class="cell-what" {
                (payment.description) " "
                @if let Some(link) = link { a href=(link) rel="external" { "Invoice" } }
            }
            td role="cell" class="cell-state" { (state(&payment.status)) }
            td role="cell" class="number cell-amount" { (payment.amount) }
        }
    }
}

fn state(status: &str) -> &'static str {
    match status {
        "paid" => "Paid",
        "failed" => "Failed",
        _ => "Under way",
    }
}
