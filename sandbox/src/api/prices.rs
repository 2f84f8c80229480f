use serde_json::{Value, json};

use super::{Answer, find, list, products};
use crate::params::Params;
use crate::state::State;
use crate::stripe_error::StripeError;
use crate::webhook::event;
use crate::{ids, shape};

const KNOWN: [&str; 17] = [
    "currency",
    "unit_amount",
    "unit_amount_decimal",
    "product",
    "product_data",
    "recurring",
    "active",
    "billing_scheme",
    "lookup_key",
    "transfer_lookup_key",
    "metadata",
    "nickname",
    "tax_behavior",
    "currency_options",
    "custom_unit_amount",
    "tiers",
    "tiers_mode",
];

/// `/v1/prices…`
pub fn call(state: &mut State, method: &str, rest: &[&str], params: &Params) -> Option<Answer> {
    Some(match (method, rest) {
        ("POST", []) => create(state, params),
        ("GET", []) => index(state, params),
        ("GET", [id]) => params.only(&[]).and_then(|()| find(state, "price", "price", id)),
        ("POST", [id]) => update(state, id, params),
        _ => return None,
    })
}

/// The price that a parameter names.
pub fn named(state: &State, id: &str, param: &str) -> Answer {
    state.get("price", id).cloned().ok_or_else(|| StripeError::no_such_parameter("price", id, param))
}

/// A price of a product, not yet stored, from `price_data` and the like.
pub fn draft(state: &State, params: &Params, product: &str) -> Answer {
    let currency = params.required("currency")?.to_lowercase();
    if currency.len() != 3 || !currency.bytes().all(|byte| byte.is_ascii_lowercase()) {
        let message = format!("Invalid currency: {currency}. Stripe supports three-letter ISO codes.");
        return Err(StripeError::invalid(message).with("param", params.path("currency")));
    }
    for unserved in ["tiers", "tiers_mode", "custom_unit_amount", "currency_options"] {
        if params.has(unserved) {
            let message = format!("The sandbox does not serve {unserved}.");
            return Err(StripeError::invalid(message).with("param", params.path(unserved)));
        }
    }
    let amount = amount(params)?;
    let recurring = recurring(params)?;
    let kind = if recurring.is_null() { "one_time" } else { "recurring" };
    Ok(shape::object(
        "price",
        json!({
            "id": ids::new("price"),
            "created": state.now(),
            "currency": currency,
            "unit_amount": amount,
            "unit_amount_decimal": amount.to_string(),
            "product": product,
            "recurring": recurring,
            "type": kind,
            "active": params.boolean("active")?.unwrap_or(true),
            "nickname": params.text("nickname")?,
            "lookup_key": params.text("lookup_key")?,
            "metadata": params.metadata(&Value::Null)?,
            "tax_behavior": params.choice("tax_behavior", &["inclusive", "exclusive", "unspecified"])?.unwrap_or("unspecified".into()),
        }),
    ))
}

/// A price, not yet stored, of the product that it names or has made for it.
pub fn of_product(state: &mut State, params: &Params) -> Answer {
    // Whether the rest is right is known before a product is made for it.
    let mut price = draft(state, params, "")?;
    price["product"] = match params.text("product")? {
        Some(id) if state.get("product", &id).is_none() => {
            return Err(StripeError::no_such_parameter("product", &id, &params.path("product")));
        }
        Some(id) => json!(id),
        None if params.has("product_data") => products::create(state, &params.group("product_data")?)?["id"].clone(),
        None => return Err(StripeError::missing(&params.path("product"))),
    };
    Ok(price)
}

/// The former shape of a recurring price, which subscription items still carry.
pub fn plan(price: &Value) -> Value {
    let recurring = &price["recurring"];
    shape::object(
        "plan",
        json!({
            "id": price["id"], "active": price["active"], "amount": price["unit_amount"],
            "amount_decimal": price["unit_amount_decimal"], "created": price["created"], "currency": price["currency"],
            "interval": recurring["interval"], "interval_count": recurring["interval_count"], "metadata": price["metadata"],
            "nickname": price["nickname"], "product": price["product"],
        }),
    )
}

