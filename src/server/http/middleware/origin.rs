//! Requests that another site makes a browser send.

use crate::server::{
    auth::cookies::SessionCookies,
    config::Config,
    error::ServiceError,
    http::{identity, problem::Failure},
    service::client::Client,
    state::AppState,
};
use axum::{
    extract::Request,
    response::{IntoResponse, Redirect, Response},
};
use http::{HeaderMap, Method, header};
use url::Url;

/// Refuses unsafe requests from other sites, and sends a page's visitor on another loopback name to the site's own,
/// where the cookies are.
pub async fn origin(state: &AppState, request: Request, next: impl AsyncFnOnce(Request) -> Response) -> Response {
    if let Some(there) = elsewhere(&request, &state.config) {
        return Redirect::temporary(&there).into_response();
    }
    let forged = is_forgeable(&request, &state.config) && !is_same_origin(request.headers());
    if forged || is_asked_from_elsewhere(&request) {
        return Failure(ServiceError::CrossSite).into_response();
    }
    next(request).await
}

/// Whether a foreign page could have made the browser send this with the reader's rights: it would change
/// something, and comes to a server function, which acts by cookie, or with the site's cookie and no bearer token, which
/// would be all that counts. Stripe's webhook comes with neither and is known by its signature.
fn is_forgeable(request: &Request, config: &Config) -> bool {
    let headers = request.headers();
    let path = request.uri().path();
    !request.method().is_safe()
        && !path.ends_with("/billing/webhook")
        && (path.starts_with("/fn/")
            || SessionCookies::read(headers, config).any() && identity::bearer(headers).is_none())
}

/// Whether the browser says that another site has it ask a server function: only this site's pages have a use for the
/// answer, and its form would tell the other one who is signed in.
fn is_asked_from_elsewhere(request: &Request) -> bool {
    let site = request.headers().get("sec-fetch-site").and_then(|site| site.to_str().ok());
    request.uri().path().starts_with("/fn/") && matches!(site, Some("cross-site" | "same-site"))
}

/// `Sec-Fetch-Site: same-origin`, or where a browser does not say, an `Origin` equal to `Host`.
pub fn is_same_origin(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match text("sec-fetch-site") {
        Some(site) => site == "same-origin",
        None => match (text("origin").and_then(|origin| origin.split_once("://")), text("host")) {
            (Some((_, origin)), Some(host)) => origin.eq_ignore_ascii_case(host),
            _ => false,
        },
    }
}

/// Whether who asks is at this machine, and asks under a name of it or the site's own. What is for a developer's eyes is
/// told to nobody else: from elsewhere any name can be sent, and whoever owns a name can make it lead here, and then read
/// the answer in a browser that visits from here.
pub fn is_at_home(headers: &HeaderMap, client: Option<&Client>, config: &Config) -> bool {
    let asked = host(headers);
    let asked = asked.as_ref().and_then(Url::host_str);
    client.is_some_and(|client| client.is_local)
        && asked.is_some_and(|asked| is_loopback(asked) || config.frontend_url.host_str() == Some(asked))
}

/// The name under which a request came.
fn host(headers: &HeaderMap) -> Option<Url> {
    let host = headers.get(header::HOST)?.to_str().ok()?;
    Url::parse(&format!("http://{host}")).ok()
}

/// The same page under the site's own name, for a GET of a page on another loopback name.
fn elsewhere(request: &Request, config: &Config) -> Option<String> {
    let ours = config.frontend_url.host_str().filter(|ours| is_loopback(ours))?;
    if request.method() != Method::GET || is_program_path(request.uri().path()) {
        return None;
    }
    let asked = host(request.headers())?;
    let other_name = asked.host_str().is_some_and(|asked| asked != ours && is_loopback(asked));
    let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
    // A path that begins with two slashes would lead to another host.
    (other_name && !target.starts_with("//")).then(|| config.link(target))
}

fn is_program_path(path: &str) -> bool {
    ["/api/", "/auth/", "/billing/", "/signals", "/health", "/metrics", "/openapi.json", "/fn/", "/pkg/"]
        .iter()
        .any(|prefix| path.starts_with(prefix))
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (http::HeaderName::from_static(name), value.parse().unwrap())).collect()
    }

    #[test]
    fn the_browser_tells_where_a_request_comes_from() {
        assert!(is_same_origin(&headers(&[("sec-fetch-site", "same-origin")])));
        assert!(is_same_origin(&headers(&[("origin", "https://box.example"), ("host", "box.example")])));
        for foreign in [
            headers(&[]),
            headers(&[("sec-fetch-site", "cross-site"), ("origin", "https://box.example"), ("host", "box.example")]),
            headers(&[("sec-fetch-site", "same-site")]),
            headers(&[("sec-fetch-site", "none")]),
            headers(&[("origin", "null"), ("host", "box.example")]),
            headers(&[("origin", "https://evil.example"), ("host", "box.example")]),
        ] {
            assert!(!is_same_origin(&foreign), "{foreign:?}");
        }
    }

    #[test]
    fn loopback_names() {
        for host in ["localhost", "127.0.0.1", "[::1]", "127.1.2.3"] {
            assert!(is_loopback(host), "{host}");
        }
        assert!(!is_loopback("localhost.evil.example"));
    }
}
