use std::time::Duration;

use serde_json::{Value, json};

use super::event::API_VERSION;
use super::signature;
use crate::server::Error;
use crate::{clock, ids, shape};

/// Sends one signed event of this type to an address and gives the status of the answer. `data` is the
/// object that it is about; without it, an empty one of the type's kind.
pub async fn send_test_event(url: &str, secrets: &[String], kind: &str, data: Option<Value>) -> Result<u16, Error> {
    let object = data.unwrap_or_else(|| example(kind));
    let event = shape::object(
        "event",
        json!({
            "id": ids::new("evt"), "api_version": API_VERSION, "created": clock::real_seconds(),
            "data": {"object": object}, "pending_webhooks": 1, "type": kind,
        }),
    );
    let payload = serde_json::to_string_pretty(&event).unwrap_or_default();
    let client = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(30)).build().map_err(Error::Send)?;
    let answer = client
        .post(url)
        .header("Content-Type", "application/json; charset=utf-8")
        .header("Stripe-Signature", signature::sign(&payload, secrets, clock::real_seconds()))
        .body(payload)
        .send()
        .await
        .map_err(Error::Send)?;
    Ok(answer.status().as_u16())
}

/// An empty object of the kind that an event type is about: `customer.subscription.deleted` is about a
/// subscription.
fn example(kind: &str) -> Value {
    let noun = kind.rsplit_once('.').map_or(kind, |(noun, _)| noun);
    let (shape_name, prefix) = match noun {
        "checkout.session" => ("checkout_session", "cs_test"),
        "customer.subscription" => ("subscription", "sub"),
        "customer" => ("customer", "cus"),
        "invoice" => ("invoice", "in"),
        "payment_intent" => ("payment_intent", "pi"),
        "charge" => ("charge", "ch"),
        "payment_method" => ("payment_method", "pm"),
        "product" => ("product", "prod"),
        "price" => ("price", "price"),
        "refund" => ("refund", "re"),
        _ => ("", "obj"),
    };
    shape::object(shape_name, json!({"id": ids::new(prefix), "created": clock::real_seconds()}))
}
