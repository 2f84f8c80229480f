//! How often a free user may fetch: decided in the database.
//!
//! The cache only remembers that the database has said no for a day. It never says no by itself, and never yes.

use crate::{
    domain::{
        id::{SignalId, UserId},
        plan::{Entitlement, Feature, Plan},
        quota::{QuotaState, UsageView},
        time::Timestamp,
    },
    server::{
        cache::{Admission, RateLimit},
        error::ServiceError,
        state::AppState,
        store::{Transaction, usage::StoredFetch},
    },
};
use bytes::Bytes;
use jiff::tz::TimeZone;
use std::time::Duration;

/// Every feature there is, in the order shown.
pub const FEATURES: [Feature; 4] = [Feature::Signals, Feature::Backtests, Feature::Alerts, Feature::ApiCalls];

/// A calendar day: `[start, end)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    /// Its first instant.
    pub start: Timestamp,
    /// The next day's first instant.
    pub end: Timestamp,
}

impl Day {
    /// The day of `now` in a time zone of the IANA database; 23 or 25 hours where clocks change.
    ///
    /// # Errors
    /// When there is no such zone.
    pub fn of(now: Timestamp, zone: &str) -> Result<Self, jiff::Error> {
        let zoned = jiff::Timestamp::from_millisecond(now.millis())?.to_zoned(TimeZone::get(zone)?);
        let start = zoned.start_of_day()?;
        let end = start.tomorrow()?.start_of_day()?;
        let at = |zoned: &jiff::Zoned| Timestamp::from_millis(zoned.timestamp().as_millisecond());
        Ok(Self { start: at(&start), end: at(&end) })
    }

    /// Today in the operator's time zone.
    ///
    /// # Errors
    /// When the configured zone is none.
    pub fn today(state: &AppState) -> Result<Self, ServiceError> {
        let day = Self::of(state.clock.now(), &state.config.operator.time_zone);
        day.map_err(|error| ServiceError::internal("telling the operator's day", error))
    }
}

/// What is left of a free user's day.
///
/// # Errors
/// When the database does not answer.
pub async fn state(state: &AppState, user: UserId) -> Result<QuotaState, ServiceError> {
    let (day, limit) = (Day::today(state)?, state.config.quota.free_fetches_per_day);
    let used = state.store.used(user, Feature::Signals, day.start).await?.min(limit);
    Ok(QuotaState { limit, used, resets_at: day.end })
}

/// Takes one of the day's fetches, which brought `signals`.
///
/// # Errors
/// `QuotaExceeded` when all are used; nothing is taken at any other error but a commit that was not confirmed.
pub async fn take(state: &AppState, user: UserId, signals: Vec<SignalId>) -> Result<QuotaState, ServiceError> {
    let (day, limit) = (Day::today(state)?, state.config.quota.free_fetches_per_day);
    let exceeded = || exceeded(Feature::Signals, limit, day);
    let mark = format!("spent:{user}:{}:{limit}", day.start.millis());
    if is_known_spent(state, user, &mark).await? {
        return Err(exceeded());
    }
    let mut taken = None;
    // A look first: refusals need not queue for the one writer.
    if state.store.used(user, Feature::Signals, day.start).await? < limit {
        let fetch = StoredFetch { fetched_at: state.clock.now(), signals };
        let txn = state.store.begin().await?;
        // Before its use, as whoever deletes it does: of two that lock in one order neither waits for the other in vain.
        if txn.hold_account(user).await? {
            taken = txn.take_use(user, Feature::Signals, day.start, limit).await?;
        }
        if let Some(ordinal) = taken {
            txn.keep_fetch(user, day.start, ordinal, &fetch).await?;
            txn.commit().await?;
        }
    }
    let Some(used) = taken else {
        // Only saves work: without it the database is asked again.
        let until_reset = day.end.since(state.clock.now());
        drop(state.cache.set(&mark, Bytes::from_static(b"1"), until_reset).await);
        return Err(exceeded());
    };
    Ok(QuotaState { limit, used, resets_at: day.end })
}

/// Takes one use of `feature` from what `plan` gives: the window that it was counted in. Where that is without limit,
/// nothing is counted.
///
/// # Errors
/// `PlanRequired` where the plan does not have it, `QuotaExceeded` when all are used; nothing is taken at any other error
/// but a commit that was not confirmed.
pub async fn take_one(
    state: &AppState,
    user: UserId,
    plan: Plan,
    feature: Feature,
) -> Result<Option<Timestamp>, ServiceError> {
    let limit = match plan.entitlement(feature, state.config.quota.free_limits()) {
        Entitlement::No => return Err(ServiceError::PlanRequired),
        Entitlement::Unlimited => return Ok(None),
        Entitlement::Daily { limit } => limit,
    };
    let day = Day::today(state)?;
    // A look first: refusals need not queue for the one writer.
    if state.store.used(user, feature, day.start).await? < limit {
        let txn = state.store.begin().await?;
        if txn.hold_account(user).await? && txn.take_use(user, feature, day.start, limit).await?.is_some() {
            txn.commit().await?;
            return Ok(Some(day.start));
        }
    }
    Err(exceeded(feature, limit, day))
}

