use serde_json::{Value, json};

use super::{Answer, customers, find, list, prices};
use crate::billing::checkout;
use crate::params::Params;
use crate::state::State;
use crate::stripe_error::StripeError;
use crate::{ids, shape};

const KNOWN: [&str; 36] = [
    "mode",
    "line_items",
    "success_url",
    "cancel_url",
    "customer",
    "customer_email",
    "client_reference_id",
    "metadata",
    "subscription_data",
    "payment_intent_data",
    "allow_promotion_codes",
    "expires_at",
    "payment_method_types",
    "locale",
    "ui_mode",
    "submit_type",
    "billing_address_collection",
    "automatic_tax",
    "customer_update",
    "customer_creation",
    "currency",
    "payment_method_collection",
    "payment_method_options",
    "phone_number_collection",
    "tax_id_collection",
    "consent_collection",
    "custom_text",
    "custom_fields",
    "invoice_creation",
    "saved_payment_method_options",
    "adaptive_pricing",
    "discounts",
    "after_expiration",
    "origin_context",
    "name_collection",
    "branding_settings",
];
const DAY: i64 = 86_400;

/// `/v1/checkout/sessions…`
pub fn call(state: &mut State, method: &str, rest: &[&str], params: &Params) -> Option<Answer> {
    Some(match (method, rest) {
        ("POST", []) => create(state, params),
        ("GET", []) => index(state, params),
        ("GET", [id]) => params.only(&[]).and_then(|()| session(state, id)),
        ("POST", [id]) => update(state, id, params),
        ("POST", [id, "expire"]) => expire(state, id, params),
        ("GET", [id, "line_items"]) => line_items(state, id, params),
        _ => return None,
    })
}

fn session(state: &State, id: &str) -> Answer {
    find(state, "checkout.session", "checkout.session", id)
}

fn create(state: &mut State, params: &Params) -> Answer {
    params.only(&KNOWN)?;
    let mode =
        params.choice("mode", &["payment", "subscription", "setup"])?.ok_or_else(|| StripeError::missing("mode"))?;
    if mode == "setup" {
        return Err(
            StripeError::invalid("The sandbox serves the modes payment and subscription.").with("param", "mode")
        );
    }
    let success_url = params.url("success_url")?.ok_or_else(|| StripeError::missing("success_url"))?;
    let (customer, email) = customer(state, params)?;
    let expires_at = expiry(state, params)?;
    let private = private(state, params, &mode)?;
    let details = params.metadata(&Value::Null)?;
    let choices = json!({
        "client_reference_id": params.text("client_reference_id")?,
        "locale": params.text("locale")?,
        "cancel_url": params.url("cancel_url")?,
        "allow_promotion_codes": params.boolean("allow_promotion_codes")?,
        "submit_type": params.text("submit_type")?,
        "billing_address_collection": params.choice("billing_address_collection", &["auto", "required"])?,
        "customer_creation": params.choice("customer_creation", &["always", "if_required"])?,
    });
    let types =
        if params.has("payment_method_types") { params.texts("payment_method_types")? } else { vec!["card".into()] };
    if types.iter().any(|kind| kind != "card") {
        return Err(
            StripeError::invalid("The sandbox takes payments by card only.").with("param", "payment_method_types")
        );
    }
    // From here on nothing is refused, so that a wrong call leaves nothing behind.
    let items = line_items_from(state, params, &mode)?;
    let trial = private["trial_days"].is_i64() || private["trial_end"].is_i64();
    let total: i64 = items
        .iter()
        .map(
            |item| {
                if trial && item["price"]["recurring"].is_object() { 0 } else { shape::number(item, "amount_total") }
            },
        )
        .sum();
    let id = format!("cs_test_{}", ids::secret(58));
    let mut session = shape::object(
        "checkout_session",
        json!({
            "id": id, "created": state.now(), "mode": mode, "success_url": success_url,
            "url": format!("{}/c/pay/{id}", state.public_url), "expires_at": expires_at, "currency": items[0]["currency"],
            "amount_subtotal": total, "amount_total": total, "metadata": details,
            "customer": customer, "customer_email": params.text("customer_email")?,
            "customer_details": email.map(|email| customer_details(&email)),
            "payment_method_types": types, "payment_status": "unpaid", "status": "open", "_private": private,
        }),
    );
    shape::merge(&mut session, choices);
    if mode == "subscription" {
        shape::merge(
            &mut session,
            json!({"payment_method_collection": "always", "customer_creation": if customer.is_none() { json!("always") } else { Value::Null }}),
        );
    }
    session["_private"]["line_items"] = json!(items);
    Ok(state.insert("checkout.session", session))
}

