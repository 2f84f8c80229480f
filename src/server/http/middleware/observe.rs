//! Tells of requests: the request's id, its client, its time limit, its line in the log and its count.

use crate::{
    api::error::Problem,
    server::{
        http::{
            client::client,
            problem::{REQUEST_ID, X_REQUEST_ID, request_id},
        },
        state::AppState,
    },
};
use axum::{
    extract::{ConnectInfo, MatchedPath, Request},
    response::{IntoResponse, Response},
};
use http::{HeaderValue, Method, StatusCode};
use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

/// Names the request, notes who sent it, bounds its time, and tells of it when it is answered.
pub async fn observe(state: &AppState, mut request: Request, next: impl AsyncFnOnce(Request) -> Response) -> Response {
    let started = Instant::now();
    let id = hex::encode(rand::random::<[u8; 8]>());
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|info| info.0);
    let peer = peer.unwrap_or_else(|| SocketAddr::from(([0, 0, 0, 0], 0)));
    let client = client(peer, request.headers(), &state.config.trusted_proxies);
    request.extensions_mut().insert(client);
    let limit = Duration::from_secs(state.config.site.request_timeout_seconds);
    let answer = REQUEST_ID.scope(id.clone(), answer(limit, request, next));
    let mut response = answer.await;
    let route = route.as_ref().map_or("unmatched", MatchedPath::as_str);
    tell(&id, &method, route, response.status(), started.elapsed());
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(X_REQUEST_ID, value);
    }
    response
}

async fn answer(limit: Duration, request: Request, next: impl AsyncFnOnce(Request) -> Response) -> Response {
    match tokio::time::timeout(limit, next(request)).await {
        Ok(response) => response,
        Err(_) => {
            tracing::warn!(limit = ?limit, request.id = request_id(), "took too long");
            Problem::new(503, "unavailable", "Temporarily unavailable")
                .detail("It took too long. Whether what you sent was done is not known: look before you send it again.")
                .into_response()
        }
    }
}

fn tell(id: &str, method: &Method, route: &str, status: StatusCode, took: Duration) {
    let labels = [
        ("method", method_name(method).into()),
        ("route", route.to_owned().into()),
        ("status", status_class(status).into()),
    ];
    let labels: Vec<metrics::Label> =
        labels.into_iter().map(|(name, value): (_, metrics::SharedString)| metrics::Label::new(name, value)).collect();
    metrics::counter!("signalbox_http_requests_total", labels).increment(1);
    metrics::histogram!("signalbox_http_request_seconds").record(took.as_secs_f64());
    let (http_status, took_us) = (status.as_u16(), took.as_micros() as u64);
    let notable = !method.is_safe() || status.is_client_error() || status.is_server_error();
    // A health check is asked every few seconds; what it finds amiss is told where it is found.
    let is_check = route.trim_start_matches("/api/v1").starts_with("/health");
    if notable && !is_check {
        tracing::info!(request.id = id, http.method = %method, http.route = route, http.status = http_status, took_us, "answered");
    } else {
        tracing::debug!(request.id = id, http.method = %method, http.route = route, http.status = http_status, took_us, "answered");
    }
}

/// Only known methods become labels, so that nobody can make as many as they like.
fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// The statuses that tell most by their number, the others by their class.
fn status_class(status: StatusCode) -> &'static str {
    match (status.as_u16(), status.as_u16() / 100) {
        (200, _) => "200",
        (401, _) => "401",
        (403, _) => "403",
        (404, _) => "404",
        (429, _) => "429",
        (503, _) => "503",
        (_, 1) => "1xx",
        (_, 2) => "2xx",
        (_, 3) => "3xx",
        (_, 5) => "5xx",
        _ => "4xx",
    }
}
