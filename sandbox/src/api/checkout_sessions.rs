use serde_json::{Value, json};

use super::{Answer, customers, find, list, payments, prices, subscriptions};
use crate::billing::checkout;
use crate::params::Params;
use crate::state::State;
use crate::stripe_error::StripeError;
use crate::{ids, shape};

const KNOWN: [&str; 27] = [
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
    "allowed_payment_method_types",
    "locale",
    "ui_mode",
    "submit_type",
    "billing_address_collection",
    "automatic_tax",
    "customer_update",
    "customer_creation",
    "currency",
    "payment_method_collection",
    "phone_number_collection",
    "tax_id_collection",
    "invoice_creation",
    "adaptive_pricing",
];
const UNSERVED: [&str; 24] = [
    "after_expiration",
    "branding_settings",
    "consent_collection",
    "custom_fields",
    "custom_text",
    "customer_account",
    "discounts",
    "excluded_payment_method_types",
    "integration_identifier",
    "managed_payments",
    "name_collection",
    "optional_items",
    "origin_context",
    "payment_method_configuration",
    "payment_method_data",
    "payment_method_options",
    "permissions",
    "redirect_on_completion",
    "return_url",
    "saved_payment_method_options",
    "setup_intent_data",
    "shipping_address_collection",
    "shipping_options",
    "wallet_options",
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
    params.serves(&KNOWN, &UNSERVED)?;
    let mode = mode(params)?;
    let chosen = chosen(params)?;
    let (customer, details) = customer(state, params)?;
    let expires_at = expiry(state, params)?;
    let mut private = private(state, params, &mode)?;
    // They make products and prices, which are taken back when the call is refused after all.
    let items = line_items_from(state, params, &mode)?;
    let total = due_now(&items, &private);
    let collection = collection(params, &mode, total)?;
    private["line_items"] = json!(items);
    let id = format!("cs_test_{}", ids::secret(58));
    let mut session = shape::object(
        "checkout_session",
        json!({
            "id": id, "created": state.now(), "mode": mode, "url": format!("{}/c/pay/{id}", state.public_url),
            "expires_at": expires_at, "currency": items[0]["currency"], "amount_subtotal": total, "amount_total": total,
            "customer": customer, "customer_details": details, "payment_status": "unpaid", "status": "open",
            "_private": private,
        }),
    );
    shape::merge(&mut session, chosen);
    if mode == "subscription" {
        let creation = if customer.is_none() { json!("always") } else { Value::Null };
        shape::merge(&mut session, json!({"payment_method_collection": collection, "customer_creation": creation}));
    }
    Ok(state.insert("checkout.session", session))
}

/// The mode; what the page would have to do besides taking a card and does not is refused here.
fn mode(params: &Params) -> Result<String, StripeError> {
    let mode = params.fixed("mode", &["payment", "subscription"])?.ok_or_else(|| StripeError::missing("mode"))?;
    params.fixed("ui_mode", &["hosted_page", "hosted"])?;
    params.fixed("billing_address_collection", &["auto"])?;
    params.stay_off(&[
        "adaptive_pricing",
        "automatic_tax",
        "invoice_creation",
        "phone_number_collection",
        "tax_id_collection",
    ])?;
    let update = params.group("customer_update")?;
    for part in ["address", "name", "shipping"] {
        update.fixed(part, &["never"])?;
    }
    payments::card_only(params)?;
    Ok(mode)
}

/// Whether a card is asked for where nothing is due: here always, so that only what would change that is refused.
fn collection(params: &Params, mode: &str, total: i64) -> Result<String, StripeError> {
    const NAME: &str = "payment_method_collection";
    let refused = |message: &str| Err(StripeError::invalid(message).with("param", NAME));
    let word = params.choice(NAME, &["always", "if_required"])?;
    if word.is_some() && mode != "subscription" {
        return refused("You can only set `payment_method_collection` if there are recurring prices.");
    }
    if word.as_deref() == Some("if_required") && total == 0 {
        return refused(
            "The sandbox asks for a card where nothing is due too: it serves payment_method_collection as if_required only where something is.",
        );
    }
    Ok(word.unwrap_or_else(|| "always".to_owned()))
}