fn update(state: &mut State, id: &str, params: &Params) -> Answer {
    params.only(&["metadata", "collected_information", "shipping_options"])?;
    let before = session(state, id)?;
    let metadata = params.metadata(&before["metadata"])?;
    Ok(state.set("checkout.session", id, json!({"metadata": metadata})))
}

fn expire(state: &mut State, id: &str, params: &Params) -> Answer {
    params.only(&[])?;
    let session = session(state, id)?;
    if session["status"] != "open" {
        let status = shape::text(&session, "status");
        return Err(StripeError::invalid(format!(
            "Only Checkout Sessions with a status in [\"open\"] can be expired. This Checkout Session has a status of `{status}`."
        )));
    }
    Ok(checkout::expire(state, id))
}

fn index(state: &State, params: &Params) -> Answer {
    list::only(params, &["customer", "payment_intent", "subscription", "status", "customer_details"])?;
    let mut wanted = Vec::new();
    for name in ["customer", "payment_intent", "subscription", "status"] {
        wanted.extend(params.text(name)?.map(|value| (name, value)));
    }
    list::page(state, params, "checkout.session", "/v1/checkout/sessions", |session| {
        wanted.iter().all(|(name, value)| session[*name] == value.as_str())
    })
}

fn line_items(state: &State, id: &str, params: &Params) -> Answer {
    list::only(params, &[])?;
    let session = session(state, id)?;
    let items: Vec<&Value> = session["_private"]["line_items"].as_array().into_iter().flatten().collect();
    list::cut(&items, params, &format!("/v1/checkout/sessions/{id}/line_items"))
}

/// The customer and the address that the page shows.
fn customer(state: &State, params: &Params) -> Result<(Option<String>, Option<String>), StripeError> {
    let email = params.text("customer_email")?;
    let Some(id) = params.text("customer")? else {
        if let Some(email) = email.as_ref().filter(|email| !email.contains('@')) {
            return Err(StripeError::parameter(
                "customer_email",
                "email_invalid",
                format!("Invalid email address: {email}"),
            ));
        }
        return Ok((None, email));
    };
    if email.is_some() {
        return Err(StripeError::invalid("You may only specify one of these parameters: customer, customer_email."));
    }
    let customer = customers::named(state, &id, "customer")?;
    Ok((Some(id), shape::owned(&customer, "email")))
}

fn customer_details(email: &str) -> Value {
    json!({
        "address": null, "email": email, "name": null, "phone": null, "tax_exempt": "none", "tax_ids": null,
        "business_name": null, "individual_name": null,
    })
}

fn expiry(state: &State, params: &Params) -> Result<i64, StripeError> {
    let now = state.now();
    let Some(at) = params.integer("expires_at")? else {
        return Ok(now + DAY);
    };
    if !(now + 1795..=now + DAY + 5).contains(&at) {
        let message =
            "The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation.";
        return Err(StripeError::invalid(message).with("param", "expires_at"));
    }
    Ok(at)
}

