//! Signals by HTTP.

use crate::{
    api::error::Problem,
    domain::{
        id::SignalId,
        signal::{FeedFilter, FeedPage, FeedSignal, JudgedSignal, Outcome, Side},
    },
    server::{
        error::ServiceError,
        http::{
            extract::{Path, Query},
            identity::{Deliberate, Reader, User, deliberate},
            problem::{Failure, Refusals},
            rest::page,
        },
        service::{self, signals::FeedQuery},
        state::AppState,
    },
};
use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::{HeaderValue, header};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes under `/signals`.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(deliberate(routes!(feed)))
        .routes(deliberate(routes!(latest)))
        .routes(routes!(refresh))
        .routes(routes!(signal))
}

/// Which part of the feed; a paid plan is needed for any of these.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct FeedParams {
    /// Only signals with a smaller `seq`: the last one's of the page before.
    #[param(minimum = 1)]
    before: Option<i64>,
    /// How many at most.
    #[param(minimum = 1, maximum = 50, default = 50)]
    limit: Option<u64>,
    /// Only this symbol.
    symbol: Option<String>,
    /// Only `BUY` or only `SELL`.
    #[param(value_type = Option<String>, pattern = "^(BUY|SELL)$")]
    side: Option<Side>,
    /// Only those that are `open`, or that ended at `target`, at `stop` or `expired`.
    #[param(value_type = Option<String>, pattern = "^(open|target|stop|expired)$")]
    outcome: Option<Outcome>,
}

/// The signals feed, newest first.
///
/// Costs a free user one of the day's fetches and brings the newest signals; a paid plan reads all, by page.
#[utoipa::path(get, path = "/signals", tag = "signals", params(FeedParams), security(("bearer" = [])), responses(
    (status = 200, body = FeedPage),
    Refusals,
    (status = 403, description = "`quota_exceeded`, `plan_required` or `cross_site`", body = Problem, content_type = "application/problem+json"),
))]
async fn feed(
    _: Deliberate,
    State(state): State<AppState>,
    User(user): User,
    Query(params): Query<FeedParams>,
) -> Result<Response, Failure> {
    if params.is_plain() {
        return Ok(json(service::signals::feed(&state, &user).await?));
    }
    let page = service::signals::page(&state, &user, &params.parse()?).await?;
    Ok(Json(page).into_response())
}

/// The newest signal; counts as a fetch of the feed.
#[utoipa::path(get, path = "/signals/latest", tag = "signals", security(("bearer" = [])), responses(
    (status = 200, body = FeedSignal),
    Refusals,
    (status = 403, description = "`quota_exceeded` or `cross_site`", body = Problem, content_type = "application/problem+json"),
))]
async fn latest(_: Deliberate, State(state): State<AppState>, User(user): User) -> Result<Json<FeedSignal>, Failure> {
    Ok(Json(service::signals::latest(&state, &user).await?))
}

/// The feed computed anew rather than taken from the cache; needs a paid plan.
#[utoipa::path(post, path = "/signals/refresh", operation_id = "refresh_signals", tag = "signals", security(("bearer" = [])),
    responses((status = 200, body = FeedPage), Refusals))]
async fn refresh(State(state): State<AppState>, User(user): User) -> Result<Response, Failure> {
    Ok(json(service::signals::refresh(&state, &user).await?))
}

/// One signal. Settled ones are public; an open one is for who pays, or has fetched it.
#[utoipa::path(
    get, path = "/signals/{id}", tag = "signals",
    params(("id" = SignalId, Path, description = "The signal's id")),
    security((), ("bearer" = [])),
    responses((status = 200, body = JudgedSignal), Refusals),
)]
async fn signal(
    State(state): State<AppState>,
    Reader(user): Reader,
    Path(id): Path<SignalId>,
) -> Result<Json<JudgedSignal>, Failure> {
    Ok(Json(service::signals::judged(&state, user.as_deref(), id).await?))
}

impl FeedParams {
    fn is_plain(&self) -> bool {
        let Self { before, limit, symbol, side, outcome } = self;
        before.is_none() && limit.is_none() && symbol.is_none() && side.is_none() && outcome.is_none()
    }

    fn parse(self) -> Result<FeedQuery, ServiceError> {
        let limit = page::FEED.asked(self.limit)?;
        if self.before.is_some_and(|before| before < 1) {
            return Err(ServiceError::field("before", "Send the `seq` of a signal, 1 or more."));
        }
        let filter = FeedFilter { symbol: self.symbol, side: self.side, outcome: self.outcome };
        Ok(FeedQuery { limit, before: self.before, filter })
    }
}

/// An answer that is JSON already.
fn json(body: Bytes) -> Response {
    ([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], body).into_response()
}
