use serde_json::{Value, json};

use super::{Answer, contact, find, list};
use crate::billing::payment;
use crate::params::Params;
use crate::state::State;
use crate::stripe_error::StripeError;
use crate::webhook::event;
use crate::{ids, shape};

/// The fields that are taken as they are given.
const TEXTS: [&str; 6] = ["name", "description", "phone", "email", "business_name", "individual_name"];
/// The parameters of a new customer and of a change, besides those.
const BOTH: [&str; 9] = [
    "metadata",
    "address",
    "shipping",
    "balance",
    "invoice_prefix",
    "invoice_settings",
    "next_invoice_sequence",
    "preferred_locales",
    "tax_exempt",
];
const CREATE: [&str; 2] = ["payment_method", "test_clock"];
const UNSERVED: [&str; 6] = ["cash_balance", "default_source", "source", "tax", "tax_id_data", "validate"];

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
    params.serves(&[&TEXTS[..], &BOTH, &CREATE].concat(), &UNSERVED)?;
    let mut fields = fields(params, &json!({}))?;
    if let Some(clock) = params.text("test_clock")? {
        if state.get("test_helpers.test_clock", &clock).is_none() {
            return Err(StripeError::no_such_parameter("test clock", &clock, "test_clock"));
        }
        fields["test_clock"] = json!(clock);
    }
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
    params.serves(&[&TEXTS[..], &BOTH].concat(), &UNSERVED)?;
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

/// Those of a test clock are listed only where it is asked for.
fn index(state: &State, params: &Params) -> Answer {
    list::only(params, &["email", "test_clock"])?;
    let fits = list::by(params, &[("email", "/email"), ("test_clock", "/test_clock")])?;
    let of_clocks = params.has("test_clock");
    list::page(state, params, "customer", "/v1/customers", |customer| {
        customer["deleted"] != true && (of_clocks || customer["test_clock"].is_null()) && fits(customer)
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
        fields["address"] = contact::address(params)?;
    }
    if params.has("shipping") {
        fields["shipping"] = contact::shipping(params)?;
    }
    if params.has("invoice_settings") {
        fields["invoice_settings"] = invoice_settings(params, &before["invoice_settings"])?;
    }
    if params.has("preferred_locales") {
        fields["preferred_locales"] = json!(params.texts("preferred_locales")?);
    }
    shape::merge(&mut fields, money_fields(params)?);
    Ok(fields)
}

/// What a customer's invoices start from.
fn money_fields(params: &Params) -> Answer {
    let mut fields = json!({});
    if let Some(balance) = params.integer("balance")? {
        fields["balance"] = json!(balance);
    }
    if let Some(next) = params.integer_in("next_invoice_sequence", 1..=1_000_000_000)? {
        fields["next_invoice_sequence"] = json!(next);
    }
    if let Some(prefix) = params.text("invoice_prefix")? {
        let plain = prefix.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        if !plain || !(3..=12).contains(&prefix.len()) {
            let message = "Invalid invoice_prefix: it must be 3 to 12 uppercase letters or numbers.";
            return Err(StripeError::invalid(message).with("param", "invoice_prefix"));
        }
        fields["invoice_prefix"] = json!(prefix);
    }
    if params.has("tax_exempt") {
        let word = params.choice("tax_exempt", &["none", "exempt", "reverse"])?;
        fields["tax_exempt"] = json!(word.as_deref().unwrap_or("none"));
    }
    Ok(fields)
}

fn invoice_settings(params: &Params, before: &Value) -> Answer {
    let given = params.group("invoice_settings")?;
    given.only(&["default_payment_method", "footer", "custom_fields", "rendering_options"])?;
    let mut settings = match before {
        Value::Null => shape::object("customer", json!({}))["invoice_settings"].clone(),
        kept => kept.clone(),
    };
    for name in ["default_payment_method", "footer"] {
        if given.has(name) {
            settings[name] = json!(given.text(name)?);
        }
    }
    if given.has("custom_fields") {
        let mut fields = Vec::new();
        for field in given.groups("custom_fields")? {
            field.only(&["name", "value"])?;
            fields.push(json!({"name": field.required("name")?, "value": field.required("value")?}));
        }
        settings["custom_fields"] = if fields.is_empty() { Value::Null } else { json!(fields) };
    }
    if given.has("rendering_options") {
        let options = given.group("rendering_options")?;
        options.serves(&["amount_tax_display"], &["template"])?;
        let display = options.choice("amount_tax_display", &["exclude_tax", "include_inclusive_tax"])?;
        settings["rendering_options"] =
            display.map_or(Value::Null, |display| json!({"amount_tax_display": display, "template": null}));
    }
    Ok(settings)
}
