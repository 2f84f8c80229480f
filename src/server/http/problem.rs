//! Failures as HTTP tells them: problem details with a stable code and the request's id.

use crate::{
    api::error::Problem,
    domain::{field::FieldError, plan::Feature},
    server::{
        error::{RateLimited, ServiceError, chain},
        http::timely::PATIENCE,
    },
};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use std::time::Duration;

/// What a problem is sent as.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// Names the request in the logs.
pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

tokio::task_local! {
    /// The id of the request that this task answers.
    pub static REQUEST_ID: String;
}

/// Characters of a field's name and of what is wrong with it: what somebody sent is not sent back by the megabyte.
const LONGEST: usize = 1_000;

/// The current request's id, inside a request.
pub fn request_id() -> Option<String> {
    REQUEST_ID.try_with(Clone::clone).ok()
}

/// A use case's failure on its way out of a handler. Logged once, when it is turned into a response.
#[derive(Debug)]
pub struct Failure(pub ServiceError);

impl<E: Into<ServiceError>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let headers = headers_of(&self.0);
        let mut response = handled(self.0).into_response();
        response.headers_mut().extend(headers);
        response
    }
}

impl IntoResponse for Problem {
    fn into_response(mut self) -> Response {
        self.request_id = self.request_id.or_else(request_id);
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (status, body).into_response();
        let kind = HeaderValue::from_static(MEDIA_TYPE);
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        // For who tells it by a page.
        response.extensions_mut().insert(self);
        response
    }
}

/// The answer to a method that a path does not take.
pub async fn not_allowed() -> Problem {
    Problem::new(405, "method_not_allowed", "Method not allowed")
        .detail("The Allow header names the methods of this path.")
}

/// Logs a failure once and puts it into the words of the wire.
pub fn handled(error: ServiceError) -> Problem {
    match &error {
        ServiceError::Internal { .. } | ServiceError::Refused { .. } => {
            tracing::error!(error = chain(&error), request.id = request_id(), "failed");
        }
        ServiceError::Unavailable { .. } | ServiceError::Busy(_) => {
            tracing::warn!(error = chain(&error), request.id = request_id(), "not available");
        }
        refusal => tracing::debug!(error = chain(refusal), request.id = request_id(), "refused"),
    }
    let mut problem = problem(error);
    problem.request_id = request_id();
    problem
}

fn problem(error: ServiceError) -> Problem {
    match error {
        ServiceError::Unreadable(detail) => {
            Problem::new(400, "unreadable", "The request could not be read").detail(detail)
        }
        ServiceError::Invalid(mut fields) => {
            fields.iter_mut().flat_map(|fault| [&mut fault.field, &mut fault.message]).for_each(cut_off);
            let detail = fields.first().map(|fault| fault.message.clone()).unwrap_or_default();
            Problem { fields, ..Problem::new(422, "validation_failed", "Some fields need attention").detail(detail) }
        }
        ServiceError::Unauthenticated(detail) => Problem::new(401, "unauthenticated", "Sign in first").detail(detail),
        ServiceError::Forbidden => {
            Problem::new(403, "forbidden", "Not allowed").detail("Your account may not do this.")
        }
        ServiceError::PlanRequired => {
            Problem::new(403, "plan_required", "A paid plan is required").detail("Subscribe to get every signal live.")
        }
        ServiceError::CrossSite => Problem::new(403, "cross_site", "The request came from another site")
            .detail("Open this site and try again from there. Programs send a bearer token instead of a cookie."),
        ServiceError::QuotaExceeded(feature, state) => Problem {
            limit: Some(state.limit),
            used: Some(state.used),
            resets_at: Some(state.resets_at),
            ..Problem::new(403, "quota_exceeded", "Daily limit exceeded").detail(format!(
                "All {} free {} of today are used. They begin anew at {}; a paid plan has no limit.",
                state.limit,
                if feature == Feature::Backtests { "backtests" } else { "fetches" },
                state.resets_at
            ))
        },
        ServiceError::NotFound(thing) => {
            Problem::new(404, "not_found", "Not found").detail(format!("There is no such {thing}."))
        }
        ServiceError::EmailInUse => Problem {
            fields: vec![FieldError::new("email", "There is an account with this address already. Log in instead.")],
            ..Problem::new(409, "email_in_use", "E-mail address in use")
                .detail("There is an account with this address already. Log in instead.")
        },
        ServiceError::AlreadySubscribed { portal_url } => Problem {
            portal_url,
            ..Problem::new(409, "already_subscribed", "Already subscribed")
                .detail("Your plan is managed in the portal.")
        },
        ServiceError::RateLimited(limited) => Problem::new(429, "rate_limited", "Too many requests")
            .detail(format!("Try again in {} seconds.", seconds(limited.retry_after))),
        ServiceError::TooSlow => Problem::new(408, "too_slow", "The request took too long")
            .detail(format!("The body took longer than {} seconds to come.", PATIENCE.as_secs())),
        ServiceError::TooLarge => Problem::new(413, "too_large", "The request is too large"),
        ServiceError::Busy(_) => {
            Problem::new(503, "busy", "Busy right now").detail("Nothing was changed. Try again in a few seconds.")
        }
        ServiceError::NotReady => Problem::new(503, "not_ready", "Not ready")
            .detail("The program is starting or stopping. Try again in a few seconds."),
        ServiceError::Unavailable { dependency, .. } => Problem::new(503, "unavailable", "Temporarily unavailable")
            .detail(format!("The {dependency} does not answer. Nothing was changed; try again in a few seconds.")),
        ServiceError::Refused { dependency, .. } => {
            Problem::new(503, "unavailable", "Temporarily unavailable").detail(format!(
                "This does not work with {dependency} now. Nothing was changed, and we were told; try again later."
            ))
        }
        ServiceError::Internal { .. } => Problem::new(500, "internal", "Something went wrong on our side")
            .detail("It was noted under the request's id. Try again in a moment."),
    }
}

