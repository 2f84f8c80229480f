//! Events on their way into the database. What arrives together is stored together: a commit to disk costs
//! milliseconds, so that one by one would be some hundreds a second.

use crate::server::{error::ServiceError, gather::Gather, state::AppState};
use tokio::sync::oneshot;

pub use crate::server::store::stripe_events::NewEvent;

/// Events stored with one commit.
const BATCH: usize = 500;
/// Events that may wait; more are told to come back, which Stripe does.
const WAITING: usize = 10_000;

/// The events that wait to be stored.
#[derive(Debug, Default)]
pub struct Intake(Gather<Waiting>);

#[derive(Debug)]
struct Waiting {
    event: NewEvent,
    stored: oneshot::Sender<Result<(), ServiceError>>,
}

/// Stores an event; returns after the commit. One that is there already stays as it is.
///
/// # Errors
/// `Busy` when too many wait; `Unavailable` when the database does not answer. Then it may or may not be stored, and
/// comes again.
pub async fn store(state: &AppState, event: NewEvent) -> Result<(), ServiceError> {
    metrics::counter!("signalbox_stripe_events_received_total").increment(1);
    let (stored, answer) = oneshot::channel();
    let waiting = Waiting { event, stored };
    if state.intake.0.push(waiting, WAITING).map_err(|_| ServiceError::Busy("the intake of events"))? {
        // A task of its own: a request that goes away must not take the others' events with it.
        tokio::spawn(store_all(state.clone()));
    }
    answer.await.unwrap_or_else(|_| Err(ServiceError::internal("storing an event", "the storing task ended")))
}

async fn store_all(state: AppState) {
    let _turn = state.intake.0.turn();
    loop {
        let batch = state.intake.0.take(BATCH);
        if batch.is_empty() {
            return;
        }
        let (events, answers): (Vec<NewEvent>, Vec<_>) = batch.into_iter().map(|w| (w.event, w.stored)).unzip();
        match state.store.add_events(&events, state.clock.now()).await {
            Ok(new) => {
                let done = events.iter().filter(|event| !event.matters).count();
                metrics::counter!("signalbox_stripe_events_done_total").increment(done as u64);
                if new > 0 && done < events.len() {
                    state.work.events.notify_one();
                }
                answers.into_iter().for_each(|answer| drop(answer.send(Ok(()))));
            }
            Err(error) => {
                // Told by each of those who wait.
                let text = error.to_string();
                for answer in answers {
                    drop(answer.send(Err(ServiceError::unavailable("database", text.clone()))));
                }
            }
        }
    }
}
