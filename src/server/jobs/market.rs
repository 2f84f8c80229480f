//! The market goes on: one replica moves its clock and publishes.

use crate::server::{
    error::ServiceError,
    service::{leases, publish},
    state::AppState,
};
use std::time::Duration;

/// The lease's name.
const LEASE: &str = "market";
/// A replica that is gone is replaced this soon.
const TTL: Duration = Duration::from_secs(5);

/// Publishes what has closed, if it is this replica's work.
pub async fn tick(state: AppState) -> Result<(), ServiceError> {
    let renewed = match leases::hold(&state, LEASE, TTL).await? {
        leases::Held::No => return Ok(()),
        leases::Held::Yes { renewed } => renewed,
    };
    let published = publish::tick(&state).await;
    let error = published.as_ref().err().map(ToString::to_string);
    // Each note is a commit: not after every round that went well.
    if renewed || error.is_some() {
        leases::note(&state, LEASE, TTL, error.as_deref()).await?;
    }
    published.map(drop)
}

/// Leaves the work to another replica, which need not wait for the lease to end.
pub async fn hand_over(state: &AppState) -> Result<(), ServiceError> {
    leases::release(state, LEASE).await
}
