//! What the operator does by HTTP.

use crate::{
    domain::operation::WebhookEventPage,
    server::{
        http::{
            extract::{Path, Query},
            identity::Operator,
            problem::{Failure, Refusals},
            rest::page,
        },
        service::inbox,
        state::AppState,
    },
};
use axum::{Json, extract::State};
use http::StatusCode;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes under `/admin`.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(webhook_events)).routes(routes!(replay)).routes(routes!(dismiss))
}

/// Which of Stripe's events can be listed.
#[derive(Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Listed {
    /// Those that were given up.
    #[default]
    Poison,
}

/// Which events, and which page of them.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct EventsQuery {
    /// Those that were given up; the only ones that are listed.
    #[serde(default)]
    #[param(inline)]
    state: Listed,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
    /// How many, 50 unless said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u64>,
}

/// Stripe's events that were given up, the newest first. For the operator.
#[utoipa::path(get, path = "/admin/webhook-events", tag = "admin", security(("bearer" = [])), params(EventsQuery),
    responses((status = 200, body = WebhookEventPage), Refusals))]
async fn webhook_events(
    State(state): State<AppState>,
    _: Operator,
    Query(asked): Query<EventsQuery>,
) -> Result<Json<WebhookEventPage>, Failure> {
    let limit = page::LIST.asked(asked.limit)?;
    match asked.state {
        Listed::Poison => Ok(Json(inbox::given_up(&state, asked.cursor.as_deref(), limit).await?)),
    }
}

/// Lets an event that was given up be tried anew, soon after the answer. For the operator.
#[utoipa::path(post, path = "/admin/webhook-events/{id}/replay", tag = "admin", security(("bearer" = [])),
    params(("id" = String, Path, description = "Stripe's name for it")), responses((status = 202), Refusals))]
async fn replay(State(state): State<AppState>, _: Operator, Path(id): Path<String>) -> Result<StatusCode, Failure> {
    inbox::replay(&state, &id).await?;
    Ok(StatusCode::ACCEPTED)
}

/// Notes that nothing is to be done about an event that was given up: it is kept, and no longer counts as waiting. For the
/// operator.
#[utoipa::path(post, path = "/admin/webhook-events/{id}/dismiss", tag = "admin", security(("bearer" = [])),
    params(("id" = String, Path, description = "Stripe's name for it")), responses((status = 204), Refusals))]
async fn dismiss(State(state): State<AppState>, _: Operator, Path(id): Path<String>) -> Result<StatusCode, Failure> {
    inbox::dismiss(&state, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
