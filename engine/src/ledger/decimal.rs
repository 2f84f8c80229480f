//! Numbers as decimal text that reads back as the same number.

use super::canonical::{as_text, text::Text};
use std::fmt;

/// A finite number, written as the shortest decimal text that reads back as it, without an exponent: `-1`, `43250.1`.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Decimal(f64);

impl Decimal {
    /// The number, unless it is infinite or none.
    #[must_use]
    pub fn new(number: f64) -> Option<Self> {
        number.is_finite().then_some(Self(number))
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> f64 {
        self.0
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Rust's own form is the shortest that round-trips, and has no exponent.
        fmt::Display::fmt(&self.0, f)
    }
}

impl Text for Decimal {
    const EXPECTED: &'static str = "a decimal number as text";

    fn parse(text: &str) -> Option<Self> {
        Self::new(text.parse().ok()?)
    }
}

as_text!(Decimal);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_round_trip_as_plain_decimals() {
        for (number, text) in
            [(43_250.1, "43250.1"), (-1.0, "-1"), (1e21, "1000000000000000000000"), (5e-7, "0.0000005")]
        {
            assert_eq!(Decimal(number).to_string(), text);
            assert_eq!(Decimal::parse(text), Some(Decimal(number)));
        }
        for text in ["NaN", "inf", "", "1,5", "1e400"] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
    }
}
