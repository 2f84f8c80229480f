//! After wrong passwords: a wait before the next try, for an address, whether it has an account or not.
//!
//! Counted in the cache under a keyed hash of the address, so that nothing tells known addresses from unknown ones; each
//! process counts for itself while Redis does not answer. Sessions that are open go on, and a password reset lifts the
//! wait: an attacker cannot keep anybody out.

use crate::{
    domain::account::Email,
    server::{
        cache::{Admission, BackOff},
        error::ServiceError,
        state::AppState,
    },
};
use std::time::Duration;

/// After the fifth wrong password in a row four seconds, then each time twice as long, up to a quarter of an hour.
/// Forgotten after an hour without a further try.
const BACKOFF: BackOff =
    BackOff { waits: &[0, 0, 0, 0, 4, 8, 16, 32, 64, 128, 256, 512, 900], remembered: Duration::from_secs(3600) };

/// Counts one try as wrong beforehand, so that many at once cannot slip through. A right one is followed by
/// [`forget`].
///
/// # Errors
/// `RateLimited` while the address waits; the password is not looked at then.
pub(super) async fn begin_try(state: &AppState, email: &Email) -> Result<(), ServiceError> {
    match state.cache.begin_try(&key(state, email), &BACKOFF, state.clock.now()).await {
        Admission::Admitted { .. } => Ok(()),
        Admission::Refused(limited) => Err(ServiceError::RateLimited(limited)),
    }
}

/// Forgets the wrong tries of an address.
pub(super) async fn forget(state: &AppState, email: &Email) {
    state.cache.forget_tries(&key(state, email)).await;
}

fn key(state: &AppState, email: &Email) -> String {
    format!("tries:{}", state.tokens.pseudonym(email.as_ref()))
}
