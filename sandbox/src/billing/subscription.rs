use serde_json::{Value, json};

use super::invoice::{self, Line};
use super::proration;
use crate::api::prices;
use crate::state::State;
use crate::webhook::event;
use crate::{clock, ids, shape};

/// When a subscription is to end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Ends {
    /// Not by itself.
    #[default]
    Never,
    /// With the period that it is in.
    WithPeriod,
    /// At an instant, in seconds since 1970.
    At(i64),
}

/// A recurring price that is subscribed to.
#[derive(Debug, Clone)]
pub struct Ordered {
    /// The price.
    pub price: Value,
    /// How many.
    pub quantity: i64,
    /// The caller's notes on the item.
    pub metadata: Value,
}

/// A subscription to be made.
#[derive(Debug, Clone, Default)]
pub struct Order {
    /// Who subscribes.
    pub customer: String,
    /// Prices of one interval; at least one.
    pub lines: Vec<Ordered>,
    /// What is charged; `None` charges the customer's default.
    pub method: Option<String>,
    /// The caller's notes.
    pub metadata: Value,
    /// In words.
    pub description: Option<String>,
    /// When a trial ends, in seconds since 1970.
    pub trial_end: Option<i64>,
    /// Whether the first invoice waits to be paid, instead of being charged at once.
    pub waits: bool,
    /// What happens at a trial's end without a card: `create_invoice`, `pause` or `cancel`.
    pub missing: Option<String>,
    /// When it ends by itself.
    pub ends: Ends,
    /// Whether a first period that it does not see to its end is paid in full nevertheless.
    pub whole: bool,
    /// Whether what pays an invoice is charged from then on.
    pub keeps_method: bool,
    /// `classic`, which it is unless said, or `flexible`.
    pub billing_mode: Option<String>,
}

/// Makes a subscription, its first invoice and its payment, and tells of it all. A first payment that
/// is refused leaves it `incomplete`.
pub fn create(state: &mut State, order: &Order) -> Value {
    let subscription = state.insert("subscription", draft(state, order));
    let id = shape::text(&subscription, "id").to_owned();
    let method = method_of(state, &subscription);
    let mut bill = lines(&subscription, order.trial_end.is_some());
    if let (Ends::At(end), false) = (order.ends, order.whole) {
        proration::shorten(&mut bill, end);
    }
    let refused = order.trial_end.is_none() && (order.waits || !would_pay(method.as_ref(), &bill));
    let status = match (refused, order.trial_end) {
        (true, _) => "incomplete",
        (false, Some(_)) => "trialing",
        (false, None) => "active",
    };
    let invoice = ids::new("in");
    let subscription = state.set("subscription", &id, json!({"status": status, "latest_invoice": invoice}));
    event::emit(state, "customer.subscription.created", &subscription);
    invoice::open(state, &invoice, &subscription, "subscription_create", &bill);
    if !order.waits {
        invoice::pay(state, &invoice, method.as_ref());
    }
    if refused {
        // Nobody tries a first payment again but the customer.
        invoice::give_up(state, &invoice);
    }
    state.get("subscription", &id).cloned().unwrap_or(subscription)
}

/// A subscription before anything of it is paid, not yet stored.
fn draft(state: &State, order: &Order) -> Value {
    let id = ids::new("sub");
    let now = state.now();
    let first = &order.lines[0].price;
    let end = order.trial_end.unwrap_or_else(|| period_end(first, now, now));
    let paid_until = match order.ends {
        Ends::At(end) if !order.whole && order.trial_end.is_none() => Some(end),
        _ => None,
    };
    let items = order.lines.iter().map(|line| item(&id, line, (now, end), now)).collect();
    let missing = order.missing.as_deref().unwrap_or("create_invoice");
    let clock = state.get("customer", &order.customer).map(|customer| customer["test_clock"].clone());
    let mut subscription = shape::object(
        "subscription",
        json!({
            "id": id, "created": now, "start_date": now, "billing_cycle_anchor": order.trial_end.unwrap_or(now),
            "customer": order.customer, "currency": first["currency"], "default_payment_method": order.method,
            "metadata": if order.metadata.is_null() { json!({}) } else { order.metadata.clone() },
            "description": order.description, "test_clock": clock,
            "trial_start": order.trial_end.map(|_| now), "trial_end": order.trial_end,
            "status": if order.trial_end.is_some() { "trialing" } else { "incomplete" },
            "items": shape::list(&format!("/v1/subscription_items?subscription={id}"), items),
            "_private": {"pending": [], "missing": missing, "paid_until": paid_until},
        }),
    );
    subscription["payment_settings"]["save_default_payment_method"] = json!(saving(order.keeps_method));
    subscription["trial_settings"]["end_behavior"]["missing_payment_method"] = json!(missing);
    if let Some(mode) = &order.billing_mode {
        subscription["billing_mode"]["type"] = json!(mode);
    }
    if order.ends != Ends::Never {
        mark_end(&mut subscription, order.ends, now);
    }
    subscription
}

