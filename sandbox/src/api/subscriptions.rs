use serde_json::{Value, json};

use super::subscription_change::{self, Proration};
use super::{Answer, customers, find, list};
use crate::billing::subscription::{self, Order};
use crate::billing::{due, invoice, payment};
use crate::card;
use crate::params::Params;
use crate::state::State;
use crate::stripe_error::StripeError;
use crate::webhook::event;
use crate::{ids, shape};

const TABLE: &str = "subscription";
/// The parameters of a new subscription and of a change.
const BOTH: [&str; 15] = [
    "items",
    "default_payment_method",
    "payment_behavior",
    "trial_end",
    "trial_settings",
    "metadata",
    "description",
    "cancel_at_period_end",
    "off_session",
    "collection_method",
    "payment_settings",
    "proration_behavior",
    "automatic_tax",
    "discounts",
    "days_until_due",
];
const CREATE: [&str; 7] = [
    "customer",
    "trial_period_days",
    "currency",
    "billing_mode",
    "default_tax_rates",
    "invoice_settings",
    "trial_from_plan",
];
const UPDATE: [&str; 3] = ["proration_date", "cancellation_details", "billing_cycle_anchor"];
const DAY: i64 = 86_400;

/// `/v1/subscriptions…`
pub fn call(state: &mut State, method: &str, rest: &[&str], params: &Params) -> Option<Answer> {
    Some(match (method, rest) {
        ("POST", []) => create(state, params),
        ("GET", []) => index(state, params),
        ("GET", [id]) => params.only(&[]).and_then(|()| find(state, TABLE, "subscription", id)),
        ("POST", [id]) => update(state, id, params),
        ("DELETE", [id]) => cancel(state, id, params),
        ("POST", [id, "resume"]) => resume(state, id, params),
        _ => return None,
    })
}

fn create(state: &mut State, params: &Params) -> Answer {
    params.only(&[&BOTH[..], &CREATE].concat())?;
    let customer = params.required("customer")?;
    customers::named(state, &customer, "customer")?;
    let lines = subscription_change::new_items(state, params)?;
    let method = chosen_method(state, params, &customer)?;
    let trial_end = trial_end(state, params)?;
    let behavior = params.choice(
        "payment_behavior",
        &["allow_incomplete", "default_incomplete", "error_if_incomplete", "pending_if_incomplete"],
    )?;
    let behavior = behavior.unwrap_or_else(|| "allow_incomplete".to_owned());
    let default = customers::named(state, &customer, "customer")?["invoice_settings"]["default_payment_method"].clone();
    let charged = method.clone().or_else(|| default.as_str().map(str::to_owned));
    let free = trial_end.is_some() || lines.iter().all(|(price, _)| shape::number(price, "unit_amount") == 0);
    if charged.is_none() && !free && behavior != "default_incomplete" {
        let message = "This customer has no attached payment source or default payment method. Please consider adding a default payment method.";
        return Err(StripeError::invalid(message).with("code", "resource_missing"));
    }
    if behavior == "error_if_incomplete" && !free {
        let stored = charged.as_deref().and_then(|id| state.get("payment_method", id));
        if let Some(refused) = stored.and_then(card::refused_payment_method) {
            return Err(refused);
        }
    }
    let order = Order {
        customer,
        lines,
        method,
        metadata: params.metadata(&Value::Null)?,
        description: params.text("description")?,
        trial_end,
        waits: behavior == "default_incomplete" && !free,
        missing: missing_payment_method(params)?,
    };
    let cancels = params.boolean("cancel_at_period_end")? == Some(true);
    let made = subscription::create(state, &order);
    let id = shape::text(&made, "id").to_owned();
    if cancels {
        subscription::cancel_at_period_end(state, &id, true);
    }
    find(state, TABLE, "subscription", &id)
}

