//! Backtests by HTTP.

use crate::{
    api::error::Problem,
    domain::{id::BacktestId, time::Timestamp},
    server::{
        error::ServiceError,
        http::{
            extract::{Json, Path, Query, refused_body},
            identity::User,
            problem::{Failure, Refusals},
        },
        service::backtests::{self, Asked, BacktestResult, Candles, Examination, Stage, Standing},
        state::AppState,
    },
};
use axum::{
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, FromRequest, Request, State},
    response::{IntoResponse, Response},
};
use engine::{
    Timeframe,
    backtest::{Exits, Fill, Settings, Sizing},
};
use http::{HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

/// Seconds that a look may wait at most: fewer than a request may take.
const LONGEST_WAIT: u64 = 20;

/// The routes under `/backtest`.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        // The body is capped before, at a size of its own.
        .merge(OpenApiRouter::new().routes(routes!(run)).layer(DefaultBodyLimit::disable()))
        .routes(routes!(look, remove))
}

/// What is to be tried. Candles come from one of `symbol`, `csv` and `synthetic`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, expecting = "a JSON object")]
struct RunRequest {
    /// Recorded candles of this symbol, as far as the market's clock has come.
    symbol: Option<String>,
    /// Candles of one's own, of an hour or a day: CSV with the columns timestamp, open, high, low, close, volume.
    csv: Option<String>,
    /// Goes on without rows of `csv` that break a rule, unless they are most; the result tells which were left out. Else
    /// the first of them is refused.
    #[serde(default)]
    skip_bad_rows: bool,
    /// Candles made from a seed.
    synthetic: Option<SyntheticRequest>,
    /// `1h` or `1d`; needed with `symbol`, else told by the data, and `1h` for synthetic ones.
    #[schema(value_type = Option<String>, pattern = "^(1h|1d)$")]
    timeframe: Option<Timeframe>,
    /// Only candles that open then or later.
    from: Option<Timestamp>,
    /// Only candles that have closed by then.
    to: Option<Timestamp>,
    /// Such as `sma-cross`; GET /api/v1/market/strategies names those at work.
    strategy: String,
    /// Its parameters that are not to be at their defaults.
    #[serde(default)]
    params: BTreeMap<String, f64>,
    /// What there is at the beginning; 10000.
    cash: Option<f64>,
    /// The fraction of the equity that a position is worth, its entry's fee included; 1.
    size: Option<f64>,
    /// Instead of `size`: the fraction of the equity that is lost at the stop.
    risk: Option<f64>,
    /// Fee of each fill, as a fraction of its value; 0.001.
    fee: Option<f64>,
    /// How much worse than the market each fill but a target's is, as a fraction; 0.
    slippage: Option<f64>,
    /// `next-open`, or `close`.
    #[schema(value_type = Option<String>, pattern = "^(next-open|close)$")]
    fill: Option<Fill>,
    /// `signal` (target, stop, expiry), or `opposite` (always in the market).
    #[schema(value_type = Option<String>, pattern = "^(signal|opposite)$")]
    exits: Option<Exits>,
    /// Says whether to believe it too; `{}` for the usual checks.
    honesty: Option<HonestyRequest>,
}

/// Candles made from a seed: the same for the same one, everywhere.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, expecting = "a JSON object")]
struct SyntheticRequest {
    /// How many.
    #[schema(minimum = 1, maximum = 1_000_000)]
    candles: usize,
    /// Which; 1.
    seed: Option<u64>,
}

/// How hard it is examined. All of it together has a bound, which grows with the candles: with the usual checks some
/// 200,000 of them are examined, with the fewest some 900,000.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, expecting = "a JSON object")]
struct HonestyRequest {
    /// Simulations with random entries; 2000.
    #[schema(minimum = 100, maximum = 2000)]
    simulations: Option<usize>,
    /// Draws of the Monte Carlo; 2000.
    #[schema(minimum = 100, maximum = 10_000)]
    draws: Option<usize>,
    /// Of both; 1.
    seed: Option<u64>,
    /// How many settings were tried to find this one; 1.
    #[schema(minimum = 1, maximum = 1_000_000)]
    compared: Option<usize>,
    /// How many of the strategy's first parameters the walk forward chooses; 2.
    #[schema(minimum = 0, maximum = 3)]
    parameters: Option<usize>,
    /// The stretches of the walk forward; 5.
    #[schema(minimum = 1, maximum = 20)]
    folds: Option<usize>,
}

