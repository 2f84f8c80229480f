//! Stripe's webhook: verified, stored as it came, answered. What it means is worked out by a job.

use crate::{
    api::error::Problem,
    server::{
        clock::Clock,
        error::ServiceError,
        http::{extract::refused_body, problem::Failure},
        payments::{
            events::{self, Envelope},
            signature,
        },
        service::intake::{self, NewEvent},
        state::AppState,
    },
};
use axum::{
    Json,
    body::Bytes,
    extract::{State, rejection::BytesRejection},
};
use http::HeaderMap;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

/// `POST /billing/webhook`.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(webhook))
}

/// That an event is kept.
#[derive(Serialize, ToSchema)]
pub struct Received {
    /// True.
    pub received: bool,
}

/// Takes an event of Stripe's. It is stored before the answer; one that is there already changes nothing.
#[utoipa::path(post, path = "/billing/webhook", tag = "billing",
    params(("stripe-signature" = String, Header, description = "`t=…,v1=…`: HMAC-SHA256 over `t.body`")),
    request_body(content = serde_json::Value, description = "An event, as Stripe sends it"),
    responses(
        (status = 200, description = "Stored, now or before", body = Received),
        (status = 400, description = "Not signed by Stripe within 5 minutes, or no event", body = Problem, content_type = "application/problem+json"),
        (status = 408, description = "The body did not come within 10 seconds", body = Problem, content_type = "application/problem+json"),
        (status = 413, description = "Over 1 MiB", body = Problem, content_type = "application/problem+json"),
        (status = 429, description = "Too many from one address", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "Too many wait, or the database does not answer", body = Problem, content_type = "application/problem+json"),
    ))]
async fn webhook(
    State(state): State<AppState>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Received>, Failure> {
    let body = body.map_err(refused_body)?;
    let event = verified(&state, &headers, &body).map_err(Failure)?;
    intake::store(&state, event).await?;
    Ok(Json(Received { received: true }))
}

fn verified(state: &AppState, headers: &HeaderMap, body: &[u8]) -> Result<NewEvent, ServiceError> {
    let unreadable = |detail: &str| ServiceError::Unreadable(detail.to_owned());
    let header = headers.get("stripe-signature").and_then(|value| value.to_str().ok());
    let header = header.ok_or_else(|| unreadable("The Stripe-Signature header is missing."))?;
    // Stripe signs by the real time, whatever clock the program was given.
    let now = Clock::system().now();
    if !signature::is_good(header, body, &state.config.stripe.webhook_secrets, now) {
        return Err(unreadable("The signature is not Stripe's, or is older than 5 minutes."));
    }
    let text = std::str::from_utf8(body).map_err(|_| unreadable("The body is no JSON."))?;
    let envelope = Envelope::read(text).ok_or_else(|| unreadable("The body is no event with an id and a type."))?;
    let matters = events::matters(&envelope.kind);
    Ok(NewEvent { id: envelope.id, kind: envelope.kind, payload: text.to_owned(), matters })
}
