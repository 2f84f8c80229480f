//! How figures are written for their readers. The same in every language's reach: digits in groups, a real minus.

use engine::writing::{Fixed, Plain};

/// A dash where there is no value.
pub const NONE: &str = "–";

/// How digits are grouped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Grouping {
    /// By three: 1,234,567.
    #[default]
    Thousands,
    /// As in India: 12,34,567.
    Indian,
}

/// A number with grouped digits and `places` decimals; a dash when it is none.
pub fn decimal(value: f64, places: usize, grouping: Grouping) -> String {
    if !value.is_finite() {
        return NONE.to_owned();
    }
    let text = Fixed(value.abs(), places).to_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((text.as_str(), ""));
    let mut written = String::with_capacity(text.len() + 8);
    if value < 0.0 && text.bytes().any(|digit| (b'1'..=b'9').contains(&digit)) {
        written.push('−');
    }
    for (at, digit) in whole.char_indices() {
        let left = whole.len() - at;
        let boundary = match grouping {
            Grouping::Thousands => left % 3 == 0,
            Grouping::Indian => left == 3 || (left > 3 && left % 2 == 1),
        };
        if at > 0 && boundary {
            written.push(',');
        }
        written.push(digit);
    }
    if !fraction.is_empty() {
        written.push('.');
        written.push_str(fraction);
    }
    written
}

/// A figure whose sign is always shown: `+1.25`, `−0.80`, `0.00`.
pub fn signed(value: f64, places: usize) -> String {
    let text = decimal(value, places, Grouping::Thousands);
    let nothing = !text.bytes().any(|digit| (b'1'..=b'9').contains(&digit));
    if nothing || text.starts_with('−') { text } else { format!("+{text}") }
}

/// A fraction as a percentage: 0.614 is `61.4 %`.
pub fn percent(fraction: f64, places: usize) -> String {
    if fraction.is_finite() {
        format!("{} %", decimal(fraction * 100.0, places, Grouping::Thousands))
    } else {
        NONE.to_owned()
    }
}

/// A fraction as a percentage whose sign is always shown.
pub fn signed_percent(fraction: f64, places: usize) -> String {
    if fraction.is_finite() { format!("{} %", signed(fraction * 100.0, places)) } else { NONE.to_owned() }
}

/// A value as somebody would type it: `10`, `0.25`.
pub fn typed(value: f64) -> String {
    Plain(value).to_string()
}

/// A price: as many decimals as its size needs, two at least.
pub fn price(value: f64, grouping: Grouping) -> String {
    let places = match value.abs() {
        size if size >= 1.0 || size == 0.0 => 2,
        size if size >= 0.01 => 4,
        _ => 8,
    };
    decimal(value, places, grouping)
}

/// How a figure written with its sign is coloured: by the sign that is read, so that 0.00 has no colour.
pub fn class_of(text: &str) -> &'static str {
    match text.chars().next() {
        Some('+') => "figure gain",
        Some('−') => "figure loss",
        _ => "figure",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_grouped_as_their_readers_group_them() {
        assert_eq!(decimal(1_234_567.891, 2, Grouping::Thousands), "1,234,567.89");
        assert_eq!(decimal(2_253_070.7, 2, Grouping::Indian), "22,53,070.70");
        assert_eq!(decimal(-999.5, 0, Grouping::Indian), "−1,000");
        assert_eq!(decimal(f64::NAN, 2, Grouping::Thousands), NONE);
    }

    #[test]
    fn the_sign_is_always_shown_but_of_nothing() {
        assert_eq!([1.25, -0.8, 0.0, -0.001].map(|value| signed(value, 2)), ["+1.25", "−0.80", "0.00", "0.00"]);
        assert_eq!(signed_percent(0.5, 1), "+50.0 %");
        assert_eq!(percent(f64::INFINITY, 1), NONE);
    }

    #[test]
    fn small_prices_keep_their_digits() {
        assert_eq!(price(43_250.1, Grouping::Thousands), "43,250.10");
        assert_eq!(price(0.5, Grouping::Thousands), "0.5000");
        assert_eq!(price(0.000_012_34, Grouping::Thousands), "0.00001234");
    }
}
