use serde_json::Value;

use crate::state::State;
use crate::stripe_error::StripeError;

/// How deep an `expand` may reach.
const DEPTH: usize = 4;

/// Replaces the ids at these paths (`customer`, `data.latest_invoice.payment_intent`) by the objects.
pub fn expand(state: &State, answer: &mut Value, paths: &[String]) -> Result<(), StripeError> {
    for path in paths {
        let names: Vec<&str> = path.split('.').collect();
        if names.len() > DEPTH {
            let message = format!("You cannot expand more than {DEPTH} levels of a property. Property: {path}");
            return Err(StripeError::invalid(message));
        }
        follow(state, answer, &names).map_err(|name| {
            StripeError::invalid(format!(
                "This property cannot be expanded ({name}). You may want to try expanding 'data.{name}' instead."
            ))
        })?;
    }
    Ok(())
}

fn follow<'a>(state: &State, value: &mut Value, names: &[&'a str]) -> Result<(), &'a str> {
    if let Value::Array(values) = value {
        return values.iter_mut().try_for_each(|value| follow(state, value, names));
    }
    let Some((name, rest)) = names.split_first() else {
        return Ok(());
    };
    if value.is_null() {
        return Ok(());
    }
    if let Some(found) = hidden(state, value, name) {
        value[*name] = found;
    }
    let Some(field) = value.as_object_mut().and_then(|fields| fields.get_mut(*name)) else {
        return Err(name);
    };
    if let Value::String(id) = field {
        *field = lookup(state, id).ok_or(*name)?;
    }
    if rest.is_empty() { Ok(()) } else { follow(state, field, rest) }
}

/// Fields that Stripe shows only when asked.
fn hidden(state: &State, object: &Value, name: &str) -> Option<Value> {
    let private = &object["_private"];
    match (object["object"].as_str()?, name) {
        ("checkout.session", "line_items") => Some(crate::shape::list("", private["line_items"].as_array()?.clone())),
        ("invoice", "payment_intent") => Some(private["payment_intent"].clone()),
        ("invoice", "charge") => Some(private["charge"].clone()),
        ("invoice", "payments") => Some(crate::api::invoices::payments(state, object)),
        ("customer", "subscriptions") => {
            let id = object["id"].as_str()?;
            let live = state.all("subscription").filter(|sub| sub["customer"] == id && sub["status"] != "canceled");
            Some(crate::shape::list("/v1/subscriptions", live.cloned().collect()))
        }
        _ => None,
    }
}

fn lookup(state: &State, id: &str) -> Option<Value> {
    let table = match id.split('_').next()? {
        "cus" => "customer",
        "sub" => "subscription",
        "in" => "invoice",
        "pi" => "payment_intent",
        "ch" => "charge",
        "pm" => "payment_method",
        "price" => "price",
        "prod" => "product",
        "bpc" => "billing_portal.configuration",
        _ => return state.get("product", id).cloned(),
    };
    state.get(table, id).cloned()
}
