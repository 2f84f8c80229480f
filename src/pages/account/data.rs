//! Taking one's data along, and deleting the account.

use crate::{
    api::{account::DeleteAccount, submission::submission},
    components::form::{Field, Form, FormProblem, PasswordField, Submit},
};
use leptos::prelude::*;

/// Export and deletion.
#[component]
pub fn Data(
    /// The account's address, which confirms its deletion.
    email: String,
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
            <p>
                "This ends your plan, your sessions and your access at once and cannot be undone. To confirm, type your address: "
                <strong>{email}</strong>
            </p>
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
