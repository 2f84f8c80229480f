use serde_json::{Value, json};

use super::{Answer, find, list};
use crate::billing::payment::{self, Bill};
use crate::params::Params;
use crate::state::State;
use crate::stripe_error::StripeError;
use crate::webhook::event;
use crate::{ids, shape};

/// `/v1/payment_intents…`, `/v1/charges…` and `/v1/refunds…`
pub fn call(state: &mut State, method: &str, parts: &[&str], params: &Params) -> Option<Answer> {
    Some(match (method, parts) {
        ("POST", ["payment_intents"]) => create_intent(state, params),
        ("GET", ["payment_intents"]) => index(state, params, "payment_intent", "/v1/payment_intents", &["customer"]),
        ("GET", ["payment_intents", id]) => one(state, params, "payment_intent", "payment_intent", id),
        ("GET", ["charges"]) => index(state, params, "charge", "/v1/charges", &["customer", "payment_intent"]),
        ("GET", ["charges", id]) => one(state, params, "charge", "charge", id),
        ("POST", ["refunds"]) => refund(state, params),
        ("GET", ["refunds"]) => index(state, params, "refund", "/v1/refunds", &["charge", "payment_intent"]),
        ("GET", ["refunds", id]) => one(state, params, "refund", "refund", id),
        _ => return None,
    })
}

fn one(state: &State, params: &Params, table: &str, noun: &str, id: &str) -> Answer {
    params.only(&[])?;
    find(state, table, noun, id)
}

fn index(state: &State, params: &Params, table: &str, url: &str, filters: &[&str]) -> Answer {
    list::only(params, filters)?;
    let mut wanted = Vec::new();
    for name in filters {
        wanted.extend(params.text(name)?.map(|value| (*name, value)));
    }
    list::page(state, params, table, url, |object| wanted.iter().all(|(name, value)| object[*name] == value.as_str()))
}

/// A payment intent that is confirmed at once: the way to charge a saved card.
fn create_intent(state: &mut State, params: &Params) -> Answer {
    params.only(&[
        "amount",
        "currency",
        "confirm",
        "payment_method",
        "customer",
        "description",
        "metadata",
        "off_session",
        "payment_method_types",
        "automatic_payment_methods",
        "receipt_email",
        "return_url",
        "setup_future_usage",
        "shipping",
        "statement_descriptor",
        "capture_method",
        "confirmation_method",
        "error_on_requires_action",
    ])?;
    let amount = params.integer("amount")?.ok_or_else(|| StripeError::missing("amount"))?;
    if amount < 1 {
        return Err(StripeError::parameter(
            "amount",
            "parameter_invalid_integer",
            "This value must be greater than or equal to 1.",
        ));
    }
    let currency = params.required("currency")?.to_lowercase();
    if params.boolean("confirm")? != Some(true) {
        return Err(StripeError::invalid("The sandbox serves payment intents that are confirmed at once.")
            .with("param", "confirm"));
    }
    let method = payment::method_named(state, &params.required("payment_method")?, "payment_method")?;
    let customer = params.text("customer")?;
    if let Some(id) = &customer {
        super::customers::named(state, id, "customer")?;
    }
    let bill = Bill {
        customer,
        amount,
        currency,
        description: params.text("description")?,
        metadata: params.metadata(&Value::Null)?,
        intent: None,
    };
    if state.get("payment_method", shape::text(&method, "id")).is_none() {
        state.insert("payment_method", method.clone());
    }
    let attempt = payment::attempt(state, &bill, &method);
    event::emit(state, "payment_intent.created", &attempt.intent);
    payment::tell(state, &attempt);
    match attempt.refused {
        None => Ok(attempt.intent),
        Some(refused) => Err(refused
            .with("charge", attempt.charge["id"].clone())
            .with("payment_intent", shape::public(&attempt.intent))),
    }
}

fn refund(state: &mut State, params: &Params) -> Answer {
    params.only(&[
        "charge",
        "payment_intent",
        "amount",
        "reason",
        "metadata",
        "refund_application_fee",
        "reverse_transfer",
        "instructions_email",
        "customer",
        "currency",
        "origin",
    ])?;
    let charge = charge_to_refund(state, params)?;
    let left = shape::number(&charge, "amount_captured") - shape::number(&charge, "amount_refunded");
    let id = shape::text(&charge, "id").to_owned();
    if left <= 0 {
        let message = format!("Charge {id} has already been refunded.");
        return Err(StripeError::invalid(message).with("code", "charge_already_refunded"));
    }
    let amount = params.integer("amount")?.unwrap_or(left);
    if !(1..=left).contains(&amount) {
        let message =
            format!("Refund amount ({amount}) is greater than unrefunded amount on charge ({left}), or not positive.");
        return Err(StripeError::invalid(message).with("param", "amount"));
    }
    let reason = params.choice("reason", &["duplicate", "fraudulent", "requested_by_customer"])?;
    let refund = shape::object(
        "refund",
        json!({
            "id": ids::new("re"), "created": state.now(), "amount": amount, "currency": charge["currency"], "charge": id,
            "payment_intent": charge["payment_intent"], "reason": reason, "metadata": params.metadata(&Value::Null)?,
            "status": "succeeded",
        }),
    );
    let refund = state.insert("refund", refund);
    let whole = amount == left;
    let refunded = shape::number(&charge, "amount_refunded") + amount;
    let charge = state.edit("charge", &id, |charge| {
        shape::merge(charge, json!({"amount_refunded": refunded, "refunded": whole}));
        if let Some(list) = charge["refunds"]["data"].as_array_mut() {
            list.insert(0, refund.clone());
        }
    });
    event::emit(state, "refund.created", &refund);
    event::emit(state, "charge.refunded", &charge);
    Ok(refund)
}

fn charge_to_refund(state: &State, params: &Params) -> Answer {
    let (id, param) = match (params.text("charge")?, params.text("payment_intent")?) {
        (Some(id), _) => (id, "charge"),
        (None, Some(intent)) => match state.get("payment_intent", &intent) {
            None => {
                return Err(StripeError::no_such_parameter("payment_intent", &intent, "payment_intent"));
            }
            Some(found) => match shape::owned(found, "latest_charge") {
                Some(charge) => (charge, "payment_intent"),
                None => {
                    return Err(StripeError::invalid(
                        "This PaymentIntent does not have a successful charge to refund.",
                    ));
                }
            },
        },
        (None, None) => {
            return Err(StripeError::invalid(
                "One of the following params should be provided for this request: payment_intent or charge.",
            ));
        }
    };
    let charge =
        state.get("charge", &id).cloned().ok_or_else(|| StripeError::no_such_parameter("charge", &id, param))?;
    if charge["paid"] != true {
        return Err(
            StripeError::invalid("This charge was not paid, so there is nothing to refund.").with("param", param)
        );
    }
    Ok(charge)
}
