//! Strategies are examined, one on one series at a time.

use super::turn;
use crate::server::{error::ServiceError, service::verdicts, state::AppState};
use std::time::Duration;

/// How long an examination may take; it takes less than a second.
const EXAMINATION: Duration = Duration::from_secs(60);

/// Examines one strategy on one series, if one is due and no other replica is at it; then comes the next.
pub async fn examine(state: AppState) -> Result<(), ServiceError> {
    if !verdicts::is_due(&state).await? {
        return Ok(());
    }
    turn::take(&state, "verdicts", Duration::ZERO, EXAMINATION, verdicts::examine_next(&state)).await
}
