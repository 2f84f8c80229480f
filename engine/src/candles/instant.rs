//! Times as they stand in files.

use time::{Date, Month, Time};

/// From this size on an epoch number counts thousandths of what it would count below: as seconds it
/// would be the year 5138, as milliseconds too.
const THOUSANDTHS_FROM: [i64; 2] = [100_000_000_000_000, 100_000_000_000];

/// In which order a date with slashes has its parts; the year is last. One date alone may not
/// tell, but all of a file's are in the same order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SlashOrder {
    /// `12/31/2024`.
    MonthFirst,
    /// `31/12/2024`.
    DayFirst,
}

/// Why a text is no time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoTime {
    /// It cannot be read.
    Malformed,
    /// It is a date with slashes, of unknown order.
    Ambiguous,
}

impl SlashOrder {
    /// The order that all of these times are in; `None` if they have no slashes, do not tell, or
    /// contradict each other.
    pub(super) fn of<'a>(times: impl Iterator<Item = &'a str>) -> Option<Self> {
        let (mut month_first, mut day_first) = (false, false);
        for time in times {
            let mut parts = time.splitn(3, '/').map(number);
            if let (Some(Some(first)), Some(Some(second))) = (parts.next(), parts.next()) {
                day_first |= first > 12;
                month_first |= second > 12;
            }
        }
        match (month_first, day_first) {
            (true, false) => Some(Self::MonthFirst),
            (false, true) => Some(Self::DayFirst),
            _ => None,
        }
    }
}

/// Unix seconds of a date or a date and time (UTC where no offset is written), or of an epoch
/// number in seconds, milliseconds or microseconds. Dates are ISO 8601, or have slashes in the
/// given order; a year of two digits is 1969 to 2068, as in POSIX. Where `dates` are meant, midnight of
/// a written offset is midnight UTC of its date.
///
/// # Errors
/// For anything else, fractions of a second included, since no candle opens within a second.
pub(super) fn parse(text: &str, order: Option<SlashOrder>, dates: bool) -> Result<i64, NoTime> {
    if text.contains('/') && order.is_none() {
        return Err(NoTime::Ambiguous);
    }
    read(text, order, dates).ok_or(NoTime::Malformed)
}

fn read(text: &str, order: Option<SlashOrder>, dates: bool) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return epoch(text.parse().ok()?);
    }
    if !text.is_ascii() {
        return None;
    }
    let slashed = order.filter(|_| text.contains('/'));
    let length = if slashed.is_some() { text.find([' ', 'T']).unwrap_or(text.len()) } else { 10 };
    let (date, rest) = text.split_at_checked(length)?;
    let midnight = slashed.map_or_else(|| midnight(date), |order| slashed_midnight(date, order))?;
    if rest.is_empty() {
        return Some(midnight);
    }
    let clock = rest.strip_prefix(['T', 't', ' '])?;
    let (clock, offset) = split_offset(clock)?;
    match second_of_day(clock)? {
        0 if dates => Some(midnight),
        second => Some(midnight + second - offset),
    }
}

fn epoch(mut number: i64) -> Option<i64> {
    for from in THOUSANDTHS_FROM {
        if number.unsigned_abs() >= from.unsigned_abs() {
            if number % 1_000 != 0 {
                return None;
            }
            number /= 1_000;
        }
    }
    Some(number)
}

/// `12/31/2024`, `1/3/24`, or with the day first, as Unix seconds of its midnight.
fn slashed_midnight(text: &str, order: SlashOrder) -> Option<i64> {
    let mut parts = text.split('/');
    let (first, second, year) = (number(parts.next()?)?, number(parts.next()?)?, parts.next()?);
    let full_year = match (year.len(), number(year)?) {
        (4, year) => year,
        (2, year) if year < 69 => 2000 + year,
        (2, year) => 1900 + year,
        _ => return None,
    };
    if parts.next().is_some() {
        return None;
    }
    let (month, day) = match order {
        SlashOrder::MonthFirst => (first, second),
        SlashOrder::DayFirst => (second, first),
    };
    on(full_year, month, day)
}

/// `YYYY-MM-DD`, as Unix seconds of its midnight.
fn midnight(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    if bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    on(number(text.get(..4)?)?, number(text.get(5..7)?)?, number(text.get(8..)?)?)
}

fn on(year: u16, month: u16, day: u16) -> Option<i64> {
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    let date = Date::from_calendar_date(i32::from(year), month, u8::try_from(day).ok()?).ok()?;
    Some(date.midnight().assume_utc().unix_timestamp())
}

/// `HH:MM`, `HH:MM:SS` or `HH:MM:SS.000`, as seconds since midnight.
fn second_of_day(text: &str) -> Option<i64> {
    let (text, fraction) = text.split_once('.').unwrap_or((text, "0"));
    if fraction.is_empty() || fraction.bytes().any(|byte| byte != b'0') {
        return None;
    }
    let mut parts = text.split(':');
    let mut next = |absent: Option<u8>| match parts.next() {
        Some(part) if part.len() == 2 => u8::try_from(number(part)?).ok(),
        Some(_) => None,
        None => absent,
    };
    let (hour, minute, second) = (next(None)?, next(None)?, next(Some(0))?);
    if parts.next().is_some() {
        return None;
    }
    let (hour, minute, second) = Time::from_hms(hour, minute, second).ok()?.as_hms();
    Some(i64::from(hour) * 3_600 + i64::from(minute) * 60 + i64::from(second))
}

