use serde_json::{Value, json};

use super::{Answer, customers, find, list};
use crate::params::Params;
use crate::state::State;
use crate::stripe_error::StripeError;
use crate::{clock, ids, shape};

const TABLE: &str = "billing_portal.configuration";
/// How many portal sessions are kept.
const MOST: usize = 1000;

/// `/v1/billing_portal/…`
pub fn call(state: &mut State, method: &str, rest: &[&str], params: &Params) -> Option<Answer> {
    Some(match (method, rest) {
        ("POST", ["sessions"]) => open(state, params),
        ("POST", ["configurations"]) => configure(state, params),
        ("GET", ["configurations"]) => index(state, params),
        ("GET", ["configurations", id]) => params.only(&[]).and_then(|()| find(state, TABLE, "configuration", id)),
        _ => return None,
    })
}

fn open(state: &mut State, params: &Params) -> Answer {
    params.only(&["customer", "return_url", "configuration", "locale", "flow_data", "on_behalf_of"])?;
    let customer = params.required("customer")?;
    customers::named(state, &customer, "customer")?;
    let return_url = params.url("return_url")?;
    let configuration = match params.text("configuration")? {
        Some(id) if state.get(TABLE, &id).is_none() => {
            return Err(StripeError::no_such_parameter("configuration", &id, "configuration"));
        }
        Some(id) => id,
        None => default(state),
    };
    let secret = ids::secret(40);
    let session = shape::object(
        "billing_portal_session",
        json!({
            "id": ids::new("bps"), "created": state.now(), "customer": customer, "configuration": configuration,
            "return_url": return_url, "locale": params.text("locale")?,
            "url": format!("{}/p/session/test_{secret}", state.public_url),
        }),
    );
    // Found by the secret of its address, which is all that its page knows of it.
    let kept = json!({"id": format!("test_{secret}"), "session": session, "customer": session["customer"], "at_ms": clock::real_millis(), "return_url": return_url});
    state.insert("portal", kept);
    if state.count("portal") > MOST {
        let oldest = state.all("portal").next().map(|kept| shape::text(kept, "id").to_owned());
        state.remove("portal", &oldest.unwrap_or_default());
    }
    Ok(session)
}

fn configure(state: &mut State, params: &Params) -> Answer {
    params.only(&["business_profile", "features", "default_return_url", "metadata", "login_page", "name"])?;
    if !params.has("features") {
        return Err(StripeError::missing("features"));
    }
    let first = state.count(TABLE) == 0;
    Ok(add(state, first, params.metadata(&Value::Null)?, params.url("default_return_url")?))
}

fn index(state: &State, params: &Params) -> Answer {
    list::only(params, &["active", "is_default"])?;
    list::page(state, params, TABLE, "/v1/billing_portal/configurations", |_| true)
}

fn default(state: &mut State) -> String {
    let found =
        state.all(TABLE).find(|found| found["is_default"] == true).map(|found| shape::text(found, "id").to_owned());
    found.unwrap_or_else(|| shape::text(&add(state, true, json!({}), None), "id").to_owned())
}

fn add(state: &mut State, is_default: bool, metadata: Value, return_url: Option<String>) -> Value {
    let now = state.now();
    let configuration = shape::object(
        "billing_portal_configuration",
        json!({"id": ids::new("bpc"), "created": now, "updated": now, "is_default": is_default, "metadata": metadata, "default_return_url": return_url}),
    );
    state.insert(TABLE, configuration)
}
