//! Amounts as integers in minor units with their currency.

use serde::{Deserialize, Serialize};
use std::fmt;

/// An amount of money in the currency's minor unit (paise, cents).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, miniserde::Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Money {
    /// Minor units: 49900 is ₹499. Negative for money given back.
    pub amount: i64,
    /// ISO 4217 in lower case, as Stripe writes it.
    pub currency: String,
}

impl Money {
    /// An amount in minor units.
    pub fn new(amount: i64, currency: impl Into<String>) -> Self {
        Self { amount, currency: currency.into() }
    }

    /// Rupees from paise.
    pub fn inr(paise: i64) -> Self {
        Self::new(paise, "inr")
    }
}

/// Digits before the point for each group, from the right: Indian lakh grouping for rupees, thousands else.
pub fn group_digits(digits: &str, indian: bool) -> String {
    let mut out = String::with_capacity(digits.len() + digits.len() / 2);
    let count = digits.len();
    for (at, digit) in digits.chars().enumerate() {
        let left = count - at;
        let boundary =
            if indian { left == 3 || (left > 3 && (left - 3).is_multiple_of(2)) } else { left.is_multiple_of(3) };
        if at > 0 && boundary {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

impl fmt::Display for Money {
    /// `₹4,990`, `₹499.50`, `$12.00`, `12.00 XYZ`: whole rupees drop their paise.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.amount < 0 { "−" } else { "" };
        let (whole, minor) = (self.amount.unsigned_abs() / 100, self.amount.unsigned_abs() % 100);
        let digits = whole.to_string();
        match self.currency.as_str() {
            "inr" if minor == 0 => write!(f, "{sign}₹{}", group_digits(&digits, true)),
            "inr" => write!(f, "{sign}₹{}.{minor:02}", group_digits(&digits, true)),
            "usd" => write!(f, "{sign}${}.{minor:02}", group_digits(&digits, false)),
            other => write!(f, "{sign}{}.{minor:02} {}", group_digits(&digits, false), other.to_ascii_uppercase()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rupees_are_grouped_as_in_india() {
        assert_eq!(Money::inr(49_900).to_string(), "₹499");
        assert_eq!(Money::inr(499_000).to_string(), "₹4,990");
        assert_eq!(Money::inr(12_345_678_950).to_string(), "₹12,34,56,789.50");
        assert_eq!(Money::inr(-49_900).to_string(), "−₹499");
        assert_eq!(Money::new(123_456_789, "usd").to_string(), "$1,234,567.89");
    }
}
