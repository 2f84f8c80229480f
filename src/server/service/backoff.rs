//! After wrong passwords: a wait before the next try, for an address, whether it has an account or not.
//!
//! Kept in the cache under a keyed hash of the address, so that nothing tells known addresses from unknown ones.
//! Sessions that are open go on, and a password reset lifts the wait: an attacker cannot keep anybody out. Where the
//! cache is lost there is no wait; the limit for a client's address still holds.

use crate::{
    domain::{account::Email, time::Timestamp},
    server::{
        error::{RateLimited, ServiceError},
        state::AppState,
    },
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Wrong passwords in a row that cost no wait.
const FREE: u32 = 5;

/// The first wait; each next one is twice as long.
const FIRST: Duration = Duration::from_secs(4);

/// The longest wait.
const LONGEST: Duration = Duration::from_secs(15 * 60);

/// Without a further try all is forgotten after so long.
const REMEMBERED: Duration = Duration::from_secs(60 * 60);

/// What is known of an address.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct Failures {
    count: u32,
    wait_until: Option<Timestamp>,
}

/// Counts one try as wrong beforehand, so that many at once cannot slip through. A right one is followed by
/// [`forget`].
///
/// # Errors
/// `RateLimited` while the address waits; the password is not looked at then.
pub(super) async fn begin_try(state: &AppState, email: &Email) -> Result<(), ServiceError> {
    let (key, now) = (key(state, email), state.clock.now());
    let known = match state.cache.get(&key).await {
        Ok(Some(bytes)) => serde_json::from_slice::<Failures>(&bytes).unwrap_or_default(),
        Ok(None) => Failures::default(),
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "no back-off after wrong passwords");
            return Ok(());
        }
    };
    if let Some(until) = known.wait_until.filter(|until| now < *until) {
        let retry_after = until.since(now);
        return Err(ServiceError::RateLimited(RateLimited { limit: FREE, window: REMEMBERED, retry_after }));
    }
    let count = known.count.saturating_add(1);
    let wait_until = (!wait_after(count).is_zero()).then(|| now + wait_after(count));
    let kept = serde_json::to_vec(&Failures { count, wait_until }).unwrap_or_default();
    if let Err(error) = state.cache.set(&key, kept.into(), REMEMBERED).await {
        tracing::warn!(error = &error as &dyn std::error::Error, "a wrong password was not counted");
    }
    Ok(())
}

/// Forgets the wrong tries of an address.
pub(super) async fn forget(state: &AppState, email: &Email) {
    if let Err(error) = state.cache.delete(&key(state, email)).await {
        tracing::warn!(error = &error as &dyn std::error::Error, "wrong passwords were not forgotten");
    }
}

/// The wait after so many wrong tries in a row.
fn wait_after(count: u32) -> Duration {
    match count.checked_sub(FREE) {
        None => Duration::ZERO,
        Some(beyond) => (FIRST * (1 << beyond.min(20))).min(LONGEST),
    }
}

fn key(state: &AppState, email: &Email) -> String {
    format!("tries:{}", state.tokens.pseudonym(email.as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_quarter_of_an_hour() {
        let seconds: Vec<u64> = (1..=14).map(|count| wait_after(count).as_secs()).collect();
        assert_eq!(seconds, [0, 0, 0, 0, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]);
        assert_eq!(wait_after(u32::MAX), LONGEST);
    }
}
