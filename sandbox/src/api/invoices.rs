use serde_json::{Value, json};

use super::subscription_change::{self, Proration};
use super::{Answer, find, list};
use crate::billing::subscription::{self, Ordered};
use crate::billing::{invoice, payment};
use crate::params::Params;
use crate::state::State;
use crate::stripe_error::StripeError;
use crate::{card, ids, shape};

/// What a preview can have at Stripe and not here.
const UNSERVED: [&str; 9] = [
    "currency",
    "customer_account",
    "customer_details",
    "discounts",
    "invoice_items",
    "issuer",
    "on_behalf_of",
    "schedule",
    "schedule_details",
];
const UNSERVED_DETAILS: [&str; 11] = [
    "billing_cycle_anchor",
    "billing_mode",
    "billing_schedules",
    "cancel_at",
    "cancel_now",
    "default_tax_rates",
    "metadata",
    "pause",
    "resume_at",
    "start_date",
    "trial_end",
];

/// `/v1/invoices…`
pub fn call(state: &mut State, method: &str, rest: &[&str], params: &Params) -> Option<Answer> {
    Some(match (method, rest) {
        ("GET", []) => index(state, params),
        ("POST", ["create_preview"]) | ("GET", ["upcoming"]) => preview(state, params),
        ("POST", [id, "pay"]) => pay(state, id, params),
        ("POST", [id, "void"]) => void(state, id, params),
        ("GET", [id]) => params.only(&[]).and_then(|()| find(state, "invoice", "invoice", id)),
        ("GET", [id, "lines"]) => lines(state, id, params),
        _ => return None,
    })
}

/// The payments of an invoice, which Stripe shows when asked.
pub fn payments(state: &State, invoice: &Value) -> Value {
    let intent = shape::text(&invoice["_private"], "payment_intent");
    let Some(intent) = state.get("payment_intent", intent) else {
        return shape::list("/v1/invoice_payments", Vec::new());
    };
    let paid = invoice["status"] == "paid";
    let payment = shape::object(
        "invoice_payment",
        json!({
            "id": format!("inpay_{}", shape::text(intent, "id").trim_start_matches("pi_")), "created": intent["created"],
            "invoice": invoice["id"], "amount_requested": intent["amount"], "amount_paid": if paid { intent["amount"].clone() } else { Value::Null },
            "currency": intent["currency"], "status": if paid { "paid" } else { "open" },
            "payment": {"type": "payment_intent", "payment_intent": intent["id"]},
            "status_transitions": {"canceled_at": null, "paid_at": invoice["status_transitions"]["paid_at"]},
        }),
    );
    shape::list("/v1/invoice_payments", vec![payment])
}

/// The next invoice of a subscription, as it is or after a change; nothing is kept.
fn preview(state: &State, params: &Params) -> Answer {
    params.serves(&["customer", "subscription", "subscription_details", "preview_mode", "automatic_tax"], &UNSERVED)?;
    params.stay_off(&["automatic_tax"])?;
    params.fixed("preview_mode", &["next"])?;
    let details = params.group("subscription_details")?;
    details.serves(&["items", "proration_behavior", "proration_date", "cancel_at_period_end"], &UNSERVED_DETAILS)?;
    let Some(id) = params.text("subscription")? else {
        return preview_new(state, params, &details);
    };
    let sub = state
        .get("subscription", &id)
        .cloned()
        .ok_or_else(|| StripeError::no_such_parameter("subscription", &id, "subscription"))?;
    let behavior = subscription_change::proration_behavior(&details)?;
    let at = details.integer("proration_date")?.unwrap_or_else(|| state.now());
    let change = subscription_change::plan(state, &sub, &details, at, behavior != Proration::None)?;
    if change.anchor.is_some() || behavior == Proration::Now && !change.lines.is_empty() {
        return Ok(invoice::draft(state, &preview_id(), &sub, "upcoming", &change.lines));
    }
    let ends = details.boolean("cancel_at_period_end")?.unwrap_or(sub["cancel_at_period_end"] == true);
    let ended = subscription::set_end(&sub).is_some_and(|end| end <= subscription::period(&sub).1);
    if ends || ended || sub["status"] == "canceled" {
        let message = format!("No upcoming invoices for customer: '{}'", shape::text(&sub, "customer"));
        return Err(StripeError::invalid(message).with("code", "invoice_upcoming_none").not_found());
    }
    let mut next = sub.clone();
    next["items"] = change.items;
    subscription::next_period(&mut next);
    let mut lines = subscription::pending(&sub["_private"]);
    lines.extend(change.lines);
    lines.extend(subscription::renewal_lines(&next));
    Ok(invoice::draft(state, &preview_id(), &sub, "upcoming", &lines))
}

