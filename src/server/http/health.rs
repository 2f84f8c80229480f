//! Health: alive, ready, and in detail; what the program is; its metrics.

use crate::{
    api::error::Problem,
    domain::{account::Role, operation::Queues},
    server::{
        config::Environment,
        error::ServiceError,
        http::{identity::Identity, middleware::origin::is_at_home, problem::Failure},
        service,
        state::AppState,
    },
};
use axum::{
    Json,
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};
use serde::Serialize;
use subtle::ConstantTimeEq;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes under `/health`.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(health))
        .routes(routes!(live))
        .routes(routes!(ready))
        .routes(routes!(detailed))
        .routes(routes!(queues))
}

/// `GET /` (what this is) and `GET /metrics`, relative to `/api/v1`.
pub fn system_routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(info)).routes(routes!(metrics))
}

/// Whether the program can do its work.
#[derive(Serialize, ToSchema)]
pub struct Health {
    /// `ok`.
    #[schema(pattern = "^ok$")]
    pub status: &'static str,
    /// The program's version.
    pub version: &'static str,
}

/// What this program is and where its description is.
#[derive(Serialize, ToSchema)]
pub struct Info {
    /// The site's name.
    pub name: String,
    /// The program's version.
    pub version: &'static str,
    /// The description for people.
    pub docs: &'static str,
    /// The description for programs.
    pub openapi: &'static str,
}

const OK: Health = Health { status: "ok", version: env!("CARGO_PKG_VERSION") };

/// Ready, and the database answers.
#[utoipa::path(get, path = "/health", tag = "system", responses(
    (status = 200, body = Health),
    (status = 429, description = "Too many from one address", body = Problem, content_type = "application/problem+json"),
    (status = 503, description = "Starting, stopping, or without its database", body = Problem, content_type = "application/problem+json"),
))]
async fn health(State(state): State<AppState>) -> Result<Json<Health>, Failure> {
    check_ready(&state).await
}

/// The program runs; asks nothing else.
#[utoipa::path(get, path = "/health/live", tag = "system", responses((status = 200, body = Health)))]
async fn live() -> Json<Health> {
    Json(OK)
}

/// Requests are welcome: started up, not stopping, and the database answers.
#[utoipa::path(get, path = "/health/ready", tag = "system", responses(
    (status = 200, body = Health),
    (status = 429, description = "Too many from one address", body = Problem, content_type = "application/problem+json"),
    (status = 503, description = "Starting, stopping, or without its database", body = Problem, content_type = "application/problem+json"),
))]
async fn ready(State(state): State<AppState>) -> Result<Json<Health>, Failure> {
    check_ready(&state).await
}

/// Each part and how it does. In production for the operator or a metrics token.
#[utoipa::path(get, path = "/health/detailed", tag = "system", security((), ("bearer" = [])), responses(
    (status = 200, body = service::health::Report),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 429, description = "Too many from one address", body = Problem, content_type = "application/problem+json"),
    (status = 503, description = "A part that is needed does not answer", body = service::health::Report),
))]
async fn detailed(State(state): State<AppState>, request: Request) -> Result<Response, Failure> {
    require_insight(&state, &request)?;
    let report = service::health::report(&state).await;
    let status = if report.is_well() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    Ok((status, Json(report)).into_response())
}

/// What waits to be worked off. In production for the operator or a metrics token.
#[utoipa::path(get, path = "/health/queues", tag = "system", security((), ("bearer" = [])), responses(
    (status = 200, body = Queues),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 429, description = "Too many from one address", body = Problem, content_type = "application/problem+json"),
    (status = 503, body = Problem, content_type = "application/problem+json"),
))]
async fn queues(State(state): State<AppState>, request: Request) -> Result<Json<Queues>, Failure> {
    require_insight(&state, &request)?;
    Ok(Json(service::health::queues(&state).await?))
}

/// What this is and where it is described.
#[utoipa::path(get, path = "/", tag = "system", responses((status = 200, body = Info)))]
pub async fn info(State(state): State<AppState>) -> Json<Info> {
    Json(Info {
        name: state.config.site.name.clone(),
        version: OK.version,
        docs: "/docs/",
        openapi: "/api/v1/openapi.json",
    })
}

/// Counts and times for Prometheus. In production for the operator or a metrics token.
#[utoipa::path(get, path = "/metrics", tag = "system", security((), ("bearer" = [])), responses(
    (status = 200, description = "Prometheus' text format", body = String, content_type = "text/plain; version=0.0.4"),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
))]
pub async fn metrics(State(state): State<AppState>, request: Request) -> Result<Response, Failure> {
    require_insight(&state, &request)?;
    state.metrics.run_upkeep();
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4")];
    Ok((kind, state.metrics.render()).into_response())
}

async fn check_ready(state: &AppState) -> Result<Json<Health>, Failure> {
    service::health::check(state).await?;
    Ok(Json(OK))
}

/// In production only the operator, or whoever has the metrics token, sees inside; so too in development where the request
/// came under a foreign name.
fn require_insight(state: &AppState, request: &Request) -> Result<(), Failure> {
    let development = state.config.environment == Environment::Development;
    let at_home = development && is_at_home(request.headers(), &state.config);
    if at_home || has_metrics_token(state, request.headers()) {
        return Ok(());
    }
    match request.extensions().get::<Identity>() {
        Some(Identity::User(user)) if user.role == Role::Operator => Ok(()),
        Some(Identity::User(_)) => Err(Failure(ServiceError::Forbidden)),
        _ => Err(Failure(ServiceError::Unauthenticated("Send the metrics token, or sign in as the operator."))),
    }
}

fn has_metrics_token(state: &AppState, headers: &HeaderMap) -> bool {
    let sent = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "));
    match (&state.config.metrics_token, sent) {
        (Some(token), Some(sent)) => token.reveal().as_bytes().ct_eq(sent.as_bytes()).into(),
        _ => false,
    }
}
