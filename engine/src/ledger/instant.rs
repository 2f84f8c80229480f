//! Instants in UTC, to the millisecond, each with one text.

use super::canonical::{as_text, text::Text};
use std::fmt;
use time::{Date, Month};

const SECOND: i64 = 1_000;
const DAY: i64 = 86_400 * SECOND;
/// 1970-01-01 as the `time` crate counts days.
const EPOCH: i64 = 2_440_588;
/// The first and the last millisecond of the years 0001 to 9999.
const RANGE: std::ops::RangeInclusive<i64> = -62_135_596_800_000..=253_402_300_799_999;

/// An instant of the years 0001 to 9999, written `2024-06-01T00:00:00Z`, or with three decimals where it is no full
/// second: `2024-06-01T00:00:00.120Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

impl Instant {
    /// From milliseconds since 1970; brought into the years 0001 to 9999.
    #[must_use]
    pub fn from_millis(millis: i64) -> Self {
        Self(millis.clamp(*RANGE.start(), *RANGE.end()))
    }

    /// From seconds since 1970; brought into the years 0001 to 9999.
    #[must_use]
    pub fn from_secs(secs: i64) -> Self {
        Self::from_millis(secs.saturating_mul(SECOND))
    }

    /// Milliseconds since 1970.
    #[must_use]
    pub fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970, rounded down.
    #[must_use]
    pub fn secs(self) -> i64 {
        self.0.div_euclid(SECOND)
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (day, millis) = (self.0.div_euclid(DAY) + EPOCH, self.0.rem_euclid(DAY));
        let date = i32::try_from(day).ok().and_then(|day| Date::from_julian_day(day).ok()).ok_or(fmt::Error)?;
        let (year, month, day) = date.to_calendar_date();
        let secs = millis / SECOND;
        let (hour, minute, second) = (secs / 3_600, secs / 60 % 60, secs % 60);
        write!(f, "{year:04}-{:02}-{day:02}T{hour:02}:{minute:02}:{second:02}", u8::from(month))?;
        match millis % SECOND {
            0 => f.write_str("Z"),
            part => write!(f, ".{part:03}Z"),
        }
    }
}

impl Text for Instant {
    const EXPECTED: &'static str = "a time like 2024-06-01T00:00:00Z";

    fn parse(text: &str) -> Option<Self> {
        let text = text.strip_suffix('Z')?;
        let (text, part) = text.split_once('.').map_or((text, Some(0)), |(text, part)| (text, number(part, 3)));
        let (date, clock) = text.split_once('T')?;
        let mut date = date.split('-');
        let (year, month, day) = (number(date.next()?, 4)?, number(date.next()?, 2)?, number(date.next()?, 2)?);
        let mut clock = clock.split(':');
        let (hour, minute, second) = (number(clock.next()?, 2)?, number(clock.next()?, 2)?, number(clock.next()?, 2)?);
        if date.next().is_some() || clock.next().is_some() || year == 0 || hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
        let date = Date::from_calendar_date(i32::try_from(year).ok()?, month, u8::try_from(day).ok()?).ok()?;
        let days = i64::from(date.to_julian_day()) - EPOCH;
        Some(Self(days * DAY + (hour * 3_600 + minute * 60 + second) * SECOND + part?))
    }
}

/// Exactly so many decimal digits.
fn number(text: &str, digits: usize) -> Option<i64> {
    let all_digits = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    all_digits.then(|| text.bytes().fold(0, |sum, byte| sum * 10 + i64::from(byte - b'0')))
}

as_text!(Instant);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_round_trip() {
        for (millis, text) in [
            (1_717_200_000_000, "2024-06-01T00:00:00Z"),
            (1_717_200_000_120, "2024-06-01T00:00:00.120Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (i64::MIN, "0001-01-01T00:00:00Z"),
            (i64::MAX, "9999-12-31T23:59:59.999Z"),
        ] {
            let instant = Instant::from_millis(millis);
            assert_eq!(instant.to_string(), text);
            assert_eq!(Instant::parse(text), Some(instant));
        }
        assert_eq!(Instant::from_secs(1_717_200_000).secs(), 1_717_200_000);
    }

    #[test]
    fn what_is_no_instant_is_refused() {
        for text in [
            "",
            "2024-06-01",
            "2024-06-01T00:00:00",
            "2024-06-01T00:00:00+00:00",
            "2024-06-31T00:00:00Z",
            "2024-06-01T24:00:00Z",
            "2024-06-01T00:00:60Z",
            "2024-06-01T00:00:00.1Z",
            "0000-06-01T00:00:00Z",
            "2024-06-01-01T00:00:00Z",
            "２０２４-06-01T00:00:00Z",
        ] {
            assert_eq!(Instant::parse(text), None, "{text}");
        }
    }
}
