use serde_json::{Value, json};

use super::subscription_change::{self, Change, Proration};
use super::{Answer, customers, find, list, payments};
use crate::billing::subscription::{self, Ends, Order};
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
    "trial_from_plan",
    "metadata",
    "description",
    "cancel_at",
    "cancel_at_period_end",
    "off_session",
    "collection_method",
    "payment_settings",
    "proration_behavior",
    "automatic_tax",
];
const CREATE: [&str; 4] = ["customer", "trial_period_days", "currency", "billing_mode"];
const UPDATE: [&str; 3] = ["proration_date", "cancellation_details", "billing_cycle_anchor"];
const UNSERVED: [&str; 13] = [
    "add_invoice_items",
    "application_fee_percent",
    "billing_schedules",
    "billing_thresholds",
    "days_until_due",
    "default_source",
    "default_tax_rates",
    "discounts",
    "invoice_settings",
    "on_behalf_of",
    "pause_collection",
    "pending_invoice_item_interval",
    "transfer_data",
];
const UNSERVED_IN_CREATE: [&str; 4] =
    ["backdate_start_date", "billing_cycle_anchor", "billing_cycle_anchor_config", "customer_account"];
const FEEDBACK: [&str; 8] = [
    "customer_service",
    "low_quality",
    "missing_features",
    "other",
    "switched_service",
    "too_complex",
    "too_expensive",
    "unused",
];
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
    params.serves(&[&BOTH[..], &CREATE].concat(), &[&UNSERVED[..], &UNSERVED_IN_CREATE].concat())?;
    can_be_done(params)?;
    let customer = params.required("customer")?;
    customers::named(state, &customer, "customer")?;
    let lines = subscription_change::new_items(state, params)?;
    let first = &lines[0].price;
    if params.text("currency")?.is_some_and(|currency| first["currency"] != currency.to_lowercase()) {
        return Err(StripeError::invalid("The prices have another currency.").with("param", "currency"));
    }
    let method = chosen_method(state, params, &customer)?;
    let trial_end = trial_end(state, params)?;
    let now = state.now();
    let period_end = trial_end.unwrap_or_else(|| subscription::period_end(first, now, now));
    let mut order = Order {
        customer,
        method,
        metadata: params.metadata(&Value::Null)?,
        description: params.text("description")?,
        trial_end,
        missing: missing_payment_method(params)?,
        ends: ends(state, params, false, period_end)?.unwrap_or_default(),
        whole: subscription_change::proration_behavior(params)? == Proration::None,
        keeps_method: keeps_method(params)? == Some(true),
        billing_mode: billing_mode(params)?,
        lines,
        ..Order::default()
    };
    order.waits = waits(state, params, &order)?;
    Ok(subscription::create(state, &order))
}

/// Refuses what a subscription cannot do here.
fn can_be_done(params: &Params) -> Result<(), StripeError> {
    params.stay_off(&["automatic_tax"])?;
    params.fixed("collection_method", &["charge_automatically"])?;
    params.fixed("trial_from_plan", &["false"])?;
    params.fixed("billing_cycle_anchor", &["unchanged"])?;
    params.fixed("payment_behavior", &["allow_incomplete", "default_incomplete", "error_if_incomplete"])?;
    let settings = params.group("payment_settings")?;
    settings.serves(&["save_default_payment_method", "payment_method_types"], &["payment_method_options"])?;
    payments::card_only(&settings)
}

/// Whether what pays an invoice is to be charged from then on, where the call says so.
fn keeps_method(params: &Params) -> Result<Option<bool>, StripeError> {
    let settings = params.group("payment_settings")?;
    let word = settings.choice("save_default_payment_method", &["off", "on_subscription"])?;
    Ok(word.map(|word| word == "on_subscription"))
}

