use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::payment::{self, Attempt, Bill};
use crate::state::State;
use crate::webhook::event;
use crate::{ids, shape};

/// The pauses between the attempts to charge an invoice, in seconds; after the last it is given up.
pub const RETRIES: [i64; 3] = [3 * 86_400, 2 * 86_400, 2 * 86_400];

/// Something an invoice asks money for, or gives back.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Line {
    /// The price.
    pub price: Value,
    /// How many.
    pub quantity: i64,
    /// In the currency's smallest unit; negative gives back.
    pub amount: i64,
    /// What for, in words.
    pub description: String,
    /// From when to when, in seconds since 1970.
    pub period: (i64, i64),
    /// The subscription item.
    pub item: String,
    /// Whether it comes from a change within a period.
    pub proration: bool,
    /// Whether that was a change of when the subscription ends.
    #[serde(default)]
    pub of_end: bool,
}

/// A draft for a subscription, not stored; `id` may be that of a preview.
pub fn draft(state: &State, id: &str, subscription: &Value, reason: &str, lines: &[Line]) -> Value {
    let now = state.now();
    let customer = state.get("customer", shape::text(subscription, "customer")).cloned().unwrap_or_default();
    let sum: i64 = lines.iter().map(|line| line.amount).sum();
    // A balance below zero is the customer's credit.
    let starting = shape::number(&customer, "balance");
    let due = (sum + starting).max(0);
    let data: Vec<Value> = lines.iter().map(|line| line_object(id, subscription, line)).collect();
    let period = lines.iter().fold((i64::MAX, 0), |all, line| (all.0.min(line.period.0), all.1.max(line.period.1)));
    let mut invoice = shape::object(
        "invoice",
        json!({
            "id": id, "created": now, "customer": subscription["customer"], "currency": subscription["currency"],
            "billing_reason": reason, "collection_method": "charge_automatically", "auto_advance": true,
            "customer_email": customer["email"], "customer_name": customer["name"], "customer_phone": customer["phone"],
            "customer_address": customer["address"], "customer_shipping": customer["shipping"],
            "customer_tax_exempt": customer["tax_exempt"], "test_clock": customer["test_clock"],
            "footer": customer["invoice_settings"]["footer"],
            "custom_fields": customer["invoice_settings"]["custom_fields"],
            "amount_due": due, "amount_remaining": due, "amount_paid": 0, "subtotal": sum, "total": sum,
            "subtotal_excluding_tax": sum, "total_excluding_tax": sum,
            "starting_balance": starting, "ending_balance": (sum + starting).min(0),
            "period_start": if lines.is_empty() { now } else { period.0 },
            "period_end": if lines.is_empty() { now } else { period.1 },
            "parent": {
                "type": "subscription_details", "quote_details": null,
                "subscription_details": {"subscription": subscription["id"], "metadata": subscription["metadata"]},
            },
            "_private": {},
        }),
    );
    invoice["lines"] = shape::list(&format!("/v1/invoices/{id}/lines"), data);
    invoice
}

/// Stores an invoice with this id for a subscription, tells of it and makes it final. Paying it is
/// [`pay`]'s.
pub fn open(state: &mut State, id: &str, subscription: &Value, reason: &str, lines: &[Line]) -> Value {
    let invoice = draft(state, id, subscription, reason, lines);
    carry_balance(state, &invoice);
    let invoice = state.insert("invoice", invoice);
    event::emit(state, "invoice.created", &invoice);
    let now = state.now();
    let secret = ids::secret(20);
    let page = format!("{}/i/{id}?secret={secret}", state.public_url);
    let number = next_number(state, shape::text(subscription, "customer"));
    let mut transitions = invoice["status_transitions"].clone();
    transitions["finalized_at"] = json!(now);
    let fields = json!({
        "status": "open", "number": number, "effective_at": now, "hosted_invoice_url": page, "invoice_pdf": null,
        "status_transitions": transitions, "_private": {"secret": secret},
    });
    let invoice = state.set("invoice", id, fields);
    event::emit(state, "invoice.finalized", &invoice);
    invoice
}

/// Charges an open invoice and tells how it went: paid, or failed and when it is tried again.
/// Gives the invoice as it is then, and whether it is paid.
pub fn pay(state: &mut State, id: &str, method: Option<&Value>) -> (Value, bool) {
    let Some(invoice) = state.get("invoice", id).cloned() else {
        return (Value::Null, false);
    };
    let amount = shape::number(&invoice, "amount_remaining");
    if amount == 0 {
        let invoice = settle(state, &invoice, None);
        return (invoice, true);
    }
    let bill = Bill {
        customer: shape::owned(&invoice, "customer"),
        amount,
        currency: shape::text(&invoice, "currency").to_owned(),
        description: Some("Subscription".to_owned()),
        metadata: Value::Null,
        fields: Value::Null,
        intent: shape::owned(&invoice["_private"], "payment_intent"),
    };
    let attempt = method.map(|method| payment::attempt(state, &bill, method));
    match attempt {
        Some(attempt) if attempt.refused.is_none() => (settle(state, &invoice, Some(&attempt)), true),
        attempt => (fail(state, &invoice, attempt.as_ref()), false),
    }
}

