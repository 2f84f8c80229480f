//! `/verify-email?token=`: confirming an address, by a button: opening a link changes nothing.

use crate::{
    api::{auth::VerifyEmail, submission::submission},
    components::{
        form::{Form, FormProblem, Submit},
        notice::{Notice, Tone},
        text::FormPage,
    },
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// One button.
#[component]
pub fn VerifyEmailPage() -> impl IntoView {
    let query = use_query_map();
    let token = query.with_untracked(|query| query.get("token")).filter(|token| !token.is_empty());
    let done = query.with_untracked(|query| query.get("done").is_some());
    let sent = submission::<VerifyEmail>();
    view! {
        <FormPage title="Confirm your address">
            {match token {
                _ if done => {
                    view! {
                        <Notice tone=Tone::Good>
                            <p>"Your e-mail address is confirmed."</p>
                        </Notice>
                        <p class="actions">
                            <a class="button" href="/dashboard">
                                "Go to the dashboard"
                            </a>
                        </p>
                    }
                        .into_any()
                }
                Some(token) => {
                    view! {
                        <p class="lead">"One press, and we know that this mailbox is yours."</p>
                        <Form submission=sent>
                            <FormProblem submission=sent />
                            <input type="hidden" name="token" value=token />
                            <Submit submission=sent label="Confirm this address" doing="Confirming…" />
                        </Form>
                    }
                        .into_any()
                }
                None => {
                    view! {
                        <Notice tone=Tone::Warning>
                            <p>
                                "This link is incomplete. Open the one in the mail, or have it sent again from "
                                <a href="/account">"your account"</a> "."
                            </p>
                        </Notice>
                    }
                        .into_any()
                }
            }}
        </FormPage>
    }
}
