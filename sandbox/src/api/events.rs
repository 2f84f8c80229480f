use std::collections::HashSet;

use serde_json::Value;

use super::{Answer, find, list};
use crate::params::Params;
use crate::shape;
use crate::state::State;

/// `/v1/events…`
pub fn call(state: &mut State, method: &str, rest: &[&str], params: &Params) -> Option<Answer> {
    Some(match (method, rest) {
        ("GET", []) => index(state, params),
        ("GET", [id]) => params.only(&[]).and_then(|()| find(state, "event", "event", id)),
        _ => return None,
    })
}

fn index(state: &State, params: &Params) -> Answer {
    list::only(params, &["type", "types", "delivery_success"])?;
    let mut kinds = params.texts("types")?;
    kinds.extend(params.text("type")?);
    let delivered = params.boolean("delivery_success")?;
    let missed: HashSet<&str> = state
        .all("delivery")
        .filter(|delivery| delivery["state"] != "delivered")
        .map(|delivery| shape::text(delivery, "event"))
        .collect();
    let fits = |kind: &str, event: &Value| {
        let name = event["type"].as_str().unwrap_or_default();
        kind.strip_suffix('*').map_or(kind == name, |start| name.starts_with(start))
    };
    list::page(state, params, "event", "/v1/events", |event| {
        (kinds.is_empty() || kinds.iter().any(|kind| fits(kind, event)))
            && delivered.is_none_or(|delivered| delivered != missed.contains(shape::text(event, "id")))
    })
}