/// Makes an open invoice paid that was paid elsewhere: nothing is charged.
pub fn pay_outside(state: &mut State, invoice: &Value) -> Value {
    settle(state, invoice, None)
}

/// Gives up an open invoice: no further attempts.
pub fn give_up(state: &mut State, id: &str) -> Value {
    state.set("invoice", id, json!({"next_payment_attempt": null, "auto_advance": false}))
}

/// Voids an open invoice: it is not owed any more.
pub fn void(state: &mut State, id: &str) -> Value {
    let now = state.now();
    let voided = state.edit("invoice", id, |invoice| {
        shape::merge(invoice, json!({"status": "void", "next_payment_attempt": null, "auto_advance": false}));
        invoice["status_transitions"]["voided_at"] = json!(now);
    });
    event::emit(state, "invoice.voided", &voided);
    voided
}

fn settle(state: &mut State, invoice: &Value, attempt: Option<&Attempt>) -> Value {
    let id = shape::text(invoice, "id");
    let mut transitions = invoice["status_transitions"].clone();
    transitions["paid_at"] = json!(state.now());
    let attempts = shape::number(invoice, "attempt_count") + i64::from(attempt.is_some());
    let fields = json!({
        "status": "paid", "amount_paid": invoice["amount_due"], "amount_remaining": 0, "attempted": true,
        "attempt_count": attempts, "next_payment_attempt": null, "auto_advance": false,
        "status_transitions": transitions, "_private": with_attempt(invoice, attempt),
    });
    let paid = state.set("invoice", id, fields);
    if let Some(attempt) = attempt {
        keep_method(state, &paid, attempt);
    }
    event::emit(state, "invoice.paid", &paid);
    event::emit(state, "invoice.payment_succeeded", &paid);
    if let Some(attempt) = attempt {
        payment::tell(state, attempt);
    }
    paid
}

/// What paid an invoice is the subscription's from then on, where it was made so.
fn keep_method(state: &mut State, invoice: &Value, attempt: &Attempt) {
    let id = shape::text(&invoice["parent"]["subscription_details"], "subscription");
    let keeps = state
        .get("subscription", id)
        .is_some_and(|sub| sub["payment_settings"]["save_default_payment_method"] == "on_subscription");
    if keeps {
        state.set("subscription", id, json!({"default_payment_method": attempt.intent["payment_method"]}));
    }
}

fn fail(state: &mut State, invoice: &Value, attempt: Option<&Attempt>) -> Value {
    let id = shape::text(invoice, "id");
    let attempts = shape::number(invoice, "attempt_count") + 1;
    let pause = usize::try_from(attempts - 1).ok().and_then(|place| RETRIES.get(place));
    let next = pause.map(|pause| state.now() + pause);
    let fields = json!({
        "attempted": true, "attempt_count": attempts, "next_payment_attempt": next, "_private": with_attempt(invoice, attempt),
    });
    let failed = state.set("invoice", id, fields);
    if let Some(attempt) = attempt {
        payment::tell(state, attempt);
    }
    event::emit(state, "invoice.payment_failed", &failed);
    failed
}

fn with_attempt(invoice: &Value, attempt: Option<&Attempt>) -> Value {
    let mut private = invoice["_private"].clone();
    if let Some(attempt) = attempt {
        private["payment_intent"] = attempt.intent["id"].clone();
        private["charge"] = attempt.charge["id"].clone();
    }
    private
}

fn line_object(invoice: &str, subscription: &Value, line: &Line) -> Value {
    let credited = json!({"credited_items": null});
    let item = json!({
        "invoice_item": null, "proration": line.proration, "proration_details": credited,
        "subscription": subscription["id"], "subscription_item": line.item,
    });
    shape::object(
        "line_item",
        json!({
            "id": ids::new("il"), "invoice": invoice, "amount": line.amount, "subtotal": line.amount,
            "currency": subscription["currency"], "description": line.description, "quantity": line.quantity,
            "quantity_decimal": line.quantity.to_string(), "discountable": !line.proration,
            "metadata": subscription["metadata"], "subscription": subscription["id"],
            "period": {"start": line.period.0, "end": line.period.1},
            "parent": {"type": "subscription_item_details", "invoice_item_details": null, "subscription_item_details": item},
            "pricing": {
                "type": "price_details", "unit_amount_decimal": line.price["unit_amount_decimal"],
                "price_details": {"price": line.price["id"], "product": line.price["product"]},
            },
        }),
    )
}

/// Leaves with the customer what an invoice gives back, or did not use of a credit.
fn carry_balance(state: &mut State, invoice: &Value) {
    if invoice["starting_balance"] == invoice["ending_balance"] {
        return;
    }
    let customer = shape::text(invoice, "customer");
    let Some(before) = state.get("customer", customer).cloned() else {
        return;
    };
    let after = state.set("customer", customer, json!({"balance": invoice["ending_balance"]}));
    event::emit_change(state, "customer.updated", &after, Some(event::previous(&before, &after)));
}

fn next_number(state: &mut State, customer: &str) -> String {
    let mut number = String::new();
    state.edit("customer", customer, |customer| {
        let sequence = shape::number(customer, "next_invoice_sequence").max(1);
        number = format!("{}-{sequence:04}", shape::text(customer, "invoice_prefix"));
        customer["next_invoice_sequence"] = json!(sequence + 1);
    });
    number
}