/// The word for whether what pays an invoice is charged from then on.
pub fn saving(keeps_method: bool) -> &'static str {
    if keeps_method { "on_subscription" } else { "off" }
}

/// Ends a subscription now and tells of it.
pub fn cancel(state: &mut State, id: &str, reason: &str) -> Value {
    let now = state.now();
    let mut details = state.get("subscription", id).map(|sub| sub["cancellation_details"].clone()).unwrap_or_default();
    details["reason"] = json!(reason);
    let before = state.get("subscription", id).cloned().unwrap_or_default();
    let canceled_at = before["canceled_at"].as_i64().unwrap_or(now);
    let fields = json!({
        "status": "canceled", "ended_at": now, "canceled_at": canceled_at, "cancel_at_period_end": false, "cancel_at": null,
        "cancellation_details": details,
    });
    let after = state.set("subscription", id, fields);
    if let Some(invoice) = shape::owned(&after, "latest_invoice")
        && state.get("invoice", &invoice).is_some_and(|invoice| invoice["status"] == "open")
    {
        invoice::give_up(state, &invoice);
    }
    event::emit(state, "customer.subscription.deleted", &after);
    after
}

/// Sets fields of a subscription and tells what changed; nothing when nothing did.
pub fn change(state: &mut State, id: &str, fields: Value) -> Value {
    let before = state.get("subscription", id).cloned().unwrap_or_default();
    let after = state.set("subscription", id, fields);
    let changed = event::previous(&before, &after);
    if changed.as_object().is_some_and(|changed| !changed.is_empty()) {
        event::emit_change(state, "customer.subscription.updated", &after, Some(changed));
    }
    after
}

/// Sets the end at the period's end, or takes any end back, and tells of it. What that costs comes with the next invoice.
pub fn cancel_at_period_end(state: &mut State, id: &str, cancel: bool) -> Value {
    let now = state.now();
    let mut marked = state.get("subscription", id).cloned().unwrap_or_default();
    let (ends, done) = if cancel {
        (Ends::WithPeriod, marked["cancel_at_period_end"] == true)
    } else {
        (Ends::Never, marked["cancel_at"].is_null())
    };
    if done {
        return marked;
    }
    let lines = move_end(&mut marked, ends);
    add_pending(&mut marked, &lines);
    mark_end(&mut marked, ends, now);
    change(state, id, marked)
}

/// Moves the instant until which the present period is paid to where the subscription is to end, and gives what is to be
/// billed for that: what is given back, or asked for again. What an earlier move has left for the next invoice and this one
/// takes back is deleted instead, as Stripe does.
pub fn move_end(subscription: &mut Value, ends: Ends) -> Vec<Line> {
    let whole = period(subscription).1;
    let from = paid_until(subscription);
    let to = match ends {
        Ends::At(at) => at.min(whole),
        Ends::Never | Ends::WithPeriod => whole,
    };
    // What was not paid is not given back.
    if to < from && subscription["status"] != "active" {
        return Vec::new();
    }
    let moved = proration::moved_end(lines(subscription, false), from, to);
    let private = &mut subscription["_private"];
    private["paid_until"] = json!(Some(to).filter(|to| *to < whole));
    let mut left = pending(&*private);
    let earlier = left.iter().filter(|line| line.of_end);
    if !moved.is_empty() && earlier.chain(&moved).map(|line| line.amount).sum::<i64>() == 0 {
        left.retain(|line| !line.of_end);
        private["pending"] = json!(left);
        return Vec::new();
    }
    moved
}

/// Lines that changes left for the next invoice, of a subscription's own notes.
pub fn pending(private: &Value) -> Vec<Line> {
    let kept = private["pending"].as_array().cloned().unwrap_or_default();
    kept.into_iter().filter_map(|line| serde_json::from_value(line).ok()).collect()
}

/// Leaves lines for the next invoice.
pub fn add_pending(subscription: &mut Value, lines: &[Line]) {
    let private = &mut subscription["_private"];
    let mut left = pending(&*private);
    left.extend_from_slice(lines);
    private["pending"] = json!(left);
}

/// Makes a subscription active again whose owed invoice was paid.
pub fn revive(state: &mut State, id: &str, invoice: &str) {
    let owed = state.get("subscription", id).is_some_and(|sub| {
        matches!(shape::text(sub, "status"), "past_due" | "incomplete") && sub["latest_invoice"] == invoice
    });
    if owed {
        change(state, id, json!({"status": "active"}));
    }
}

