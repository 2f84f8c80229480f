//! `/login`: signing in, and back to where one wanted to go.

use crate::{
    api::auth::{LogIn, typed_email},
    components::{
        form::{Field, FormProblem, PasswordField, Submission, Submit, submission},
        notice::{Notice, Tone},
        text::FormPage,
    },
    domain::local_path::LocalPath,
    session::use_session,
};
use leptos::prelude::*;
use leptos_router::{components::Redirect, hooks::use_query_map};

/// A form; who is signed in already goes on.
#[component]
pub fn LogInPage() -> impl IntoView {
    let session = use_session();
    let query = use_query_map();
    let next = query.with_untracked(|query| query.get("next"));
    let was_reset = query.with_untracked(|query| query.get("reset").is_some());
    let there = next.clone();
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
        <FormPage title="Log in">
            {was_reset
                .then(|| {
                    view! {
                        <Notice tone=Tone::Good>
                            <p>"Your password is changed, and every session was ended. Log in with the new one."</p>
                        </Notice>
                    }
                })} <LogInForm next=next />
        </FormPage>
    }
}

/// Where to go: a place on this site, else the dashboard.
pub fn local(next: Option<String>) -> String {
    next.filter(|next| LocalPath::parse(next).is_ok()).unwrap_or_else(|| "/dashboard".to_owned())
}

#[component]
fn LogInForm(next: Option<String>) -> impl IntoView {
    let action = ServerAction::<LogIn>::new();
    let sent = submission(action);
    let sign_up = match &next {
        Some(next) => crate::session::login_address(next).replacen("/login", "/signup", 1),
        None => "/signup".to_owned(),
    };
    view! {
        <ActionForm action=action>
            <FormProblem submission=sent />
            {next.map(|next| view! { <input type="hidden" name="next" value=next /> })}
            <EmailField submission=sent />
            <PasswordField submission=sent name="password" label="Password" />
            <Submit submission=sent label="Log in" doing="Logging in…" />
        </ActionForm>
        <p class="form-aside">
            <a href="/forgot-password">"Forgot your password?"</a>
        </p>
        <p class="form-aside">"No account yet? " <a href=sign_up>"Sign up"</a></p>
    }
    .into_any()
}

/// The address one signs in with; after a failure without scripts as it was typed.
#[component]
pub fn EmailField(
    /// The form's.
    submission: Submission,
) -> impl IntoView {
    let typed = Resource::new(|| (), |()| typed_email());
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                let value = typed.await.ok().flatten().unwrap_or_default();
                view! {
                    <Field
                        submission=submission
                        name="email"
                        label="E-mail"
                        kind="email"
                        autocomplete="username"
                        autofocus=true
                        value=value
                    />
                }
            })}
        </Suspense>
    }
    .into_any()
}
