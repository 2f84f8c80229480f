//! How figures and times are written for their readers.

use super::{money::group_digits, record::Period, time::Timestamp};

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A price in its quote currency, two decimals: `₹22,530.70` (Indian grouping) or `43,250.10 USDT`.
pub fn price(value: f64, quote: &str) -> String {
    match quote {
        "INR" => format!("₹{}", decimal(value, 2, true)),
        _ => format!("{} {quote}", decimal(value, 2, false)),
    }
}

/// A price without its unit, for columns whose head names it.
pub fn bare_price(value: f64, quote: &str) -> String {
    decimal(value, 2, quote == "INR")
}

/// A number with grouped digits and `places` decimals; a dash when it is none.
pub fn decimal(value: f64, places: usize, indian: bool) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    let text = format!("{:.*}", places, value.abs());
    let (whole, fraction) = text.split_once('.').unwrap_or((text.as_str(), ""));
    let sign = if value < 0.0 && text.bytes().any(|b| b.is_ascii_digit() && b != b'0') { "−" } else { "" };
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{}{point}{fraction}", group_digits(whole, indian))
}

/// A figure whose sign is always shown: `+1.25`, `−0.80`, `0.00`.
pub fn signed(value: f64, places: usize) -> String {
    let text = decimal(value, places, false);
    let nothing = !text.bytes().any(|b| (b'1'..=b'9').contains(&b));
    if nothing || text.starts_with('−') { text } else { format!("+{text}") }
}

/// A fraction as a percentage: `0.614` is `61.4 %`.
pub fn percent(fraction: f64, places: usize) -> String {
    format!("{} %", decimal(fraction * 100.0, places, false))
}

/// How long ago, or until, in the largest whole unit: `just now`, `5 min ago`, `in 3 h`.
pub fn relative(then: Timestamp, now: Timestamp) -> String {
    let seconds = (then.millis() - now.millis()) / 1000;
    let span = match seconds.unsigned_abs() {
        0..=44 => return if seconds > 0 { "in a moment" } else { "just now" }.to_owned(),
        s @ 45..=3_569 => format!("{} min", (s + 30) / 60),
        s @ 3_570..=84_599 => format!("{} h", (s + 1_800) / 3_600),
        s => {
            let days = (s + 43_200) / 86_400;
            format!("{days} {}", if days == 1 { "day" } else { "days" })
        }
    };
    if seconds > 0 { format!("in {span}") } else { format!("{span} ago") }
}

/// A calendar date and time in UTC: `1 Jun 2024, 05:30 UTC`.
pub fn instant(at: Timestamp) -> String {
    let parts = at.date_time();
    format!("{}, {:02}:{:02} UTC", date(at), parts.hour(), parts.minute())
}

/// A calendar date in UTC: `1 Jun 2024`.
pub fn date(at: Timestamp) -> String {
    let parts = at.date_time();
    format!("{} {} {}", parts.day(), MONTHS[parts.month() as usize - 1], parts.year())
}

/// A year or a month: `2024`, `May 2024`.
pub fn period(period: Period) -> String {
    let year = period.year();
    period
        .month()
        .and_then(|month| MONTHS.get(usize::from(month) - 1))
        .map_or_else(|| year.to_string(), |month| format!("{month} {year}"))
}

/// Names in a sentence: `NIFTY, BTC/USDT and ETH/USDT`.
pub fn listed(names: &[String]) -> String {
    match names {
        [before @ .., last] if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        _ => names.concat(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn prices_are_written_as_their_readers_write_them() {
        assert_eq!(price(2_253_070.7, "INR"), "₹22,53,070.70");
        assert_eq!(price(43_250.1, "USDT"), "43,250.10 USDT");
        assert_eq!(decimal(f64::NAN, 2, false), "–");
    }

    #[test]
    fn the_sign_is_always_shown() {
        assert_eq!(signed(1.25, 2), "+1.25");
        assert_eq!(signed(-0.8, 2), "−0.80");
        assert_eq!(signed(0.0, 2), "0.00");
        assert_eq!(signed(-0.001, 2), "0.00");
    }

    #[test]
    fn times_are_relative_in_the_largest_unit() {
        let now = Timestamp::from_secs(1_717_200_000);
        assert_eq!(relative(now, now), "just now");
        assert_eq!(relative(now - Duration::from_secs(300), now), "5 min ago");
        assert_eq!(relative(now + Duration::from_secs(3 * 3600), now), "in 3 h");
        assert_eq!(relative(now - Duration::from_secs(86_400), now), "1 day ago");
        assert_eq!(instant(now), "1 Jun 2024, 00:00 UTC");
        let periods = ["2024", "2024-01", "2024-12"].map(|text| period(text.parse().unwrap()));
        assert_eq!(periods, ["2024", "Jan 2024", "Dec 2024"]);
    }

    #[test]
    fn names_are_listed_as_in_a_sentence() {
        let listed = |names: &[&str]| listed(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
        assert_eq!(listed(&[]), "");
        assert_eq!(listed(&["NIFTY"]), "NIFTY");
        assert_eq!(listed(&["NIFTY", "BTC/USDT"]), "NIFTY and BTC/USDT");
        assert_eq!(listed(&["NIFTY", "BTC/USDT", "ETH/USDT"]), "NIFTY, BTC/USDT and ETH/USDT");
    }
}
