use serde_json::{Value, json};

use super::{Answer, customers, find, list};
use crate::params::Params;
use crate::state::State;
use crate::stripe_error::StripeError;
use crate::{clock, ids, shape};

const TABLE: &str = "billing_portal.configuration";
/// What a portal's visitor can do here.
const SERVED: [&str; 3] = ["invoice_history", "payment_method_update", "subscription_cancel"];
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
    params.serves(
        &["customer", "return_url", "configuration", "locale"],
        &["after_expiration", "customer_account", "flow_data", "on_behalf_of"],
    )?;
    let customer = params.required("customer")?;
    customers::named(state, &customer, "customer")?;
    let configuration = match params.text("configuration")? {
        Some(id) if state.get(TABLE, &id).is_none() => {
            return Err(StripeError::no_such_parameter("configuration", &id, "configuration"));
        }
        Some(id) => id,
        None => default(state),
    };
    let fallback = || state.get(TABLE, &configuration).and_then(|kept| shape::owned(kept, "default_return_url"));
    let return_url = params.url("return_url")?.or_else(fallback);
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
    params.stay_off(&["login_page"])?;
    let mut fields = json!({
        "is_default": false, "metadata": params.metadata(&Value::Null)?,
        "default_return_url": params.url("default_return_url")?, "name": params.text("name")?,
        "features": features(&params.group("features")?)?,
    });
    let profile = params.group("business_profile")?;
    profile.only(&["headline", "privacy_policy_url", "terms_of_service_url"])?;
    fields["business_profile"] = json!({
        "headline": profile.text("headline")?, "privacy_policy_url": profile.url("privacy_policy_url")?,
        "terms_of_service_url": profile.url("terms_of_service_url")?,
    });
    Ok(add(state, fields))
}

/// What a portal lets its visitor do; what is not named is off.
fn features(given: &Params) -> Answer {
    given.serves(&[&SERVED[..], &["customer_update", "subscription_update"]].concat(), &["subscription_pause"])?;
    given.stay_off(&["customer_update", "subscription_update"])?;
    let cancel = given.group("subscription_cancel")?;
    cancel.serves(&["enabled", "mode", "proration_behavior"], &["cancellation_reason"])?;
    cancel.fixed("mode", &["at_period_end"])?;
    cancel.fixed("proration_behavior", &["none"])?;
    let mut features = shape::object("billing_portal_configuration", json!({}))["features"].clone();
    for name in SERVED {
        features[name]["enabled"] = json!(given.group(name)?.boolean("enabled")?.unwrap_or(false));
    }
    Ok(features)
}

fn index(state: &State, params: &Params) -> Answer {
    list::only(params, &["active", "is_default"])?;
    let (active, first) = (params.boolean("active")?, params.boolean("is_default")?);
    list::page(state, params, TABLE, "/v1/billing_portal/configurations", |kept| {
        active.is_none_or(|active| kept["active"] == active) && first.is_none_or(|first| kept["is_default"] == first)
    })
}

fn default(state: &mut State) -> String {
    let found =
        state.all(TABLE).find(|found| found["is_default"] == true).map(|found| shape::text(found, "id").to_owned());
    found.unwrap_or_else(|| shape::text(&add(state, json!({"is_default": true})), "id").to_owned())
}

fn add(state: &mut State, fields: Value) -> Value {
    let now = state.now();
    let mut configuration =
        shape::object("billing_portal_configuration", json!({"id": ids::new("bpc"), "created": now, "updated": now}));
    shape::merge(&mut configuration, fields);
    state.insert(TABLE, configuration)
}
