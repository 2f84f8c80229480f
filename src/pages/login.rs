//! `/login`: signing in, and back to where one wanted to go.

use super::entry::{EntryFields, EntryPage, next};
use crate::{
    api::{auth::LogIn, submission::submission},
    components::{
        form::{Form, FormProblem, PasswordField, Submit},
        notice::{Notice, Tone},
    },
    session::with_next,
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// A form; who is signed in already goes on.
#[component]
pub fn LogInPage() -> impl IntoView {
    let was_reset = use_query_map().with_untracked(|query| query.get("reset").is_some());
    let sign_up = with_next("/signup", next().as_deref());
    let sent = submission::<LogIn>();
    view! {
        <EntryPage title="Log in">
            {was_reset
                .then(|| {
                    view! {
                        <Notice tone=Tone::Good>
                            <p>"Your password is changed, and every session was ended. Log in with the new one."</p>
                        </Notice>
                    }
                })} <Form submission=sent>
                <FormProblem submission=sent />
                <EntryFields submission=sent />
                <PasswordField submission=sent name="password" label="Password" />
                <Submit submission=sent label="Log in" doing="Logging in…" />
            </Form> <p class="form-aside">
                <a href="/forgot-password">"Forgot your password?"</a>
            </p> <p class="form-aside">"No account yet? " <a href=sign_up>"Sign up"</a></p>
        </EntryPage>
    }
}