/// The first invoice of a subscription that is not there yet.
fn preview_new(state: &State, params: &Params, details: &Params) -> Answer {
    let customer = params.required("customer")?;
    super::customers::named(state, &customer, "customer")?;
    let lines = subscription_change::new_items(state, details)?;
    let now = state.now();
    let item = |line: &Ordered| {
        let period = (now, subscription::period_end(&line.price, now, now));
        subscription::item("", line, period, now)
    };
    let items: Vec<Value> = lines.iter().map(item).collect();
    let sub =
        json!({"customer": customer, "currency": lines[0].price["currency"], "metadata": {}, "items": {"data": items}});
    Ok(invoice::draft(state, &preview_id(), &sub, "upcoming", &subscription::lines(&sub, false)))
}

fn preview_id() -> String {
    ids::new("upcoming_in")
}

/// Charges an open invoice now.
fn pay(state: &mut State, id: &str, params: &Params) -> Answer {
    params.serves(&["payment_method", "off_session", "forgive", "paid_out_of_band"], &["source", "mandate"])?;
    params.fixed("forgive", &["false"])?;
    let invoice = open(state, id)?;
    let sub = shape::text(&invoice["parent"]["subscription_details"], "subscription").to_owned();
    if params.boolean("paid_out_of_band")? == Some(true) {
        let invoice = invoice::pay_outside(state, &invoice);
        subscription::revive(state, &sub, id);
        return Ok(invoice);
    }
    let method = match params.text("payment_method")? {
        Some(method) => Some(payment::keep(
            state,
            payment::method_named(state, &method, "payment_method")?,
            shape::text(&invoice, "customer"),
        )?),
        None => state.get("subscription", &sub).and_then(|sub| subscription::method_of(state, sub)),
    };
    let Some(method) = method else {
        return Err(StripeError::invalid("There is no payment method to pay this invoice with.")
            .with("code", "resource_missing"));
    };
    let (invoice, paid) = invoice::pay(state, id, Some(&method));
    if !paid {
        return Err(card::refused_payment_method(&method).unwrap_or_else(|| StripeError::api("The payment failed.")));
    }
    subscription::revive(state, &sub, id);
    Ok(invoice)
}

fn void(state: &mut State, id: &str, params: &Params) -> Answer {
    params.only(&[])?;
    open(state, id)?;
    Ok(invoice::void(state, id))
}

fn open(state: &State, id: &str) -> Answer {
    let invoice = find(state, "invoice", "invoice", id)?;
    match shape::text(&invoice, "status") {
        "open" => Ok(invoice),
        "paid" => Err(StripeError::invalid("Invoice is already paid").with("code", "invoice_already_paid")),
        status => {
            Err(StripeError::invalid(format!("The invoice is {status}, not open.")).with("code", "invoice_not_open"))
        }
    }
}

fn index(state: &State, params: &Params) -> Answer {
    const FILTERS: [(&str, &str); 4] = [
        ("customer", "/customer"),
        ("subscription", "/parent/subscription_details/subscription"),
        ("status", "/status"),
        ("collection_method", "/collection_method"),
    ];
    list::serves(
        params,
        &["customer", "subscription", "status", "collection_method", "due_date"],
        &["customer_account"],
    )?;
    let (fits, due) = (list::by(params, &FILTERS)?, list::within(params, "due_date")?);
    list::page(state, params, "invoice", "/v1/invoices", |invoice| fits(invoice) && due(invoice["due_date"].as_i64()))
}

fn lines(state: &State, id: &str, params: &Params) -> Answer {
    list::only(params, &[])?;
    let invoice = find(state, "invoice", "invoice", id)?;
    let lines: Vec<&Value> = invoice["lines"]["data"].as_array().into_iter().flatten().collect();
    list::cut(&lines, params, &format!("/v1/invoices/{id}/lines"))
}