fn update(state: &mut State, id: &str, params: &Params) -> Answer {
    params.only(&[&BOTH[..], &UPDATE].concat())?;
    let before = live(state, id)?;
    let at = params.integer("proration_date")?.unwrap_or_else(|| state.now());
    let behavior = subscription_change::proration_behavior(params)?;
    let change = subscription_change::plan(state, &before, params, at, behavior != Proration::None)?;
    let method = chosen_method(state, params, shape::text(&before, "customer"))?;
    let mut fields = json!({"metadata": params.metadata(&before["metadata"])?, "items": change.items});
    if params.has("default_payment_method") {
        fields["default_payment_method"] = json!(method);
    }
    if params.has("description") {
        fields["description"] = json!(params.text("description")?);
    }
    let at_once = change.anchor.is_some() || behavior == Proration::Now;
    refuse_if_asked(state, params, &before, at_once && change.lines.iter().map(|line| line.amount).sum::<i64>() > 0)?;
    if let Some(anchor) = change.anchor {
        fields["billing_cycle_anchor"] = json!(anchor);
    }
    let ends = if before["status"] == "trialing" { trial_end(state, params)? } else { None };
    if let Some(end) = ends {
        shape::merge(&mut fields, json!({"trial_end": end, "billing_cycle_anchor": end}));
        for item in fields["items"]["data"].as_array_mut().into_iter().flatten() {
            item["current_period_end"] = json!(end);
        }
    }
    let cancels = params.boolean("cancel_at_period_end")?;
    if !at_once && !change.lines.is_empty() {
        fields["_private"] = with_pending(&before, &change.lines);
    }
    state.set(TABLE, id, fields);
    if at_once && !change.lines.is_empty() {
        bill_now(state, id, &change.lines);
    }
    if let Some(cancels) = cancels.filter(|cancels| before["cancel_at_period_end"] != *cancels) {
        state.edit(TABLE, id, |sub| subscription::mark_cancel(sub, cancels, at));
    }
    let after = find(state, TABLE, "subscription", id)?;
    let changed = event::previous(&before, &after);
    if changed.as_object().is_some_and(|changed| !changed.is_empty()) {
        event::emit_change(state, "customer.subscription.updated", &after, Some(changed));
    }
    due::run_until(state, state.now());
    find(state, TABLE, "subscription", id)
}

fn cancel(state: &mut State, id: &str, params: &Params) -> Answer {
    params.only(&["invoice_now", "prorate", "cancellation_details"])?;
    live(state, id)?;
    let details = params.group("cancellation_details")?;
    let (comment, feedback) = (details.text("comment")?, details.text("feedback")?);
    state.edit(TABLE, id, |sub| {
        shape::merge(&mut sub["cancellation_details"], json!({"comment": comment, "feedback": feedback}));
    });
    Ok(subscription::cancel(state, id, "cancellation_requested"))
}

fn resume(state: &mut State, id: &str, params: &Params) -> Answer {
    params.only(&["billing_cycle_anchor", "proration_behavior", "proration_date", "payment_behavior"])?;
    let before = live(state, id)?;
    if before["status"] != "paused" {
        let message = "Only subscriptions with the status `paused` can be resumed. To take back a cancellation, set cancel_at_period_end to false.";
        return Err(StripeError::invalid(message));
    }
    let now = state.now();
    let mut items = before["items"].clone();
    for item in items["data"].as_array_mut().into_iter().flatten() {
        let end = subscription::period_end(&item["price"], now, now);
        shape::merge(item, json!({"current_period_start": now, "current_period_end": end}));
    }
    let resumed = state.set(TABLE, id, json!({"items": items, "billing_cycle_anchor": now, "status": "active"}));
    bill_now(state, id, &subscription::lines(&resumed, false));
    let resumed = find(state, TABLE, "subscription", id)?;
    event::emit(state, "customer.subscription.resumed", &resumed);
    Ok(resumed)
}

