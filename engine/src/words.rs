//! Numbers as sentences write them: the same everywhere, whatever the reader's locale.

use crate::writing::Fixed;

/// A price: thousands in groups, two decimals, and six below 1.
pub(crate) fn price(value: f64) -> String {
    let digits = Fixed(value, if value.abs() < 1.0 { 6 } else { 2 }).to_string();
    let (whole, decimals) = digits.split_once('.').unwrap_or((&digits, "0"));
    let (sign, whole) = whole.strip_prefix('-').map_or(("", whole), |whole| ("-", whole));
    format!("{sign}{}.{decimals}", in_groups(whole))
}

/// A whole number, thousands in groups.
pub(crate) fn grouped(number: usize) -> String {
    in_groups(&number.to_string())
}

fn in_groups(digits: &str) -> String {
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// `1 day`, `10 days`.
pub(crate) fn count(number: usize, unit: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {unit}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_grouped() {
        assert_eq!(price(22_530.7), "22,530.70");
        assert_eq!(price(999.999), "1,000.00");
        assert_eq!(price(4e13), "40,000,000,000,000.00");
        assert_eq!(price(0.012_345_678), "0.012346");
        assert_eq!(price(-1_234.5), "-1,234.50");
        assert_eq!(price(100.0), "100.00");
    }

    #[test]
    fn units_are_counted() {
        assert_eq!(count(1, "day"), "1 day");
        assert_eq!(count(10, "hour"), "10 hours");
        assert_eq!((grouped(2_000), grouped(999)), ("2,000".to_owned(), "999".to_owned()));
    }
}
