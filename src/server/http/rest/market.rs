//! The market by HTTP: public, and nothing that has not closed.

use crate::{
    domain::{
        signal::{CandlePage, SymbolView},
        strategy::JudgedStrategy,
        time::Timestamp,
    },
    server::{
        error::ServiceError,
        http::{
            extract::Query,
            problem::{Failure, Refusals},
            rest::page,
        },
        service,
        state::AppState,
    },
};
use axum::{Json, extract::State};
use engine::Timeframe;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes under `/market`.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(symbols)).routes(routes!(candles)).routes(routes!(strategies))
}

/// The same handlers under short names, without `market/`.
pub fn short_routes() -> axum::Router<AppState> {
    use axum::routing::get;
    axum::Router::new()
        .route("/symbols", get(symbols))
        .route("/candles", get(candles))
        .route("/strategies", get(strategies))
}

/// Which candles.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct CandleParams {
    /// Such as `BTC/USDT`.
    symbol: String,
    /// `1h` or `1d`.
    #[param(pattern = "^(1h|1d)$")]
    timeframe: String,
    /// How many at most, the newest.
    #[param(minimum = 1, maximum = 500, default = 100)]
    limit: Option<u64>,
    /// Only candles that open before this time.
    before: Option<Timestamp>,
}

/// The symbols: where each stands, and its last closes.
#[utoipa::path(get, path = "/market/symbols", tag = "market",
    responses((status = 200, body = Vec<SymbolView>), Refusals))]
async fn symbols(State(state): State<AppState>) -> Result<Json<Vec<SymbolView>>, Failure> {
    Ok(Json(service::market::symbols(&state).await?))
}

/// Closed candles of a series, oldest first.
#[utoipa::path(get, path = "/market/candles", tag = "market", params(CandleParams),
    responses((status = 200, body = CandlePage), Refusals))]
async fn candles(
    State(state): State<AppState>,
    Query(params): Query<CandleParams>,
) -> Result<Json<CandlePage>, Failure> {
    let timeframe: Timeframe =
        params.timeframe.parse().map_err(|_| ServiceError::field("timeframe", "Use `1h` or `1d`."))?;
    let limit = page::CANDLES.asked(params.limit)?;
    Ok(Json(service::market::candles(&state, &params.symbol, timeframe, params.before, limit as usize).await?))
}

/// The strategies at work, how they are set, and whether they are proven.
#[utoipa::path(get, path = "/market/strategies", tag = "market",
    responses((status = 200, body = Vec<JudgedStrategy>), Refusals))]
async fn strategies(State(state): State<AppState>) -> Result<Json<Vec<JudgedStrategy>>, Failure> {
    Ok(Json(service::strategies::judged(&state).await?))
}
