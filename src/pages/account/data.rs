//! Taking one's data along, and deleting the account.

use crate::{
    api::{account::DeleteAccount, source::Source, submission::submission},
    components::{
        form::{Field, Form, FormProblem, PasswordField, Submit},
        loaded::loaded,
        when::Exact,
    },
    domain::{billing::BillingStatus, time::Timestamp},
};
use leptos::prelude::*;

/// Export and deletion.
#[component]
pub fn Data(
    /// The account's address, which confirms its deletion.
    email: String,
    /// The plan that ends with the account.
    status: Source<BillingStatus>,
) -> impl IntoView {
    let sent = submission::<DeleteAccount>();
    view! {
        <section class="block" aria-labelledby="data">
            <h2 id="data">"Your data"</h2>
            <p>"Everything kept about you, as a JSON file."</p>
            <p class="actions">
                <a class="button button-secondary" href="/api/v1/auth/export" download="signalbox-export.json" rel="external">
                    "Export my data"
                </a>
            </p>
        </section>
        <section class="block block-danger" aria-labelledby="delete">
            <h2 id="delete">"Delete the account"</h2>
            <p>"This ends your plan, your sessions and your access at once and cannot be undone."</p>
            {loaded(status, 0, |status| view! { <Loss until=status.ok().and_then(|status| status.paid_until()) /> }.into_any())}
            <p>"To confirm, type your address: " <strong>{email}</strong></p>
            <Form submission=sent>
                <FormProblem submission=sent />
                <Field submission=sent form="delete-" name="confirm" label="Your e-mail address, to confirm" kind="email" />
                <PasswordField submission=sent form="delete-" name="password" label="Password" />
                <Submit submission=sent label="Delete my account" doing="Deleting…" look="danger" />
            </Form>
        </section>
    }
    .into_any()
}

/// What somebody who has paid loses with the account.
#[component]
fn Loss(until: Option<Timestamp>) -> impl IntoView {
    until.map(|until| {
        view! {
            <p>
                <strong>"Your plan is paid until " <Exact at=until /> "."</strong>
                " It ends with the account: the days until then are lost, and no money comes back by itself. To use them, cancel the plan "
                <a href="#plan" rel="external">
                    "above"
                </a> " and delete the account when it has ended. What you may get back stands under "
                <a href="/refunds">"refunds"</a> "."
            </p>
        }
    })
}
