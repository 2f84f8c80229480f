use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use time::{Date, Month, OffsetDateTime};

/// The clock that objects' times follow: the real one, and how far it was moved ahead.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Clock {
    /// Seconds ahead of the real time, never negative.
    pub ahead: i64,
    /// The instant at which a due thing happens, while it is being done.
    #[serde(skip)]
    pub at: Option<i64>,
}

impl Clock {
    /// The time now, in seconds since 1970.
    pub fn now(&self) -> i64 {
        self.at.unwrap_or_else(|| real_seconds() + self.ahead)
    }
}

/// The real time, in seconds since 1970.
pub fn real_seconds() -> i64 {
    real_millis() / 1000
}

/// The real time, in milliseconds since 1970.
#[expect(clippy::disallowed_methods, reason = "the one place where the sandbox reads the time")]
pub fn real_millis() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// `count` intervals (`day`, `week`, `month`, `year`) after `anchor`. A month without the anchor's
/// day ends at its last one. Times past the calendar's end stay at the anchor.
pub fn after(anchor: i64, interval: &str, count: i64) -> i64 {
    match interval {
        "day" => anchor + count * 86_400,
        "week" => anchor + count * 7 * 86_400,
        "year" => months_after(anchor, count * 12),
        _ => months_after(anchor, count),
    }
}

/// The year and month of an instant, in UTC.
pub fn year_and_month(at: i64) -> (i32, u8) {
    let date = OffsetDateTime::from_unix_timestamp(at).unwrap_or(OffsetDateTime::UNIX_EPOCH).date();
    (date.year(), u8::from(date.month()))
}

/// An instant's date in words, such as `5 March 2026`, in UTC.
pub fn date_in_words(at: i64) -> String {
    let date = OffsetDateTime::from_unix_timestamp(at).unwrap_or(OffsetDateTime::UNIX_EPOCH).date();
    format!("{} {} {}", date.day(), date.month(), date.year())
}

fn months_after(anchor: i64, months: i64) -> i64 {
    let moved = || {
        let from = OffsetDateTime::from_unix_timestamp(anchor).ok()?;
        let index = i64::from(from.year()) * 12 + i64::from(u8::from(from.month())) - 1 + months;
        let year = i32::try_from(index.div_euclid(12)).ok()?;
        let month = Month::try_from(u8::try_from(index.rem_euclid(12) + 1).ok()?).ok()?;
        let day = from.day().min(month.length(year));
        let date = Date::from_calendar_date(year, month, day).ok()?;
        Some(from.replace_date(date).unix_timestamp())
    };
    moved().unwrap_or(anchor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_after_the_31st_is_the_last_of_february() {
        let january_31 = 1_706_659_200; // 2024-01-31
        assert_eq!(date_in_words(after(january_31, "month", 1)), "29 February 2024");
        assert_eq!(date_in_words(after(january_31, "month", 2)), "31 March 2024");
        assert_eq!(date_in_words(after(january_31, "year", 1)), "31 January 2025");
        assert_eq!(date_in_words(after(january_31, "week", 1)), "7 February 2024");
    }
}
