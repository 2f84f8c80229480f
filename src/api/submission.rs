//! A form's way to its server function: one for all of them, so that the client carries it once.

use super::error::Problem;
use base64::prelude::{BASE64_URL_SAFE, Engine};
use leptos::{ev::SubmitEvent, prelude::*, server::ServerActionError, server_fn::ServerFn};

/// A form and how its last sending went.
#[derive(Clone, Copy)]
pub struct Submission {
    /// Where it is sent.
    pub url: &'static str,
    action: Action<String, Result<(), Problem>>,
}

/// To the server function `S`. Make it where the page is made: a part that is made anew with its data is gone by a
/// moment sooner than what it shows.
pub fn submission<S>() -> Submission
where
    S: ServerFn<Output = (), Error = Problem>,
{
    to(S::url())
}

/// One for every form: what an action is made of would otherwise be in the client once for each.
fn to(url: &'static str) -> Submission {
    let failed = failed_before(url).map(Err);
    Submission { url, action: Action::new_with_value(failed, move |form: &String| post(url, form.clone())) }
}

impl Submission {
    /// Whether it is being sent.
    pub fn busy(self) -> Signal<bool> {
        self.action.pending().into()
    }

    /// What came back, if it failed.
    pub fn problem(self) -> Signal<Option<Problem>> {
        let value = self.action.value();
        Signal::derive(move || value.with(|value| value.as_ref().and_then(|sent| sent.as_ref().err().cloned())))
    }

    /// What is wrong with `field`, if anything.
    pub fn fault(self, field: &'static str) -> Signal<Option<String>> {
        let problem = self.problem();
        Signal::derive(move || problem.with(|problem| problem.as_ref().and_then(|problem| problem.fault(field))))
    }

    /// What was typed into `field`, where the form failed in a browser without scripts. Only the server knows.
    pub fn typed(self, field: &str) -> Option<String> {
        let failed = self.action.value().with_untracked(|value| matches!(value, Some(Err(_))));
        failed.then(|| typed(self.url, field)).flatten()
    }

    /// Counts the answers.
    pub fn answers(self) -> Signal<usize> {
        self.action.version().into()
    }

    /// Sends the form that `event` comes from, and keeps the browser from doing so.
    pub fn send(self, event: &SubmitEvent) {
        if event.default_prevented() {
            return;
        }
        event.prevent_default();
        if let Some(form) = content(event) {
            self.action.dispatch(form);
        }
    }
}

#[cfg(feature = "hydrate")]
fn content(event: &SubmitEvent) -> Option<String> {
    use wasm_bindgen::JsCast;
    let form = event.target()?.dyn_into::<web_sys::HtmlFormElement>().ok()?;
    let content = web_sys::FormData::new_with_form(&form).ok()?;
    let content = web_sys::UrlSearchParams::new_with_str_sequence_sequence(&content).ok()?;
    Some(content.to_string().into())
}

#[cfg(feature = "hydrate")]
async fn post(url: &'static str, form: String) -> Result<(), Problem> {
    use leptos::server_fn::{
        ContentType,
        codec::{Json, PostUrl},
        request::ClientReq,
    };
    let request = ClientReq::<Problem>::try_new_post(url, PostUrl::CONTENT_TYPE, Json::CONTENT_TYPE, form);
    crate::client::call::call(request).await.map(drop)
}

/// What the page's address says that its form failed with: so it is told where no script sent it.
fn failed_before(url: &str) -> Option<Problem> {
    use_context::<ServerActionError>().filter(|error| error.path() == url).map(|error| told(error.err()))
}

/// What Leptos put into an address: a problem's JSON in base64.
fn told(error: &str) -> Problem {
    let json = BASE64_URL_SAFE.decode(error).ok().and_then(|json| String::from_utf8(json).ok());
    json.map_or_else(Problem::internal, |json| Problem::from_json(&json))
}

#[cfg(feature = "ssr")]
fn typed(url: &str, field: &str) -> Option<String> {
    crate::server::rpc::typed(url, field)
}

#[cfg(not(feature = "ssr"))]
fn typed(_url: &str, _field: &str) -> Option<String> {
    None
}

/// Nobody sends a form while a page is rendered on the server.
#[cfg(not(feature = "hydrate"))]
fn content(_event: &SubmitEvent) -> Option<String> {
    None
}

#[cfg(not(feature = "hydrate"))]
async fn post(_url: &'static str, _form: String) -> Result<(), Problem> {
    Ok(())
}
