//! What is over is forgotten.

use crate::server::{error::ServiceError, service::quota::Day, state::AppState};
use std::time::Duration;

const DAY: Duration = Duration::from_secs(86_400);
/// Sign-ins that ended, for the list of where one was signed in.
const SESSIONS_KEPT: Duration = DAY;
/// Links that expired, so that a late click is told why.
const LINKS_KEPT: Duration = DAY.saturating_mul(7);
/// Mails that were handed over.
const MAILS_KEPT: Duration = DAY.saturating_mul(30);
/// Windows of use, and the fetches that let a reader see an open signal.
const USAGE_KEPT: Duration = DAY.saturating_mul(40);

/// Forgets what nobody needs any more.
///
/// # Errors
/// When the database does not answer; what was forgotten until then stays so.
pub async fn forget_old(state: &AppState) -> Result<(), ServiceError> {
    let (store, now) = (&state.store, state.clock.now());
    let sessions = store.forget_sessions_before(now - SESSIONS_KEPT).await?;
    let links = store.forget_links_before(now - LINKS_KEPT).await?;
    let mails = store.forget_mails_before(now - MAILS_KEPT).await?;
    let windows = store.forget_usage_before(now - USAGE_KEPT).await?;
    let former = store.forget_former_usage_before(Day::today(state)?.start).await?;
    tracing::debug!(sessions, links, mails, windows, former, "forgot what is over");
    Ok(())
}
