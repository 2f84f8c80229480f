use serde_json::{Value, json};

use super::{checkout, invoice, subscription};
use crate::state::State;
use crate::webhook::event;
use crate::{ids, shape};

/// How long before its end a trial is announced to end, in seconds.
const TRIAL_NOTICE: i64 = 3 * 86_400;

/// How long a first payment may take, in seconds.
const FIRST_PAYMENT: i64 = 23 * 3600;

/// How much may become due in one go.
const MOST: usize = 100_000;

/// Something that becomes due.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Due {
    SessionExpires(String),
    Ends(String),
    NeverPaid(String),
    TrialNotice(String),
    Retry(String),
    PeriodEnds(String),
}

/// Does everything that is due until an instant, in order, each thing at its own time; how many.
pub fn run_until(state: &mut State, until: i64) -> usize {
    let mut done = 0;
    while done < MOST
        && let Some((at, due)) = next(state).filter(|(at, _)| *at <= until)
    {
        let cause = std::mem::take(&mut state.cause);
        state.clock.at = Some(at);
        act(state, due);
        state.clock.at = None;
        state.cause = cause;
        done += 1;
    }
    done
}

/// When the next thing is due, in seconds since 1970.
pub fn next_at(state: &State) -> Option<i64> {
    next(state).map(|(at, _)| at)
}

fn next(state: &State) -> Option<(i64, Due)> {
    let sessions = state
        .all("checkout.session")
        .filter(|session| session["status"] == "open")
        .map(|session| (shape::number(session, "expires_at"), Due::SessionExpires(id(session))));
    sessions.chain(state.all("subscription").filter_map(|sub| next_of(state, sub))).min()
}

fn next_of(state: &State, sub: &Value) -> Option<(i64, Due)> {
    let over = matches!(shape::text(sub, "status"), "canceled" | "incomplete_expired");
    let ends = subscription::set_end(sub).filter(|_| !over).map(|at| (at, Due::Ends(id(sub))));
    ends.into_iter().chain(next_turn(state, sub)).min()
}

/// When a subscription's status or period changes next, if it has not ended by then.
fn next_turn(state: &State, sub: &Value) -> Option<(i64, Due)> {
    let ends = (subscription::period(sub).1, Due::PeriodEnds(id(sub)));
    let retry = || {
        let invoice = state.get("invoice", shape::text(sub, "latest_invoice"))?;
        Some((invoice["next_payment_attempt"].as_i64()?, Due::Retry(id(sub))))
    };
    match shape::text(sub, "status") {
        "trialing" if sub["_private"]["noticed"] != true => {
            let notice = (shape::number(sub, "trial_end") - TRIAL_NOTICE).max(shape::number(sub, "created"));
            Some((notice, Due::TrialNotice(id(sub))).min(ends))
        }
        "active" | "trialing" => Some(ends),
        "past_due" => retry(),
        "incomplete" => Some((shape::number(sub, "created") + FIRST_PAYMENT, Due::NeverPaid(id(sub)))),
        _ => None,
    }
}

fn act(state: &mut State, due: Due) {
    match due {
        Due::SessionExpires(id) => {
            checkout::expire(state, &id);
        }
        Due::Ends(id) => {
            subscription::cancel(state, &id, "cancellation_requested");
        }
        Due::NeverPaid(id) => {
            if let Some(invoice) = state.get("subscription", &id).and_then(|sub| shape::owned(sub, "latest_invoice")) {
                invoice::void(state, &invoice);
            }
            subscription::change(state, &id, json!({"status": "incomplete_expired"}));
        }
        Due::TrialNotice(id) => {
            let sub = state.edit("subscription", &id, |sub| sub["_private"]["noticed"] = json!(true));
            event::emit(state, "customer.subscription.trial_will_end", &sub);
        }
        Due::Retry(id) => retry(state, &id),
        Due::PeriodEnds(id) => period_ends(state, &id),
    }
}

fn period_ends(state: &mut State, id: &str) {
    let Some(sub) = state.get("subscription", id).cloned() else {
        return;
    };
    if sub["cancel_at_period_end"] == true {
        subscription::cancel(state, id, "cancellation_requested");
        return;
    }
    let missing = shape::text(&sub["_private"], "missing").to_owned();
    if sub["status"] == "trialing" && missing != "create_invoice" && subscription::method_of(state, &sub).is_none() {
        return end_trial_without_card(state, id, &missing);
    }
    let mut next = sub.clone();
    subscription::next_period(&mut next);
    let mut private = sub["_private"].clone();
    let pending = subscription::pending(&private);
    private["pending"] = json!([]);
    private["paid_until"] = json!(subscription::set_end(&sub));
    let renewed = state.set("subscription", id, json!({"items": next["items"], "_private": private}));
    let mut lines = subscription::renewal_lines(&renewed);
    lines.extend(pending);
    let invoice = invoice::open(state, &ids::new("in"), &renewed, "subscription_cycle", &lines);
    let method = subscription::method_of(state, &renewed);
    let (invoice, paid) = invoice::pay(state, shape::text(&invoice, "id"), method.as_ref());
    let status = if paid { "active" } else { "past_due" };
    let after = state.set("subscription", id, json!({"status": status, "latest_invoice": invoice["id"]}));
    let changed = event::previous(&sub, &after);
    event::emit_change(state, "customer.subscription.updated", &after, Some(changed));
}

fn end_trial_without_card(state: &mut State, id: &str, missing: &str) {
    if missing == "cancel" {
        subscription::cancel(state, id, "payment_failed");
        return;
    }
    let paused = state.set("subscription", id, json!({"status": "paused"}));
    event::emit(state, "customer.subscription.paused", &paused);
}

fn retry(state: &mut State, id: &str) {
    let Some(sub) = state.get("subscription", id).cloned() else {
        return;
    };
    let method = subscription::method_of(state, &sub);
    let (invoice, paid) = invoice::pay(state, shape::text(&sub, "latest_invoice"), method.as_ref());
    if paid {
        subscription::change(state, id, json!({"status": "active"}));
    } else if invoice["next_payment_attempt"].is_null() {
        subscription::cancel(state, id, "payment_failed");
    }
}

fn id(object: &Value) -> String {
    shape::text(object, "id").to_owned()
}