fn index(state: &State, params: &Params) -> Answer {
    list::only(
        params,
        &["customer", "price", "status", "collection_method", "current_period_start", "current_period_end"],
    )?;
    let (customer, price, status) = (params.text("customer")?, params.text("price")?, params.text("status")?);
    list::page(state, params, TABLE, "/v1/subscriptions", |sub| {
        let has = |price: &String| {
            sub["items"]["data"]
                .as_array()
                .is_some_and(|items| items.iter().any(|item| item["price"]["id"] == price.as_str()))
        };
        customer.as_ref().is_none_or(|id| sub["customer"] == id.as_str())
            && price.as_ref().is_none_or(has)
            && in_status(sub, status.as_deref())
    })
}

/// Without a status, those that ended are left out.
fn in_status(sub: &Value, status: Option<&str>) -> bool {
    match status {
        None => sub["status"] != "canceled" && sub["status"] != "incomplete_expired",
        Some("all") => true,
        Some("ended") => sub["status"] == "canceled" || sub["status"] == "incomplete_expired",
        Some(status) => sub["status"] == status,
    }
}

/// A subscription that has not ended.
fn live(state: &State, id: &str) -> Answer {
    let found = find(state, TABLE, "subscription", id)?;
    if found["status"] == "canceled" {
        return Err(StripeError::no_such("subscription", id, "id"));
    }
    Ok(found)
}

/// Bills lines with an invoice of their own; a subscription whose payment fails is past due.
fn bill_now(state: &mut State, id: &str, lines: &[invoice::Line]) {
    let Some(sub) = state.get(TABLE, id).cloned() else {
        return;
    };
    let invoice = ids::new("in");
    invoice::open(state, &invoice, &sub, "subscription_update", lines);
    let method = subscription::method_of(state, &sub);
    let (_, paid) = invoice::pay(state, &invoice, method.as_ref());
    let status = if paid { sub["status"].clone() } else { json!("past_due") };
    state.set(TABLE, id, json!({"latest_invoice": invoice, "status": status}));
}

fn with_pending(sub: &Value, lines: &[invoice::Line]) -> Value {
    let mut private = sub["_private"].clone();
    let mut pending = private["pending"].as_array().cloned().unwrap_or_default();
    pending.extend(lines.iter().filter_map(|line| serde_json::to_value(line).ok()));
    private["pending"] = json!(pending);
    private
}

/// With `error_if_incomplete` a change that could not be paid is not made.
fn refuse_if_asked(state: &State, params: &Params, sub: &Value, costs: bool) -> Result<(), StripeError> {
    let asked = params.text("payment_behavior")?.as_deref() == Some("error_if_incomplete");
    let refused = subscription::method_of(state, sub).as_ref().and_then(card::refused_payment_method);
    match refused {
        Some(refused) if asked && costs => Err(refused),
        _ => Ok(()),
    }
}

fn chosen_method(state: &mut State, params: &Params, customer: &str) -> Result<Option<String>, StripeError> {
    let Some(id) = params.text("default_payment_method")? else {
        return Ok(None);
    };
    let method = payment::method_named(state, &id, "default_payment_method")?;
    if method["customer"] != customer && state.get("payment_method", &id).is_some() {
        return Err(StripeError::invalid("The customer does not have a payment method with this ID.")
            .with("param", "default_payment_method"));
    }
    let kept = payment::keep(state, method, customer)?;
    Ok(shape::owned(&kept, "id"))
}

fn trial_end(state: &State, params: &Params) -> Result<Option<i64>, StripeError> {
    if params.text("trial_end")?.as_deref() == Some("now") {
        return Ok((!params.has("customer")).then(|| state.now()));
    }
    let days = params.integer("trial_period_days")?.filter(|days| *days > 0);
    let end = params.integer("trial_end")?.or(days.map(|days| state.now() + days * DAY));
    if end.is_some_and(|end| end <= state.now() || end > state.now() + 730 * DAY) {
        return Err(StripeError::invalid("Invalid trial end: it must be in the future, by at most two years.")
            .with("param", "trial_end"));
    }
    Ok(end)
}

fn missing_payment_method(params: &Params) -> Result<Option<String>, StripeError> {
    params
        .group("trial_settings")?
        .group("end_behavior")?
        .choice("missing_payment_method", &["create_invoice", "pause", "cancel"])
}
