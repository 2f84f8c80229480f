use serde_json::{Value, json};

use super::{Answer, find, list};
use crate::billing::payment;
use crate::params::Params;
use crate::state::State;
use crate::stripe_error::StripeError;
use crate::webhook::event;
use crate::{ids, shape};

/// The fields that are taken as they are given.
const TEXTS: [&str; 4] = ["name", "description", "phone", "email"];
const KNOWN: [&str; 21] = [
    "name",
    "description",
    "phone",
    "email",
    "metadata",
    "address",
    "shipping",
    "balance",
    "invoice_prefix",
    "invoice_settings",
    "next_invoice_sequence",
    "payment_method",
    "preferred_locales",
    "source",
    "tax",
    "tax_exempt",
    "tax_id_data",
    "test_clock",
    "cash_balance",
    "default_source",
    "business_name",
];

/// `/v1/customers…`
pub fn call(state: &mut State, method: &str, rest: &[&str], params: &Params) -> Option<Answer> {
    Some(match (method, rest) {
        ("POST", []) => create(state, params),
        ("GET", []) => index(state, params),
        ("GET", [id]) => params.only(&[]).and_then(|()| find(state, "customer", "customer", id)),
        ("POST", [id]) => update(state, id, params),
        ("DELETE", [id]) => delete(state, id),
        ("GET", [id, "payment_methods"]) => super::payment_methods::of(state, id, params),
        _ => return None,
    })
}

/// Makes a customer and tells of it.
pub fn make(state: &mut State, fields: Value) -> Value {
    let prefix = ids::secret(8).to_uppercase();
    let mut customer =
        shape::object("customer", json!({"id": ids::new("cus"), "created": state.now(), "invoice_prefix": prefix}));
    shape::merge(&mut customer, fields);
    let customer = state.insert("customer", customer);
    event::emit(state, "customer.created", &customer);
    customer
}

/// The customer that a parameter names; a deleted one is none.
pub fn named(state: &State, id: &str, param: &str) -> Answer {
    match state.get("customer", id) {
        Some(customer) if customer["deleted"] != true => Ok(customer.clone()),
        _ => Err(StripeError::no_such_parameter("customer", id, param)),
    }
}

fn create(state: &mut State, params: &Params) -> Answer {
    params.only(&KNOWN)?;
    let mut fields = fields(params, &json!({}))?;
    let default = shape::owned(&fields["invoice_settings"], "default_payment_method");
    let Some(named) = params.text("payment_method")? else {
        if let Some(default) = default {
            return Err(StripeError::no_such_parameter(
                "PaymentMethod",
                &default,
                "invoice_settings[default_payment_method]",
            ));
        }
        return Ok(make(state, fields));
    };
    let method = payment::method_named(state, &named, "payment_method")?;
    if let Some(refused) = crate::card::refused_when_saved(&method) {
        return Err(refused);
    }
    if default.is_some() {
        fields["invoice_settings"]["default_payment_method"] = method["id"].clone();
    }
    let customer = make(state, fields);
    payment::keep(state, method, shape::text(&customer, "id"))?;
    Ok(customer)
}

fn update(state: &mut State, id: &str, params: &Params) -> Answer {
    params.only(&KNOWN)?;
    let before = find(state, "customer", "customer", id)?;
    if before["deleted"] == true {
        return Err(StripeError::no_such("customer", id, "id"));
    }
    let fields = fields(params, &before)?;
    if let Some(method) = fields["invoice_settings"]["default_payment_method"].as_str()
        && !method.is_empty()
        && state.get("payment_method", method).is_none_or(|found| found["customer"] != id)
    {
        return Err(StripeError::no_such_parameter(
            "PaymentMethod",
            method,
            "invoice_settings[default_payment_method]",
        ));
    }
    let after = state.set("customer", id, fields);
    let changed = event::previous(&before, &after);
    event::emit_change(state, "customer.updated", &after, Some(changed));
    Ok(after)
}

fn delete(state: &mut State, id: &str) -> Answer {
    let customer = find(state, "customer", "customer", id)?;
    if customer["deleted"] == true {
        return Err(StripeError::no_such("customer", id, "id"));
    }
    let live: Vec<String> = state
        .all("subscription")
        .filter(|sub| sub["customer"] == id && sub["status"] != "canceled")
        .map(|sub| shape::text(sub, "id").to_owned())
        .collect();
    for sub in live {
        crate::billing::subscription::cancel(state, &sub, "cancellation_requested");
    }
    event::emit(state, "customer.deleted", &customer);
    let gone = json!({"id": id, "object": "customer", "deleted": true});
    Ok(state.insert("customer", gone))
}

fn index(state: &State, params: &Params) -> Answer {
    list::only(params, &["email", "test_clock"])?;
    let email = params.text("email")?;
    list::page(state, params, "customer", "/v1/customers", |customer| {
        customer["deleted"] != true && email.as_ref().is_none_or(|email| customer["email"] == email.as_str())
    })
}

fn fields(params: &Params, before: &Value) -> Answer {
    let mut fields = json!({"metadata": params.metadata(&before["metadata"])?});
    for name in TEXTS.iter().filter(|name| params.has(name)) {
        fields[*name] = json!(params.text(name)?);
    }
    if let Some(email) = fields["email"].as_str()
        && !(email.contains('@') && email.len() <= 512)
    {
        return Err(StripeError::parameter("email", "email_invalid", format!("Invalid email address: {email}")));
    }
    if params.has("address") {
        let given = params.group("address")?;
        let mut address = json!({});
        for part in ["city", "country", "line1", "line2", "postal_code", "state"] {
            address[part] = json!(given.text(part)?);
        }
        fields["address"] = address;
    }
    let settings = params.group("invoice_settings")?;
    if settings.has("default_payment_method") {
        let mut merged = match &before["invoice_settings"] {
            Value::Null => shape::object("customer", json!({}))["invoice_settings"].clone(),
            kept => kept.clone(),
        };
        merged["default_payment_method"] = json!(settings.text("default_payment_method")?);
        fields["invoice_settings"] = merged;
    }
    if params.has("preferred_locales") {
        fields["preferred_locales"] = json!(params.texts("preferred_locales")?);
    }
    Ok(fields)
}
