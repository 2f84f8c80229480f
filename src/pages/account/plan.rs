//! The plan and what was paid.

use crate::{
    api::{
        billing::{OpenPortal, load_billing_status, transactions},
        error::Problem,
    },
    components::{
        form::{FormProblem, Submit, submission},
        notice::{Empty, Failure, Skeleton},
        when::{Day, Exact},
    },
    domain::{
        billing::{BillingStatus, TransactionView},
        subscription::SubscriptionState,
    },
    pages::pricing::{Checkout, Subscribe},
};
use leptos::prelude::*;

/// Asked from the server.
#[derive(Clone, Copy)]
pub struct Source {
    status: Resource<Result<BillingStatus, Problem>>,
    payments: Resource<Result<Vec<TransactionView>, Problem>>,
    checkout: Checkout,
}

impl Source {
    /// Asks.
    pub fn ask() -> Self {
        Self {
            status: Resource::new(|| (), |()| load_billing_status()),
            payments: Resource::new(|| (), |()| transactions()),
            checkout: Checkout::begin(),
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
            <Suspense fallback=|| view! { <Skeleton lines=3 /> }>
                {move || Suspend::new(async move {
                    match source.status.await {
                        Ok(status) => view! { <Standing status=status checkout=source.checkout /> }.into_any(),
                        Err(problem) => view! { <Failure problem=problem /> }.into_any(),
                    }
                })}
            </Suspense>
            <h3>"Payments"</h3>
            <Suspense fallback=|| view! { <Skeleton lines=3 /> }>
                {move || Suspend::new(async move {
                    match source.payments.await {
                        Ok(payments) => view! { <Payments payments=payments /> }.into_any(),
                        Err(problem) => view! { <Failure problem=problem /> }.into_any(),
                    }
                })}
            </Suspense>
        </section>
    }
    .into_any()
}

#[component]
fn Standing(status: BillingStatus, checkout: Checkout) -> impl IntoView {
    let action = ServerAction::<OpenPortal>::new();
    let sent = submission(action);
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
                <ActionForm action=action>
                    <FormProblem submission=sent />
                    <Submit submission=sent label="Manage the plan" doing="Opening…" look="secondary" />
                    <p class="hint">"Cancel or resume, change the card, see invoices: on the payment provider's page."</p>
                </ActionForm>
            }
                .into_any()
        } else {
            view! { <Subscribe checkout=checkout /> }.into_any()
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
                <p>"Each payment and each refund appears here with its invoice."</p>
            </Empty>
        }
        .into_any();
    }
    view! {
        <div class="table-box">
            <table class="table payments" role="table">
                <caption class="visually-hidden">"Payments"</caption>
                <thead role="rowgroup">
                    <tr role="row">
                        <th role="columnheader" scope="col">"Date"</th>
                        <th role="columnheader" scope="col">"What for"</th>
                        <th role="columnheader" scope="col">"State"</th>
                        <th role="columnheader" scope="col" class="number">"Amount"</th>
                    </tr>
                </thead>
                <tbody role="rowgroup">{payments.into_iter().map(payment).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn payment(payment: TransactionView) -> impl IntoView {
    let what = payment.description;
    // Only the payment provider's own pages; whatever else stands there is no link.
    let link = payment.invoice_url.filter(|url| url.starts_with("https://") || url.starts_with("http://127.0.0.1"));
    view! {
        <tr role="row">
            <td role="cell" class="cell-when">
                <Day at=payment.created_at />
            </td>
            <td role="cell" class="cell-what">
                {what} " "
                {link.map(|link| view! { <a href=link rel="external">"Invoice"</a> })}
            </td>
            <td role="cell" class="cell-state">{state(&payment.status)}</td>
            <td role="cell" class="number cell-amount">{payment.amount.to_string()}</td>
        </tr>
    }
}

fn state(status: &str) -> &'static str {
    match status {
        "paid" => "Paid",
        "failed" => "Failed",
        "refunded" => "Refunded",
        _ => "Under way",
    }
}
