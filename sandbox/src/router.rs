use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, OriginalUri, Request, State as Shared};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use base64::Engine;
use serde_json::{Value, json};

use crate::params::Params;
use crate::state::{Cause, State};
use crate::store::Store;
use crate::stripe_error::StripeError;
use crate::webhook::event::API_VERSION;
use crate::{api, clock, control, expand, form, ids, legacy, page, shape};

/// The most that a body may have, in bytes.
const BODY: usize = 1024 * 1024;
/// How long a request may take; longer than the longest delay that can be set.
const TIMEOUT: Duration = Duration::from_secs(90);
/// How many idempotency keys are kept, for a day each.
const KEYS: usize = 5000;
/// How many of the calls that were answered are kept to be looked at.
const KEPT_CALLS: usize = 100;
const DAY_MS: i64 = 86_400_000;

/// What handlers share.
#[derive(Debug)]
pub struct App {
    /// Everything.
    pub store: Arc<Store>,
    calls: AtomicU64,
    answered: Mutex<VecDeque<Value>>,
}

impl App {
    /// The newest calls of Stripe's API that were answered, oldest first.
    pub fn answered(&self) -> Vec<Value> {
        self.answered.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    fn note(&self, call: Value) {
        let mut answered = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        if answered.len() == KEPT_CALLS {
            answered.pop_front();
        }
        answered.push_back(call);
    }
}

/// All addresses.
pub fn router(store: Arc<Store>) -> Router {
    let app = Arc::new(App { store, calls: AtomicU64::new(0), answered: Mutex::default() });
    Router::new()
        .route("/v1", any(call))
        .route("/v1/{*path}", any(call))
        .route("/", get(page::home))
        .merge(page::router())
        .nest("/_sandbox", control::router(app.clone()))
        .fallback(page::not_found)
        .layer(DefaultBodyLimit::max(BODY))
        .layer(middleware::from_fn(in_time))
        .with_state(app)
}

/// Gives up a request whose body does not come, or that cannot be answered.
async fn in_time(request: Request, next: Next) -> Response {
    let answer = tokio::time::timeout(TIMEOUT, next.run(request)).await;
    answer.unwrap_or_else(|_| StatusCode::REQUEST_TIMEOUT.into_response())
}

/// An answer before it is written out.
#[derive(Debug, Clone)]
struct Outcome {
    status: StatusCode,
    body: Value,
    replayed: bool,
}

struct Call {
    method: Method,
    path: String,
    query: String,
    body: Bytes,
    request_id: String,
    key: Option<String>,
    version: String,
}

async fn call(
    Shared(app): Shared<Arc<App>>,
    method: Method,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let request_id = ids::new("req").chars().take(18).collect::<String>();
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let key = text("idempotency-key").filter(|_| method != Method::GET);
    let version = text("stripe-version").unwrap_or_else(|| API_VERSION.to_owned());
    let call = Call {
        path: uri.path().trim_start_matches("/v1").trim_start_matches('/').to_owned(),
        query: uri.query().unwrap_or_default().to_owned(),
        method,
        body,
        request_id: request_id.clone(),
        key: key.clone(),
        version: version.clone(),
    };
    let mut note =
        json!({"method": call.method.as_str(), "path": uri.path(), "query": call.query, "request": request_id});
    let outcome = match authorize(&headers) {
        Err(error) => failed(&error, &request_id),
        Ok(()) => perform(&app, call).await,
    };
    note["status"] = json!(outcome.status.as_u16());
    app.note(note);
    tracing::debug!(http.status = outcome.status.as_u16(), request.id = %request_id, "sandbox.api");
    respond(outcome, &request_id, key.as_deref(), &version)
}

async fn perform(app: &App, call: Call) -> Outcome {
    let settings = app.store.with(|state| state.settings.clone()).0;
    if settings.delay_ms > 0 {
        tokio::time::sleep(Duration::from_millis(settings.delay_ms)).await;
    }
    let turn = app.calls.fetch_add(1, Ordering::Relaxed);
    if fails(turn, settings.failure_rate) {
        return failed(&StripeError::api("The sandbox fails this call, as it was told to."), &call.request_id);
    }
    let (outcome, version) = app.store.with(|state| keyed(state, &call));
    app.store.durable(version).await;
    outcome
}

/// Whether the call of this turn is one of the share that fails, spread evenly.
fn fails(turn: u64, rate: f64) -> bool {
    #[expect(clippy::cast_precision_loss, reason = "a count of calls is far below 2^52")]
    let (before, after) = (turn as f64 * rate, (turn + 1) as f64 * rate);
    after.floor() > before.floor()
}

/// Does a call once for each idempotency key, and gives the same answer again.
fn keyed(state: &mut State, call: &Call) -> Outcome {
    let Some(key) = &call.key else {
        return answered(state, call);
    };
    if key.len() > 255 {
        let error = StripeError::idempotency("Idempotency keys can have up to 255 characters.");
        return failed(&error, &call.request_id);
    }
    let print = fingerprint(call);
    if let Some(kept) = state.get("idempotency", key) {
        if clock::real_millis() - shape::number(kept, "at_ms") < DAY_MS {
            return again(kept, &print, key, &call.request_id);
        }
        state.remove("idempotency", key);
    }
    let outcome = answered(state, call);
    // Refusals before anything was done leave the key free, as Stripe does.
    if outcome.status.is_success() || outcome.status == StatusCode::PAYMENT_REQUIRED || outcome.status.is_server_error()
    {
        let kept = json!({
            "id": key, "at_ms": clock::real_millis(), "print": print, "status": outcome.status.as_u16(), "body": outcome.body,
        });
        state.insert("idempotency", kept);
        forget_keys(state);
    }
    outcome
}

fn again(kept: &Value, print: &str, key: &str, request_id: &str) -> Outcome {
    if kept["print"] != print {
        let message = format!(
            "Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '{key}' if you meant to execute a different request."
        );
        return failed(&StripeError::idempotency(message), request_id);
    }
    let status = kept["status"].as_u64().and_then(|status| StatusCode::from_u16(u16::try_from(status).ok()?).ok());
    Outcome { status: status.unwrap_or(StatusCode::OK), body: kept["body"].clone(), replayed: true }
}

fn forget_keys(state: &mut State) {
    let old = clock::real_millis() - DAY_MS;
    let surplus = state.count("idempotency").saturating_sub(KEYS);
    let gone: Vec<String> = state
        .all("idempotency")
        .enumerate()
        .take_while(|(place, kept)| *place < surplus || shape::number(kept, "at_ms") < old)
        .map(|(_, kept)| shape::text(kept, "id").to_owned())
        .collect();
    gone.iter().for_each(|key| state.remove("idempotency", key));
}

fn answered(state: &mut State, call: &Call) -> Outcome {
    state.cause = Cause { request: Some(call.request_id.clone()), idempotency_key: call.key.clone() };
    // A refused card is part of the story; a wrong call has no part in it.
    let result = state.attempt(|state| answer(state, call), |error| error.status != StatusCode::PAYMENT_REQUIRED);
    state.cause = Cause::default();
    match result {
        Ok(body) => Outcome { status: StatusCode::OK, body, replayed: false },
        Err(error) => failed(&error, &call.request_id),
    }
}

fn answer(state: &mut State, call: &Call) -> api::Answer {
    let unreadable = || StripeError::invalid("Invalid form: the body must be application/x-www-form-urlencoded.");
    let mut fields = form::parse(&call.query).ok_or_else(unreadable)?;
    let body = std::str::from_utf8(&call.body).map_err(|_| unreadable())?;
    fields.extend(form::parse(body).ok_or_else(unreadable)?);
    let params = Params::new(fields);
    let paths = params.texts("expand")?;
    let mut answer = api::call(state, call.method.as_str(), &call.path, &params)?;
    expand::expand(state, &mut answer, &paths)?;
    if legacy::is_old(&call.version) {
        legacy::downgrade(&mut answer);
    }
    Ok(shape::public(&answer))
}

fn fingerprint(call: &Call) -> String {
    use sha2::{Digest, Sha256};
    let mut hash = Sha256::new();
    for part in [call.method.as_str().as_bytes(), call.path.as_bytes(), call.query.as_bytes(), &call.body] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    hex::encode(hash.finalize())
}

/// Takes any test key, as a bearer token or as the user name of Basic.
fn authorize(headers: &HeaderMap) -> Result<(), StripeError> {
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let Some((scheme, credentials)) = given.and_then(|value| value.split_once(' ')) else {
        return Err(StripeError::unauthorized(
            "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
        ));
    };
    let key = if scheme.eq_ignore_ascii_case("basic") {
        let decoded = base64::engine::general_purpose::STANDARD.decode(credentials.trim()).unwrap_or_default();
        String::from_utf8(decoded).unwrap_or_default().split(':').next().unwrap_or_default().to_owned()
    } else {
        credentials.trim().to_owned()
    };
    if key.starts_with("sk_test_") && key.len() > "sk_test_".len() {
        return Ok(());
    }
    let shown: String = key.chars().take(8).collect();
    Err(StripeError::unauthorized(format!("Invalid API Key provided: {shown}****")))
}

fn failed(error: &StripeError, request_id: &str) -> Outcome {
    Outcome { status: error.status, body: error.body(request_id), replayed: false }
}

fn respond(outcome: Outcome, request_id: &str, key: Option<&str>, version: &str) -> Response {
    let text = serde_json::to_string_pretty(&outcome.body).unwrap_or_default();
    let mut response = (outcome.status, text).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache, no-store"));
    let mut set = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    set("request-id", request_id);
    set("stripe-version", version);
    set("x-stripe-sandbox", "true");
    if let Some(key) = key {
        set("idempotency-key", key);
        set("original-request", request_id);
    }
    if outcome.replayed {
        set("idempotent-replayed", "true");
    }
    if outcome.status == StatusCode::UNAUTHORIZED {
        set("www-authenticate", "Bearer realm=\"Stripe\"");
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quarter_fails_evenly() {
        let failed: Vec<u64> = (0..12).filter(|turn| fails(*turn, 0.25)).collect();
        assert_eq!(failed, [3, 7, 11]);
        assert!((0..100).all(|turn| fails(turn, 1.0) && !fails(turn, 0.0)));
    }
}