fn cut_off(text: &mut String) {
    if let Some((end, _)) = text.char_indices().nth(LONGEST) {
        text.truncate(end);
        text.push('…');
    }
}

fn headers_of(error: &ServiceError) -> HeaderMap {
    let mut headers = HeaderMap::new();
    match error {
        ServiceError::Unauthenticated(_) => {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"signalbox\""));
        }
        ServiceError::RateLimited(limited) => limited_headers(&mut headers, limited),
        _ => {}
    }
    headers
}

fn limited_headers(headers: &mut HeaderMap, limited: &RateLimited) {
    let wait = seconds(limited.retry_after);
    headers.insert(header::RETRY_AFTER, HeaderValue::from(wait));
    headers.extend(rate_limit_headers(limited.limit, 0, limited.retry_after));
}

/// The names of the RateLimit header fields: allowed in the window, left of it, seconds until more.
pub const RATE_LIMIT: [HeaderName; 3] = [
    HeaderName::from_static("ratelimit-limit"),
    HeaderName::from_static("ratelimit-remaining"),
    HeaderName::from_static("ratelimit-reset"),
];

/// The RateLimit header fields, as [`RATE_LIMIT`] names them.
pub fn rate_limit_headers(
    limit: u32,
    remaining: u32,
    reset: Duration,
) -> impl Iterator<Item = (HeaderName, HeaderValue)> {
    RATE_LIMIT.into_iter().zip([limit.into(), remaining.into(), seconds(reset).into()])
}

/// Whole seconds, rounded up, at least one.
fn seconds(span: Duration) -> u64 {
    span.as_millis().div_ceil(1000).max(1) as u64
}

/// What any handler may refuse with, for its description.
pub struct Refusals;

impl utoipa::IntoResponses for Refusals {
    fn responses() -> std::collections::BTreeMap<String, utoipa::openapi::RefOr<utoipa::openapi::Response>> {
        use utoipa::openapi::{ContentBuilder, Ref, ResponseBuilder};
        let told = [
            ("400", "`unreadable`"),
            ("401", "`unauthenticated`"),
            ("403", "`forbidden`, `plan_required` or `cross_site`"),
            ("404", "`not_found`"),
            ("405", "`method_not_allowed`"),
            ("408", "`too_slow`: the body did not come within 10 seconds"),
            ("413", "`too_large`"),
            ("422", "`validation_failed`, with the fields"),
            ("429", "`rate_limited`, with Retry-After and RateLimit headers"),
            ("500", "`internal`"),
            ("503", "`busy` or `unavailable`, with Retry-After"),
        ];
        let response = |description: &str| {
            let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
            ResponseBuilder::new().description(description).content(MEDIA_TYPE, content).build()
        };
        told.into_iter().map(|(status, text)| (status.to_owned(), response(text).into())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_sent_is_not_sent_back_by_the_megabyte() {
        let long = "é".repeat(1_000_000);
        let fault = |text: &str| problem(ServiceError::field(text, text)).fields.remove(0);
        assert_eq!(fault("email"), FieldError::new("email", "email"));
        let told = fault(&long);
        assert_eq!([&told.field, &told.message].map(|text| text.chars().count()), [LONGEST + 1; 2]);
        assert_eq!(fault(&long[..2 * LONGEST]).field, long[..2 * LONGEST]);
    }
}
