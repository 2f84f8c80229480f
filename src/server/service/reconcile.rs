//! The daily comparison of our subscriptions with Stripe's.

use super::subscriptions::{self, Cause};
use crate::server::{error::ServiceError, state::AppState};

/// Subscriptions taken at a time.
const PAGE: u64 = 100;

/// What a comparison found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// Subscriptions that were looked at.
    pub looked_at: usize,
    /// Those that differed and were mended.
    pub mended: usize,
    /// Those that could not be compared; their causes are in the log.
    pub failed: usize,
}

/// Compares every live subscription with Stripe and mends what differs.
///
/// # Errors
/// When the database or Stripe does not answer; what was compared until then stays mended.
pub async fn run(state: &AppState) -> Result<Compared, ServiceError> {
    let (mut compared, mut after) = (Compared::default(), String::new());
    loop {
        let page = state.store.live_subscriptions(&after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after.clone_from(last);
        for id in &page {
            compared.looked_at += 1;
            match compare(state, id).await {
                Ok(true) => compared.mended += 1,
                Ok(false) => {}
                Err(error @ ServiceError::Unavailable { .. }) => return Err(error),
                Err(error) => {
                    compared.failed += 1;
                    tracing::error!(error = &error as &dyn std::error::Error, stripe.subscription = id, "not compared");
                }
            }
        }
    }
    tracing::info!(looked_at = compared.looked_at, mended = compared.mended, failed = compared.failed, "reconciled");
    Ok(compared)
}

/// Whether it differed.
async fn compare(state: &AppState, id: &str) -> Result<bool, ServiceError> {
    let before = state.store.subscription(id).await?;
    subscriptions::sync(state, id, &Cause::default()).await?;
    let after = state.store.subscription(id).await?;
    let essence = |row: &crate::server::store::subscriptions::Subscription| {
        (row.state.clone(), row.plan.clone(), row.current_period_end_at, row.cancel_at_period_end)
    };
    let differed = before.as_ref().map(essence) != after.as_ref().map(essence);
    if differed {
        tracing::warn!(stripe.subscription = id, "differed from Stripe and was mended");
    }
    Ok(differed)
}
