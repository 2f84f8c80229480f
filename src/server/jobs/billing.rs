//! Payments become access, customers are made, and once a day all is compared with Stripe.

use super::turn;
use crate::server::{
    error::ServiceError,
    service::{checkout, customers, inbox, leases, reconcile},
    state::AppState,
};
use std::time::Duration;

/// Once a day; a little less, so that a round is not missed by a moment.
const DAILY: Duration = Duration::from_secs(86_400 - 600);
/// How long a comparison may take.
const COMPARISON: Duration = Duration::from_secs(3000);
/// The lease of the look at the price, and how long one may take.
const PRICE: (&str, Duration) = ("stripe-price", Duration::from_secs(60));

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

/// Holds the price that the operator named against the pricing page, in one replica after each start and then daily. What
/// is wrong is an error in the log, and in the health report. While Stripe does not answer, it is asked in every round.
pub async fn check_price(state: AppState) -> Result<(), ServiceError> {
    let (name, ttl) = PRICE;
    let since_start = state.clock.now().since(state.started_at);
    if !leases::take_turn(&state, name, DAILY.min(since_start), ttl).await? {
        return Ok(());
    }
    let fault = match checkout::price_fault(&state).await {
        Ok(fault) => fault,
        Err(error) => {
            leases::release(&state, name).await?;
            return Err(error);
        }
    };
    if let Some(fault) = &fault {
        tracing::error!("nobody can pay as the pricing page says: {fault}");
    }
    leases::note(&state, name, Duration::ZERO, fault.as_deref()).await
}
