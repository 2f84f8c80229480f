use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{ConnectInfo, Path, Request, State as Shared};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::api::test_clocks;
use crate::billing::due;
use crate::config::Settings;
use crate::router::App;
use crate::shape;
use crate::state::State;
use crate::webhook::event;

type Refusal = (StatusCode, Json<Value>);

/// `/_sandbox/…`: what is the sandbox's own and not Stripe's.
pub fn router(app: Arc<App>) -> Router<Arc<App>> {
    Router::new()
        .route("/health", get(async || Json(json!({"status": "ok"}))))
        .route("/config", get(config).post(configure))
        .route("/clock", get(time).post(move_clock))
        .route("/events", post(send_event))
        .route("/events/{id}/resend", post(resend))
        .route("/deliveries", get(deliveries))
        .route("/calls", get(calls))
        .layer(middleware::from_fn_with_state(app, at_home))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Move {
    advance_seconds: Option<i64>,
    now: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TestEvent {
    r#type: String,
    data: Value,
}

/// Answers this machine alone, not through a proxy, and keeps other sites' pages from using a developer's
/// browser: what changes something has to be JSON, which a foreign page cannot send without being asked,
/// must not come from another site, and must name this machine, which a foreign name made to point here
/// does not.
async fn at_home(
    Shared(app): Shared<Arc<App>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    request: Request,
    next: Next,
) -> Response {
    if !is_local(peer, request.headers()) {
        return refusal(StatusCode::FORBIDDEN, "only this machine can use the sandbox's controls").into_response();
    }
    let public_url = app.store.with(|state| state.public_url.clone()).0;
    match foreign(request.method(), request.headers(), &public_url) {
        Some(refusal) => refusal.into_response(),
        None => next.run(request).await,
    }
}

/// Whether the other end is this machine, and does not ask for somebody else.
fn is_local(peer: SocketAddr, headers: &HeaderMap) -> bool {
    let passed_on = ["x-forwarded-for", "forwarded", "via", "x-real-ip"];
    peer.ip().to_canonical().is_loopback() && !passed_on.iter().any(|name| headers.contains_key(*name))
}

fn foreign(method: &Method, headers: &HeaderMap, public_url: &str) -> Option<Refusal> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let own_name = header("host").is_some_and(|host| is_own(host, public_url));
    if !own_name || !matches!(header("sec-fetch-site").unwrap_or("none"), "none" | "same-origin") {
        return Some(refusal(StatusCode::FORBIDDEN, "a page of another site cannot use the sandbox"));
    }
    let kind = header("content-type").and_then(|kind| kind.split(';').next()).unwrap_or_default();
    let json = kind.trim().eq_ignore_ascii_case("application/json");
    let refuse = method != Method::GET && !json;
    refuse.then(|| refusal(StatusCode::UNSUPPORTED_MEDIA_TYPE, "send JSON with Content-Type: application/json"))
}

/// An IP address, a name without dots (this machine, a container), or the public address.
fn is_own(host: &str, public_url: &str) -> bool {
    let Ok(url) = reqwest::Url::parse(&format!("http://{host}")) else { return false };
    let name = url.host_str().unwrap_or_default();
    let address = name.trim_matches(['[', ']']).parse::<std::net::IpAddr>().is_ok();
    let public = reqwest::Url::parse(public_url).is_ok_and(|public| public.host_str() == Some(name));
    address || !name.contains('.') || public
}

async fn config(Shared(app): Shared<Arc<App>>) -> Json<Settings> {
    Json(app.store.with(|state| state.settings.clone()).0)
}

/// Changes the settings that are given and leaves the others.
async fn configure(Shared(app): Shared<Arc<App>>, Json(given): Json<Value>) -> Result<Json<Settings>, Refusal> {
    let result = app.store.with(|state| {
        let mut merged = serde_json::to_value(&state.settings).map_err(|error| error.to_string())?;
        shape::merge(&mut merged, given);
        let settings: Settings = serde_json::from_value(merged).map_err(|error| error.to_string())?;
        match settings.problem() {
            Some(problem) => Err(problem),
            None => {
                state.settings = settings.clone();
                Ok(settings)
            }
        }
    });
    app.store.events.notify_one();
    result.0.map(Json).map_err(|problem| refusal(StatusCode::UNPROCESSABLE_ENTITY, &problem))
}

async fn time(Shared(app): Shared<Arc<App>>) -> Json<Value> {
    Json(app.store.with(|state| clock_json(state)).0)
}

async fn move_clock(Shared(app): Shared<Arc<App>>, Json(given): Json<Move>) -> Result<Json<Value>, Refusal> {
    let (result, version) = app.store.with(|state| {
        let target = match (given.advance_seconds, given.now) {
            (Some(seconds), None) => state.now().saturating_add(seconds),
            (None, Some(now)) => now,
            _ => return Err("give either advance_seconds or now"),
        };
        let done = test_clocks::move_to(state, target)?;
        let mut answer = clock_json(state);
        answer["done"] = json!(done);
        Ok(answer)
    });
    app.store.durable(version).await;
    result.map(Json).map_err(|problem| refusal(StatusCode::UNPROCESSABLE_ENTITY, problem))
}

async fn send_event(Shared(app): Shared<Arc<App>>, Json(given): Json<TestEvent>) -> Result<Json<Value>, Refusal> {
    if given.r#type.is_empty() || !given.data.is_object() {
        return Err(refusal(StatusCode::UNPROCESSABLE_ENTITY, "give a type and data, the object that it is about"));
    }
    let (event, version) = app.store.with(|state| event::emit_raw(state, &given.r#type, json!({"object": given.data})));
    app.store.durable(version).await;
    Ok(Json(event))
}

async fn resend(Shared(app): Shared<Arc<App>>, Path(id): Path<String>) -> Result<Json<Value>, Refusal> {
    let (queued, version) = app.store.with(|state| event::resend(state, &id));
    app.store.durable(version).await;
    let queued = queued.ok_or_else(|| refusal(StatusCode::NOT_FOUND, "there is no such event"))?;
    Ok(Json(json!({"event": id, "queued": queued})))
}

async fn deliveries(Shared(app): Shared<Arc<App>>) -> Json<Value> {
    let list = app.store.with(|state| {
        let with_type = |delivery: &Value| {
            let mut delivery = delivery.clone();
            delivery["type"] = state
                .get("event", shape::text(&delivery, "event"))
                .map(|event| event["type"].clone())
                .unwrap_or_default();
            delivery
        };
        state.all("delivery").map(with_type).collect::<Vec<_>>()
    });
    Json(json!({"deliveries": list.0}))
}

async fn calls(Shared(app): Shared<Arc<App>>) -> Json<Value> {
    Json(json!({"calls": app.answered()}))
}

fn clock_json(state: &State) -> Value {
    json!({"now": state.now(), "ahead_seconds": state.clock.ahead, "next_due": due::next_at(state)})
}

fn refusal(status: StatusCode, message: &str) -> Refusal {
    (status, Json(json!({"error": message})))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderName;

    use super::*;

    #[test]
    fn a_foreign_name_for_this_machine_is_refused() {
        for own in ["127.0.0.1:12111", "[::1]:12111", "localhost:12111", "sandbox", "pay.example.com"] {
            assert!(is_own(own, "https://pay.example.com"), "{own}");
        }
        assert!(!is_own("evil.example.net:12111", "http://127.0.0.1:12111"));
    }

    #[test]
    fn another_machine_is_refused_whatever_name_it_sends() {
        let none = HeaderMap::new();
        for peer in ["127.0.0.1:9", "127.1.2.3:9", "[::1]:9", "[::ffff:127.0.0.1]:9"] {
            let peer: SocketAddr = peer.parse().unwrap();
            assert!(is_local(peer, &none), "{peer}");
            let passed_on =
                HeaderMap::from_iter([(HeaderName::from_static("x-forwarded-for"), "127.0.0.1".parse().unwrap())]);
            assert!(!is_local(peer, &passed_on), "{peer}");
        }
        for peer in ["192.168.1.7:9", "172.17.0.1:9", "[fe80::1]:9", "[::ffff:192.168.1.7]:9"] {
            assert!(!is_local(peer.parse().unwrap(), &none), "{peer}");
        }
    }
}