/// Whether the first invoice of an order waits to be paid. Where nothing could pay it, or it must be paid
/// and would not be, the order is refused.
fn waits(state: &State, params: &Params, order: &Order) -> Result<bool, StripeError> {
    let behavior = params.text("payment_behavior")?.unwrap_or_default();
    let free = order.lines.iter().all(|line| shape::number(&line.price, "unit_amount") == 0);
    if free || order.trial_end.is_some() {
        return Ok(false);
    }
    if behavior == "default_incomplete" {
        return Ok(true);
    }
    let customer = customers::named(state, &order.customer, "customer")?;
    let default = shape::owned(&customer["invoice_settings"], "default_payment_method");
    let Some(charged) = order.method.clone().or(default) else {
        let message = "This customer has no attached payment source or default payment method. Please consider adding a default payment method.";
        return Err(StripeError::invalid(message).with("code", "resource_missing"));
    };
    let refused = state.get("payment_method", &charged).and_then(card::refused_payment_method);
    match refused {
        Some(refused) if behavior == "error_if_incomplete" => Err(refused),
        _ => Ok(false),
    }
}

/// Classic or flexible, which differ in nothing that the sandbox bills.
pub(super) fn billing_mode(params: &Params) -> Result<Option<String>, StripeError> {
    params.group("billing_mode")?.choice("type", &["classic", "flexible"])
}

/// When a subscription is to end, where the call says something of it; `with_period` says that it ends
/// with its period as it is.
fn ends(state: &State, params: &Params, with_period: bool, period_end: i64) -> Result<Option<Ends>, StripeError> {
    let at = match params.text("cancel_at")?.as_deref() {
        Some("min_period_end" | "max_period_end") => Some(period_end),
        _ => params.integer("cancel_at")?,
    };
    if at.is_some_and(|at| at <= state.now()) {
        return Err(StripeError::invalid("`cancel_at` must be in the future.").with("param", "cancel_at"));
    }
    match (at, params.boolean("cancel_at_period_end")?) {
        (Some(_), Some(true)) => {
            Err(StripeError::invalid("You may only specify one of these parameters: cancel_at, cancel_at_period_end."))
        }
        (Some(at), _) => Ok(Some(Ends::At(at))),
        (None, Some(true)) => Ok((!with_period).then_some(Ends::WithPeriod)),
        (None, Some(false)) if with_period => Ok(Some(Ends::Never)),
        (None, _) => Ok(params.has("cancel_at").then_some(Ends::Never)),
    }
}

fn update(state: &mut State, id: &str, params: &Params) -> Answer {
    params.serves(&[&BOTH[..], &UPDATE].concat(), &UNSERVED)?;
    can_be_done(params)?;
    let before = live(state, id)?;
    let at = params.integer("proration_date")?.unwrap_or_else(|| state.now());
    let behavior = subscription_change::proration_behavior(params)?;
    let mut change = subscription_change::plan(state, &before, params, at, behavior != Proration::None)?;
    let ends = ends(state, params, before["cancel_at_period_end"] == true, subscription::period(&before).1)?;
    let mut next = before.clone();
    next["items"] = change.items.clone();
    match (ends, change.anchor) {
        (Some(ends), None) if behavior != Proration::None => {
            change.lines.extend(subscription::move_end(&mut next, ends))
        }
        // The new period is billed whole.
        (_, Some(_)) => next["_private"]["paid_until"] = Value::Null,
        _ => {}
    }
    let at_once = change.anchor.is_some() || behavior == Proration::Now;
    refuse_if_asked(state, params, &before, at_once && change.lines.iter().map(|line| line.amount).sum::<i64>() > 0)?;
    let fields = changed(state, params, &next, &change)?;
    state.set(TABLE, id, fields);
    let lines = std::mem::take(&mut change.lines);
    if at_once && !lines.is_empty() {
        bill_now(state, id, &lines);
    } else if !lines.is_empty() {
        state.edit(TABLE, id, |sub| subscription::add_pending(sub, &lines));
    }
    mark_end(state, id, ends);
    let after = find(state, TABLE, "subscription", id)?;
    let changed = event::previous(&before, &after);
    if changed.as_object().is_some_and(|changed| !changed.is_empty()) {
        event::emit_change(state, "customer.subscription.updated", &after, Some(changed));
    }
    due::run_until(state, state.now());
    find(state, TABLE, "subscription", id)
}

