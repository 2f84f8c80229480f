//! What went wrong with a form travels in the address of the page that a browser without scripts is led back to. There it
//! is sealed, and an address without a good seal is led to the same page without it: nobody can make a link that puts words
//! of their own into a page of ours.

use crate::server::{auth::tokens::TokenKeys, state::AppState};
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use http::{HeaderValue, Uri, header};
use url::{Url, form_urlencoded};

/// The names under which Leptos puts the server function and its error into the address.
const FUNCTION: &str = "__path";
const ERROR: &str = "__err";
/// The name under which we put the seal of both.
const SEAL: &str = "__seal";
/// Where Leptos names the server function that failed.
const FAILED: &str = "serverfnerror";

/// Names and values of a query.
type Pairs = Vec<(String, String)>;

/// Seals what a server function tells, and lets no page be asked with what is not sealed.
pub async fn form_error(State(state): State<AppState>, request: Request, next: Next) -> Response {
    if request.uri().path().starts_with("/fn/") {
        let mut response = next.run(request).await;
        seal(&mut response, &state.tokens);
        return response;
    }
    match without_forgery(request.uri(), &state.tokens).filter(|_| request.method().is_safe()) {
        Some(clean) => Redirect::temporary(&clean).into_response(),
        None => next.run(request).await,
    }
}

fn seal(response: &mut Response, keys: &TokenKeys) {
    let failed = response.headers().get(FAILED).and_then(|value| value.to_str().ok());
    let there = response.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
    if let Some(there) = there.and_then(|there| sealed(there, failed, keys))
        && let Ok(there) = HeaderValue::from_str(&there)
    {
        response.headers_mut().insert(header::LOCATION, there);
    }
}

/// An address with the error of `failed` alone, sealed; `None` when there is nothing to change. An error of an earlier
/// attempt, which came along with the address of the page, goes.
fn sealed(there: &str, failed: Option<&str>, keys: &TokenKeys) -> Option<String> {
    let mut url = Url::parse(there).ok()?;
    let (told, rest) = parted(url.query()?);
    if told.is_empty() {
        return None;
    }
    // Leptos adds its own at the end.
    let last = |name: &str| told.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let error = last(ERROR).filter(|_| failed.is_some() && failed == last(FUNCTION));
    url.query_pairs_mut().clear().extend_pairs(rest);
    if let (Some(error), Some(failed)) = (error, failed) {
        let proof = keys.seal(&sealed_text(failed, error));
        url.query_pairs_mut().extend_pairs([(FUNCTION, failed), (ERROR, error), (SEAL, &proof)]);
    }
    if url.query() == Some("") {
        url.set_query(None);
    }
    Some(url.into())
}

/// The address without what is not sealed; `None` when there is no such thing in it.
fn without_forgery(asked: &Uri, keys: &TokenKeys) -> Option<String> {
    let (told, rest) = parted(asked.query()?);
    if told.is_empty() || is_sealed(&told, keys) {
        return None;
    }
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(rest).finish();
    // A path that begins with two slashes would lead to another host.
    let path = if asked.path().starts_with("//") { "/" } else { asked.path() };
    Some(if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") })
}

fn is_sealed(told: &[(String, String)], keys: &TokenKeys) -> bool {
    let only = |name: &str| {
        let mut values = told.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str());
        values.next().filter(|_| values.next().is_none())
    };
    match (only(FUNCTION), only(ERROR), only(SEAL)) {
        (Some(function), Some(error), Some(seal)) => keys.is_sealed(&sealed_text(function, error), seal),
        _ => false,
    }
}

fn sealed_text(function: &str, error: &str) -> String {
    format!("{function} {error}")
}

/// The pairs of a query that tell of an error, and the others.
fn parted(query: &str) -> (Pairs, Pairs) {
    form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .partition(|(name, _)| [FUNCTION, ERROR, SEAL].contains(&name.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::config::Secret;

    const LOG_IN: &str = "/fn/log_in";

    fn keys() -> TokenKeys {
        TokenKeys::new(&Secret::from("0123456789abcdef0123456789abcdef".to_owned()))
    }

    fn cleaned(there: &str) -> Option<String> {
        without_forgery(&there.trim_start_matches("http://box").parse().unwrap(), &keys())
    }

    #[test]
    fn what_is_sealed_is_taken_and_nothing_else() {
        let there = sealed("http://box/login?next=/a&__path=/fn/log_in&__err=ours", Some(LOG_IN), &keys()).unwrap();
        assert_eq!(cleaned(&there), None);
        let page = Some("/login?next=%2Fa".to_owned());
        assert_eq!(cleaned("/login?next=/a&__path=/fn/log_in&__err=theirs"), page);
        assert_eq!(cleaned("/login?next=/a&__p%61th=/fn/log_in&__%65rr=theirs"), page, "whatever the spelling");
        assert_eq!(cleaned(&there.replace("ours", "theirs")), page);
        assert_eq!(cleaned(&there.replace("log_in", "sign_up")), page);
        assert_eq!(cleaned(&format!("{there}&__err=theirs")), page, "nor a second one beside it");
        assert_eq!(cleaned("/login?next=/a"), None);
        assert_eq!(cleaned("//evil.example/?__err=x").as_deref(), Some("/"));
    }

    #[test]
    fn only_what_a_server_function_told_is_sealed() {
        let asked = "http://box/login?__path=/fn/log_in&__err=theirs&__seal=x";
        assert_eq!(sealed(asked, None, &keys()).as_deref(), Some("http://box/login"), "it did not fail");
        assert_eq!(sealed(asked, Some("/fn/sign_up"), &keys()).as_deref(), Some("http://box/login"));
        let again = sealed(&format!("{asked}&__path=/fn/log_in&__err=ours"), Some(LOG_IN), &keys()).unwrap();
        assert!(!again.contains("theirs") && cleaned(&again).is_none(), "{again}");
        assert_eq!(sealed("http://box/login?next=/a", Some(LOG_IN), &keys()), None);
    }
}
