use std::ops::RangeInclusive;

use serde_json::{Value, json};

use super::{Answer, find, list, products};
use crate::params::Params;
use crate::state::State;
use crate::stripe_error::StripeError;
use crate::webhook::event;
use crate::{ids, shape};

/// What a price is made of, alone and as `price_data`.
pub const DATA: [&str; 7] =
    ["currency", "unit_amount", "unit_amount_decimal", "product", "product_data", "recurring", "tax_behavior"];
const CREATE: [&str; 6] = ["active", "billing_scheme", "lookup_key", "transfer_lookup_key", "metadata", "nickname"];
const UPDATE: [&str; 6] = ["active", "metadata", "nickname", "lookup_key", "transfer_lookup_key", "tax_behavior"];
const TAX: [&str; 3] = ["inclusive", "exclusive", "unspecified"];
const UNSERVED: [&str; 5] = ["currency_options", "custom_unit_amount", "tiers", "tiers_mode", "transform_quantity"];

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
            "tax_behavior": params.choice("tax_behavior", &TAX)?.unwrap_or("unspecified".into()),
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
    params.serves(&[&DATA[..], &CREATE].concat(), &UNSERVED)?;
    params.fixed("billing_scheme", &["per_unit"])?;
    let price = of_product(state, params)?;
    free_lookup_key(state, params, "")?;
    let price = state.insert("price", price);
    event::emit(state, "price.created", &price);
    Ok(price)
}

/// Takes the lookup key that a price is to have from the price that has it, where the caller says so.
fn free_lookup_key(state: &mut State, params: &Params, id: &str) -> Result<(), StripeError> {
    let Some(key) = params.text("lookup_key")? else {
        return Ok(());
    };
    let holder = state.all("price").find(|price| price["lookup_key"] == key.as_str() && price["id"] != id);
    let Some(holder) = holder.and_then(|price| shape::owned(price, "id")) else {
        return Ok(());
    };
    if params.boolean("transfer_lookup_key")? != Some(true) {
        let message = "A price already uses that lookup key. Set transfer_lookup_key to true to move it.";
        return Err(StripeError::invalid(message).with("param", "lookup_key"));
    }
    state.set("price", &holder, json!({"lookup_key": null}));
    Ok(())
}

fn update(state: &mut State, id: &str, params: &Params) -> Answer {
    params.serves(&UPDATE, &["currency_options"])?;
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
    if let Some(tax) = params.choice("tax_behavior", &TAX)? {
        if before["tax_behavior"] != "unspecified" && before["tax_behavior"] != tax.as_str() {
            let message = "You cannot change `tax_behavior` of a price once it is set to `inclusive` or `exclusive`.";
            return Err(StripeError::invalid(message).with("param", "tax_behavior"));
        }
        fields["tax_behavior"] = json!(tax);
    }
    free_lookup_key(state, params, id)?;
    let after = state.set("price", id, fields);
    let changed = event::previous(&before, &after);
    event::emit_change(state, "price.updated", &after, Some(changed));
    Ok(after)
}

fn index(state: &State, params: &Params) -> Answer {
    list::only(params, &["active", "currency", "product", "type", "lookup_keys", "recurring"])?;
    let active = params.boolean("active")?;
    let keys = params.texts("lookup_keys")?;
    let fits = list::by(params, &[("currency", "/currency"), ("product", "/product"), ("type", "/type")])?;
    let recurring = params.group("recurring")?;
    recurring.only(&["interval", "usage_type", "meter"])?;
    let recurs = list::by(
        &recurring,
        &[("interval", "/recurring/interval"), ("usage_type", "/recurring/usage_type"), ("meter", "/recurring/meter")],
    )?;
    list::page(state, params, "price", "/v1/prices", |price| {
        active.is_none_or(|active| price["active"] == active)
            && (keys.is_empty() || keys.iter().any(|key| price["lookup_key"] == key.as_str()))
            && fits(price)
            && recurs(price)
    })
}

fn amount(params: &Params) -> Result<i64, StripeError> {
    const AMOUNTS: RangeInclusive<i64> = 0..=99_999_999;
    if let Some(amount) = params.integer_in("unit_amount", AMOUNTS)? {
        return Ok(amount);
    }
    let Some(text) = params.text("unit_amount_decimal")? else {
        return Err(StripeError::missing(&params.path("unit_amount")));
    };
    text.parse().ok().filter(|amount| AMOUNTS.contains(amount)).ok_or_else(|| {
        let param = params.path("unit_amount_decimal");
        StripeError::parameter(&param, "parameter_invalid_integer", "The sandbox takes whole amounts up to 99999999.")
    })
}

fn recurring(params: &Params) -> Answer {
    if !params.has("recurring") {
        return Ok(Value::Null);
    }
    let given = params.group("recurring")?;
    given.serves(&["interval", "interval_count", "usage_type", "trial_period_days"], &["meter"])?;
    given.fixed("usage_type", &["licensed"])?;
    given.required("interval")?;
    let interval = given.choice("interval", &["day", "week", "month", "year"])?;
    // Three years at most.
    let most = match interval.as_deref() {
        Some("year") => 3,
        Some("month") => 36,
        Some("week") => 156,
        _ => 1095,
    };
    let count = given.integer_in("interval_count", 1..=most)?.unwrap_or(1);
    Ok(json!({
        "interval": interval, "interval_count": count, "meter": null, "usage_type": "licensed",
        "trial_period_days": given.integer("trial_period_days")?,
    }))
}
