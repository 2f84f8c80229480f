//! Times as they stand in files.

use time::{Date, Month, Time};

/// From this size on an epoch number counts milliseconds: as seconds it would be the year 5138.
const MILLISECONDS_FROM: i64 = 100_000_000_000;

/// Unix seconds of an ISO 8601 date or date and time (UTC where no offset is written), or of an
/// epoch number in seconds or milliseconds. `None` for anything else, fractions of a second
/// included, since no candle opens within a second.
pub(super) fn parse(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return epoch(text.parse().ok()?);
    }
    if !text.is_ascii() {
        return None;
    }
    let (date, rest) = text.split_at_checked(10)?;
    let midnight = midnight(date)?;
    if rest.is_empty() {
        return Some(midnight);
    }
    let clock = rest.strip_prefix(['T', 't', ' '])?;
    let (clock, offset) = split_offset(clock)?;
    Some(midnight + second_of_day(clock)? - offset)
}

fn epoch(number: i64) -> Option<i64> {
    if number.unsigned_abs() < MILLISECONDS_FROM.unsigned_abs() {
        return Some(number);
    }
    (number % 1_000 == 0).then_some(number / 1_000)
}

/// `YYYY-MM-DD`, as Unix seconds of its midnight.
fn midnight(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    if bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let year = i32::from(number(&text[..4])?);
    let month = Month::try_from(u8::try_from(number(&text[5..7])?).ok()?).ok()?;
    let day = u8::try_from(number(&text[8..])?).ok()?;
    let date = Date::from_calendar_date(year, month, day).ok()?;
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
    let (clock, offset) = text.split_at(at);
    let (sign, digits) = offset.split_at(1);
    let (hours, minutes) = match digits.len() {
        2 => (digits, "00"),
        4 => digits.split_at(2),
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
    use super::parse;

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
        ] {
            assert_eq!(parse(text), Some(midnight), "{text}");
        }
        assert_eq!(parse("1969-12-31T23:00:00Z"), Some(-3_600));
        assert_eq!(parse("2024-02-29"), Some(1_709_164_800));
    }

    #[test]
    fn refuses_what_is_no_time() {
        for text in [
            "",
            "-",
            "null",
            "06/01/2024",
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
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
