//! `/reset-password?token=`: setting a new password by the link's token.

use crate::{
    api::{auth::ResetPassword, submission::submission},
    components::{
        form::{Form, FormProblem, PasswordField, Submit},
        notice::{Notice, Tone},
        text::FormPage,
    },
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// A form with one field; the link's token goes with it.
#[component]
pub fn ResetPasswordPage() -> impl IntoView {
    let token = use_query_map().with_untracked(|query| query.get("token")).filter(|token| !token.is_empty());
    let sent = submission::<ResetPassword>();
    view! {
        <FormPage title="Set a new password" lead="Every session of your account ends with it.">
            {match token {
                Some(token) => {
                    view! {
                        <Form submission=sent>
                            <FormProblem submission=sent />
                            <input type="hidden" name="token" value=token />
                            <PasswordField
                                submission=sent
                                name="password"
                                label="New password"
                                new=true
                                autofocus=true
                                hint="8 characters or more. A few words in a row make a good one."
                            />
                            <Submit submission=sent label="Set the password" doing="Setting…" />
                        </Form>
                    }
                        .into_any()
                }
                None => {
                    view! {
                        <Notice tone=Tone::Warning>
                            <p>
                                "This link is incomplete. Open the one in the mail, or " <a href="/forgot-password">
                                    "ask for a new one"
                                </a> "."
                            </p>
                        </Notice>
                    }
                        .into_any()
                }
            }}
        </FormPage>
    }
}
