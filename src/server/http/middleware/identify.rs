//! Who a request comes from: a bearer token, else the site's cookies, renewed silently where a page is read.

use crate::server::{
    auth::cookies::{self, SessionCookies},
    error::ServiceError,
    http::{
        identity::{Credential, Identity, bearer},
        problem,
    },
    service::{
        client::Client,
        sessions::{self, Tokens},
    },
    state::AppState,
};
use axum::{extract::Request, response::Response};
use http::{HeaderValue, header};
use std::sync::Arc;

/// What becomes of the browser's cookies.
enum Cookies {
    Kept,
    Renewed([HeaderValue; 2]),
    Ended([HeaderValue; 2]),
}

/// Puts the `Identity`, and the `Credential` that showed it, into the request's extensions.
pub async fn identify(state: &AppState, mut request: Request, next: impl AsyncFnOnce(Request) -> Response) -> Response {
    let headers = request.headers();
    if headers.contains_key(header::AUTHORIZATION) {
        // Whatever it says, it is all that counts: the cookie does not.
        let identity = match bearer(headers) {
            Some(token) => identity(sessions::authenticate(state, token).await),
            None => Identity::Visitor,
        };
        request.extensions_mut().insert(Credential::Bearer);
        request.extensions_mut().insert(identity);
        return next(request).await;
    }
    let sent = SessionCookies::read(headers, &state.config);
    if !sent.any() || is_static(request.uri().path()) {
        return next(request).await;
    }
    let client = request.extensions().get::<Client>().filter(|_| may_renew(request.uri().path())).cloned();
    let sent = (sent.access.map(str::to_owned), sent.refresh.map(str::to_owned));
    let (identity, cookies) = by_cookie(state, sent, client).await;
    request.extensions_mut().insert(Credential::Cookie);
    request.extensions_mut().insert(identity);
    let mut response = next(request).await;
    if let Cookies::Renewed(lines) | Cookies::Ended(lines) = cookies {
        // Whoever logs in or out in this very request has the last word.
        if !cookies::are_set(response.headers()) {
            for line in lines {
                response.headers_mut().append(header::SET_COOKIE, line);
            }
            response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
    }
    response
}

/// `client`, where given, may have its session renewed.
async fn by_cookie(
    state: &AppState,
    (access, refresh): (Option<String>, Option<String>),
    client: Option<Client>,
) -> (Identity, Cookies) {
    if let Some(token) = access {
        match sessions::authenticate(state, &token).await {
            Err(ServiceError::Unauthenticated(_)) => {}
            known => return (identity(known), Cookies::Kept),
        }
    }
    let (Some(refresh), Some(client)) = (refresh, client) else { return (Identity::Visitor, Cookies::Kept) };
    match renew(state, &refresh, &client).await {
        Ok((user, tokens)) => (user, Cookies::Renewed(cookies::of_session(&tokens, &state.config))),
        Err(ServiceError::Unauthenticated(_)) => (Identity::Visitor, Cookies::Ended(cookies::ended(&state.config))),
        Err(error) => (identity(Err(error)), Cookies::Kept),
    }
}

async fn renew(state: &AppState, refresh: &str, client: &Client) -> Result<(Identity, Tokens), ServiceError> {
    let tokens = sessions::refresh(state, refresh, client).await?;
    let user = sessions::authenticate(state, &tokens.access_token).await?;
    Ok((Identity::User(user), tokens))
}

fn identity(known: Result<Arc<sessions::CurrentUser>, ServiceError>) -> Identity {
    match known {
        Ok(user) => Identity::User(user),
        Err(ServiceError::Unauthenticated(_)) => Identity::Visitor,
        Err(error) => Identity::Unavailable(Arc::new(problem::handled(error))),
    }
}

/// Pages and their server functions keep a person signed in; programs refresh by themselves.
fn may_renew(path: &str) -> bool {
    let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    !["api", "auth", "billing", "signals", "users", "usage", "health", "metrics"].contains(&first)
}

fn is_static(path: &str) -> bool {
    path.starts_with("/pkg/") || path.starts_with("/fonts/")
}
