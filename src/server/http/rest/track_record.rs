//! The public record by HTTP: for everybody, losers included.

use crate::{
    domain::{
        record::{RecordFilter, TrackRecord},
        signal::JudgedSignal,
    },
    server::{
        error::ServiceError,
        http::{
            csv,
            extract::Query,
            problem::{self, Failure, Refusals},
            rest::page,
        },
        service::track_record,
        state::AppState,
    },
};
use axum::{
    Json,
    body::Body,
    extract::State,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures::{Stream, StreamExt, stream};
use http::{HeaderValue, header};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

/// The route of the record.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(record))
}

/// A file with every signal.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Format {
    /// A table, a line a signal; a text that begins like a formula has an apostrophe before it.
    Csv,
    /// An array of signals.
    Json,
}

/// The record, or with `format` every signal of it.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "for the description alone: what is told is written as it is read")]
enum Told {
    Record(Box<TrackRecord>),
    File(Vec<JudgedSignal>),
}

/// Which part of the record, and how.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct RecordParams {
    /// Only this strategy's.
    strategy: Option<String>,
    /// Only this symbol's.
    symbol: Option<String>,
    /// Only of candles of this length, such as `1h`.
    timeframe: Option<String>,
    /// Only signals decided in this year or month of the market, such as `2024` or `2024-05`.
    period: Option<String>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
    /// How many signals, 50 unless said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u64>,
    /// A file with every settled signal instead of the figures and a page; `cursor` and `limit` do not go with it.
    #[param(inline)]
    format: Option<Format>,
}

/// The public record: what the published signals came to, and a page of the settled ones, the last settled first.
///
/// With `format` a file with every settled signal of the part that is asked for.
#[utoipa::path(get, path = "/track-record", tag = "ledger", params(RecordParams), responses(
    (status = 200, description = "The record; with `format` the file", content(
        (Told = "application/json"),
        (String = "text/csv"),
    )),
    Refusals,
))]
async fn record(State(state): State<AppState>, Query(asked): Query<RecordParams>) -> Result<Response, Failure> {
    let filter = RecordFilter::parse(asked.strategy, asked.symbol, asked.timeframe, asked.period);
    let filter = filter.map_err(ServiceError::Invalid)?;
    let Some(format) = asked.format else {
        let limit = page::LIST.asked(asked.limit)?;
        let record = track_record::read(&state, &filter, asked.cursor.as_deref(), limit).await?;
        return Ok(Json(record).into_response());
    };
    for (field, is_given) in [("cursor", asked.cursor.is_some()), ("limit", asked.limit.is_some())] {
        if is_given {
            return Err(Failure(ServiceError::field(field, "A file has every signal: leave this out.")));
        }
    }
    let batches = track_record::file(&state, &filter).await?;
    Ok(match format {
        Format::Csv => {
            let head = stream::once(async { csv::head() });
            let lines = batches.map(|batch| csv::lines(&batch?));
            file("text/csv; charset=utf-8", "attachment; filename=\"track-record.csv\"", head.chain(lines))
        }
        Format::Json => {
            let items = batches.enumerate().map(|(at, batch)| items(at, &batch?));
            let array = bracket("[").chain(items).chain(bracket("]\n"));
            file("application/json", "attachment; filename=\"track-record.json\"", array)
        }
    })
}

fn bracket(text: &'static str) -> impl Stream<Item = Result<Bytes, ServiceError>> {
    stream::once(async { Ok(Bytes::from_static(text.as_bytes())) })
}

/// The signals of a batch as items of an array; `at` says which batch it is.
fn items(at: usize, signals: &[JudgedSignal]) -> Result<Bytes, ServiceError> {
    let mut text = String::new();
    for (place, signal) in signals.iter().enumerate() {
        text.push_str(if at + place > 0 { ",\n" } else { "\n" });
        text += &serde_json::to_string(signal).map_err(|error| ServiceError::internal("writing signals", error))?;
    }
    Ok(text.into())
}

/// A file that is sent as it is read. What fails on the way is logged here, and the body breaks off.
fn file(
    kind: &'static str,
    disposition: &'static str,
    parts: impl Stream<Item = Result<Bytes, ServiceError>> + Send + 'static,
) -> Response {
    let body = Body::from_stream(parts.map(|part| part.map_err(problem::handled)));
    let headers = [(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, disposition)];
    (headers.map(|(name, value)| (name, HeaderValue::from_static(value))), body).into_response()
}
