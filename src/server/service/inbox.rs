//! Stripe's events: stored as they come, worked off by a job. The stored row is the queue.

use super::{
    page,
    subscriptions::{self, Cause},
};
use crate::{
    domain::{
        operation::{WebhookEvent, WebhookEventPage},
        time::Timestamp,
    },
    server::{
        error::{ServiceError, chain},
        payments::events::{self, Subject},
        state::AppState,
        store::stripe_events::{After, Backlog, EventState, StripeEvent},
    },
};
use futures::StreamExt;
use std::{collections::BTreeMap, time::Duration};

/// Events taken at a time.
const PAGE: u64 = 200;
/// Subscriptions worked on at a time.
const CONCURRENCY: usize = 4;
/// For how long taken events are ours; those of a worker that died are due again then. Longer than the calls for one
/// subscription may take.
const LEASE: Duration = Duration::from_secs(30);
/// Tries until an event is given up.
const TRIES: i32 = 6;
/// The longest wait before another try.
const LONGEST_WAIT: Duration = Duration::from_secs(300);

/// Works off every event that is due; says how many were taken.
///
/// # Errors
/// When the database does not answer; what was not worked off is due again later.
pub async fn work_off(state: &AppState) -> Result<usize, ServiceError> {
    let mut worked = 0;
    while state.store.has_due_events(state.clock.now()).await? {
        let now = state.clock.now();
        let taken = state.store.take_events(now, now + LEASE, PAGE).await?;
        if taken.is_empty() {
            // Another process has them.
            break;
        }
        worked += taken.len();
        work_on(state, taken).await?;
    }
    Ok(worked)
}

/// A page of the events that were given up, the newest first.
///
/// # Errors
/// `Invalid` when the cursor is none of ours.
pub async fn given_up(state: &AppState, cursor: Option<&str>, limit: u64) -> Result<WebhookEventPage, ServiceError> {
    let after = page::after(cursor, |id| events::is_plain(id).then(|| id.to_owned()))?;
    let after = after.map(|(received_at, id)| After { received_at, id });
    let rows = state.store.poison_events(after, limit + 1).await?;
    let (rows, next_cursor) = page::cut(rows, limit, |last| page::cursor(last.received_at, &last.id));
    let view = |row: StripeEvent| WebhookEvent {
        id: row.id,
        kind: row.kind,
        attempts: u32::try_from(row.attempts).unwrap_or(0),
        error: row.last_error,
        received_at: Timestamp::from_millis(row.received_at),
    };
    Ok(WebhookEventPage { events: rows.into_iter().map(view).collect(), next_cursor })
}

/// Lets an event that was given up be tried anew.
///
/// # Errors
/// `NotFound` when there is no such event, or it was not given up.
pub async fn replay(state: &AppState, id: &str) -> Result<(), ServiceError> {
    if !(events::is_plain(id) && state.store.revive_event(id, state.clock.now()).await?) {
        return Err(ServiceError::NotFound("event that was given up"));
    }
    tracing::info!(stripe.event = id, "an event that was given up is tried anew");
    state.work.events.notify_one();
    Ok(())
}

/// Notes that nothing is to be done about an event that was given up: it is kept for good, and no longer counts as waiting.
///
/// # Errors
/// `NotFound` when there is no such event, or it was not given up.
pub async fn dismiss(state: &AppState, id: &str) -> Result<(), ServiceError> {
    if !(events::is_plain(id) && state.store.dismiss_event(id, state.clock.now()).await?) {
        return Err(ServiceError::NotFound("event that was given up"));
    }
    tracing::info!(stripe.event = id, "an event that was given up is dismissed");
    Ok(())
}

/// What waits.
///
/// # Errors
/// When the database does not answer.
pub async fn backlog(state: &AppState) -> Result<Backlog, ServiceError> {
    Ok(state.store.event_backlog().await?)
}

/// What the events of one subscription, or one object without any, ask for.
struct Errand {
    cause: Cause,
    events: Vec<StripeEvent>,
}

/// The thing that must be worked on by one at a time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Target {
    Subscription(String),
    Invoice(String),
    /// Nothing to fetch: done by being seen.
    Nothing,
}

async fn work_on(state: &AppState, taken: Vec<StripeEvent>) -> Result<(), ServiceError> {
    let mut errands: BTreeMap<Target, Errand> = BTreeMap::new();
    for event in taken {
        match events::subject(&event.kind, &event.payload) {
            Ok(subject) => add(&mut errands, subject, event),
            // Another try would read the same.
            Err(error) => give_up(state, &event, &chain(&error)).await?,
        }
    }
    let results: Vec<Result<(), ServiceError>> = futures::stream::iter(errands)
        .map(|(target, errand)| run(state, target, errand))
        .buffer_unordered(CONCURRENCY)
        .collect()
        .await;
    results.into_iter().collect()
}

