//! What is no longer needed is forgotten.

use super::turn;
use crate::server::{error::ServiceError, service::upkeep, state::AppState};
use std::time::Duration;

/// Once an hour; a little less, so that a round is not missed by a moment.
const HOURLY: Duration = Duration::from_secs(3500);
/// How long a round may take.
const ROUND: Duration = Duration::from_secs(300);

/// Forgets what is over, in one replica an hour.
pub async fn clean_up(state: AppState) -> Result<(), ServiceError> {
    turn::take(&state, "clean-up", HOURLY, ROUND, upkeep::forget_old(&state)).await
}

/// Adds up what was measured: until then each measurement is kept for itself, whether or not anybody asks for them.
pub async fn sum_up(state: AppState) -> Result<(), ServiceError> {
    state.metrics.run_upkeep();
    Ok(())
}
