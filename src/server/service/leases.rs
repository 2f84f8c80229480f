//! Which replica does a job: decided in the database.

use crate::server::{error::ServiceError, state::AppState};
use std::time::Duration;

/// Whether this replica has a lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// It has.
    Yes {
        /// Just now taken or renewed, which happens a few times in its span.
        renewed: bool,
    },
    /// Another one has.
    No,
}

/// Takes or renews the lease `name` for `ttl` if need be. One replica has it at a time; a holder that is gone is
/// replaced when its time is over.
///
/// # Errors
/// When the database does not answer; then the job is not to be done.
pub async fn hold(state: &AppState, name: &str, ttl: Duration) -> Result<Held, ServiceError> {
    let (now, us) = (state.clock.now(), state.desk.replica);
    if let Some(lease) = state.store.lease(name).await? {
        // Renewed in time, but not at every round: each renewal is a commit.
        if lease.holder == us && lease.until > now + ttl / 2 {
            return Ok(Held::Yes { renewed: false });
        }
        if lease.holder != us && lease.until > now {
            return Ok(Held::No);
        }
    }
    let taken = state.store.take_lease(name, us, now, ttl, None).await?;
    Ok(if taken { Held::Yes { renewed: true } } else { Held::No })
}

/// Whether it is this replica's turn to do `name`, which all together do at most once in `every`. It has `ttl` to do it.
///
/// # Errors
/// As [`hold`].
pub async fn take_turn(state: &AppState, name: &str, every: Duration, ttl: Duration) -> Result<bool, ServiceError> {
    let now = state.clock.now();
    if let Some(lease) = state.store.lease(name).await? {
        let fresh = lease.last_run_at.is_some_and(|ran| ran > now - every);
        if fresh || lease.until > now {
            return Ok(false);
        }
    }
    Ok(state.store.take_lease(name, state.desk.replica, now, ttl, Some(every)).await?)
}

/// Notes how a round went, for the health report; the lease then lasts `ttl` more.
///
/// # Errors
/// When the database does not answer.
pub async fn note(state: &AppState, name: &str, ttl: Duration, error: Option<&str>) -> Result<(), ServiceError> {
    let now = state.clock.now();
    Ok(state.store.note_run(name, state.desk.replica, now, now + ttl, error).await?)
}

/// Gives the lease `name` back, if this replica has it.
///
/// # Errors
/// When the database does not answer; the lease then ends by itself.
pub async fn release(state: &AppState, name: &str) -> Result<(), ServiceError> {
    Ok(state.store.release_lease(name, state.desk.replica, state.clock.now()).await?)
}