/// What the sandbox keeps for the time of payment.
fn private(state: &State, params: &Params, mode: &str) -> Answer {
    let (subscription, payment) = (params.group("subscription_data")?, params.group("payment_intent_data")?);
    for (name, only_in) in [("subscription_data", "subscription"), ("payment_intent_data", "payment")] {
        if params.has(name) && mode != only_in {
            return Err(
                StripeError::invalid(format!("You can not pass `{name}` in `{mode}` mode.")).with("param", name)
            );
        }
    }
    subscription.only(&[
        "metadata",
        "trial_period_days",
        "trial_end",
        "description",
        "trial_settings",
        "billing_cycle_anchor",
        "proration_behavior",
        "default_tax_rates",
        "invoice_settings",
        "billing_mode",
    ])?;
    payment.only(&[
        "metadata",
        "description",
        "receipt_email",
        "setup_future_usage",
        "statement_descriptor",
        "capture_method",
    ])?;
    let days = subscription.integer("trial_period_days")?;
    if days.is_some_and(|days| !(1..=730).contains(&days)) {
        let param = subscription.path("trial_period_days");
        return Err(StripeError::parameter(&param, "parameter_invalid_integer", "A trial has 1 to 730 days."));
    }
    let end = subscription.integer("trial_end")?;
    if end.is_some_and(|end| end < state.now() + 2 * DAY) {
        let message = "The `trial_end` date has to be at least 2 days in the future.";
        return Err(StripeError::invalid(message).with("param", subscription.path("trial_end")));
    }
    Ok(json!({
        "trial_days": days, "trial_end": end,
        "subscription_metadata": subscription.metadata(&Value::Null)?,
        "payment_metadata": payment.metadata(&Value::Null)?,
        "description": subscription.text("description")?.or(payment.text("description")?),
    }))
}

fn line_items_from(state: &mut State, params: &Params, mode: &str) -> Result<Vec<Value>, StripeError> {
    let given = params.groups("line_items")?;
    if given.is_empty() {
        return Err(StripeError::missing("line_items"));
    }
    let mut items: Vec<Value> = Vec::new();
    for line in &given {
        line.only(&[
            "price",
            "price_data",
            "quantity",
            "adjustable_quantity",
            "tax_rates",
            "dynamic_tax_rates",
            "metadata",
        ])?;
        let quantity = line.integer("quantity")?.unwrap_or(1);
        if !(1..=999_999).contains(&quantity) {
            let param = line.path("quantity");
            return Err(StripeError::parameter(
                &param,
                "parameter_invalid_integer",
                "This value must be greater than or equal to 1.",
            ));
        }
        let price = price_of(state, line)?;
        if mode == "payment" && price["recurring"].is_object() {
            return Err(StripeError::invalid(
                "You must provide at least one recurring price in `subscription` mode and none in `payment` mode.",
            )
            .with("param", line.path("price")));
        }
        if price["active"] == false {
            return Err(StripeError::invalid(
                "The price specified is inactive. This field only accepts active prices.",
            )
            .with("param", line.path("price")));
        }
        if items.iter().any(|item| item["currency"] != price["currency"]) {
            return Err(StripeError::invalid("All line items must have the same currency.").with("param", "line_items"));
        }
        items.push(item(state, &price, quantity));
    }
    if mode == "subscription" && !items.iter().any(|item| item["price"]["recurring"].is_object()) {
        let message = "You must provide at least one recurring price in `subscription` mode when using prices.";
        return Err(StripeError::invalid(message).with("param", "line_items"));
    }
    Ok(items)
}

fn price_of(state: &mut State, line: &Params) -> Answer {
    if let Some(id) = line.text("price")? {
        return prices::named(state, &id, &line.path("price"));
    }
    if !line.has("price_data") {
        return Err(StripeError::missing(&line.path("price")));
    }
    let data = line.group("price_data")?;
    data.only(&[
        "currency",
        "unit_amount",
        "unit_amount_decimal",
        "product",
        "product_data",
        "recurring",
        "tax_behavior",
    ])?;
    let price = prices::of_product(state, &data)?;
    Ok(state.insert("price", price))
}

fn item(state: &State, price: &Value, quantity: i64) -> Value {
    let total = shape::number(price, "unit_amount") * quantity;
    let product = state.get("product", shape::text(price, "product")).cloned().unwrap_or_default();
    shape::object(
        "item",
        json!({
            "id": ids::new("li"), "amount_subtotal": total, "amount_total": total, "amount_tax": 0, "amount_discount": 0,
            "currency": price["currency"], "description": product["name"], "price": price, "quantity": quantity,
        }),
    )
}
