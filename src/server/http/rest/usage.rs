//! Usage by HTTP.

use crate::{
    domain::{plan::Feature, quota::UsageView},
    server::{
        http::{
            extract::Path,
            identity::User,
            problem::{Failure, Refusals},
        },
        service::quota,
        state::AppState,
    },
};
use axum::{Json, extract::State};
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes under `/usage`.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(all)).routes(routes!(one))
}

/// What the plan gives of each feature today, and how much of it is used. Asking uses nothing.
#[utoipa::path(get, path = "/usage", tag = "usage", security(("bearer" = [])),
    responses((status = 200, body = Vec<UsageView>), Refusals))]
async fn all(State(state): State<AppState>, User(user): User) -> Result<Json<Vec<UsageView>>, Failure> {
    let mut usage = Vec::new();
    for feature in quota::FEATURES {
        usage.push(quota::usage(&state, user.me.id, user.plan, feature).await?);
    }
    Ok(Json(usage))
}

/// What the plan gives of one feature today, and how much of it is used.
#[utoipa::path(
    get, path = "/usage/{feature}", tag = "usage",
    params(("feature" = Feature, Path, description = "The feature")),
    security(("bearer" = [])),
    responses((status = 200, body = UsageView), Refusals),
)]
async fn one(
    State(state): State<AppState>,
    User(user): User,
    Path(feature): Path<Feature>,
) -> Result<Json<UsageView>, Failure> {
    Ok(Json(quota::usage(&state, user.me.id, user.plan, feature).await?))
}
