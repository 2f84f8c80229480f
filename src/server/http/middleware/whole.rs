//! The body of a call of a server function, read before the call: Leptos takes one that is too large, breaks off or is
//! no text for a fault of ours.

use crate::server::{
    error::ServiceError,
    http::{extract::refused_body, problem::Failure},
};
use axum::{
    body::{Body, Bytes},
    extract::{FromRequest, Request},
    middleware::Next,
    response::{IntoResponse, Response},
};

/// Refuses what is no text of a size that is taken; whatever is no such call goes on as it is.
pub async fn whole(request: Request, next: Next) -> Response {
    if request.method().is_safe() || !request.uri().path().starts_with("/fn/") {
        return next.run(request).await;
    }
    match read(request).await {
        Ok(request) => next.run(request).await,
        Err(failure) => failure.into_response(),
    }
}

async fn read(request: Request) -> Result<Request, Failure> {
    let (parts, body) = request.into_parts();
    let request = Request::from_parts(parts.clone(), body);
    let bytes = Bytes::from_request(request, &()).await.map_err(refused_body)?;
    if std::str::from_utf8(&bytes).is_err() {
        return Err(Failure(ServiceError::Unreadable("The body is no UTF-8.".to_owned())));
    }
    Ok(Request::from_parts(parts, Body::from(bytes)))
}
