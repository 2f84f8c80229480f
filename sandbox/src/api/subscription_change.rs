use serde_json::{Value, json};

use super::prices;
use crate::billing::invoice::Line;
use crate::billing::proration;
use crate::billing::subscription::{self, Ordered};
use crate::params::Params;
use crate::shape;
use crate::state::State;
use crate::stripe_error::StripeError;

/// What a subscription item can have at Stripe and not here.
const UNSERVED: [&str; 6] = ["billing_thresholds", "current_trial", "discounts", "plan", "price_data", "tax_rates"];

/// What a subscription's items turn into, and what that costs.
#[derive(Debug)]
pub struct Change {
    /// The items, as they are then.
    pub items: Value,
    /// What is billed for the change.
    pub lines: Vec<Line>,
    /// Where the billing periods start anew, when they do: in seconds since 1970.
    pub anchor: Option<i64>,
}

/// How the costs of a change are billed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proration {
    /// With the next invoice.
    Next,
    /// With an invoice of their own, now.
    Now,
    /// Not at all.
    None,
}

/// Reads `proration_behavior`.
pub fn proration_behavior(params: &Params) -> Result<Proration, StripeError> {
    let word = params.choice("proration_behavior", &["create_prorations", "always_invoice", "none"])?;
    Ok(match word.as_deref() {
        Some("always_invoice") => Proration::Now,
        Some("none") => Proration::None,
        _ => Proration::Next,
    })
}

/// Reads `items` of a new subscription.
pub fn new_items(state: &State, params: &Params) -> Result<Vec<Ordered>, StripeError> {
    let given = params.groups("items")?;
    if given.is_empty() {
        return Err(StripeError::missing(&params.path("items")));
    }
    let mut lines: Vec<Ordered> = Vec::new();
    for item in &given {
        item.serves(&["price", "quantity", "metadata"], &UNSERVED)?;
        let price = recurring(state, &item.required("price")?, &item.path("price"))?;
        if lines.iter().any(|other| !proration::same_interval(&other.price, &price)) {
            let message = "Currently, all prices on a subscription must have the same interval.";
            return Err(StripeError::invalid(message).with("param", item.path("price")));
        }
        let (quantity, metadata) = (quantity(item)?.unwrap_or(1), item.metadata(&Value::Null)?);
        lines.push(Ordered { price, quantity, metadata });
    }
    Ok(lines)
}

/// Works out a change of items at an instant, without doing it.
pub fn plan(state: &State, sub: &Value, params: &Params, at: i64, prorate: bool) -> Result<Change, StripeError> {
    let trial = sub["status"] == "trialing";
    let mut change = Change { items: sub["items"].clone(), lines: Vec::new(), anchor: None };
    for given in &params.groups("items")? {
        given.serves(&["id", "price", "quantity", "deleted", "metadata", "clear_usage"], &UNSERVED)?;
        given.fixed("clear_usage", &["false"])?;
        let mut item = match given.text("id")? {
            Some(id) => existing(&change.items, &id, &given.path("id"))?,
            None => fresh(state, sub, given)?,
        };
        if given.has("metadata") {
            item["metadata"] = given.metadata(&item["metadata"])?;
            replace(&mut change.items, &item);
        }
        let price = match given.text("price")? {
            Some(id) => recurring(state, &id, &given.path("price"))?,
            None => item["price"].clone(),
        };
        let deleted = given.boolean("deleted")?.unwrap_or(false);
        let count =
            if deleted { 0 } else { quantity(given)?.unwrap_or_else(|| shape::number(&item, "quantity").max(1)) };
        if price["currency"] != sub["currency"] {
            return Err(StripeError::invalid("The price specified has another currency than the subscription.")
                .with("param", given.path("price")));
        }
        let lines = if prorate && !trial {
            proration::lines(&item, &price, count, at, subscription::paid_until(sub))
        } else {
            Vec::new()
        };
        apply(&mut change, &item, &price, count, at, lines, trial);
    }
    if change.items["data"].as_array().is_none_or(Vec::is_empty) {
        return Err(StripeError::invalid("A subscription must have at least one active plan.").with("param", "items"));
    }
    Ok(change)
}

fn apply(change: &mut Change, item: &Value, price: &Value, count: i64, at: i64, mut lines: Vec<Line>, trial: bool) {
    let unchanged = price["id"] == item["price"]["id"] && count == shape::number(item, "quantity");
    if unchanged {
        return;
    }
    let mut new = item.clone();
    let restart = count > 0 && !trial && !proration::same_interval(&item["price"], price);
    shape::merge(&mut new, json!({"price": price, "plan": prices::plan(price), "quantity": count}));
    if restart {
        let period = proration::fresh_period(price, at);
        shape::merge(&mut new, json!({"current_period_start": period.0, "current_period_end": period.1}));
        lines.truncate(1);
        let whole = json!({"items": {"data": [new]}});
        lines.extend(subscription::lines(&whole, false));
        change.anchor = Some(at);
    }
    lines.retain(|line| line.amount != 0);
    change.lines.extend(lines);
    if let Some(data) = change.items["data"].as_array_mut() {
        data.retain(|kept| kept["id"] != item["id"]);
        if count > 0 {
            data.push(new);
        }
        change.items["total_count"] = json!(change.items["data"].as_array().map_or(0, Vec::len));
    }
}

/// Puts an item in the place of what it was.
fn replace(items: &mut Value, item: &Value) {
    for kept in items["data"].as_array_mut().into_iter().flatten().filter(|kept| kept["id"] == item["id"]) {
        *kept = item.clone();
    }
}

fn existing(items: &Value, id: &str, param: &str) -> Result<Value, StripeError> {
    let found = items["data"].as_array().into_iter().flatten().find(|item| item["id"] == id);
    found.cloned().ok_or_else(|| StripeError::no_such_parameter("subscription_item", id, param))
}

/// An item that is added, as one that there was none of until now.
fn fresh(state: &State, sub: &Value, given: &Params) -> Result<Value, StripeError> {
    let price = recurring(state, &given.required("price")?, &given.path("price"))?;
    let now = state.now();
    let line = Ordered { price, quantity: 0, metadata: json!({}) };
    Ok(subscription::item(shape::text(sub, "id"), &line, subscription::period(sub), now))
}

fn recurring(state: &State, id: &str, param: &str) -> Result<Value, StripeError> {
    let price = prices::named(state, id, param)?;
    if price["recurring"].is_object() {
        return Ok(price);
    }
    let message = format!(
        "The price specified is set to `type=one_time` but this field only accepts prices with `type=recurring`: {id}"
    );
    Err(StripeError::invalid(message).with("param", param))
}

fn quantity(item: &Params) -> Result<Option<i64>, StripeError> {
    item.integer_in("quantity", 1..=999_999)
}
