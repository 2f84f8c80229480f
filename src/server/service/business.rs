//! How the business does, for who runs it.

use super::page;
use crate::{
    domain::{
        id::UserId,
        money::Money,
        operation::{AccountPage, AccountView, Business},
        plan::Plan,
        time::Timestamp,
    },
    server::{
        error::ServiceError,
        state::AppState,
        store::business::{Listed, Standing},
    },
};
use jiff::{ToSpan, tz::TimeZone};
use std::time::Duration;

/// For how long an account is new.
const NEW: Duration = Duration::from_secs(7 * 86_400);

/// The figures of this moment.
///
/// # Errors
/// When the database does not answer.
pub async fn figures(state: &AppState) -> Result<Business, ServiceError> {
    let now = state.clock.now();
    let zone = state.config.operator.time_zone.clone();
    let months =
        Months::at(now, &zone).map_err(|error| ServiceError::internal("telling the operator's month", error))?;
    let Standing { accounts, new_accounts, paying, past_due, ending } = state.store.standing(now - NEW).await?;
    let this_month = state.store.takings(months.this, None).await?;
    let last_month = state.store.takings(months.last, Some(months.this)).await?;
    Ok(Business {
        accounts,
        new_accounts,
        paying,
        past_due,
        ending,
        this_month: or_nothing(state, this_month),
        last_month: or_nothing(state, last_month),
        time_zone: zone,
    })
}

/// A page of the accounts, the newest first.
///
/// # Errors
/// `Invalid` when the cursor is none of ours.
pub async fn accounts(state: &AppState, cursor: Option<&str>, limit: u64) -> Result<AccountPage, ServiceError> {
    let after = page::after(cursor, |id| id.parse::<UserId>().ok())?.map(|(_, id)| id);
    let rows = state.store.newest_accounts(after, limit + 1).await?;
    let (rows, next_cursor) = page::cut(rows, limit, |last| page::cursor(last.created_at.millis(), last.id));
    let view = |Listed { email, plan, is_verified, created_at, .. }: Listed| AccountView {
        email,
        plan,
        is_verified,
        created_at,
    };
    Ok(AccountPage { accounts: rows.into_iter().map(view).collect(), next_cursor })
}

/// Nothing, in the currency of what is sold, where nothing was taken.
fn or_nothing(state: &AppState, takings: Vec<Money>) -> Vec<Money> {
    if !takings.is_empty() {
        return takings;
    }
    let sold = state.config.plans.get(Plan::Pro.as_str());
    vec![Money::new(0, sold.map_or("inr", |plan| plan.currency.as_str()))]
}

/// When the operator's months begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Months {
    this: Timestamp,
    last: Timestamp,
}

impl Months {
    fn at(now: Timestamp, zone: &str) -> Result<Self, jiff::Error> {
        let zoned = jiff::Timestamp::from_millisecond(now.millis())?.to_zoned(TimeZone::get(zone)?);
        let this = zoned.first_of_month()?.start_of_day()?;
        let last = this.checked_sub(1.month())?.start_of_day()?;
        let at = |zoned: &jiff::Zoned| Timestamp::from_millis(zoned.timestamp().as_millisecond());
        Ok(Self { this: at(&this), last: at(&last) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_the_operators() {
        let at = |text: &str| Timestamp::parse(text).unwrap();
        for (now, zone, this, last) in [
            ("2024-03-31T20:00:00Z", "Asia/Kolkata", "2024-03-31T18:30:00Z", "2024-02-29T18:30:00Z"),
            ("2024-03-31T18:00:00Z", "Asia/Kolkata", "2024-02-29T18:30:00Z", "2024-01-31T18:30:00Z"),
            ("2024-01-01T00:00:00Z", "UTC", "2024-01-01T00:00:00Z", "2023-12-01T00:00:00Z"),
            ("2024-04-15T12:00:00Z", "Europe/Berlin", "2024-03-31T22:00:00Z", "2024-02-29T23:00:00Z"),
        ] {
            let months = Months { this: at(this), last: at(last) };
            assert_eq!(Months::at(at(now), zone).unwrap(), months, "{now} {zone}");
        }
    }
}
