//! Who a request comes from: a bearer token, else the site's cookie.

use crate::{
    api::error::Problem,
    domain::account::Role,
    server::{error::ServiceError, http::problem::Failure, service::sessions::CurrentUser},
};
use axum::extract::FromRequestParts;
use http::request::Parts;
use std::sync::Arc;

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

/// Whoever is signed in; a handler that takes it cannot be reached without.
pub struct User(pub Arc<CurrentUser>);

impl<S: Send + Sync> FromRequestParts<S> for User {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Failure> {
        match parts.extensions.get::<Identity>() {
            Some(Identity::User(user)) => Ok(Self(Arc::clone(user))),
            Some(Identity::Unavailable(problem)) => {
                Err(Failure(ServiceError::unavailable("database", problem.as_ref().clone())))
            }
            Some(Identity::Visitor) | None => Err(Failure(ServiceError::Unauthenticated(
                "Send a good access token as `Authorization: Bearer …`; log in or refresh to get one.",
            ))),
        }
    }
}

/// The operator; a handler that takes it cannot be reached by anybody else.
pub struct Operator;

impl<S: Send + Sync> FromRequestParts<S> for Operator {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let User(user) = User::from_request_parts(parts, state).await?;
        if user.role == Role::Operator { Ok(Self) } else { Err(Failure(ServiceError::Forbidden)) }
    }
}