/// How a look is made.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct LookParams {
    /// Seconds to wait for the end, if it is not over.
    #[param(minimum = 0, maximum = 20, default = 0)]
    wait: Option<u64>,
}

/// How far a backtest is.
#[derive(Debug, Serialize, ToSchema)]
struct BacktestStatus {
    /// Names it.
    id: BacktestId,
    /// Where it stands.
    state: BacktestState,
    /// How much is done, 0 to 1.
    progress: f64,
    /// When it was asked for.
    created_at: Timestamp,
    /// What came of it; null until it is done.
    #[serde(serialize_with = "as_it_is")]
    #[schema(value_type = Option<BacktestResult>)]
    result: Option<Arc<RawValue>>,
    /// Why it failed; null unless it did.
    detail: Option<String>,
}

/// Where a backtest stands.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum BacktestState {
    /// Others are before it.
    Queued,
    /// On its way.
    Running,
    /// There is a result.
    Done,
    /// It could not be ended; `detail` says why.
    Failed,
    /// It was ended.
    Cancelled,
}

/// Runs a backtest.
///
/// It is queued, and goes on whether or not anybody asks for it; one runs at a time, on one core. Where it stands is told
/// under the address in `Location`, by every replica; what came of it is kept for an hour, the newest 20 at most (without
/// Redis no longer than the server runs). Counts against the plan's `backtests`; what was not done when the server was
/// stopped does not count. 503 when the queue is full, or more bodies are being sent than are read at once.
#[utoipa::path(post, path = "/backtest/run", tag = "backtest", security(("bearer" = [])), request_body = RunRequest,
    responses(
        (status = 202, body = BacktestStatus, headers(("location" = String, description = "Where it is looked at"))),
        Refusals,
        (status = 403, description = "`quota_exceeded` or `cross_site`", body = Problem, content_type = "application/problem+json"),
    ))]
async fn run(State(state): State<AppState>, User(user): User, request: Request) -> Result<Response, Failure> {
    let reading = backtests::admit(&state, &user)?;
    let request = whole(request, &state).await?;
    // Not before the body is there: whoever sends it slowly keeps nobody else from the queue.
    let place = backtests::reserve(&state, &user)?;
    let Json(asked) = Json::<RunRequest>::from_request(request, &state).await?;
    drop(reading);
    let standing = backtests::run(&state, &user, place, asked.parse()?).await?;
    let address = HeaderValue::from_str(&format!("/api/v1/backtest/{}", standing.id));
    let address = address.map_err(|error| ServiceError::internal("naming a backtest", error))?;
    let status = axum::Json(BacktestStatus::of(standing));
    Ok((StatusCode::ACCEPTED, [(header::LOCATION, address)], status).into_response())
}

/// The request with all of its body.
async fn whole(request: Request, state: &AppState) -> Result<Request, Failure> {
    let (parts, body) = request.into_parts();
    // The parts say how much is read.
    let body = Request::from_parts(parts.clone(), body);
    let body = Bytes::from_request(body, state).await.map_err(refused_body)?;
    // An array would be taken for the fields in their order.
    if !body.trim_ascii_start().starts_with(b"{") {
        return Err(Failure(ServiceError::Unreadable("Send a JSON object.".to_owned())));
    }
    Ok(Request::from_parts(parts, Body::from(body)))
}

/// How far a backtest of one's own is, and what came of it.
#[utoipa::path(get, path = "/backtest/{id}", tag = "backtest", security(("bearer" = [])),
    params(("id" = BacktestId, Path, description = "The backtest"), LookParams),
    responses((status = 200, body = BacktestStatus), Refusals))]
