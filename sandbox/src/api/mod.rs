use serde_json::Value;

use crate::params::Params;
use crate::state::State;
use crate::stripe_error::StripeError;

/// Checkout sessions.
pub mod checkout_sessions;
/// Addresses, and what has them.
pub mod contact;
/// Customers.
pub mod customers;
/// Events.
pub mod events;
/// Invoices.
pub mod invoices;
/// Pages of lists.
pub mod list;
/// Saved cards.
pub mod payment_methods;
/// Payment intents, charges and refunds.
pub mod payments;
/// The billing portal.
pub mod portal;
/// Prices.
pub mod prices;
/// Products.
pub mod products;
/// What a subscription turns into, before it does.
pub mod subscription_change;
/// Subscriptions.
pub mod subscriptions;
/// Test clocks, which all move the one clock.
pub mod test_clocks;
/// Webhook endpoints.
pub mod webhook_endpoints;

/// What a call answers.
pub type Answer = Result<Value, StripeError>;

/// Does one call of Stripe's API; `path` is what follows `/v1/`.
pub fn call(state: &mut State, method: &str, path: &str, params: &Params) -> Answer {
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    match parts.as_slice() {
        ["customers", rest @ ..] => customers::call(state, method, rest, params),
        ["products", rest @ ..] => products::call(state, method, rest, params),
        ["prices", rest @ ..] => prices::call(state, method, rest, params),
        ["checkout", "sessions", rest @ ..] => checkout_sessions::call(state, method, rest, params),
        ["billing_portal", rest @ ..] => portal::call(state, method, rest, params),
        ["subscriptions", rest @ ..] => subscriptions::call(state, method, rest, params),
        ["invoices", rest @ ..] => invoices::call(state, method, rest, params),
        ["payment_intents" | "charges" | "refunds", ..] => payments::call(state, method, &parts, params),
        ["payment_methods", rest @ ..] => payment_methods::call(state, method, rest, params),
        ["test_helpers", "test_clocks", rest @ ..] => test_clocks::call(state, method, rest, params),
        ["events", rest @ ..] => events::call(state, method, rest, params),
        ["webhook_endpoints", rest @ ..] => webhook_endpoints::call(state, method, rest, params),
        _ => None,
    }
    .unwrap_or_else(|| Err(StripeError::unknown_url(method, &format!("/v1/{path}"))))
}

/// An object named in the address.
pub fn find(state: &State, table: &str, noun: &str, id: &str) -> Answer {
    state.get(table, id).cloned().ok_or_else(|| StripeError::no_such(noun, id, "id"))
}
