//! The daily comparison with Stripe of what is not over: our subscriptions, and the checkouts that could become one.

use super::{
    checkout,
    subscriptions::{self, Cause},
};
use crate::server::{error::ServiceError, state::AppState};
use std::time::Duration;

/// Rows taken at a time.
const PAGE: u64 = 100;

/// A checkout that was opened less than this ago is being paid, and its event is on its way.
const BEING_PAID: Duration = Duration::from_secs(600);

/// What a comparison found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// Subscriptions and checkouts that were looked at.
    pub looked_at: usize,
    /// Those that differed and were mended.
    pub mended: usize,
    /// Those that could not be compared; their causes are in the log.
    pub failed: usize,
}

impl Compared {
    /// Counts what came of one, which may have differed. Only what would befall the others too is an error.
    fn count(&mut self, id: &str, outcome: Result<bool, ServiceError>) -> Result<(), ServiceError> {
        self.looked_at += 1;
        match outcome {
            Ok(true) => {
                self.mended += 1;
                tracing::warn!(stripe.id = id, "differed from Stripe and was mended");
            }
            Ok(false) => {}
            Err(error) if error.is_outage() => return Err(error),
            Err(error) => {
                self.failed += 1;
                tracing::error!(error = &error as &dyn std::error::Error, stripe.id = id, "not compared");
            }
        }
        Ok(())
    }
}

/// Compares every live subscription with Stripe, and every checkout that is open as far as we know, and mends what differs.
/// So a payment is found of which no event came and from which nobody came back.
///
/// # Errors
/// When the database or Stripe does not answer; what was compared until then stays mended.
pub async fn run(state: &AppState) -> Result<Compared, ServiceError> {
    let mut compared = Compared::default();
    compare_subscriptions(state, &mut compared).await?;
    compare_checkouts(state, &mut compared).await?;
    tracing::info!(looked_at = compared.looked_at, mended = compared.mended, failed = compared.failed, "reconciled");
    Ok(compared)
}

async fn compare_subscriptions(state: &AppState, compared: &mut Compared) -> Result<(), ServiceError> {
    let mut after = String::new();
    loop {
        let page = state.store.live_subscriptions(&after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after.clone_from(last);
        for id in &page {
            compared.count(id, compare(state, id).await)?;
        }
    }
}

async fn compare_checkouts(state: &AppState, compared: &mut Compared) -> Result<(), ServiceError> {
    let (before, mut after) = (state.clock.now() - BEING_PAID, String::new());
    loop {
        let page = state.store.open_checkouts(before, &after, PAGE).await?;
        let Some(last) = page.last() else { return Ok(()) };
        after.clone_from(&last.id);
        for kept in &page {
            compared.count(&kept.id, checkout::follow_up(state, kept).await)?;
        }
    }
}

/// Whether it differed.
async fn compare(state: &AppState, id: &str) -> Result<bool, ServiceError> {
    let before = state.store.subscription(id).await?;
    subscriptions::sync(state, id, &Cause::default()).await?;
    let after = state.store.subscription(id).await?;
    let essence = |row: &crate::server::store::subscriptions::Subscription| {
        (row.state.clone(), row.plan.clone(), row.current_period_end_at, row.cancel_at_period_end)
    };
    Ok(before.as_ref().map(essence) != after.as_ref().map(essence))
}
