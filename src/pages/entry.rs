//! What `/login` and `/signup` share: who is signed in already goes on, and so does whoever signs in here.

use crate::{
    api::submission::Submission,
    components::{form::Field, loaded::loaded, text::FormPage},
    domain::local_path::LocalPath,
    session::use_session,
};
use leptos::prelude::*;
use leptos_router::{components::Redirect, hooks::use_query_map};

/// Where one wanted to go, as the page's address says.
pub fn next() -> Option<String> {
    use_query_map().with_untracked(|query| query.get("next"))
}

/// A page with a form that signs in; who is signed in already goes on.
#[component]
pub fn EntryPage(
    /// The heading.
    title: &'static str,
    /// In a sentence, what happens here.
    #[prop(optional)]
    lead: &'static str,
    /// The form.
    children: Children,
) -> impl IntoView {
    let session = use_session();
    // A place on this site, else the dashboard.
    let there = next().filter(|next| LocalPath::parse(next).is_ok()).unwrap_or_else(|| "/dashboard".to_owned());
    view! {
        {loaded(
            session.user,
            0,
            move |user| match user {
                Ok(Some(_)) => view! { <Redirect path=there.clone() /> }.into_any(),
                _ => ().into_any(),
            },
        )}
        <FormPage title=title lead=lead>
            {children()}
        </FormPage>
    }
}

/// Where to go on to, and the address one signs in with.
#[component]
pub fn EntryFields(
    /// The form's.
    submission: Submission,
) -> impl IntoView {
    view! {
        {next().map(|next| view! { <input type="hidden" name="next" value=next /> })}
        <Field
            submission=submission
            name="email"
            label="E-mail"
            kind="email"
            autocomplete="username"
            autofocus=true
        />
    }
    .into_any()
}