/// The fields that a change sets, with its items and until when they are paid; what it costs and when the subscription
/// ends is not among them.
fn changed(state: &mut State, params: &Params, before: &Value, change: &Change) -> Answer {
    let metadata = params.metadata(&before["metadata"])?;
    let mut fields = json!({"metadata": metadata, "items": change.items, "_private": before["_private"]});
    let method = chosen_method(state, params, shape::text(before, "customer"))?;
    if params.has("default_payment_method") {
        fields["default_payment_method"] = json!(method);
    }
    if params.has("description") {
        fields["description"] = json!(params.text("description")?);
    }
    if params.has("cancellation_details") {
        fields["cancellation_details"] = cancellation_details(params, before)?;
    }
    if let Some(keeps) = keeps_method(params)? {
        fields["payment_settings"] = before["payment_settings"].clone();
        fields["payment_settings"]["save_default_payment_method"] = json!(subscription::saving(keeps));
    }
    if let Some(missing) = missing_payment_method(params)? {
        fields["trial_settings"] = json!({"end_behavior": {"missing_payment_method": missing}});
        fields["_private"]["missing"] = json!(missing);
    }
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
    Ok(fields)
}

/// Notes when a subscription ends; one that ends with its period ends with the one that it is in now.
fn mark_end(state: &mut State, id: &str, ends: Option<Ends>) {
    let now = state.now();
    state.edit(TABLE, id, |sub| {
        let moved = sub["cancel_at_period_end"] == true && sub["cancel_at"] != subscription::period(sub).1;
        if let Some(ends) = ends {
            subscription::mark_end(sub, ends, now);
        } else if moved {
            sub["cancel_at"] = json!(subscription::period(sub).1);
        }
    });
}

fn cancel(state: &mut State, id: &str, params: &Params) -> Answer {
    params.only(&["invoice_now", "prorate", "cancellation_details"])?;
    params.fixed("invoice_now", &["false"])?;
    params.fixed("prorate", &["false"])?;
    let before = live(state, id)?;
    let details = cancellation_details(params, &before)?;
    state.set(TABLE, id, json!({"cancellation_details": details}));
    Ok(subscription::cancel(state, id, "cancellation_requested"))
}

/// The details of a cancellation with what the caller says of it.
fn cancellation_details(params: &Params, before: &Value) -> Answer {
    let given = params.group("cancellation_details")?;
    given.only(&["comment", "feedback"])?;
    let mut details = before["cancellation_details"].clone();
    if given.has("comment") {
        details["comment"] = json!(given.text("comment")?);
    }
    if given.has("feedback") {
        details["feedback"] = json!(given.choice("feedback", &FEEDBACK)?);
    }
    Ok(details)
}

fn resume(state: &mut State, id: &str, params: &Params) -> Answer {
    params.only(&["billing_cycle_anchor", "proration_behavior", "proration_date", "payment_behavior"])?;
    params.fixed("billing_cycle_anchor", &["now"])?;
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

/// Those of a test clock are listed only where it or their customer is asked for.
fn index(state: &State, params: &Params) -> Answer {
    const FIELDS: [(&str, &str); 3] =
        [("customer", "/customer"), ("collection_method", "/collection_method"), ("test_clock", "/test_clock")];
    let own = [
        "customer",
        "price",
        "status",
        "collection_method",
        "current_period_start",
        "current_period_end",
        "test_clock",
    ];
    list::serves(params, &own, &["automatic_tax", "customer_account", "plan"])?;
    let (fits, price, status) = (list::by(params, &FIELDS)?, params.text("price")?, params.text("status")?);
    let (start, end) = (list::within(params, "current_period_start")?, list::within(params, "current_period_end")?);
    let of_clocks = params.has("customer") || params.has("test_clock");
    list::page(state, params, TABLE, "/v1/subscriptions", |sub| {
        let has = |price: &String| {
            let mut items = sub["items"]["data"].as_array().into_iter().flatten();
            items.any(|item| item["price"]["id"] == price.as_str())
        };
        let period = subscription::period(sub);
        (of_clocks || sub["test_clock"].is_null())
            && price.as_ref().is_none_or(has)
            && in_status(sub, status.as_deref())
            && (start(Some(period.0)) && end(Some(period.1)))
            && fits(sub)
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

/// What happens at a trial's end without a card, where the call says so.
pub fn missing_payment_method(params: &Params) -> Result<Option<String>, StripeError> {
    params
        .group("trial_settings")?
        .group("end_behavior")?
        .choice("missing_payment_method", &["create_invoice", "pause", "cancel"])
}
