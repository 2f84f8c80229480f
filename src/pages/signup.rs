//! `/signup`: making an account.

use super::login::{EmailField, local};
use crate::{
    api::auth::SignUp,
    components::{
        form::{Field, FormProblem, PasswordField, Submit, submission},
        text::FormPage,
    },
    session::use_session,
};
use leptos::prelude::*;
use leptos_router::{components::Redirect, hooks::use_query_map};

/// A form; who is signed in already goes on.
#[component]
pub fn SignUpPage() -> impl IntoView {
    let session = use_session();
    let next = use_query_map().with_untracked(|query| query.get("next"));
    let there = next.clone();
    let action = ServerAction::<SignUp>::new();
    let sent = submission(action);
    view! {
        <Suspense>
            {move || {
                let there = there.clone();
                Suspend::new(async move {
                    let signed_in = matches!(session.user.await, Ok(Some(_)));
                    signed_in.then(|| view! { <Redirect path=local(there) /> })
                })
            }}
        </Suspense>
        <FormPage title="Sign up" lead="Three looks at the newest signals a day, for nothing. No card needed.">
            <ActionForm action=action>
                <FormProblem submission=sent />
                {next.map(|next| view! { <input type="hidden" name="next" value=next /> })}
                <EmailField submission=sent />
                <PasswordField
                    submission=sent
                    name="password"
                    label="Password"
                    new=true
                    hint="8 characters or more. A few words in a row make a good one."
                />
                <Field submission=sent name="full_name" label="Name" autocomplete="name" optional=true />
                <Submit submission=sent label="Sign up" doing="Making your account…" />
            </ActionForm>
            <p class="form-aside small">
                "By signing up you accept the " <a href="/terms">"terms"</a> " and have read the "
                <a href="/privacy">"privacy notice"</a> " and the " <a href="/risk">"risks"</a> "."
            </p>
            <p class="form-aside">"Already have an account? " <a href="/login">"Log in"</a></p>
        </FormPage>
    }
}