/// What a session shows as it was given.
fn chosen(params: &Params) -> Answer {
    Ok(json!({
        "success_url": params.url("success_url")?.ok_or_else(|| StripeError::missing("success_url"))?,
        "cancel_url": params.url("cancel_url")?,
        "client_reference_id": params.text("client_reference_id")?,
        "customer_email": params.text("customer_email")?,
        "metadata": params.metadata(&Value::Null)?,
        "locale": params.text("locale")?,
        "allow_promotion_codes": params.boolean("allow_promotion_codes")?,
        "submit_type": params.choice("submit_type", &["auto", "book", "donate", "pay", "subscribe"])?,
        "billing_address_collection": params.text("billing_address_collection")?,
        "customer_creation": params.choice("customer_creation", &["always", "if_required"])?,
    }))
}

/// What is to be paid at once: of what recurs nothing during a trial.
fn due_now(items: &[Value], private: &Value) -> i64 {
    let trial = private["trial_days"].is_i64() || private["trial_end"].is_i64();
    let due = items.iter().filter(|item| !(trial && item["price"]["recurring"].is_object()));
    due.map(|item| shape::number(item, "amount_total")).sum()
}

fn update(state: &mut State, id: &str, params: &Params) -> Answer {
    params
        .serves(&["metadata"], &["collected_information", "line_items", "payment_intent_data", "shipping_options"])?;
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
    const FILTERS: [(&str, &str); 4] = [
        ("customer", "/customer"),
        ("payment_intent", "/payment_intent"),
        ("subscription", "/subscription"),
        ("status", "/status"),
    ];
    list::serves(
        params,
        &["customer", "payment_intent", "subscription", "status", "customer_details"],
        &["customer_account", "payment_link"],
    )?;
    let fits = list::by(params, &FILTERS)?;
    let details = params.group("customer_details")?;
    details.only(&["email"])?;
    let of_email = list::by(&details, &[("email", "/customer_details/email")])?;
    list::page(state, params, "checkout.session", "/v1/checkout/sessions", |session| fits(session) && of_email(session))
}

fn line_items(state: &State, id: &str, params: &Params) -> Answer {
    list::only(params, &[])?;
    let session = session(state, id)?;
    let items: Vec<&Value> = session["_private"]["line_items"].as_array().into_iter().flatten().collect();
    list::cut(&items, params, &format!("/v1/checkout/sessions/{id}/line_items"))
}

/// The customer and what the page shows of them.
fn customer(state: &State, params: &Params) -> Result<(Option<String>, Value), StripeError> {
    let email = params.text("customer_email")?;
    let Some(id) = params.text("customer")? else {
        if let Some(email) = email.as_ref().filter(|email| !email.contains('@')) {
            return Err(StripeError::parameter(
                "customer_email",
                "email_invalid",
                format!("Invalid email address: {email}"),
            ));
        }
        return Ok((None, email.map_or(Value::Null, |email| customer_details(&json!({"email": email})))));
    };
    if email.is_some() {
        return Err(StripeError::invalid("You may only specify one of these parameters: customer, customer_email."));
    }
    let customer = customers::named(state, &id, "customer")?;
    let known = shape::owned(&customer, "email").is_some();
    Ok((Some(id), if known { customer_details(&customer) } else { Value::Null }))
}

