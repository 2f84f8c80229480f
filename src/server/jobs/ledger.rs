//! The ledger is signed, and held against the candles.

use super::turn;
use crate::server::{
    error::ServiceError,
    service::ledger::{corrections, signing},
    state::AppState,
};
use std::time::Duration;

/// Once a day; a little less, so that a round is not missed by a moment.
const DAILY: Duration = Duration::from_secs(86_300);
/// How long a round may take.
const ROUND: Duration = Duration::from_secs(300);

/// Signs how far the ledger has come, if it is time. Of several replicas that find so, one's signature is kept.
pub async fn sign(state: AppState) -> Result<(), ServiceError> {
    signing::sign(&state).await.map(drop)
}

/// Notes where market data has changed under what had ended, in one replica a day, and after each start: a new release
/// may carry other candles.
pub async fn correct(state: AppState) -> Result<(), ServiceError> {
    let since_start = state.clock.now().since(state.started_at);
    turn::take(&state, "ledger-corrections", DAILY.min(since_start), ROUND, corrections::correct(&state)).await
}
