//! The least that `GET /signals` can cost: a bare axum route that verifies the same token and writes the same body.
//! `cargo xtask bench` measures it beside the program. `FLOOR_ADDR`, `SECRET_KEY` and `FLOOR_BODY` (a file) say where,
//! with which key, and what.

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::IntoResponse,
    routing::get,
};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
use std::sync::Arc;
use uuid::Uuid;

/// Who issues the access tokens, and for whom: as in the program's `server/auth/tokens.rs`.
const ISSUER: &str = "signalbox";

/// What the program reads of a token, and so the floor.
#[derive(serde::Deserialize)]
#[expect(dead_code, reason = "parsed because the program parses it too")]
struct Claims {
    sub: Uuid,
    sid: Uuid,
    iat: i64,
    exp: i64,
}

struct Floor {
    key: DecodingKey,
    validation: Validation,
    body: Bytes,
}

fn main() {
    let workers = std::env::var("TOKIO_WORKER_THREADS").ok().and_then(|text| text.parse().ok()).unwrap_or(1);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(workers).enable_all().build();
    runtime.expect("a runtime starts").block_on(serve());
}

async fn serve() {
    let variable = |name: &str| std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set"));
    let floor = Arc::new(Floor {
        key: DecodingKey::from_secret(variable("SECRET_KEY").as_bytes()),
        validation: validation(),
        body: std::fs::read(variable("FLOOR_BODY")).expect("the body's file can be read").into(),
    });
    let listener = tokio::net::TcpListener::bind(variable("FLOOR_ADDR")).await.expect("the address is free");
    let router = Router::new().route("/signals", get(signals)).with_state(floor);
    axum::serve(listener, router).await.expect("the listener goes on");
}

/// What the program asks of a token; it compares the end with a clock of its own, which costs the same.
fn validation() -> Validation {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[ISSUER]);
    validation.set_required_spec_claims(&["exp", "sub", "iss", "aud"]);
    validation.leeway = 0;
    validation
}

async fn signals(State(floor): State<Arc<Floor>>, headers: HeaderMap) -> impl IntoResponse {
    let token = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    match token.map(|token| decode::<Claims>(token, &floor.key, &floor.validation)) {
        Some(Ok(_)) => ([(header::CONTENT_TYPE, "application/json")], floor.body.clone()).into_response(),
        _ => StatusCode::UNAUTHORIZED.into_response(),
    }
}