fn create(state: &mut State, params: &Params) -> Answer {
    params.only(&KNOWN)?;
    let lookup_key = params.text("lookup_key")?;
    let holder =
        state.all("price").find(|price| lookup_key.is_some() && price["lookup_key"] == json!(lookup_key)).cloned();
    if holder.is_some() && params.boolean("transfer_lookup_key")? != Some(true) {
        let message = "A price already uses that lookup key. Set transfer_lookup_key to true to move it.";
        return Err(StripeError::invalid(message).with("param", "lookup_key"));
    }
    let price = of_product(state, params)?;
    if let Some(holder) = holder {
        state.set("price", shape::text(&holder, "id"), json!({"lookup_key": null}));
    }
    let price = state.insert("price", price);
    event::emit(state, "price.created", &price);
    Ok(price)
}

fn update(state: &mut State, id: &str, params: &Params) -> Answer {
    params.only(&[
        "active",
        "metadata",
        "nickname",
        "lookup_key",
        "transfer_lookup_key",
        "tax_behavior",
        "currency_options",
    ])?;
    let before = find(state, "price", "price", id)?;
    let mut fields = json!({"metadata": params.metadata(&before["metadata"])?});
    if let Some(active) = params.boolean("active")? {
        fields["active"] = json!(active);
    }
    for name in ["nickname", "lookup_key"] {
        if params.has(name) {
            fields[name] = json!(params.text(name)?);
        }
    }
    let after = state.set("price", id, fields);
    let changed = event::previous(&before, &after);
    event::emit_change(state, "price.updated", &after, Some(changed));
    Ok(after)
}

fn index(state: &State, params: &Params) -> Answer {
    list::only(params, &["active", "currency", "product", "type", "lookup_keys", "recurring"])?;
    let active = params.boolean("active")?;
    let keys = params.texts("lookup_keys")?;
    let (currency, product, kind) = (params.text("currency")?, params.text("product")?, params.text("type")?);
    let same = |wanted: &Option<String>, value: &Value| wanted.as_ref().is_none_or(|wanted| value == wanted.as_str());
    list::page(state, params, "price", "/v1/prices", |price| {
        active.is_none_or(|active| price["active"] == active)
            && same(&currency, &price["currency"])
            && same(&product, &price["product"])
            && same(&kind, &price["type"])
            && (keys.is_empty() || keys.iter().any(|key| price["lookup_key"] == key.as_str()))
    })
}

fn amount(params: &Params) -> Result<i64, StripeError> {
    let amount = match params.integer("unit_amount")? {
        Some(amount) => amount,
        None => match params.text("unit_amount_decimal")? {
            Some(text) => text.parse().map_err(|_| {
                let param = params.path("unit_amount_decimal");
                StripeError::parameter(&param, "parameter_invalid_integer", "The sandbox takes whole amounts only.")
            })?,
            None => return Err(StripeError::missing(&params.path("unit_amount"))),
        },
    };
    if !(0..=99_999_999).contains(&amount) {
        let param = params.path("unit_amount");
        return Err(StripeError::parameter(
            &param,
            "parameter_invalid_integer",
            "Invalid integer: it must be between 0 and 99999999",
        ));
    }
    Ok(amount)
}

fn recurring(params: &Params) -> Answer {
    if !params.has("recurring") {
        return Ok(Value::Null);
    }
    let given = params.group("recurring")?;
    given.only(&["interval", "interval_count", "usage_type", "trial_period_days", "meter"])?;
    given.required("interval")?;
    let interval = given.choice("interval", &["day", "week", "month", "year"])?;
    let count = given.integer("interval_count")?.unwrap_or(1);
    if !(1..=1095).contains(&count) {
        let param = given.path("interval_count");
        return Err(StripeError::parameter(
            &param,
            "parameter_invalid_integer",
            "The interval must be at most three years.",
        ));
    }
    Ok(json!({
        "interval": interval, "interval_count": count, "meter": null, "usage_type": "licensed",
        "trial_period_days": given.integer("trial_period_days")?,
    }))
}
