use serde_json::{Value, json};

use super::{Answer, contact, find, list};
use crate::billing::payment::{self, Bill};
use crate::params::Params;
use crate::state::State;
use crate::stripe_error::StripeError;
use crate::webhook::event;
use crate::{ids, shape};

/// The parameters of [`shown`].
pub const SHOWN: [&str; 5] =
    ["receipt_email", "setup_future_usage", "shipping", "statement_descriptor", "statement_descriptor_suffix"];
const INTENT: [&str; 15] = [
    "amount",
    "currency",
    "confirm",
    "payment_method",
    "customer",
    "description",
    "metadata",
    "off_session",
    "payment_method_types",
    "allowed_payment_method_types",
    "automatic_payment_methods",
    "return_url",
    "capture_method",
    "confirmation_method",
    "error_on_requires_action",
];
const UNSERVED: [&str; 17] = [
    "amount_details",
    "application_fee_amount",
    "confirmation_token",
    "customer_account",
    "excluded_payment_method_types",
    "hooks",
    "mandate",
    "mandate_data",
    "on_behalf_of",
    "payment_details",
    "payment_method_configuration",
    "payment_method_data",
    "payment_method_options",
    "radar_options",
    "transfer_data",
    "transfer_group",
    "use_stripe_sdk",
];

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
    const FIELDS: [(&str, &str); 3] =
        [("customer", "/customer"), ("charge", "/charge"), ("payment_intent", "/payment_intent")];
    list::serves(params, filters, &["customer_account", "transfer_group"])?;
    list::page(state, params, table, url, list::by(params, &FIELDS)?)
}

/// A payment intent that is confirmed at once: the way to charge a saved card.
fn create_intent(state: &mut State, params: &Params) -> Answer {
    params.serves(&[&SHOWN[..], &INTENT].concat(), &UNSERVED)?;
    card_only(params)?;
    captures_at_once(params)?;
    let amount = params.integer_in("amount", 1..=99_999_999)?.ok_or_else(|| StripeError::missing("amount"))?;
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
        fields: shown(params)?,
        intent: None,
    };
    let method = state.insert("payment_method", method);
    let attempt = payment::attempt(state, &bill, &method);
    if attempt.refused.is_none()
        && params.has("setup_future_usage")
        && let Some(customer) = &bill.customer
    {
        payment::keep(state, method, customer)?;
    }
    event::emit(state, "payment_intent.created", &attempt.intent);
    payment::tell(state, &attempt);
    match attempt.refused {
        None => Ok(attempt.intent),
        Some(refused) => Err(refused
            .with("charge", attempt.charge["id"].clone())
            .with("payment_intent", shape::public(&attempt.intent))),
    }
}

/// Fields that a payment intent shows as they were given.
pub fn shown(params: &Params) -> Answer {
    let mut fields =
        json!({"setup_future_usage": params.choice("setup_future_usage", &["off_session", "on_session"])?});
    for name in ["receipt_email", "statement_descriptor", "statement_descriptor_suffix"] {
        fields[name] = json!(params.text(name)?);
    }
    fields["shipping"] = contact::shipping(params)?;
    Ok(fields)
}

/// Refuses ways to pay that are no cards.
pub fn card_only(params: &Params) -> Result<(), StripeError> {
    for name in ["payment_method_types", "allowed_payment_method_types"] {
        if params.texts(name)?.iter().any(|kind| kind != "card") {
            return Err(StripeError::invalid("The sandbox takes payments by card only.").with("param", name));
        }
    }
    Ok(())
}

/// Refuses payments that are to be taken later.
pub fn captures_at_once(params: &Params) -> Result<(), StripeError> {
    params.fixed("capture_method", &["automatic", "automatic_async"]).map(drop)
}

fn refund(state: &mut State, params: &Params) -> Answer {
    params.serves(
        &["charge", "payment_intent", "amount", "reason", "metadata", "refund_application_fee", "reverse_transfer"],
        &["instructions_email", "customer", "currency", "origin"],
    )?;
    params.fixed("refund_application_fee", &["false"])?;
    params.fixed("reverse_transfer", &["false"])?;
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
