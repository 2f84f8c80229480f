//! `/forgot-password`: asking for a link to set a new one.

use crate::{
    api::{auth::ForgotPassword as Forgot, submission::submission},
    components::{
        form::{Field, Form, FormProblem, Submit},
        notice::{Notice, Tone},
        text::FormPage,
    },
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// A form that tells nothing about whether there is such an account.
#[component]
pub fn ForgotPassword() -> impl IntoView {
    let sent_before = use_query_map().with_untracked(|query| query.get("sent").is_some());
    let sent = submission::<Forgot>();
    view! {
        <FormPage title="Forgot your password?" lead="We send a link to set a new one. It is good for an hour.">
            {sent_before
                .then(|| {
                    view! {
                        <Notice tone=Tone::Good>
                            <p>
                                "If there is an account with that address, a mail is on its way. Look into your spam folder too."
                            </p>
                        </Notice>
                    }
                })} <Form submission=sent>
                <FormProblem submission=sent />
                <Field submission=sent name="email" label="E-mail" kind="email" autocomplete="username" autofocus=true />
                <Submit submission=sent label="Send the link" doing="Sending…" />
            </Form> <p class="form-aside">
                <a href="/login">"Back to log in"</a>
            </p>
        </FormPage>
    }
}
