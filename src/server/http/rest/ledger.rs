//! The ledger by HTTP: public. What an open signal says stands in it as a salted commitment only.

use crate::{
    domain::ledger::{LedgerHead, LedgerPage},
    server::{
        error::chain,
        http::{
            extract::Query,
            problem::{Failure, Refusals},
            rest::page,
        },
        service::ledger,
        state::AppState,
    },
};
use axum::{
    Json,
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use futures::TryStreamExt;
use http::{HeaderValue, header};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes under `/ledger`.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(entries)).routes(routes!(export)).routes(routes!(head))
}

/// Which page.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct LedgerQuery {
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
    /// How many, 50 unless said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u64>,
}

/// The ledger's entries in order, with the checkpoints about them.
#[utoipa::path(get, path = "/ledger", tag = "ledger", params(LedgerQuery),
    responses((status = 200, body = LedgerPage), Refusals))]
async fn entries(State(state): State<AppState>, Query(asked): Query<LedgerQuery>) -> Result<Json<LedgerPage>, Failure> {
    let limit = page::LIST.asked(asked.limit)?;
    Ok(Json(ledger::page(&state, asked.cursor.as_deref(), limit).await?))
}

/// The whole ledger, as `signalbox verify` reads it: JSON Lines, each written in canonical JSON (RFC 8785).
#[utoipa::path(get, path = "/ledger/export", operation_id = "export_ledger", tag = "ledger", responses(
    (status = 200, description = "A line that names the format, a line an entry with its hash, a line a checkpoint with its signature, and a last line that says how many entries there are", body = String, content_type = "application/x-ndjson"),
    Refusals,
))]
async fn export(State(state): State<AppState>) -> Result<Response, Failure> {
    let lines = ledger::export(&state).await?;
    // The status is sent by then: a reader is told by the missing last line.
    let lines = lines.inspect_err(|error| tracing::error!(error = chain(error), "the ledger's export broke off"));
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"ledger.jsonl\"")),
    ];
    Ok((headers, Body::from_stream(lines)).into_response())
}

/// How far the ledger goes, its newest checkpoint, and the public key that signs.
#[utoipa::path(get, path = "/ledger/head", tag = "ledger", responses((status = 200, body = LedgerHead), Refusals))]
async fn head(State(state): State<AppState>) -> Result<Json<LedgerHead>, Failure> {
    Ok(Json(ledger::head(&state).await?))
}
