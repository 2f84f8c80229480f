//! What went wrong with a form travels in the address of the page that a browser without scripts is led back to. There it
//! is sealed, and an address without a good seal is led to the same page without it: nobody can make a link that puts words
//! of their own into a page of ours. And back leads to a page of this site, whatever page the browser names.

use crate::{
    domain::local_path::LocalPath,
    server::{auth::tokens::TokenKeys, http::middleware::error_page::sent_from, state::AppState},
};
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use http::{HeaderMap, HeaderValue, Uri, header};
use url::form_urlencoded;

/// The names under which Leptos puts the server function and its error into the address.
const FUNCTION: &str = "__path";
const ERROR: &str = "__err";
/// The name under which we put the seal of both.
const SEAL: &str = "__seal";
/// Stands for this site in the page that Leptos is told a form was on: it takes a whole address only.
const HERE: &str = "http://here.invalid";

/// Names and values of a query.
type Pairs = Vec<(String, String)>;

/// Seals what a server function tells, and lets no page be asked with what is not sealed.
pub async fn form_error(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    if request.uri().path().starts_with("/fn/") {
        name_page(request.headers_mut());
        let mut response = next.run(request).await;
        seal(&mut response, &state.tokens);
        return response;
    }
    match without_forgery(request.uri(), &state.tokens).filter(|_| request.method().is_safe()) {
        Some(clean) => Redirect::temporary(&clean).into_response(),
        None => next.run(request).await,
    }
}

/// Leaves of the page that a form was on its place on this site, which is where Leptos leads back to; of a page elsewhere
/// nothing, and it leads to the start.
fn name_page(headers: &mut HeaderMap) {
    let page = place(headers).and_then(|place| HeaderValue::from_str(&format!("{HERE}{place}")).ok());
    match page {
        Some(page) => headers.insert(header::REFERER, page),
        None => headers.remove(header::REFERER),
    };
}

/// Without the error of an earlier attempt, which stands in the page's address.
fn place(headers: &HeaderMap) -> Option<LocalPath> {
    let page = sent_from(headers)?;
    let (_, rest) = parted(page.query().unwrap_or_default());
    LocalPath::parse(&address(page.path(), &rest)).ok()
}

fn seal(response: &mut Response, keys: &TokenKeys) {
    let there = response.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
    if let Some(there) = there.and_then(|there| there.strip_prefix(HERE))
        && let Ok(there) = HeaderValue::from_str(&sealed(there, keys))
    {
        response.headers_mut().insert(header::LOCATION, there);
    }
}

/// The address of a page with the seal of the error that Leptos put into it, if there is one.
fn sealed(there: &str, keys: &TokenKeys) -> String {
    let (path, query) = there.split_once('?').unwrap_or((there, ""));
    let (told, mut pairs) = parted(query);
    if let (Some(function), Some(error)) = (only(&told, FUNCTION), only(&told, ERROR)) {
        let proof = keys.seal(&sealed_text(function, error));
        let told = [(FUNCTION, function), (ERROR, error), (SEAL, &proof)];
        pairs.extend(told.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }
    address(path, &pairs)
}

/// The address without what is not sealed; `None` when there is no such thing in it.
fn without_forgery(asked: &Uri, keys: &TokenKeys) -> Option<String> {
    let (told, rest) = parted(asked.query()?);
    if told.is_empty() || is_sealed(&told, keys) {
        return None;
    }
    // A path that begins with two slashes would lead to another host.
    Some(address(if asked.path().starts_with("//") { "/" } else { asked.path() }, &rest))
}

fn address(path: &str, pairs: &[(String, String)]) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

fn is_sealed(told: &[(String, String)], keys: &TokenKeys) -> bool {
    match (only(told, FUNCTION), only(told, ERROR), only(told, SEAL)) {
        (Some(function), Some(error), Some(seal)) => keys.is_sealed(&sealed_text(function, error), seal),
        _ => false,
    }
}

/// The value of a name that there is once.
fn only<'a>(told: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let mut values = told.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str());
    values.next().filter(|_| values.next().is_none())
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

    fn keys() -> TokenKeys {
        TokenKeys::new(&Secret::from("0123456789abcdef0123456789abcdef".to_owned()))
    }

    fn cleaned(there: &str) -> Option<String> {
        without_forgery(&there.parse().unwrap(), &keys())
    }

    #[test]
    fn what_is_sealed_is_taken_and_nothing_else() {
        let there = sealed("/login?next=/a&__path=/fn/log_in&__err=ours", &keys());
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
    fn back_leads_to_a_page_of_this_site_without_an_earlier_error() {
        let named = |site: &'static str, page: &str| {
            let mut headers = HeaderMap::from_iter([(header::REFERER, page.parse().unwrap())]);
            headers.insert("sec-fetch-site", HeaderValue::from_static(site));
            name_page(&mut headers);
            let page = headers.get(header::REFERER).map(|page| page.to_str().unwrap().to_owned());
            page.map(|page| page.strip_prefix(HERE).unwrap().to_owned())
        };
        let ours = |page: &str| named("same-origin", page);
        assert_eq!(ours("http://box/login").as_deref(), Some("/login"));
        let long = "x".repeat(2_000);
        let again = format!("http://box/login?next=/a&__path=/fn/log_in&__err={long}&__seal=x");
        assert_eq!(ours(&again).as_deref(), Some("/login?next=%2Fa"), "however long the error was");
        // Of a page elsewhere, which no browser names here, only what would be a page of this site.
        assert_eq!(ours("https://evil.example/login").as_deref(), Some("/login"));
        for page in ["https://evil.example//evil.example/", "about:blank", "nonsense", &format!("http://box/?{long}")] {
            assert_eq!(ours(page), None, "{page}");
        }
        for site in ["cross-site", "same-site", "none"] {
            assert_eq!(named(site, "https://evil.example/login"), None, "{site}");
        }
    }

    #[test]
    fn only_the_way_back_is_made_a_place_of_this_site() {
        let led = |there: &str| {
            let mut response = Redirect::to(there).into_response();
            seal(&mut response, &keys());
            response.headers()[header::LOCATION].to_str().unwrap().to_owned()
        };
        assert_eq!(led(&format!("{HERE}/notices?")), "/notices");
        assert_eq!(led(&format!("{HERE}/login?next=/a")), "/login?next=%2Fa");
        assert!(led(&format!("{HERE}/login?__path=/fn/log_in&__err=x")).contains("&__seal="));
        for elsewhere in ["/account?saved=name", "https://checkout.stripe.com/c/pay/cs_1?a=b"] {
            assert_eq!(led(elsewhere), elsewhere);
        }
    }
}
