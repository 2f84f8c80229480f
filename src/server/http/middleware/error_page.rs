//! What a browser shows where no page can be made: a problem as a small page of its own, in the site's look. It needs
//! nothing but the stylesheet, so that it is told whatever else is gone.

use crate::{
    api::error::Problem,
    domain::local_path::LocalPath,
    server::{config::Config, http::middleware::origin::is_same_origin, state::AppState},
};
use axum::{body::Body, extract::Request, response::Response};
use http::{HeaderMap, HeaderValue, header};
use maud::{DOCTYPE, Markup, html};
use url::{Position, Url};

/// It shows text, the site's stylesheet, font and mark; nothing in it runs.
const POLICY: &str = "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self' data:; \
    frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// Where what only programs ask for is: there a problem stays one, whoever asks.
const FOR_PROGRAMS: [&str; 4] = ["/api/", "/health", "/metrics", "/openapi.json"];

/// Whether the answer is for somebody's eyes.
pub fn wants_page(headers: &HeaderMap) -> bool {
    headers.get(header::ACCEPT).is_some_and(|accept| accept.to_str().is_ok_and(|accept| accept.contains("text/html")))
}

/// Tells browsers by a page what programs are told by a problem. Status and headers stay.
pub async fn error_page(state: &AppState, request: Request, next: impl AsyncFnOnce(Request) -> Response) -> Response {
    let path = request.uri().path();
    if !wants_page(request.headers()) || FOR_PROGRAMS.iter().any(|start| path.starts_with(start)) {
        return next(request).await;
    }
    let asked = Asked::of(&request);
    let mut response = next(request).await;
    match response.extensions_mut().remove::<Problem>() {
        Some(problem) => shown(response, document(state, &problem, &asked)),
        None => response,
    }
}

fn shown(response: Response, page: Markup) -> Response {
    let (mut head, _) = response.into_parts();
    for of_the_body in [header::CONTENT_LENGTH, header::CONTENT_ENCODING] {
        head.headers.remove(of_the_body);
    }
    for (name, value) in [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CONTENT_SECURITY_POLICY, POLICY)]
    {
        head.headers.insert(name, HeaderValue::from_static(value));
    }
    Response::from_parts(head, Body::from(page.into_string()))
}

/// What was asked for, as far as the page tells of it.
struct Asked {
    /// Whether something was sent.
    sent: bool,
    /// The page that it was sent from, or what was asked for itself.
    back: Option<LocalPath>,
}

impl Asked {
    fn of(request: &Request) -> Self {
        let sent = !request.method().is_safe();
        let target = || request.uri().path_and_query().map(|target| target.as_str().to_owned());
        let page =
            || sent_from(request.headers()).map(|page| page[Position::BeforePath..Position::AfterQuery].to_owned());
        let back = if sent { page() } else { target() };
        Self { sent, back: back.and_then(|back| LocalPath::parse(&back).ok()) }
    }

    /// What became of it.
    fn is_safe(&self, problem: &Problem) -> &'static str {
        match (problem.status, self.sent) {
            (500, true) => {
                "Your account, your plan and your signals are safe. Whether what you sent was done is not known: look \
                 before you send it again."
            }
            (500.., _) => "Your account, your plan and your signals are safe.",
            (_, true) => {
                "Nothing was changed. Go back in your browser, and what you typed is still there, but for a password."
            }
            (_, false) => "Nothing was changed.",
        }
    }

    /// Where to go on to.
    fn ways(&self) -> Markup {
        let again = if self.sent { "Back to the page" } else { "Try again" };
        html! {
            p class="actions" {
                @if let Some(back) = &self.back { a class="button" href=(back) { (again) } }
                a class="button button-secondary" href="/" { "Go to the start" }
            }
        }
    }
}

/// The page of this site that the browser says a form was on. Its name may be another where a proxy is between.
pub fn sent_from(headers: &HeaderMap) -> Option<Url> {
    let page = headers.get(header::REFERER).filter(|_| is_same_origin(headers))?;
    Url::parse(page.to_str().ok()?).ok()
}

fn document(state: &AppState, problem: &Problem, asked: &Asked) -> Markup {
    let Config { site, operator, .. } = &state.config;
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (problem.title) " · " (site.name) }
                meta name="robots" content="noindex";
                link rel="stylesheet" href=(state.assets.entry.css);
                link rel="icon" href="/favicon.svg" type="image/svg+xml";
            }
            body {
                div class="shell" {
                    header class="top" {
                        a class="brand" href="/" {
                            img class="logo" src="/favicon.svg" alt="";
                            span { (site.name) }
                        }
                    }
                    main id="main" class="main" {
                        section class="form-page" {
                            p class="eyebrow" { (problem.status) }
                            h1 { (problem.title) }
                            @if let Some(detail) = &problem.detail { p class="lead" { (detail) } }
                            p { (asked.is_safe(problem)) }
                            (asked.ways())
                            @if let Some(id) = &problem.request_id {
                                p class="muted small" { "Request " code { (id) } }
                            }
                        }
                    }
                    footer class="footer" {
                        p class="footer-operator" {
                            span { (operator.name) }
                            a href={ "mailto:" (operator.email) } { (operator.email) }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(headers: &[(&str, &str)]) -> Asked {
        let mut request = http::Request::post("/fn/log_in");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Asked::of(&request.body(Body::empty()).unwrap())
    }

    fn back(headers: &[(&str, &str)]) -> Option<String> {
        sent(headers).back.map(String::from)
    }

    #[test]
    fn the_way_back_leads_to_this_site_alone() {
        let ours = ("sec-fetch-site", "same-origin");
        assert_eq!(back(&[ours, ("referer", "http://box/login?next=/a#x")]).as_deref(), Some("/login?next=/a"));
        for headers in [
            &[("sec-fetch-site", "cross-site"), ("referer", "https://evil.example/login")],
            &[ours, ("referer", "http://box//evil.example/")],
            &[ours, ("referer", "nonsense")],
        ] {
            assert_eq!(back(headers), None, "{headers:?}");
        }
        let read =
            |target: &str| Asked::of(&http::Request::get(target).body(Body::empty()).unwrap()).back.map(String::from);
        assert_eq!(read("/pricing?a=b").as_deref(), Some("/pricing?a=b"));
        assert_eq!(read("//evil.example/"), None);
    }

    #[test]
    fn what_was_sent_may_have_been_done_where_the_fault_is_ours() {
        let told = |status, headers: &[(&str, &str)]| sent(headers).is_safe(&Problem::new(status, "x", "x"));
        assert!(told(429, &[]).starts_with("Nothing was changed."));
        assert!(told(500, &[]).contains("look before you send it again"));
        assert!(!told(503, &[]).contains("not known"), "the problem says so itself");
    }
}
