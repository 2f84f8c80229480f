use serde_json::{Value, json};

use super::payment::{self, Bill};
use super::subscription::{self, Order, Ordered};
use crate::api::customers;
use crate::card::Card;
use crate::shape;
use crate::state::State;
use crate::stripe_error::StripeError;
use crate::webhook::event;

/// Pays an open session with a card: makes the customer, the payment method, the subscription or the
/// payment, and tells of it all. A refusal changes nothing but, for a single payment, the failed attempt.
pub fn pay(
    state: &mut State,
    session: &Value,
    card: &Card,
    email: &str,
    name: Option<&str>,
) -> Result<Value, StripeError> {
    let subscribes = session["mode"] == "subscription";
    let private = &session["_private"];
    let trial = private["trial_days"].is_i64() || private["trial_end"].is_i64();
    let refused = if subscribes && trial { card.refused_when_saved() } else { card.refused_when_charged() };
    if let Some(refused) = refused {
        if !subscribes {
            fail_payment(state, session, card, email, name);
        }
        return Err(refused);
    }
    let keeps_customer = subscribes || session["customer_creation"] == "always";
    let customer = match shape::owned(session, "customer") {
        Some(id) => Some(id),
        None if keeps_customer => {
            let customer = customers::make(state, json!({"email": email, "name": name}));
            shape::owned(&customer, "id")
        }
        None => None,
    };
    let method = card.payment_method(customer.as_deref(), Some(email), name, state.now());
    let method = match &customer {
        Some(customer) => payment::attach(state, method, customer),
        None => state.insert("payment_method", method),
    };
    let mut done = if subscribes {
        subscribe(state, session, customer.as_deref().unwrap_or_default(), &method)
    } else {
        pay_once(state, session, customer.as_deref(), &method)
    };
    shape::merge(
        &mut done,
        json!({
            "customer": customer, "status": "complete", "url": null,
            "customer_details": {
                "address": method["billing_details"]["address"], "email": email, "name": name, "phone": null,
                "tax_exempt": session["customer_details"]["tax_exempt"].as_str().unwrap_or("none"), "tax_ids": [], "business_name": null, "individual_name": null,
            },
        }),
    );
    let session = state.set("checkout.session", shape::text(session, "id"), done);
    event::emit(state, "checkout.session.completed", &session);
    Ok(session)
}

/// Where the browser goes after paying.
pub fn success_url(session: &Value) -> String {
    let url = shape::text(session, "success_url");
    let id = shape::text(session, "id");
    url.replace("{CHECKOUT_SESSION_ID}", id).replace("%7BCHECKOUT_SESSION_ID%7D", id)
}

/// Ends an open session without payment and tells of it.
pub fn expire(state: &mut State, id: &str) -> Value {
    let session = state.set("checkout.session", id, json!({"status": "expired", "url": null}));
    event::emit(state, "checkout.session.expired", &session);
    session
}

fn subscribe(state: &mut State, session: &Value, customer: &str, method: &Value) -> Value {
    let private = &session["_private"];
    let days = private["trial_days"].as_i64().map(|days| state.now() + days * 86_400);
    let order = Order {
        customer: customer.to_owned(),
        lines: lines(session),
        method: shape::owned(method, "id"),
        metadata: private["subscription_metadata"].clone(),
        description: shape::owned(private, "subscription_description"),
        trial_end: days.or(private["trial_end"].as_i64()),
        missing: shape::owned(private, "missing"),
        billing_mode: shape::owned(private, "billing_mode"),
        ..Order::default()
    };
    let subscription = subscription::create(state, &order);
    let paid = if order.trial_end.is_some() { "no_payment_required" } else { "paid" };
    json!({"subscription": subscription["id"], "invoice": subscription["latest_invoice"], "payment_status": paid})
}

fn pay_once(state: &mut State, session: &Value, customer: Option<&str>, method: &Value) -> Value {
    if shape::number(session, "amount_total") == 0 {
        return json!({"payment_status": "no_payment_required"});
    }
    let attempt = payment::attempt(state, &bill(session, customer), method);
    payment::tell(state, &attempt);
    json!({"payment_intent": attempt.intent["id"], "payment_status": "paid"})
}

fn fail_payment(state: &mut State, session: &Value, card: &Card, email: &str, name: Option<&str>) {
    let method = card.payment_method(None, Some(email), name, state.now());
    let attempt = payment::attempt(state, &bill(session, Some(shape::text(session, "customer"))), &method);
    let private = &session["_private"];
    let mut kept = private.clone();
    kept["payment_intent"] = attempt.intent["id"].clone();
    state.set("checkout.session", shape::text(session, "id"), json!({"_private": kept}));
    payment::tell(state, &attempt);
}

fn bill(session: &Value, customer: Option<&str>) -> Bill {
    let private = &session["_private"];
    Bill {
        customer: customer.filter(|id| !id.is_empty()).map(str::to_owned),
        amount: shape::number(session, "amount_total"),
        currency: shape::text(session, "currency").to_owned(),
        description: shape::owned(private, "payment_description"),
        metadata: private["payment_metadata"].clone(),
        fields: private["payment_fields"].clone(),
        intent: shape::owned(private, "payment_intent"),
    }
}

fn lines(session: &Value) -> Vec<Ordered> {
    let items = session["_private"]["line_items"].as_array().cloned().unwrap_or_default();
    let recurring = items.into_iter().filter(|item| item["price"]["recurring"].is_object());
    recurring
        .map(|item| Ordered {
            price: item["price"].clone(),
            quantity: shape::number(&item, "quantity"),
            metadata: item["metadata"].clone(),
        })
        .collect()
}
