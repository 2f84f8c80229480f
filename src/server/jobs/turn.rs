//! What all replicas together do once in a while.

use crate::server::{error::ServiceError, service::leases, state::AppState};
use std::time::Duration;

/// Does `work` if it is this replica's turn: at most once in `every`, with `ttl` to do it. How it went is noted for
/// the health report.
pub async fn take<T>(
    state: &AppState,
    name: &str,
    every: Duration,
    ttl: Duration,
    work: impl Future<Output = Result<T, ServiceError>>,
) -> Result<(), ServiceError> {
    if !leases::take_turn(state, name, every, ttl).await? {
        return Ok(());
    }
    let done = work.await;
    let error = done.as_ref().err().map(ToString::to_string);
    leases::note(state, name, Duration::ZERO, error.as_deref()).await?;
    done.map(drop)
}
