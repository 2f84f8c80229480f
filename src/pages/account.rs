//! `/account`: profile, plan, payments, sessions, password, preferences, data.

mod data;
mod plan;
mod profile;
mod sessions;

use crate::{
    components::{
        columns::ColumnChoice,
        loaded::loaded,
        notice::{Failure, Notice, Tone},
        theme::ThemeChoice,
    },
    domain::account::Person,
    pages::notices::{self, Notices},
    session::{login_address, use_session},
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{components::Redirect, hooks::use_query_map};

/// The account of who is signed in; a visitor is led to log in and back.
#[component]
pub fn AccountPage() -> impl IntoView {
    let user = use_session().user;
    let sources = Sources::ask();
    view! {
        <Title text="Account" />
        <div class="account">
            <h1>"Account"</h1>
            {loaded(
                user,
                12,
                move |user| match user {
                    Ok(Some(me)) => view! { <Whole me=me sources=sources /> }.into_any(),
                    Ok(None) => view! { <Redirect path=login_address("/account") /> }.into_any(),
                    Err(problem) => view! { <Failure problem=problem /> }.into_any(),
                },
            )}
        </div>
    }
}

/// What the page shows besides the person.
#[derive(Clone, Copy)]
struct Sources {
    notices: notices::Source,
    plan: plan::Source,
    sessions: sessions::Source,
}

impl Sources {
    fn ask() -> Self {
        Self { notices: notices::Source::ask(), plan: plan::Source::ask(), sessions: sessions::Source::ask() }
    }
}

#[component]
fn Whole(me: Person, sources: Sources) -> impl IntoView {
    let email = me.email.clone();
    view! {
        <Saved />
        <Notices source=sources.notices />
        <profile::Profile me=me />
        <plan::YourPlan source=sources.plan />
        <sessions::Sessions source=sources.sessions />
        <profile::Password />
        <profile::Address />
        <section class="block" aria-labelledby="preferences">
            <h2 id="preferences">"Preferences"</h2>
            <p class="muted">"Kept in this browser only."</p>
            <div class="needs-script">
                <ThemeChoice />
                <ColumnChoice />
            </div>
        </section>
        <data::Data email=email status=sources.plan.status />
    }
    .into_any()
}

/// What was just done.
#[component]
fn Saved() -> impl IntoView {
    let query = use_query_map();
    let words = query.with_untracked(|query| {
        if query.get("sent").is_some() {
            return Some("The confirmation mail is on its way.");
        }
        match query.get("saved").as_deref() {
            Some("name") => Some("Your name is saved."),
            Some("password") => Some("Your password is changed. Every other session was ended."),
            Some("email") => Some("We sent a link to the new address. It becomes yours once you follow it."),
            _ => None,
        }
    });
    words.map(|words| {
        view! {
            <Notice tone=Tone::Good>
                <p>{words}</p>
            </Notice>
        }
    })
}