/// Gives back one use that [`take_one`] counted in this window. Whoever calls it sees to it that each is given back once.
///
/// # Errors
/// When the database does not answer.
pub async fn give_back(
    state: &AppState,
    user: UserId,
    feature: Feature,
    window: Timestamp,
) -> Result<(), ServiceError> {
    Ok(state.store.give_back_use(user, feature, window).await?)
}

fn exceeded(feature: Feature, limit: u32, day: Day) -> ServiceError {
    ServiceError::QuotaExceeded(feature, QuotaState { limit, used: limit, resets_at: day.end })
}

/// Keeps what `user` used of today, for whoever signs up with their address before the day ends: with `txn`, in which
/// the account is locked and gives the address up.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn leave(state: &AppState, txn: &Transaction, user: UserId, email: &str) -> Result<(), ServiceError> {
    let today = Day::today(state)?.start;
    Ok(txn.leave_usage(user, &name_of(state, email, today), today).await?)
}

/// Gives a new account what was used of today under its address before.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn inherit(
    state: &AppState,
    txn: &Transaction,
    user: UserId,
    email: &str,
) -> Result<(), ServiceError> {
    let today = Day::today(state)?.start;
    Ok(txn.inherit_usage(user, &name_of(state, email, today), today).await?)
}

/// What of an address is kept with its use: nothing that could be read, nor found again on another day.
fn name_of(state: &AppState, email: &str, day: Timestamp) -> String {
    state.tokens.pseudonym(&format!("usage {} {email}", day.millis()))
}

/// What `plan` gives `user` of each feature today.
///
/// # Errors
/// When the database does not answer.
pub async fn usage(state: &AppState, user: UserId, plan: Plan, feature: Feature) -> Result<UsageView, ServiceError> {
    let none = UsageView { feature, included: true, limit: None, used: None, resets_at: None };
    match plan.entitlement(feature, state.config.quota.free_limits()) {
        Entitlement::No => Ok(UsageView { included: false, ..none }),
        Entitlement::Unlimited => Ok(none),
        Entitlement::Daily { limit } => {
            let day = Day::today(state)?;
            let used = state.store.used(user, feature, day.start).await?.min(limit);
            Ok(UsageView { limit: Some(limit), used: Some(used), resets_at: Some(day.end), ..none })
        }
    }
}

/// One call to the cache: this user's rate, and whether the database said no before.
async fn is_known_spent(state: &AppState, user: UserId, mark: &str) -> Result<bool, ServiceError> {
    let limits = &state.config.limits;
    let rate =
        RateLimit { limit: limits.requests_per_minute, window: Duration::from_secs(60), burst: limits.requests_burst };
    match state.cache.admit_and_recall(&format!("fetch:{user}"), rate, mark).await {
        (Admission::Refused(limited), _) => Err(ServiceError::RateLimited(limited)),
        (Admission::Admitted { .. }, spent) => Ok(spent),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(now: &str, zone: &str) -> (String, String) {
        let day = Day::of(Timestamp::parse(now).unwrap(), zone).unwrap();
        (day.start.to_string(), day.end.to_string())
    }

    #[test]
    fn a_day_is_the_operators() {
        let kolkata = ("2024-05-31T18:30:00Z".to_owned(), "2024-06-01T18:30:00Z".to_owned());
        assert_eq!(day("2024-05-31T18:30:00Z", "Asia/Kolkata"), kolkata);
        assert_eq!(day("2024-06-01T18:29:59.999Z", "Asia/Kolkata"), kolkata);
        assert!(Day::of(Timestamp::from_secs(0), "Mars/Olympus").is_err());
    }

    #[test]
    fn a_day_is_as_long_as_its_clocks_make_it() {
        let short = ("2024-03-31T00:00:00Z".to_owned(), "2024-03-31T23:00:00Z".to_owned());
        assert_eq!(day("2024-03-31T12:00:00Z", "Europe/London"), short);
        let long = ("2024-10-26T22:00:00Z".to_owned(), "2024-10-27T23:00:00Z".to_owned());
        assert_eq!(day("2024-10-27T12:00:00Z", "Europe/Berlin"), long);
        // Where midnight itself is skipped, the day begins at one.
        let santiago = day("2024-09-08T12:00:00Z", "America/Santiago");
        assert_eq!(santiago, ("2024-09-08T04:00:00Z".to_owned(), "2024-09-09T03:00:00Z".to_owned()));
    }
}
