//! What the bodies of server functions call: the state, who asks, where to go next, and how to fail.

use crate::{
    api::error::Problem,
    domain::{account::Role, local_path::LocalPath},
    server::{
        auth::cookies,
        error::ServiceError,
        http::{
            extract,
            identity::Identity,
            middleware::{error_page::wants_page, origin},
            problem,
        },
        service::{
            client::Client,
            sessions::{CurrentUser, Tokens},
        },
        state::AppState,
    },
};
use http::{HeaderValue, StatusCode, header, request::Parts};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;
use std::future::Future;
use url::form_urlencoded;

/// The cookie that keeps what was typed.
const TYPED: &str = "typed";
/// The name under which it says into which form; no field has one like it.
const FORM: &str = "__form";
/// Bytes of it that browsers are sure to keep; more than any form of ours takes.
const MOST_TYPED: usize = 3_000;

/// The request at hand.
pub struct Request {
    /// Everything the services need.
    pub state: AppState,
    /// Who sent it, as far as the connection tells.
    pub client: Client,
}

impl Request {
    /// Runs a use case; a failure is logged once and put into the words of the wire.
    pub async fn run<T>(&self, work: impl Future<Output = Result<T, ServiceError>>) -> Result<T, Problem> {
        work.await.map_err(fail)
    }
}

/// The request at hand.
pub async fn request() -> Result<Request, Problem> {
    let parts = parts()?;
    let client = parts.extensions.get::<Client>().cloned().ok_or_else(lost)?;
    Ok(Request { state: state()?, client })
}

/// The state.
pub fn state() -> Result<AppState, Problem> {
    use_context::<AppState>().ok_or_else(lost)
}

/// Who is signed in, if anybody.
pub async fn current_user() -> Result<Option<CurrentUser>, Problem> {
    let user = Identity::user(&parts()?.extensions).inspect_err(tell_script)?;
    Ok(user.map(|user| user.as_ref().clone()))
}

/// Who is signed in; a visitor is told to sign in.
pub async fn require_user() -> Result<CurrentUser, Problem> {
    current_user().await?.ok_or_else(|| fail(ServiceError::Unauthenticated("Sign in to go on.")))
}

/// Goes on for the operator alone; for everyone else there is no such page.
pub async fn require_operator() -> Result<(), Problem> {
    match current_user().await? {
        Some(user) if user.role == Role::Operator => Ok(()),
        _ => Err(fail(ServiceError::NotFound("page"))),
    }
}

/// Goes on for whoever asks from this machine, under a name of it or the site's own; else there is no such page.
pub fn require_home() -> Result<(), Problem> {
    let parts = parts()?;
    let at_home = origin::is_at_home(&parts.headers, parts.extensions.get(), &state()?.config);
    if at_home { Ok(()) } else { Err(fail(ServiceError::NotFound("page"))) }
}

/// Logs a failure once and puts it into the words of the wire.
pub fn fail(error: ServiceError) -> Problem {
    let problem = problem::handled(error);
    tell_script(&problem);
    problem
}

/// Gives the answer the problem's status where a script asked: a form without JavaScript is led back to its page instead.
fn tell_script(problem: &Problem) {
    let asked_by_script =
        use_context::<Parts>().is_some_and(|parts| parts.uri.path().starts_with("/fn/") && !wants_page(&parts.headers));
    if let (true, Some(response), Ok(status)) =
        (asked_by_script, use_context::<ResponseOptions>(), StatusCode::from_u16(problem.status))
    {
        response.set_status(status);
    }
}

/// Arguments that could not be read: told, logged and answered as any other refusal. `fault` is what serde says of them.
pub fn refuse_arguments(fault: &str) -> Problem {
    fail(extract::argument_fault(fault))
}

/// Gives the page that is being rendered the status of what it has to tell. A server function's own answer keeps
/// its own, and a visitor's page, which says where to sign in, is a good one.
pub fn tell_page(problem: &Problem) {
    let status = StatusCode::from_u16(problem.status).ok().filter(|status| *status >= StatusCode::FORBIDDEN);
    if let (true, Some(status), Some(response)) = (is_on_page(), status, use_context::<ResponseOptions>()) {
        response.set_status(status);
    }
}

/// Whether what is asked is part of a page that is being rendered, rather than a server function by itself.
pub fn is_on_page() -> bool {
    use_context::<Parts>().is_some_and(|parts| !parts.uri.path().starts_with("/fn/"))
}

