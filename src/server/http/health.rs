//! Health: alive, ready, and in detail; what the program is; its metrics.

use crate::{
    api::error::Problem,
    domain::{account::Role, operation::Queues},
    server::{
        config::Environment,
        error::ServiceError,
        http::{
            identity::{Identity, bearer},
            middleware::origin::is_at_home,
            problem::Failure,
        },
        service,
        state::AppState,
    },
};
use axum::{
    Json,
    extract::{FromRequestParts, State},
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header, request::Parts};
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

/// Each part and how it does. For the operator or a metrics token; in development for this machine too.
#[utoipa::path(get, path = "/health/detailed", tag = "system", security((), ("bearer" = [])), responses(
    (status = 200, body = service::health::Report),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 429, description = "Too many from one address", body = Problem, content_type = "application/problem+json"),
    (status = 503, description = "A part that is needed does not answer", body = service::health::Report),
))]
async fn detailed(_: Insight, State(state): State<AppState>) -> Result<Response, Failure> {
    let report = service::health::report(&state).await;
    let status = if report.is_well() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    Ok((status, Json(report)).into_response())
}

/// What waits to be worked off. For the operator or a metrics token; in development for this machine too.
#[utoipa::path(get, path = "/health/queues", tag = "system", security((), ("bearer" = [])), responses(
    (status = 200, body = Queues),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 429, description = "Too many from one address", body = Problem, content_type = "application/problem+json"),
    (status = 503, body = Problem, content_type = "application/problem+json"),
))]
async fn queues(_: Insight, State(state): State<AppState>) -> Result<Json<Queues>, Failure> {
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

/// Counts and times for Prometheus. For the operator or a metrics token; in development for this machine too.
#[utoipa::path(get, path = "/metrics", tag = "system", security((), ("bearer" = [])), responses(
    (status = 200, description = "Prometheus' text format", body = String, content_type = "text/plain; version=0.0.4"),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 503, body = Problem, content_type = "application/problem+json"),
))]
pub async fn metrics(_: Insight, State(state): State<AppState>) -> Response {
    state.metrics.run_upkeep();
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4")];
    (kind, state.metrics.render()).into_response()
}

async fn check_ready(state: &AppState) -> Result<Json<Health>, Failure> {
    service::health::check(state).await?;
    Ok(Json(OK))
}

/// Whoever may see inside: the operator, whoever has the metrics token, and in development who asks from this machine.
pub struct Insight;

impl FromRequestParts<AppState> for Insight {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let development = state.config.environment == Environment::Development;
        let at_home = development && is_at_home(&parts.headers, parts.extensions.get(), &state.config);
        if at_home || has_metrics_token(state, &parts.headers) {
            return Ok(Self);
        }
        let refusal = match Identity::user(&parts.extensions).map_err(IntoResponse::into_response)? {
            Some(user) if user.role == Role::Operator => return Ok(Self),
            Some(_) => ServiceError::Forbidden,
            None => ServiceError::Unauthenticated("Send the metrics token, or sign in as the operator."),
        };
        Err(Failure(refusal).into_response())
    }
}

fn has_metrics_token(state: &AppState, headers: &HeaderMap) -> bool {
    match (&state.config.metrics_token, bearer(headers)) {
        (Some(token), Some(sent)) => token.reveal().as_bytes().ct_eq(sent.as_bytes()).into(),
        _ => false,
    }
}