/// Cuts `Z`, `+HH:MM`, `+HHMM` or `+HH` off the end; the offset in seconds east of UTC.
fn split_offset(text: &str) -> Option<(&str, i64)> {
    if let Some(clock) = text.strip_suffix(['Z', 'z']) {
        return Some((clock, 0));
    }
    let Some(at) = text.find(['+', '-']) else {
        return Some((text, 0));
    };
    let (clock, offset) = text.split_at_checked(at)?;
    let (sign, digits) = offset.split_at_checked(1)?;
    let (hours, minutes) = match digits.len() {
        2 => (digits, "00"),
        4 => digits.split_at_checked(2)?,
        5 => digits.split_once(':')?,
        _ => return None,
    };
    let (hours, minutes) = (i64::from(number(hours)?), i64::from(number(minutes)?));
    if hours > 23 || minutes > 59 {
        return None;
    }
    let seconds = hours * 3_600 + minutes * 60;
    Some((clock, if sign == "-" { -seconds } else { seconds }))
}

/// A run of at most four decimal digits.
fn number(text: &str) -> Option<u16> {
    if text.is_empty() || text.len() > 4 {
        return None;
    }
    text.bytes().try_fold(0, |sum, byte| byte.is_ascii_digit().then(|| sum * 10 + u16::from(byte - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_forms_that_files_have() {
        let midnight = 1_717_200_000;
        for text in [
            "2024-06-01",
            "2024-06-01T00:00:00Z",
            "2024-06-01 00:00",
            "2024-06-01T00:00:00.000Z",
            "2024-06-01T05:30:00+05:30",
            "2024-05-31T19:00:00-0500",
            "1717200000",
            "1717200000000",
            "1717200000000000",
        ] {
            assert_eq!(parse(text, None, false), Ok(midnight), "{text}");
        }
        assert_eq!(parse("1969-12-31T23:00:00Z", None, false), Ok(-3_600));
        assert_eq!(parse("2024-02-29", None, false), Ok(1_709_164_800));
    }

    #[test]
    fn a_date_is_that_of_its_own_midnight() {
        let midnight = Ok(1_717_200_000);
        for text in ["2024-06-01 00:00:00+05:30", "2024-06-01T00:00-0400", "2024-06-01T00:00:00Z", "2024-06-01"] {
            assert_eq!(parse(text, None, true), midnight, "{text}");
        }
        assert_eq!(parse("2024-06-01 00:00:00+05:30", None, false), Ok(1_717_200_000 - 19_800));
        // Another time of the day is an instant all the same.
        assert_eq!(parse("2024-05-31T19:00:00-0500", None, true), midnight);
    }

    #[test]
    fn slashes_are_read_in_the_order_of_the_file() {
        use SlashOrder::{DayFirst, MonthFirst};
        let order = |times: &[&str]| SlashOrder::of(times.iter().copied());
        assert_eq!(order(&["06/01/2024", "06/13/2024"]), Some(MonthFirst));
        assert_eq!(order(&["06/01/2024", "13/06/2024"]), Some(DayFirst));
        assert_eq!(order(&["06/13/2024", "13/06/2024"]), None);
        assert_eq!(order(&["06/01/2024", "2024-06-01", "", "a/b"]), None);
        let midnight = Ok(1_717_200_000);
        for text in ["06/01/2024", "6/1/2024", "06/01/24", "6/1/24 00:00", "06/01/2024T05:30:00+05:30"] {
            assert_eq!(parse(text, Some(MonthFirst), false), midnight, "{text}");
            assert_eq!(parse(text, None, false), Err(NoTime::Ambiguous));
        }
        assert_eq!(parse("01/06/2024", Some(DayFirst), false), midnight);
        assert_eq!(parse("12/31/69", Some(MonthFirst), false), Ok(-86_400));
        for text in ["13/01/2024", "06/01/024", "06/01", "06/01/2024/1", "06//2024", "/", "06/31/2024"] {
            assert_eq!(parse(text, Some(MonthFirst), false), Err(NoTime::Malformed), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_time() {
        for text in [
            "",
            "-",
            "null",
            "2023-02-29",
            "2024-13-01",
            "2024-06-01T24:00:00Z",
            "2024-06-01T00:00:00.5Z",
            "2024-06-01Tgarbage",
            "2024-06-01T00:00:00+",
            "1717200000001",
            "99999999999999999999999",
            "２０２４-06-01",
            "2024-06-0",
            "2024-06-01T1:00",
        ] {
            assert_eq!(parse(text, None, false), Err(NoTime::Malformed), "{text}");
        }
    }
}
