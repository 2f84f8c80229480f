use serde_json::{Value, json};

use super::{Answer, find, list};
use crate::params::Params;
use crate::state::State;
use crate::stripe_error::StripeError;
use crate::webhook::event::API_VERSION;
use crate::{ids, shape};

const BOTH: [&str; 4] = ["url", "enabled_events", "description", "metadata"];
const MOST: usize = 16;

/// `/v1/webhook_endpoints…`
pub fn call(state: &mut State, method: &str, rest: &[&str], params: &Params) -> Option<Answer> {
    Some(match (method, rest) {
        ("POST", []) => create(state, params),
        ("GET", []) => list::only(params, &[])
            .and_then(|()| list::page(state, params, "webhook_endpoint", "/v1/webhook_endpoints", |_| true)),
        ("GET", [id]) => params.only(&[]).and_then(|()| find(state, "webhook_endpoint", "webhook endpoint", id)),
        ("POST", [id]) => update(state, id, params),
        ("DELETE", [id]) => delete(state, id),
        _ => return None,
    })
}

fn create(state: &mut State, params: &Params) -> Answer {
    params.only(&[&BOTH[..], &["api_version", "connect"]].concat())?;
    params.fixed("connect", &["false"])?;
    let version = params.fixed("api_version", &[API_VERSION])?;
    let url = params.url("url")?.ok_or_else(|| StripeError::missing("url"))?;
    let events = params.texts("enabled_events")?;
    if events.is_empty() {
        return Err(StripeError::missing("enabled_events"));
    }
    if state.count("webhook_endpoint") >= MOST {
        return Err(StripeError::invalid(format!("You have reached the maximum of {MOST} test webhook endpoints.")));
    }
    let secret = format!("whsec_{}", ids::secret(32));
    let endpoint = shape::object(
        "webhook_endpoint",
        json!({
            "id": ids::new("we"), "created": state.now(), "url": url, "enabled_events": events,
            "description": params.text("description")?, "metadata": params.metadata(&Value::Null)?,
            "api_version": version, "_private": {"secret": secret},
        }),
    );
    let mut shown = state.insert("webhook_endpoint", endpoint);
    shown["secret"] = json!(secret);
    Ok(shown)
}

fn update(state: &mut State, id: &str, params: &Params) -> Answer {
    params.only(&[&BOTH[..], &["disabled"]].concat())?;
    let before = find(state, "webhook_endpoint", "webhook endpoint", id)?;
    let mut fields = json!({"metadata": params.metadata(&before["metadata"])?});
    if let Some(url) = params.url("url")? {
        fields["url"] = json!(url);
    }
    if params.has("enabled_events") {
        fields["enabled_events"] = json!(params.texts("enabled_events")?);
    }
    if params.has("description") {
        fields["description"] = json!(params.text("description")?);
    }
    if let Some(disabled) = params.boolean("disabled")? {
        fields["status"] = json!(if disabled { "disabled" } else { "enabled" });
    }
    Ok(state.set("webhook_endpoint", id, fields))
}

fn delete(state: &mut State, id: &str) -> Answer {
    find(state, "webhook_endpoint", "webhook endpoint", id)?;
    state.remove("webhook_endpoint", id);
    Ok(json!({"id": id, "object": "webhook_endpoint", "deleted": true}))
}
