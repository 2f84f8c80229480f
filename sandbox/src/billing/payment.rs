use serde_json::{Value, json};

use crate::state::State;
use crate::stripe_error::StripeError;
use crate::webhook::event;
use crate::{card, ids, shape};

/// What is to be paid.
#[derive(Debug, Clone, Default)]
pub struct Bill {
    /// The customer, if there is one.
    pub customer: Option<String>,
    /// In the currency's smallest unit, more than 0.
    pub amount: i64,
    /// Three small letters.
    pub currency: String,
    /// In words.
    pub description: Option<String>,
    /// Goes on the payment intent and the charge.
    pub metadata: Value,
    /// Further fields of the payment intent, as they were given.
    pub fields: Value,
    /// A payment intent that was tried before.
    pub intent: Option<String>,
}

/// A payment intent and its charge after an attempt.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// The payment intent.
    pub intent: Value,
    /// The charge.
    pub charge: Value,
    /// Why it failed, if it did.
    pub refused: Option<StripeError>,
}

/// Charges a stored payment method; stores the intent and the charge and tells nobody yet.
pub fn attempt(state: &mut State, bill: &Bill, method: &Value) -> Attempt {
    let now = state.now();
    let refused = card::refused_payment_method(method);
    let intent_id = bill.intent.clone().unwrap_or_else(|| ids::new("pi"));
    let charge = charge(state, bill, method, &intent_id, refused.as_ref());
    let kept = state.get("payment_intent", &intent_id).cloned();
    let mut intent = kept.unwrap_or_else(|| {
        let secret = format!("{intent_id}_secret_{}", ids::secret(24));
        shape::object("payment_intent", json!({"id": intent_id, "client_secret": secret, "created": now}))
    });
    shape::merge(
        &mut intent,
        json!({
            "amount": bill.amount,
            "amount_received": if refused.is_none() { bill.amount } else { 0 },
            "currency": bill.currency,
            "customer": bill.customer,
            "description": bill.description,
            "metadata": or_empty(&bill.metadata),
            "latest_charge": charge["id"],
            "payment_method": if refused.is_none() { method["id"].clone() } else { Value::Null },
            "status": if refused.is_none() { "succeeded" } else { "requires_payment_method" },
            "last_payment_error": refused.as_ref().map(|error| error_on_intent(error, method)),
        }),
    );
    shape::merge(&mut intent, bill.fields.clone());
    let intent = state.insert("payment_intent", intent);
    let charge = state.insert("charge", charge);
    Attempt { intent, charge, refused }
}

/// Tells of an attempt.
pub fn tell(state: &mut State, attempt: &Attempt) {
    if attempt.refused.is_none() {
        event::emit(state, "payment_intent.succeeded", &attempt.intent);
        event::emit(state, "charge.succeeded", &attempt.charge);
    } else {
        event::emit(state, "payment_intent.payment_failed", &attempt.intent);
        event::emit(state, "charge.failed", &attempt.charge);
    }
}

/// The payment method that a parameter names: a stored one, or a new one of a ready-made card.
pub fn method_named(state: &State, id: &str, param: &str) -> Result<Value, StripeError> {
    if let Some(found) = state.get("payment_method", id) {
        return Ok(found.clone());
    }
    let card = card::Card::named(id, state.now());
    card.map(|card| card.payment_method(None, None, None, state.now()))
        .ok_or_else(|| StripeError::no_such_parameter("PaymentMethod", id, param))
}

/// Stores a payment method as a customer's, unless it cannot be saved.
pub fn keep(state: &mut State, mut method: Value, customer: &str) -> Result<Value, StripeError> {
    if method["customer"] == customer {
        return Ok(method);
    }
    if !method["customer"].is_null() {
        return Err(StripeError::invalid("The payment method you provided has already been attached to a customer."));
    }
    if let Some(refused) = card::refused_when_saved(&method) {
        return Err(refused);
    }
    method["customer"] = json!(customer);
    let method = state.insert("payment_method", method);
    event::emit(state, "payment_method.attached", &method);
    Ok(method)
}

/// Stores a new payment method and makes it the customer's for invoices.
pub fn attach(state: &mut State, method: Value, customer: &str) -> Value {
    let method = state.insert("payment_method", method);
    event::emit(state, "payment_method.attached", &method);
    let Some(before) = state.get("customer", customer).cloned() else {
        return method;
    };
    let mut settings = before["invoice_settings"].clone();
    settings["default_payment_method"] = method["id"].clone();
    let after = state.set("customer", customer, json!({"invoice_settings": settings}));
    let changed = event::previous(&before, &after);
    event::emit_change(state, "customer.updated", &after, Some(changed));
    method
}

fn charge(state: &State, bill: &Bill, method: &Value, intent: &str, refused: Option<&StripeError>) -> Value {
    let id = ids::new("ch");
    let paid = refused.is_none();
    let mut details = method["card"].clone();
    for name in ["display_brand", "generated_from", "networks", "three_d_secure_usage"] {
        if let Some(fields) = details.as_object_mut() {
            fields.remove(name);
        }
    }
    let brand = details["brand"].clone();
    shape::merge(
        &mut details,
        json!({"network": brand, "three_d_secure": null, "installments": null, "mandate": null}),
    );
    let error = refused.map(|error| error.body("")["error"].clone()).unwrap_or_default();
    let mut outcome = shape::object("outcome", json!({}));
    if !paid {
        let fields = json!({
            "network_status": "declined_by_network", "type": "issuer_declined",
            "reason": error["decline_code"], "seller_message": "The bank did not accept this payment.",
        });
        shape::merge(&mut outcome, fields);
    }
    let mut charge = shape::object(
        "charge",
        json!({
            "id": id, "created": state.now(), "amount": bill.amount, "amount_captured": if paid { bill.amount } else { 0 },
            "captured": paid, "paid": paid, "status": if paid { "succeeded" } else { "failed" }, "currency": bill.currency,
            "customer": bill.customer, "description": bill.description, "metadata": or_empty(&bill.metadata),
            "payment_intent": intent, "payment_method": method["id"], "billing_details": method["billing_details"],
            "payment_method_details": {"type": "card", "card": details}, "outcome": outcome,
            "failure_code": error["code"], "failure_message": error["message"],
        }),
    );
    charge["refunds"]["url"] = json!(format!("/v1/charges/{id}/refunds"));
    charge
}

fn error_on_intent(error: &StripeError, method: &Value) -> Value {
    let mut error = error.body("")["error"].clone();
    if let Some(fields) = error.as_object_mut() {
        fields.remove("request_log_url");
    }
    error["payment_method"] = shape::public(method);
    error
}

fn or_empty(metadata: &Value) -> Value {
    if metadata.is_null() { json!({}) } else { metadata.clone() }
}
