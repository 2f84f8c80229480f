//! After wrong passwords: a wait before the next try, for an address, whether it has an account or not; and apart from
//! that for somebody signed in, who confirms by their password what they are about to do.
//!
//! Counted in the cache under a keyed hash of the address, so that nothing tells known addresses from unknown ones, or
//! under the user; each process counts for itself while Redis does not answer. Sessions that are open go on, a stranger's
//! wrong logins do not hold up whoever is signed in, and a password reset lifts the wait: an attacker cannot keep anybody
//! out.

use crate::{
    domain::{account::Email, id::UserId},
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

/// Whose tries count together.
#[derive(Clone, Copy)]
pub(super) enum Whose<'a> {
    /// Of everybody who logs in with this address.
    Address(&'a Email),
    /// Of this person, signed in.
    SignedIn(UserId),
}

/// Counts one try as wrong beforehand, so that many at once cannot slip through. A right one is followed by
/// [`forget`].
///
/// # Errors
/// `RateLimited` while they wait; the password is not looked at then.
pub(super) async fn begin_try(state: &AppState, whose: Whose<'_>) -> Result<(), ServiceError> {
    match state.cache.begin_try(&key(state, whose), &BACKOFF, state.clock.now()).await {
        Admission::Admitted { .. } => Ok(()),
        Admission::Refused(limited) => Err(ServiceError::RateLimited(limited)),
    }
}

/// Forgets the wrong tries.
pub(super) async fn forget(state: &AppState, whose: Whose<'_>) {
    state.cache.forget_tries(&key(state, whose)).await;
}

fn key(state: &AppState, whose: Whose<'_>) -> String {
    match whose {
        Whose::Address(email) => format!("tries:{}", state.tokens.pseudonym(email.as_ref())),
        Whose::SignedIn(user) => format!("confirmations:{user}"),
    }
}