/// Keeps for a minute what was typed into a form that failed, for the page that a browser without scripts shows
/// again. Not in the address: that would tell others who reads it. `fields` are names and values, no secret among them.
pub fn keep_typed(fields: &[(&str, &str)]) {
    let (Ok(parts), Ok(state), Some(response)) = (parts(), state(), use_context::<ResponseOptions>()) else { return };
    let typed = written(parts.uri.path(), fields);
    if !wants_page(&parts.headers) || typed.len() > MOST_TYPED {
        return;
    }
    let secure = if state.config.is_https() { "; Secure" } else { "" };
    let cookie = format!("{TYPED}={typed}; Path=/; Max-Age=60; HttpOnly; SameSite=Lax{secure}");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.append_header(header::SET_COOKIE, cookie);
    }
}

/// What [`keep_typed`] kept of a field of the form that is sent to `url`.
pub fn typed(url: &str, field: &str) -> Option<String> {
    let parts = parts().ok()?;
    let cookies = parts.headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == TYPED).and_then(|(_, typed)| read(typed, url, field))
}

fn written(url: &str, fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).append_pair(FORM, url).extend_pairs(fields).finish()
}

/// A field of what was written for the form that is sent to `url`.
fn read(typed: &str, url: &str, field: &str) -> Option<String> {
    let of = |name: &str| form_urlencoded::parse(typed.as_bytes()).find(|(key, _)| key == name).map(|(_, value)| value);
    of(FORM).filter(|form| form == url)?;
    of(field).map(std::borrow::Cow::into_owned)
}

/// Gives the browser the cookies of a session.
pub fn begin_session(tokens: &Tokens) -> Result<(), Problem> {
    set_cookies(cookies::of_session(tokens, &state()?.config))
}

/// Takes the session's cookies from the browser.
pub fn end_session() -> Result<(), Problem> {
    set_cookies(cookies::ended(&state()?.config))
}

/// Leads to a place on this site.
pub fn redirect_to(path: &LocalPath) -> Result<(), Problem> {
    leptos_axum::redirect(path.as_ref());
    Ok(())
}

/// Leads to a payment page: only to the origins that payments come from.
pub fn redirect_to_payments(url: &str) -> Result<(), Problem> {
    let ours = state()?.payments.is_payment_page(url);
    let printable = url.bytes().all(|b| b.is_ascii_graphic());
    if !(ours && printable) {
        return Err(fail(ServiceError::internal("leading to a payment page", format!("unexpected address {url:?}"))));
    }
    leptos_axum::redirect(url);
    Ok(())
}

/// A place on this site that is known to be one.
pub fn local(path: &'static str) -> LocalPath {
    LocalPath::parse(path).expect("the literals passed here are local paths")
}

/// Where one wanted to go, else the dashboard.
pub fn local_or_dashboard(next: Option<String>) -> LocalPath {
    next.and_then(|next| LocalPath::parse(&next).ok()).unwrap_or_else(|| local("/dashboard"))
}

fn parts() -> Result<Parts, Problem> {
    use_context::<Parts>().ok_or_else(lost)
}

fn set_cookies(cookies: [HeaderValue; 2]) -> Result<(), Problem> {
    let response = use_context::<ResponseOptions>().ok_or_else(lost)?;
    for cookie in cookies {
        response.append_header(header::SET_COOKIE, cookie);
    }
    Ok(())
}

fn lost() -> Problem {
    fail(ServiceError::internal("a server function", "called outside a request"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_typed_reads_as_it_was_in_its_own_form_alone() {
        let typed =
            written("/fn/sign_up", &[("email", "a+b@example.com"), ("full_name", "अदा; \"&=\" Rao"), ("none", "")]);
        assert!(typed.bytes().all(|b| b.is_ascii_graphic() && !b";,\\\"".contains(&b)), "{typed}");
        let read = |field| read(&typed, "/fn/sign_up", field);
        assert_eq!(read("email").as_deref(), Some("a+b@example.com"));
        assert_eq!(read("full_name").as_deref(), Some("अदा; \"&=\" Rao"));
        assert_eq!((read("none").as_deref(), read("password")), (Some(""), None));
        assert_eq!(super::read(&typed, "/fn/log_in", "email"), None);
        assert_eq!(super::read("a@example.com", "/fn/log_in", "email"), None);
    }
}
