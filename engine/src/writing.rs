//! Numbers as text.
//!
//! In WebAssembly by a writer of the same text that needs no tables: the standard library's would be a tenth of what a
//! browser loads, as long as nothing else writes a fraction by itself.

use std::fmt::{self, Write};

/// A number with so many decimals, as `{:.2}` writes it.
#[derive(Clone, Copy, Debug)]
pub struct Fixed(pub f64, pub usize);

/// A number with the fewest digits that it can be read from again, as `{}` writes it.
#[derive(Clone, Copy, Debug)]
pub struct Plain(pub f64);

/// Text that somebody typed, in quotes and on one line.
#[derive(Clone, Copy, Debug)]
pub struct Quoted<'a>(pub &'a str);

impl fmt::Display for Fixed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(value, places) = *self;
        #[cfg(target_arch = "wasm32")]
        {
            f.write_str(&small::fixed(value, places))
        }
        #[cfg(not(target_arch = "wasm32"))]
        {
            write!(f, "{value:.places$}")
        }
    }
}

impl fmt::Display for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        #[cfg(target_arch = "wasm32")]
        {
            f.write_str(&small::plain(self.0))
        }
        #[cfg(not(target_arch = "wasm32"))]
        {
            write!(f, "{}", self.0)
        }
    }
}

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"")?;
        for letter in self.0.chars() {
            match letter {
                '"' | '\\' | '\0'..'\x20' => write!(f, "{}", letter.escape_default())?,
                _ => f.write_char(letter)?,
            }
        }
        f.write_str("\"")
    }
}

#[cfg(any(target_arch = "wasm32", test))]
mod small {
    use crate::big::Big;
    use crate::reading;

    /// All digits of a number, and how many of them stand before the point.
    #[derive(Clone)]
    struct Digits {
        digits: Vec<u8>,
        whole: usize,
    }

    pub(super) fn fixed(value: f64, places: usize) -> String {
        named(value).unwrap_or_else(|| {
            let mut digits = Digits::of(value);
            digits.round(digits.whole + places);
            digits.text(value, places)
        })
    }

    pub(super) fn plain(value: f64) -> String {
        named(value).unwrap_or_else(|| {
            let all = Digits::of(value);
            let first = all.digits.iter().position(|digit| *digit > 0).unwrap_or(0);
            let rounded = |count| {
                let mut digits = all.clone();
                digits.round(first + count);
                let last = digits.digits.iter().rposition(|digit| *digit > 0).map_or(0, |last| last + 1);
                digits.text(value, last.saturating_sub(digits.whole))
            };
            // Seventeen digits tell every number from its neighbours.
            let shortest = (1..17).map(rounded).find(|text| reading::number(text) == Some(value));
            shortest.unwrap_or_else(|| rounded(17))
        })
    }

    fn named(value: f64) -> Option<String> {
        let name = if value.is_nan() { "NaN" } else { ["inf", "-inf"][usize::from(value < 0.0)] };
        (!value.is_finite()).then(|| name.to_owned())
    }

    impl Digits {
        fn of(value: f64) -> Self {
            let bits = value.to_bits();
            let (written, fraction) = ((bits >> 52 & 0x7ff) as i32, bits & ((1 << 52) - 1));
            let mantissa = if written == 0 { fraction } else { fraction | 1 << 52 };
            // A half is five tenths: so many decimals as halvings.
            let halvings = 1_075 - written.max(1);
            let even = ((mantissa | 1 << 52).trailing_zeros() as i32).min(halvings).max(0);
            let mut big = Big::of(mantissa >> even);
            let (decimals, factor) = ((halvings - even).max(0) as usize, if halvings > 0 { 5 } else { 2 });
            (0..(halvings - even).abs()).for_each(|_| big.times(factor, 0));
            let mut digits = Vec::with_capacity(32);
            while !big.is_zero() || digits.len() <= decimals {
                digits.push(big.divide(10) as u8);
            }
            digits.reverse();
            Self { whole: digits.len() - decimals, digits }
        }

        /// Makes all zero but the first `kept`, to the nearest, to an even one where two are near.
        fn round(&mut self, kept: usize) {
            let Some((first, others)) = self.digits.get_mut(kept..).and_then(<[u8]>::split_first_mut) else { return };
            let half = *first == 5 && others.iter().all(|digit| *digit == 0);
            let up = if half { kept > 0 && self.digits[kept - 1] % 2 == 1 } else { *first >= 5 };
            self.digits[kept..].fill(0);
            if up && !self.digits[..kept].iter_mut().rev().any(carry) {
                self.digits.insert(0, 1);
                self.whole += 1;
            }
        }

        fn text(&self, value: f64, places: usize) -> String {
            let zeros = self.digits[..self.whole - 1].iter().take_while(|digit| **digit == 0).count();
            let digit = |at| char::from(b'0' + self.digits.get(at).copied().unwrap_or(0));
            let mut text = String::from(if value.is_sign_negative() { "-" } else { "" });
            text.extend((zeros..self.whole).map(digit));
            if places > 0 {
                text.push('.');
                text.extend((self.whole..self.whole + places).map(digit));
            }
            text
        }
    }

    /// Adds one to a digit; whether that was all, with nothing to carry.
    fn carry(digit: &mut u8) -> bool {
        *digit = (*digit + 1) % 10;
        *digit > 0
    }
}

#[cfg(test)]
mod tests {
    use super::{Quoted, small};
    use crate::random::Random;

    fn same(value: f64) {
        assert_eq!(small::plain(value), value.to_string());
        for places in [0, 1, 2, 4, 6, 8, 20] {
            assert_eq!(small::fixed(value, places), format!("{value:.places$}"), "{value:e}");
        }
    }

    #[test]
    fn the_small_writer_writes_what_the_standard_library_writes() {
        for value in [
            0.0,
            0.5,
            1.5,
            2.5,
            0.125,
            0.375,
            0.05,
            0.25,
            0.35,
            9.5,
            99.995,
            0.95,
            1e-7,
            5e-324,
            1e21,
            1e22,
            1e23,
            1e300,
            f64::MAX,
            f64::MIN_POSITIVE,
            f64::INFINITY,
            f64::NAN,
            43_250.1,
            0.1 + 0.2,
            1_234_567.891,
            4_503_599_627_370_497.5,
        ] {
            same(value);
            same(-value);
        }
    }

    #[test]
    fn what_was_typed_stays_on_one_line() {
        assert_eq!(Quoted("a \"b\"\n\\ é").to_string(), r#""a \"b\"\n\\ é""#);
    }

    #[test]
    fn the_small_writer_writes_any_number() {
        let mut random = Random::new(7);
        for _ in 0..2_000 {
            same(f64::from_bits(random.bits()));
            same((random.fraction() - 0.5) * 1e6);
            same((random.below(20_001) as f64 - 10_000.0) / 1_000.0);
            same(f64::from(random.below(4_001) as u32) / 64.0);
        }
    }
}
