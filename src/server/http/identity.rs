//! Who a request comes from: a bearer token, else the site's cookie.

use crate::{
    api::error::Problem,
    domain::account::Role,
    server::{
        error::ServiceError,
        http::{
            middleware::origin::is_same_origin,
            problem::{self, Failure},
        },
        service::sessions::CurrentUser,
        state::AppState,
    },
};
use axum::{
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use http::{Extensions, HeaderMap, HeaderName, HeaderValue, Method, header, request::Parts};
use std::sync::Arc;
use utoipa_axum::router::UtoipaMethodRouter;

/// Put into each request's extensions by the middleware.
#[derive(Clone, Debug)]
pub enum Identity {
    /// Nobody is signed in, or no longer.
    Visitor,
    /// This person.
    User(Arc<CurrentUser>),
    /// It cannot be told now.
    Unavailable(Arc<Problem>),
}

/// How a person showed who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credential {
    /// `Authorization: Bearer`.
    Bearer,
    /// The site's cookie.
    Cookie,
}

/// The bearer token of a request. Another scheme names nobody.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let value = values.next()?.to_str().ok()?;
    // Of two tokens nobody can say which counts.
    if values.next().is_some() {
        return None;
    }
    let (_, token) = value.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))?;
    Some(token.trim())
}

impl Identity {
    /// Whoever is signed in, if anybody.
    ///
    /// # Errors
    /// Why it cannot be told now; it is logged already.
    pub fn user(extensions: &Extensions) -> Result<Option<Arc<CurrentUser>>, Problem> {
        match extensions.get::<Self>() {
            Some(Self::User(user)) => Ok(Some(Arc::clone(user))),
            Some(Self::Unavailable(problem)) => Err(problem.as_ref().clone()),
            Some(Self::Visitor) | None => Ok(None),
        }
    }
}

/// Whoever asks, signed in or not.
pub struct Reader(pub Option<Arc<CurrentUser>>);

impl<S: Send + Sync> FromRequestParts<S> for Reader {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        Identity::user(&parts.extensions).map(Self)
    }
}

/// Whoever is signed in; a handler that takes it cannot be reached without.
pub struct User(pub Arc<CurrentUser>);

impl<S: Send + Sync> FromRequestParts<S> for User {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let Reader(user) = Reader::from_request_parts(parts, state).await.map_err(IntoResponse::into_response)?;
        let missing = "Send a good access token as `Authorization: Bearer …`; log in or refresh to get one.";
        user.map(Self).ok_or_else(|| Failure(ServiceError::Unauthenticated(missing)).into_response())
    }
}

/// A request that this site's own pages or a program made, with a method that shows its answer: what costs a fetch, or
/// makes something at Stripe, is not taken by a link from elsewhere, nor by a look at headers alone.
pub struct Deliberate;

impl<S: Send + Sync> FromRequestParts<S> for Deliberate {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Response> {
        if parts.method == Method::HEAD {
            return Err(refuse_head());
        }
        let by_cookie = parts.extensions.get::<Credential>() == Some(&Credential::Cookie);
        if by_cookie && !is_same_origin(&parts.headers) {
            return Err(Failure(ServiceError::CrossSite).into_response());
        }
        Ok(Self)
    }
}

/// What a path allows whose headers alone are not told.
const GET_ALONE: [(HeaderName, HeaderValue); 1] = [(header::ALLOW, HeaderValue::from_static("GET"))];

fn refuse_head() -> Response {
    let mut problem = Problem::new(405, "method_not_allowed", "Method not allowed")
        .detail("A look at the headers alone would cost what the answer costs, and show nothing. Use GET.");
    problem.request_id = problem::request_id();
    (GET_ALONE, problem).into_response()
}

/// Mounts the route of a handler that takes [`Deliberate`]: what is told of its methods names no HEAD, which comes along with
/// every other GET.
pub fn deliberate((schemas, paths, methods): UtoipaMethodRouter<AppState>) -> UtoipaMethodRouter<AppState> {
    let refuse = async || (GET_ALONE, problem::not_allowed().await);
    (schemas, paths, methods.fallback(refuse))
}

/// The operator; a handler that takes it cannot be reached by anybody else.
pub struct Operator;

impl<S: Send + Sync> FromRequestParts<S> for Operator {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let User(user) = User::from_request_parts(parts, state).await?;
        if user.role == Role::Operator { Ok(Self) } else { Err(Failure(ServiceError::Forbidden).into_response()) }
    }
}