fn customer_details(customer: &Value) -> Value {
    json!({
        "address": null, "email": customer["email"], "name": null, "phone": null,
        "tax_exempt": customer["tax_exempt"].as_str().unwrap_or("none"), "tax_ids": null,
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
    for (name, only_in) in [("subscription_data", "subscription"), ("payment_intent_data", "payment")] {
        if params.has(name) && mode != only_in {
            let message = format!("You can not pass `{name}` in `{mode}` mode.");
            return Err(StripeError::invalid(message).with("param", name));
        }
    }
    let mut private = subscription_data(state, &params.group("subscription_data")?)?;
    shape::merge(&mut private, payment_data(&params.group("payment_intent_data")?)?);
    Ok(private)
}

fn subscription_data(state: &State, given: &Params) -> Answer {
    given.serves(
        &[
            "metadata",
            "trial_period_days",
            "trial_end",
            "description",
            "trial_settings",
            "billing_mode",
            // Of an anchor, which is not served.
            "proration_behavior",
        ],
        &[
            "application_fee_percent",
            "billing_cycle_anchor",
            "billing_cycle_anchor_config",
            "default_tax_rates",
            "invoice_settings",
            "on_behalf_of",
            "pending_invoice_item_interval",
            "transfer_data",
        ],
    )?;
    given.choice("proration_behavior", &["create_prorations", "none"])?;
    let end = given.integer("trial_end")?;
    if end.is_some_and(|end| end < state.now() + 2 * DAY) {
        let message = "The `trial_end` date has to be at least 2 days in the future.";
        return Err(StripeError::invalid(message).with("param", given.path("trial_end")));
    }
    Ok(json!({
        "trial_days": given.integer_in("trial_period_days", 1..=730)?, "trial_end": end,
        "subscription_metadata": given.metadata(&Value::Null)?,
        "subscription_description": given.text("description")?,
        "missing": subscriptions::missing_payment_method(given)?,
        "billing_mode": subscriptions::billing_mode(given)?,
    }))
}

fn payment_data(given: &Params) -> Answer {
    given.serves(
        &[&payments::SHOWN[..], &["metadata", "description", "capture_method"]].concat(),
        &["application_fee_amount", "on_behalf_of", "transfer_data", "transfer_group"],
    )?;
    payments::captures_at_once(given)?;
    Ok(json!({
        "payment_metadata": given.metadata(&Value::Null)?, "payment_description": given.text("description")?,
        "payment_fields": payments::shown(given)?,
    }))
}

fn line_items_from(state: &mut State, params: &Params, mode: &str) -> Result<Vec<Value>, StripeError> {
    let given = params.groups("line_items")?;
    if given.is_empty() {
        return Err(StripeError::missing("line_items"));
    }
    let mut items: Vec<Value> = Vec::new();
    for line in &given {
        let item = line_item(state, line, mode)?;
        if items.iter().any(|other| other["currency"] != item["currency"]) {
            return Err(StripeError::invalid("All line items must have the same currency.").with("param", "line_items"));
        }
        items.push(item);
    }
    if params.text("currency")?.is_some_and(|currency| items[0]["currency"] != currency.to_lowercase()) {
        return Err(StripeError::invalid("The prices have another currency.").with("param", "currency"));
    }
    if mode == "subscription" && !items.iter().any(|item| item["price"]["recurring"].is_object()) {
        let message = "You must provide at least one recurring price in `subscription` mode when using prices.";
        return Err(StripeError::invalid(message).with("param", "line_items"));
    }
    Ok(items)
}

fn line_item(state: &mut State, line: &Params, mode: &str) -> Answer {
    line.serves(
        &["price", "price_data", "quantity", "metadata", "adjustable_quantity"],
        &["tax_rates", "dynamic_tax_rates"],
    )?;
    line.stay_off(&["adjustable_quantity"])?;
    let quantity = line.integer_in("quantity", 1..=999_999)?.unwrap_or(1);
    let price = price_of(state, line)?;
    let refused = |message: &str| Err(StripeError::invalid(message).with("param", line.path("price")));
    if mode == "payment" && price["recurring"].is_object() {
        return refused(
            "You must provide at least one recurring price in `subscription` mode and none in `payment` mode.",
        );
    }
    if price["active"] == false {
        return refused("The price specified is inactive. This field only accepts active prices.");
    }
    let total = shape::number(&price, "unit_amount") * quantity;
    let product = state.get("product", shape::text(&price, "product")).cloned().unwrap_or_default();
    Ok(shape::object(
        "item",
        json!({
            "id": ids::new("li"), "amount_subtotal": total, "amount_total": total, "amount_tax": 0, "amount_discount": 0,
            "currency": price["currency"], "description": product["name"], "price": price, "quantity": quantity,
            "metadata": line.metadata(&Value::Null)?,
        }),
    ))
}

fn price_of(state: &mut State, line: &Params) -> Answer {
    if let Some(id) = line.text("price")? {
        return prices::named(state, &id, &line.path("price"));
    }
    if !line.has("price_data") {
        return Err(StripeError::missing(&line.path("price")));
    }
    let data = line.group("price_data")?;
    data.only(&prices::DATA)?;
    let price = prices::of_product(state, &data)?;
    Ok(state.insert("price", price))
}
