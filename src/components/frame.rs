//! What stands around every page: the way to its content, the navigation, the footer.

use super::{
    form::{Form, FormProblem, Submit},
    icon::{Icon, Shape},
    loaded::both_loaded,
    notice::Failure,
    served::{kept, made},
    theme::ThemeSwitch,
};
use crate::{
    api::submission::Submission,
    domain::account::Person,
    domain::site::SiteView,
    session::{load_site, use_session},
};
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_location;
use maud::{Markup, html};

/// Skip link, navigation, `main`, footer.
#[component]
pub fn Frame(
    /// The page.
    children: Children,
) -> impl IntoView {
    let session = use_session();
    let path = use_location().pathname;
    let in_app = Memo::new(move |_| path.with(|path| is_app(path)));
    let leaving = session.log_out;
    view! {
        <a class="skip" href="#main" rel="external">
            "Skip to content"
        </a>
        <div class=move || if in_app.get() { "shell shell-app" } else { "shell" }>
            {both_loaded(
                (session.name, session.user),
                0,
                move |site, user| {
                    let site = site.unwrap_or_default();
                    let name = site.clone();
                    view! {
                        <Title formatter=move |text: String| titled(text, &name) />
                        <Top site=site user=user.ok().flatten() leaving=leaving path=path in_app=in_app />
                    }
                        .into_any()
                },
            )}
            <main id="main" class="main" tabindex="-1">
                {children()}
            </main>
            {kept(footer)}
        </div>
    }
}

/// A page's title with the site's name after it; one that the server made has it already.
fn titled(title: String, site: &str) -> String {
    if site.is_empty() {
        return title;
    }
    let end = format!(" · {site}");
    if title.ends_with(&end) { title } else { title + &end }
}

fn is_app(path: &str) -> bool {
    ["/dashboard", "/account", "/admin"].contains(&path) || path.starts_with("/signal/")
}

#[component]
fn Top(
    site: String,
    user: Option<Person>,
    leaving: Submission,
    path: Memo<String>,
    in_app: Memo<bool>,
) -> impl IntoView {
    view! {
        <header class="top">
            <a class="brand" href="/">
                <Logo />
                <span>{site}</span>
            </a>
            {if let Some(me) = user {
                view! {
                    <nav class="app-nav" aria-label="Main">
                        <Place path=path to="/dashboard" shape=Shape::Chart label="Dashboard" />
                        {(!me.is_paid).then(|| view! { <Place path=path to="/pricing" shape=Shape::Tag label="Pricing" aside=true /> })}
                        <Place path=path to="/track-record" shape=Shape::Tick label="Record" />
                        <Place path=path to="/backtest" shape=Shape::Back label="Backtest" />
                        <Place path=path to="/account" shape=Shape::Person label="Account" />
                        {me.is_operator.then(|| view! { <Place path=path to="/admin" shape=Shape::Sliders label="Admin" aside=true /> })}
                    </nav>
                    <div class="top-end">
                        {me.is_paid.then(|| view! { <span class="tag tag-paid">"Paid plan"</span> })} <ThemeSwitch />
                        <LogOut leaving=leaving />
                    </div>
                }
                    .into_any()
            } else {
                view! {
                    <nav class="public-nav" aria-label="Main">
                        <a href="/track-record" aria-current=move || here(path, "/track-record")>
                            "Record"
                        </a>
                        <a class="wide" href="/backtest" aria-current=move || here(path, "/backtest")>
                            "Backtest"
                        </a>
                        <a class="roomy" href="/pricing" aria-current=move || here(path, "/pricing")>
                            "Pricing"
                        </a>
                        <a href="/login" aria-current=move || here(path, "/login")>
                            "Log in"
                        </a>
                        <a class="button button-small" class:button-secondary=move || in_app.get() href="/signup">
                            "Sign up"
                        </a>
                    </nav>
                    <div class="top-end">
                        <ThemeSwitch />
                    </div>
                }
                    .into_any()
            }}
        </header>
    }
    .into_any()
}

/// The way out, on every page.
#[component]
fn LogOut(leaving: Submission) -> impl IntoView {
    view! {
        <Form submission=leaving class="log-out">
            <Submit submission=leaving label="Log out" doing="Logging out…" look="quiet" />
            <FormProblem submission=leaving />
        </Form>
    }
    .into_any()
}

/// A place of the app; one that is `aside` has no room in a phone's bar, and a link on another page instead.
#[component]
fn Place(
    path: Memo<String>,
    to: &'static str,
    shape: Shape,
    label: &'static str,
    #[prop(optional)] aside: bool,
) -> impl IntoView {
    view! {
        <a class=if aside { "place place-aside" } else { "place" } href=to aria-current=move || here(path, to)>
            <Icon shape=shape />
            <span>{label}</span>
        </a>
    }
    .into_any()
}

fn here(path: Memo<String>, to: &'static str) -> Option<&'static str> {
    path.with(|path| path == to).then_some("page")
}

/// The mark: a signal box's lamp over a line.
#[component]
pub fn Logo() -> impl IntoView {
    view! {
        <svg class="logo" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <rect class="logo-box" x="1" y="1" width="22" height="22" rx="6" />
            <path class="logo-line" d="M5 16.5 9.5 11l3.5 3 6-7.5" />
            <circle class="logo-lamp" cx="19" cy="6.5" r="2" />
        </svg>
    }
    .into_any()
}

fn footer() -> impl IntoView {
    made(load_site, |site| match site {
        Ok(site) => view! { <footer class="footer" inner_html=bottom(&site).into_string()></footer> }.into_any(),
        Err(problem) => view! { <Failure problem=problem /> }.into_any(),
    })
}

fn bottom(site: &SiteView) -> Markup {
    let operator = &site.operator;
    html! {
        p class="footer-lead" {
            strong { "Not investment advice." }
            " Past results do not promise future ones. Trading can lose all the money you put in, and with derivatives more."
        }
        nav class="footer-nav" aria-label="Legal and help" {
            a href="/track-record" { "Track record" }
            a href="/strategies" { "Strategies" }
            a href="/terms" { "Terms" }
            a href="/privacy" { "Privacy" }
            a href="/refunds" { "Refunds" }
            a href="/risk" { "Risk" }
            a href="/pricing" { "Pricing" }
            a href="/backtest" { "Backtest" }
            a href="/verify" { "Check the record" }
            a href="/docs" rel="external" { "API" }
            @if site.development { a href="/dev/outbox" { "Development mails" } }
        }
        p class="footer-operator" id="operator" {
            span { (operator.name) }
            span { (operator.registration) }
            a href={ "mailto:" (operator.email) } { (operator.email) }
        }
    }
}
