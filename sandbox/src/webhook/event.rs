use serde_json::{Value, json};

use crate::state::State;
use crate::{clock, ids, legacy, shape};

/// The API version that events are written in.
pub const API_VERSION: &str = "2026-09-30.endive";

/// Keeps an event about an object and puts its webhooks in the queue.
pub fn emit(state: &mut State, kind: &str, object: &Value) {
    emit_change(state, kind, object, None);
}

/// Keeps an event about a change; `previous` holds the former values of the fields that changed.
pub fn emit_change(state: &mut State, kind: &str, object: &Value, previous: Option<Value>) {
    let mut object = object.clone();
    if state.settings.old_shapes {
        legacy::downgrade(&mut object);
    }
    let mut data = json!({ "object": shape::public(&object) });
    if let Some(previous) = previous {
        data["previous_attributes"] = shape::public(&previous);
    }
    emit_raw(state, kind, data);
}

/// Keeps an event with this `data` as it stands, and gives it back.
pub fn emit_raw(state: &mut State, kind: &str, data: Value) -> Value {
    let endpoints = endpoints_for(state, kind);
    let version = if state.settings.old_shapes { legacy::API_VERSION } else { API_VERSION };
    let event = shape::object(
        "event",
        json!({
            "id": ids::new("evt"),
            "api_version": version,
            "created": state.now(),
            "data": data,
            "pending_webhooks": endpoints.len(),
            "request": {"id": state.cause.request, "idempotency_key": state.cause.idempotency_key},
            "type": kind,
        }),
    );
    let event = state.insert("event", event);
    for endpoint in endpoints {
        let copies = if state.settings.duplicates { 2 } else { 1 };
        for _ in 0..copies {
            queue(state, shape::text(&event, "id"), &endpoint);
        }
    }
    forget_old(state);
    event
}

/// Sends an event once more to every endpoint that takes its kind; how many.
pub fn resend(state: &mut State, id: &str) -> Option<usize> {
    let event = state.get("event", id)?;
    let endpoints = endpoints_for(state, shape::text(event, "type"));
    for endpoint in &endpoints {
        queue(state, id, endpoint);
    }
    Some(endpoints.len())
}

/// What changed between two states of an object: the former values.
pub fn previous(before: &Value, after: &Value) -> Value {
    let (Some(before), Some(after)) = (before.as_object(), after.as_object()) else {
        return json!({});
    };
    let changed = before.iter().filter(|(name, value)| *name != "_private" && after.get(*name) != Some(value));
    Value::Object(changed.map(|(name, value)| (name.clone(), value.clone())).collect())
}

fn endpoints_for(state: &State, kind: &str) -> Vec<String> {
    let configured = state.settings.webhook_url.iter().map(|_| "configured".to_owned());
    let made = state.all("webhook_endpoint").filter(|endpoint| {
        let takes = |wanted: &Value| wanted == "*" || wanted == kind;
        endpoint["status"] == "enabled"
            && endpoint["enabled_events"].as_array().is_some_and(|list| list.iter().any(takes))
    });
    configured.chain(made.map(|endpoint| shape::text(endpoint, "id").to_owned())).collect()
}

fn queue(state: &mut State, event: &str, endpoint: &str) {
    let place = state.count("delivery");
    // Out of order, but the same way each time: within eight events the fifth comes first, and so on.
    let shuffle = if state.settings.reorder { (place as i64 * 5 + 4) % 8 * 60 } else { 0 };
    let due = clock::real_millis() + i64::try_from(state.settings.webhook_delay_ms).unwrap_or(i64::MAX) + shuffle;
    state.insert(
        "delivery",
        json!({
            "id": ids::new("dlv"),
            "event": event,
            "endpoint": endpoint,
            "state": "pending",
            "attempts": 0,
            "queued_ms": clock::real_millis(),
            "due_ms": due,
            "status": null,
            "error": null,
        }),
    );
}

/// Lets the oldest events go, with their deliveries, once there are too many.
fn forget_old(state: &mut State) {
    let keep = state.keep_events.max(1);
    if state.count("event") <= keep + keep / 10 {
        return;
    }
    let waiting: std::collections::HashSet<String> = state
        .all("delivery")
        .filter(|delivery| delivery["state"] == "pending")
        .map(|delivery| shape::text(delivery, "event").to_owned())
        .collect();
    let surplus = state.count("event") - keep;
    let all: Vec<String> = state.all("event").map(|event| shape::text(event, "id").to_owned()).collect();
    // Nobody reads webhooks that have been waiting while ten times as many events came.
    let hopeless = all.len().saturating_sub(keep * 10);
    let old: std::collections::HashSet<String> = all
        .into_iter()
        .enumerate()
        .filter(|(place, id)| *place < hopeless || !waiting.contains(id))
        .map(|(_, id)| id)
        .take(surplus)
        .collect();
    let deliveries: Vec<String> = state
        .all("delivery")
        .filter(|delivery| old.contains(shape::text(delivery, "event")))
        .map(|delivery| shape::text(delivery, "id").to_owned())
        .collect();
    deliveries.iter().for_each(|id| state.remove("delivery", id));
    old.iter().for_each(|id| state.remove("event", id));
}