async fn look(
    State(state): State<AppState>,
    User(user): User,
    Path(id): Path<BacktestId>,
    Query(params): Query<LookParams>,
) -> Result<Response, Failure> {
    let wait = params.wait.unwrap_or_default();
    if wait > LONGEST_WAIT {
        return Err(Failure(ServiceError::field("wait", format!("Wait for 0 to {LONGEST_WAIT}."))));
    }
    let standing = backtests::look(&state, &user, id, Duration::from_secs(wait)).await?;
    Ok(axum::Json(BacktestStatus::of(standing)).into_response())
}

/// Ends a backtest of one's own.
///
/// One that waits or runs is `cancelled` then, within a second or so. One that is over already, so cancelled too, is
/// forgotten.
#[utoipa::path(delete, path = "/backtest/{id}", tag = "backtest", security(("bearer" = [])),
    params(("id" = BacktestId, Path, description = "The backtest")),
    responses((status = 204), Refusals))]
async fn remove(
    State(state): State<AppState>,
    User(user): User,
    Path(id): Path<BacktestId>,
) -> Result<StatusCode, Failure> {
    backtests::remove(&state, &user, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl RunRequest {
    fn parse(self) -> Result<Asked, ServiceError> {
        let usual = Settings::default();
        let sizing = match (self.size, self.risk) {
            (Some(_), Some(_)) => return Err(ServiceError::field("risk", "Send `size` or `risk`, not both.")),
            (None, Some(risk)) => Sizing::Risk(risk),
            (size, None) => size.map_or(usual.sizing, Sizing::Equity),
        };
        if self.skip_bad_rows && self.csv.is_none() {
            return Err(ServiceError::field("skip_bad_rows", "It is for `csv` alone."));
        }
        let candles = match (self.symbol, self.csv, self.synthetic) {
            (Some(symbol), None, None) => Candles::Recorded { symbol },
            (None, Some(csv), None) => Candles::Uploaded { csv, skip_bad_rows: self.skip_bad_rows },
            (None, None, Some(made)) => Candles::Synthetic { candles: made.candles, seed: made.seed.unwrap_or(1) },
            _ => return Err(ServiceError::field("symbol", "Send one of `symbol`, `csv` and `synthetic`.")),
        };
        let settings = Settings {
            cash: self.cash.unwrap_or(usual.cash),
            sizing,
            fee: self.fee.unwrap_or(usual.fee),
            slippage: self.slippage.unwrap_or(usual.slippage),
            fill: self.fill.unwrap_or(usual.fill),
            exits: self.exits.unwrap_or(usual.exits),
        };
        Ok(Asked {
            candles,
            timeframe: self.timeframe,
            from: self.from,
            to: self.to,
            strategy: self.strategy,
            params: self.params,
            settings,
            examination: self.honesty.map(Examination::from),
        })
    }
}

impl From<HonestyRequest> for Examination {
    fn from(asked: HonestyRequest) -> Self {
        let HonestyRequest { simulations, draws, seed, compared, parameters, folds } = asked;
        Self { simulations, draws, seed, compared, parameters, folds }
    }
}

impl BacktestStatus {
    fn of(standing: Standing) -> Self {
        let Standing { id, created_at, stage } = standing;
        let (state, progress, result, detail) = match stage {
            Stage::Queued => (BacktestState::Queued, 0.0, None, None),
            Stage::Running(done) => (BacktestState::Running, done, None, None),
            Stage::Done(result) => (BacktestState::Done, 1.0, Some(result), None),
            Stage::Failed(detail) => (BacktestState::Failed, 0.0, None, Some(detail)),
            Stage::Cancelled => (BacktestState::Cancelled, 0.0, None, None),
        };
        Self { id, state, progress, created_at, result, detail }
    }
}

/// JSON that is written already.
fn as_it_is<S: Serializer>(raw: &Option<Arc<RawValue>>, serializer: S) -> Result<S::Ok, S::Error> {
    raw.as_deref().serialize(serializer)
}