/// Notes in a subscription when it ends.
pub fn mark_end(subscription: &mut Value, ends: Ends, now: i64) {
    let at = match ends {
        Ends::Never => None,
        Ends::WithPeriod => Some(period(subscription).1),
        Ends::At(at) => Some(at),
    };
    subscription["cancel_at_period_end"] = json!(ends == Ends::WithPeriod);
    subscription["cancel_at"] = json!(at);
    subscription["canceled_at"] = json!(at.map(|_| now));
    subscription["cancellation_details"]["reason"] = json!(at.map(|_| "cancellation_requested"));
}

/// The instant at which a subscription ends, where that is not with its period.
pub fn set_end(subscription: &Value) -> Option<i64> {
    subscription["cancel_at"].as_i64().filter(|_| subscription["cancel_at_period_end"] != true)
}

/// The instant until which the current period is paid, once it is: its end, unless an end within it was set and the rest
/// not asked for, or given back.
pub fn paid_until(subscription: &Value) -> i64 {
    let (start, whole) = period(subscription);
    let set = subscription["_private"]["paid_until"].as_i64();
    set.filter(|set| (start..whole).contains(set)).unwrap_or(whole)
}

/// The current period, in seconds since 1970.
pub fn period(subscription: &Value) -> (i64, i64) {
    let first = &subscription["items"]["data"][0];
    (shape::number(first, "current_period_start"), shape::number(first, "current_period_end"))
}

/// The end of the period that starts at `start`, for an anchor.
pub fn period_end(price: &Value, anchor: i64, start: i64) -> i64 {
    let interval = shape::text(&price["recurring"], "interval");
    let count = shape::number(&price["recurring"], "interval_count").max(1);
    // The anchor's day comes back after a shorter month, so the end is always counted from the anchor.
    (1..=12_000).map(|turn| clock::after(anchor, interval, count * turn)).find(|end| *end > start).unwrap_or(i64::MAX)
}

/// Moves a subscription's items on to their next period.
pub fn next_period(subscription: &mut Value) {
    let start = period(subscription).1;
    let anchor = shape::number(subscription, "billing_cycle_anchor");
    for item in subscription["items"]["data"].as_array_mut().into_iter().flatten() {
        let end = period_end(&item["price"], anchor, start);
        shape::merge(item, json!({"current_period_start": start, "current_period_end": end}));
    }
}

/// What the next period costs, of a subscription that is in it already.
pub fn renewal_lines(subscription: &Value) -> Vec<Line> {
    let mut lines = lines(subscription, false);
    if let Some(end) = set_end(subscription) {
        proration::shorten(&mut lines, end);
    }
    lines
}

/// The payment method that a subscription is charged to.
pub fn method_of(state: &State, subscription: &Value) -> Option<Value> {
    let own = shape::owned(subscription, "default_payment_method");
    let id = own.or_else(|| {
        let customer = state.get("customer", shape::text(subscription, "customer"))?;
        shape::owned(&customer["invoice_settings"], "default_payment_method")
    })?;
    state.get("payment_method", &id).cloned()
}

/// The invoice lines of a subscription's current period; free ones during a trial.
pub fn lines(subscription: &Value, trial: bool) -> Vec<Line> {
    let items = subscription["items"]["data"].as_array().cloned().unwrap_or_default();
    items
        .iter()
        .map(|item| {
            let quantity = shape::number(item, "quantity");
            let price = item["price"].clone();
            let description = if trial { "Trial period".to_owned() } else { describe(&price, quantity) };
            Line {
                amount: if trial { 0 } else { shape::number(&price, "unit_amount") * quantity },
                period: (shape::number(item, "current_period_start"), shape::number(item, "current_period_end")),
                item: shape::text(item, "id").to_owned(),
                price,
                quantity,
                description,
                proration: false,
                of_end: false,
            }
        })
        .collect()
}

/// A new subscription item.
pub fn item(subscription: &str, line: &Ordered, period: (i64, i64), now: i64) -> Value {
    shape::object(
        "subscription_item",
        json!({
            "id": ids::new("si"), "created": now, "price": line.price, "plan": prices::plan(&line.price),
            "quantity": line.quantity, "metadata": line.metadata, "subscription": subscription,
            "current_period_start": period.0, "current_period_end": period.1,
        }),
    )
}

fn describe(price: &Value, quantity: i64) -> String {
    let name = shape::owned(price, "nickname").unwrap_or_else(|| "Subscription".to_owned());
    let amount = crate::page::money(shape::number(price, "unit_amount"), shape::text(price, "currency"));
    format!("{quantity} × {name} (at {amount} / {})", shape::text(&price["recurring"], "interval"))
}

fn would_pay(method: Option<&Value>, bill: &[Line]) -> bool {
    let free = bill.iter().all(|line| line.amount == 0);
    free || method.is_some_and(|method| crate::card::refused_payment_method(method).is_none())
}
