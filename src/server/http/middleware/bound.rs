//! How often, how much and how long: rate limits by client address, and the size and time of bodies.

use crate::server::{
    config::LimitsConfig,
    error::ServiceError,
    http::{
        problem::{Failure, RATE_LIMIT, rate_limit_headers},
        timely::timely,
    },
    service::{
        client::Client,
        limits::{self, Class},
    },
    state::AppState,
};
use axum::{
    body::Body,
    extract::Request,
    response::{IntoResponse, Response},
};
use http::{Method, header};
use http_body_util::{BodyExt, Limited};
use std::time::Duration;

/// Bytes of a body refused for its size that are read all the same, and for how long: whoever is cut off while still
/// sending may never see the refusal.
const READ_OFF: usize = 16 << 20;
const READ_OFF_FOR: Duration = Duration::from_secs(2);

/// Refuses what comes too often, is too large or comes too slowly.
pub async fn bound(state: &AppState, request: Request, next: impl AsyncFnOnce(Request) -> Response) -> Response {
    let class = classify(request.method(), request.uri().path());
    let Some(client) = request.extensions().get::<Client>().map(Client::limit_key) else {
        return Failure(ServiceError::internal("limiting", "the client is not known")).into_response();
    };
    match limits::admit(state, class, client).await {
        Ok(left) => {
            let request = match cap_body(request, class, &state.config.limits) {
                Ok(request) => request,
                Err(refused) => {
                    read_off(refused.into_body()).await;
                    return Failure(ServiceError::TooLarge).into_response();
                }
            };
            let mut response = next(request).await;
            // A refusal by a limit of the address' own tells of that one.
            let told = response.headers().contains_key(&RATE_LIMIT[0]);
            if let Some(left) = left.filter(|_| matches!(class, Class::Auth | Class::Mail) && !told) {
                response.headers_mut().extend(rate_limit_headers(left.limit, left.remaining, left.reset));
            }
            response
        }
        Err(limited) => Failure(ServiceError::RateLimited(limited)).into_response(),
    }
}

fn classify(method: &Method, path: &str) -> Class {
    let path = path.strip_prefix("/api/v1").unwrap_or(path);
    match path {
        "/auth/signup" | "/auth/register" | "/auth/login" | "/fn/sign_up" | "/fn/log_in" if *method == Method::POST => {
            Class::Auth
        }
        "/auth/me" if *method == Method::DELETE => Class::Mail,
        "/auth/forgot-password"
        | "/auth/resend-verification"
        | "/auth/reset-password"
        | "/auth/verify-email"
        | "/auth/change-password"
        | "/auth/change-email"
        | "/fn/forgot_password"
        | "/fn/resend_verification"
        | "/fn/reset_password"
        | "/fn/verify_email"
        | "/fn/change_password"
        | "/fn/change_email"
        | "/fn/delete_account" => Class::Mail,
        "/billing/create-checkout"
        | "/billing/portal"
        | "/billing/subscriptions/cancel"
        | "/billing/subscriptions/resume"
        | "/fn/start_checkout"
        | "/fn/confirm_checkout"
        | "/fn/open_portal" => Class::Payment,
        "/billing/webhook" => Class::Webhook,
        "/backtest/run" => Class::Backtest,
        // Whether the program runs is told whatever else is the matter.
        "/health/live" => Class::Free,
        "/health" | "/health/ready" | "/health/detailed" | "/health/queues" => Class::Health,
        _ if path.starts_with("/pkg/") || path.starts_with("/fonts/") => Class::Free,
        _ => Class::General,
    }
}

/// The request, its body bounded in size and time; or as it came, if it says itself that it is too large.
fn cap_body(request: Request, class: Class, limits: &LimitsConfig) -> Result<Request, Request> {
    if request.method().is_safe() {
        return Ok(request);
    }
    let cap = match class {
        Class::Webhook => limits.webhook_body_bytes,
        Class::Backtest => limits.backtest_body_bytes,
        _ => limits.body_bytes,
    };
    let length = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    if length.and_then(|length| length.parse::<usize>().ok()).is_some_and(|length| length > cap) {
        return Err(request);
    }
    Ok(request.map(|body| Body::new(Limited::new(timely(body), cap))))
}

async fn read_off(body: Body) {
    let mut body = Limited::new(body, READ_OFF);
    let read = async { while let Some(Ok(_)) = body.frame().await {} };
    // Whoever sends more, or slower, is cut off.
    let _ = tokio::time::timeout(READ_OFF_FOR, read).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signups_and_logins_count_together_wherever_they_come_in() {
        for path in ["/auth/login", "/api/v1/auth/login", "/auth/signup", "/auth/register", "/fn/log_in", "/fn/sign_up"]
        {
            assert_eq!(classify(&Method::POST, path), Class::Auth, "{path}");
        }
        assert_eq!(classify(&Method::POST, "/api/v1/billing/webhook"), Class::Webhook);
        assert_eq!(classify(&Method::POST, "/api/v1/backtest/run"), Class::Backtest);
        assert_eq!(classify(&Method::GET, "/signals"), Class::General);
        for path in ["/billing/portal", "/api/v1/billing/create-checkout", "/fn/confirm_checkout"] {
            assert_eq!(classify(&Method::POST, path), Class::Payment, "{path}");
        }
        // A deletion tries a password, wherever it comes in.
        for path in ["/auth/me", "/api/v1/auth/me"] {
            assert_eq!(classify(&Method::DELETE, path), Class::Mail, "{path}");
            assert_eq!(classify(&Method::GET, path), Class::General, "{path}");
        }
    }

    #[test]
    fn health_checks_count_apart_and_a_sign_of_life_not_at_all() {
        for prefix in ["", "/api/v1"] {
            let class = |path: &str| classify(&Method::GET, &format!("{prefix}{path}"));
            assert_eq!(class("/health/live"), Class::Free);
            for path in ["/health", "/health/ready", "/health/detailed", "/health/queues"] {
                assert_eq!(class(path), Class::Health, "{path}");
            }
            for path in ["/healthxyz", "/health/", "/health/live/x", "/health/none"] {
                assert_eq!(class(path), Class::General, "{path}");
            }
        }
    }
}
