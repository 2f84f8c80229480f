//! Payments become access, customers are made, and once a day all is compared with Stripe.

use super::turn;
use crate::server::{
    error::ServiceError,
    service::{customers, inbox, reconcile},
    state::AppState,
};
use std::time::Duration;

/// Once a day; a little less, so that a round is not missed by a moment.
const DAILY: Duration = Duration::from_secs(86_400 - 600);
/// How long a comparison may take.
const COMPARISON: Duration = Duration::from_secs(3000);

/// Works off Stripe's events that are due.
pub async fn work_off_events(state: AppState) -> Result<(), ServiceError> {
    inbox::work_off(&state).await.map(drop)
}

/// Tells the metrics which events wait.
pub async fn measure_events(state: AppState) -> Result<(), ServiceError> {
    inbox::measure(&state).await
}

/// Makes the Stripe customers of users who have none, and tells Stripe of addresses that changed.
pub async fn keep_customers(state: AppState) -> Result<(), ServiceError> {
    customers::create_missing(&state).await?;
    customers::follow_addresses(&state).await.map(drop)
}

/// Compares every live subscription and open checkout with Stripe, in one replica a day.
pub async fn reconcile(state: AppState) -> Result<(), ServiceError> {
    turn::take(&state, "reconcile", DAILY, COMPARISON, reconcile::run(&state)).await
}
