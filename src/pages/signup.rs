//! `/signup`: making an account.

use super::entry::{EntryFields, EntryPage, next};
use crate::{
    api::{auth::SignUp, submission::submission},
    components::form::{Field, Form, FormProblem, PasswordField, Submit},
    session::with_next,
};
use leptos::prelude::*;

/// A form; who is signed in already goes on.
#[component]
pub fn SignUpPage() -> impl IntoView {
    let log_in = with_next("/login", next().as_deref());
    let sent = submission::<SignUp>();
    view! {
        <EntryPage title="Sign up" lead="Three looks at the newest signals a day, for nothing. No card needed.">
            <Form submission=sent>
                <FormProblem submission=sent />
                <EntryFields submission=sent />
                <PasswordField
                    submission=sent
                    name="password"
                    label="Password"
                    new=true
                    hint="8 characters or more. A few words in a row make a good one."
                />
                <Field submission=sent name="full_name" label="Name" autocomplete="name" optional=true />
                <Submit submission=sent label="Sign up" doing="Making your account…" />
            </Form>
            <p class="form-aside small">
                "By signing up you accept the " <a href="/terms">"terms"</a> " and have read the "
                <a href="/privacy">"privacy notice"</a> " and the " <a href="/risk">"risks"</a> "."
            </p>
            <p class="form-aside">"Already have an account? " <a href=log_in>"Log in"</a></p>
        </EntryPage>
    }
}