fn add(errands: &mut BTreeMap<Target, Errand>, subject: Subject, event: StripeEvent) {
    let mut cause = Cause::default();
    let target = match subject {
        Subject::Subscription(id) => Target::Subscription(id),
        Subject::Checkout { session, subscription } => {
            let closed = if event.kind == "checkout.session.expired" { "expired" } else { "complete" };
            cause.checkouts.push((session, closed));
            subscription.map_or(Target::Nothing, Target::Subscription)
        }
        Subject::Invoice { invoice, subscription: Some(subscription) } => {
            cause.invoices.push(invoice);
            Target::Subscription(subscription)
        }
        Subject::Invoice { invoice, subscription: None } => Target::Invoice(invoice),
        Subject::Other => Target::Nothing,
    };
    let errand = errands.entry(target).or_insert_with(|| Errand { cause: Cause::default(), events: Vec::new() });
    errand.cause.events.push(event.id.clone());
    errand.cause.invoices.append(&mut cause.invoices);
    errand.cause.checkouts.append(&mut cause.checkouts);
    errand.events.push(event);
}

async fn run(state: &AppState, target: Target, errand: Errand) -> Result<(), ServiceError> {
    let done = match &target {
        Target::Subscription(id) => subscriptions::sync(state, id, &errand.cause).await,
        Target::Invoice(id) => subscriptions::record_invoice(state, id, &errand.cause.events).await,
        Target::Nothing => finish(state, &errand.cause).await,
    };
    match done {
        Ok(()) => {
            metrics::counter!("signalbox_stripe_events_done_total").increment(errand.events.len() as u64);
            Ok(())
        }
        Err(error) => put_back(state, &errand.events, &error).await,
    }
}

async fn finish(state: &AppState, cause: &Cause) -> Result<(), ServiceError> {
    let txn = state.store.begin().await?;
    for (checkout, status) in &cause.checkouts {
        txn.close_checkout(checkout, status).await?;
    }
    txn.finish_events(&cause.events, state.clock.now()).await?;
    Ok(txn.commit().await?)
}

/// Lets events wait for another try. Those that failed for a reason of their own are given up after some; a Stripe or
/// database that does not answer is no reason of theirs, nor is a key that Stripe does not take.
async fn put_back(state: &AppState, failed: &[StripeEvent], error: &ServiceError) -> Result<(), ServiceError> {
    let blameless = error.is_outage() || matches!(error, ServiceError::Busy(_));
    let cause = chain(error);
    for event in failed {
        if !blameless && event.attempts >= TRIES {
            give_up(state, event, &cause).await?;
            continue;
        }
        tracing::warn!(error = cause, stripe.event = event.id, event.attempts, "an event waits for another try");
        let due = state.clock.now() + wait(event.attempts);
        state.store.put_back_event(&event.id, EventState::Pending, due, &cause).await?;
    }
    Ok(())
}

async fn give_up(state: &AppState, event: &StripeEvent, cause: &str) -> Result<(), ServiceError> {
    metrics::counter!("signalbox_stripe_events_poison_total").increment(1);
    tracing::error!(error = cause, stripe.event = event.id, stripe.event_type = event.kind, "an event was given up");
    let now = state.clock.now();
    Ok(state.store.put_back_event(&event.id, EventState::Poison, now, cause).await?)
}

/// One second, two, four, up to five minutes.
fn wait(attempts: i32) -> Duration {
    let doublings = u32::try_from(attempts.clamp(1, 16) - 1).unwrap_or(0);
    Duration::from_secs(1 << doublings).min(LONGEST_WAIT)
}

/// Tells the metrics what waits.
///
/// # Errors
/// When the database does not answer.
pub async fn measure(state: &AppState) -> Result<(), ServiceError> {
    let backlog = backlog(state).await?;
    let age = backlog.oldest.map_or(Duration::ZERO, |oldest: Timestamp| state.clock.now().since(oldest));
    #[expect(clippy::cast_precision_loss, reason = "a gauge; exact to 2^52")]
    {
        metrics::gauge!("signalbox_stripe_events_pending").set(backlog.pending as f64);
        metrics::gauge!("signalbox_stripe_events_poison").set(backlog.poison as f64);
    }
    metrics::gauge!("signalbox_stripe_events_oldest_pending_seconds").set(age.as_secs_f64());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_five_minutes() {
        assert_eq!([0, 1, 2, 3, 9, 10, i32::MAX].map(|n| wait(n).as_secs()), [1, 1, 2, 4, 256, 300, 300]);
    }
}
