use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::signature;
use crate::clock;
use crate::shape;
use crate::state::State;
use crate::store::Store;

/// For how long a webhook is tried, as Stripe does: three days, in milliseconds.
const GIVE_UP: i64 = 3 * 86_400_000;

/// A webhook that is about to be sent.
struct Parcel {
    delivery: String,
    url: String,
    secrets: Vec<String>,
    payload: String,
    timeout: Duration,
}

/// What is under way, so that nothing is sent twice at a time.
type Sending = Arc<Mutex<HashSet<String>>>;

/// Sends webhooks as they become due, until stopped; those under way are then given up and stay due.
pub async fn deliver(store: Arc<Store>, stop: CancellationToken) {
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).no_proxy().build();
    let client = match client {
        Ok(client) => client,
        Err(error) => return tracing::error!(%error, "sandbox.webhook.no_client"),
    };
    let sending = Sending::default();
    let mut tasks = JoinSet::new();
    loop {
        let ((parcels, pause), version) = store.with(|state| due(state, &sending));
        if !parcels.is_empty() {
            store.durable(version).await;
        }
        for parcel in parcels {
            tasks.spawn(send(store.clone(), client.clone(), parcel, sending.clone()));
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = store.events.notified() => {}
            () = tokio::time::sleep(pause) => {}
            Some(_) = tasks.join_next(), if !tasks.is_empty() => {}
        }
    }
}

/// The parcels that are due, as many as may be under way, and how long until the next one is.
fn due(state: &mut State, sending: &Sending) -> (Vec<Parcel>, Duration) {
    let mut busy = sending.lock().unwrap_or_else(PoisonError::into_inner);
    let now = clock::real_millis();
    let mut waiting: Vec<(i64, String)> = state
        .all("delivery")
        .filter(|delivery| delivery["state"] == "pending" && !busy.contains(shape::text(delivery, "id")))
        .map(|delivery| (shape::number(delivery, "due_ms"), shape::text(delivery, "id").to_owned()))
        .collect();
    waiting.sort_by_key(|(at, _)| *at);
    let free = state.settings.parallel_webhooks.saturating_sub(busy.len());
    let mut parcels = Vec::new();
    let mut pause = Duration::from_secs(60);
    for (at, id) in waiting {
        if at > now {
            pause = pause.min(Duration::from_millis((at - now).unsigned_abs()));
            break;
        }
        if parcels.len() >= free {
            break;
        }
        match parcel(state, &id) {
            Some(parcel) => {
                busy.insert(id);
                parcels.push(parcel);
            }
            None => {
                state.set("delivery", &id, json!({"state": "dropped", "error": "its event or its endpoint is gone"}));
            }
        }
    }
    (parcels, pause)
}

fn parcel(state: &State, id: &str) -> Option<Parcel> {
    let delivery = state.get("delivery", id)?;
    let event = state.get("event", shape::text(delivery, "event"))?;
    let endpoint = shape::text(delivery, "endpoint");
    let (url, secrets) = if endpoint == "configured" {
        (state.settings.webhook_url.clone()?, state.settings.webhook_secrets.clone())
    } else {
        let endpoint = state.get("webhook_endpoint", endpoint)?;
        (shape::owned(endpoint, "url")?, vec![shape::owned(&endpoint["_private"], "secret")?])
    };
    let payload = serde_json::to_string_pretty(event).ok()?;
    let timeout = Duration::from_millis(state.settings.webhook_timeout_ms);
    Some(Parcel { delivery: id.to_owned(), url, secrets, payload, timeout })
}

async fn send(store: Arc<Store>, client: reqwest::Client, parcel: Parcel, sending: Sending) {
    let outcome = post(&client, &parcel).await;
    store.with(|state| {
        record(state, &parcel.delivery, outcome);
        sending.lock().unwrap_or_else(PoisonError::into_inner).remove(&parcel.delivery);
    });
    store.events.notify_one();
}

async fn post(client: &reqwest::Client, parcel: &Parcel) -> Result<u16, String> {
    let signature = signature::sign(&parcel.payload, &parcel.secrets, clock::real_seconds());
    let answer = client
        .post(&parcel.url)
        .header("Content-Type", "application/json; charset=utf-8")
        .header("User-Agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)")
        .header("Stripe-Signature", signature)
        .timeout(parcel.timeout)
        .body(parcel.payload.clone())
        .send()
        .await;
    answer.map(|answer| answer.status().as_u16()).map_err(|error| error.to_string())
}

/// Notes how a delivery went: done with a 2xx, else once more after a pause that doubles.
fn record(state: &mut State, id: &str, outcome: Result<u16, String>) {
    let Some(delivery) = state.get("delivery", id) else {
        return;
    };
    let event = shape::text(delivery, "event").to_owned();
    let attempts = shape::number(delivery, "attempts") + 1;
    let done = matches!(outcome, Ok(200..=299));
    let (status, error) = match outcome {
        Ok(status) => (Value::from(status), Value::Null),
        Err(error) => (Value::Null, Value::from(error)),
    };
    let pause = back_off(&state.settings, attempts);
    let due = clock::real_millis() + if done { 0 } else { pause };
    let age = clock::real_millis() - shape::number(delivery, "queued_ms");
    let word = match done {
        true => "delivered",
        false if age > GIVE_UP => "given_up",
        false => "pending",
    };
    let fields = json!({"state": word, "attempts": attempts, "due_ms": due, "status": status, "error": error});
    state.set("delivery", id, fields);
    if done {
        let left = state
            .all("delivery")
            .filter(|other| other["event"] == event.as_str() && other["state"] == "pending")
            .count();
        state.set("event", &event, json!({"pending_webhooks": left}));
    }
}

fn back_off(settings: &crate::config::Settings, attempts: i64) -> i64 {
    let doublings = u32::try_from(attempts - 1).unwrap_or(0).min(20);
    let pause = settings.retry_base_ms.saturating_mul(1 << doublings).min(settings.retry_max_ms);
    i64::try_from(pause).unwrap_or(i64::MAX)
}
