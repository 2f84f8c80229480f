//! Notices by HTTP.

use crate::{
    domain::{id::NoticeId, notice::NoticeView},
    server::{
        http::{
            extract::Path,
            identity::User,
            problem::{Failure, Refusals},
        },
        service::notices,
        state::AppState,
    },
};
use axum::{Json, extract::State};
use http::StatusCode;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes under `/notices`.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(unread)).routes(routes!(read))
}

/// What who asks should know and has not dismissed, the newest first, at most 50.
#[utoipa::path(get, path = "/notices", tag = "notices", security(("bearer" = [])),
    responses((status = 200, body = [NoticeView]), Refusals))]
async fn unread(State(state): State<AppState>, User(user): User) -> Result<Json<Vec<NoticeView>>, Failure> {
    Ok(Json(notices::unread(&state, user.me.id).await?))
}

/// Dismisses one; once more changes nothing.
#[utoipa::path(post, path = "/notices/{id}/read", tag = "notices", security(("bearer" = [])),
    params(("id" = NoticeId, Path, description = "The notice")), responses((status = 204), Refusals))]
async fn read(
    State(state): State<AppState>,
    User(user): User,
    Path(id): Path<NoticeId>,
) -> Result<StatusCode, Failure> {
    notices::read(&state, user.me.id, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
