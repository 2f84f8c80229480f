//! Numbers out of text.

/// The number nearest to a decimal text; `None` if it is no number. `inf` and `nan` are numbers here.
///
/// In WebAssembly by a reader of the same results that needs no tables: the standard library's would be a tenth of what a
/// browser loads.
#[must_use]
pub fn number(text: &str) -> Option<f64> {
    #[cfg(target_arch = "wasm32")]
    {
        small::number(text)
    }
    #[cfg(not(target_arch = "wasm32"))]
    {
        text.parse().ok()
    }
}

#[cfg(any(target_arch = "wasm32", test))]
mod small {
    use crate::big::Big;

    /// After as many digits, all that a further one can say is that something follows.
    const MOST: usize = 800;

    /// A decimal text.
    struct Decimal<'a> {
        /// Digits with at most one point.
        text: &'a [u8],
        /// How many digits there are without zeros ahead.
        count: usize,
        /// These digits as a number, as long as they are one.
        whole: u64,
        /// The power of ten of the last digit.
        exponent: i64,
        /// What comes after.
        left: &'a [u8],
    }

    pub(super) fn number(text: &str) -> Option<f64> {
        let (sign, text) = match text.as_bytes() {
            [b'-', text @ ..] => (-1.0, text),
            [b'+', text @ ..] | text => (1.0, text),
        };
        let named = [("inf", f64::INFINITY), ("infinity", f64::INFINITY), ("nan", f64::NAN)];
        if let Some((_, value)) = named.iter().find(|(name, _)| text.eq_ignore_ascii_case(name.as_bytes())) {
            return Some(sign * value);
        }
        let mut decimal = Decimal::of(text)?;
        if let [b'e' | b'E', exponent @ ..] = decimal.left {
            decimal.exponent = decimal.exponent.saturating_add(whole(exponent)?);
        } else if !decimal.left.is_empty() {
            return None;
        }
        Some(sign * decimal.value())
    }

    /// A whole number with its sign, one that is too large as a large one.
    fn whole(text: &[u8]) -> Option<i64> {
        let (sign, digits) = match text {
            [b'-', digits @ ..] => (-1, digits),
            [b'+', digits @ ..] | digits => (1, digits),
        };
        let add =
            |sum: i64, digit: &u8| digit.is_ascii_digit().then(|| (10 * sum + i64::from(digit - b'0')).min(99_999));
        let sum = digits.iter().try_fold(0, add)?;
        (!digits.is_empty()).then_some(sign * sum)
    }

    impl<'a> Decimal<'a> {
        fn of(text: &'a [u8]) -> Option<Self> {
            let mut found = Self { text, count: 0, whole: 0, exponent: 0, left: &[] };
            let (mut any, mut point) = (false, false);
            for (at, byte) in text.iter().enumerate() {
                match byte {
                    b'.' if !point => point = true,
                    b'0'..=b'9' => {
                        any = true;
                        found.count += usize::from(found.count > 0 || *byte > b'0');
                        found.whole = found.whole.wrapping_mul(10).wrapping_add(u64::from(byte - b'0'));
                        found.exponent -= i64::from(point);
                    }
                    _ => {
                        (found.text, found.left) = text.split_at(at);
                        break;
                    }
                }
            }
            any.then_some(found)
        }

        fn value(&self) -> f64 {
            let places = self.count as i64 + self.exponent;
            if self.count == 0 || places < -400 {
                return 0.0;
            }
            if places > 400 {
                return f64::INFINITY;
            }
            let exponent = self.exponent as i32;
            if self.count > 15 || exponent.abs() > 22 {
                return self.long_value();
            }
            // Both are numbers without rounding, so that it is rounded once.
            let power = (0..exponent.abs()).fold(1.0, |power, _| 10.0 * power);
            if exponent < 0 { self.whole as f64 / power } else { self.whole as f64 * power }
        }

        fn long_value(&self) -> f64 {
            let digits = self.text.iter().filter(|byte| **byte != b'.').map(|byte| u32::from(byte - b'0'));
            let mut digits = digits.skip_while(|digit| *digit == 0);
            let mut big = Big::of(0);
            digits.by_ref().take(MOST).for_each(|digit| big.times(10, digit));
            let more = digits.clone().count();
            big.times(10, u32::from(digits.any(|digit| digit > 0)));
            scaled(big, self.exponent as i32 + more as i32 - 1)
        }
    }

    /// A whole number times a power of ten, rounded once.
    fn scaled(mut big: Big, exponent: i32) -> f64 {
        // 32 bits for every nine tenths that are divided by, and 96 so that enough are left.
        let raised = if exponent < 0 { -exponent / 9 + 4 } else { 0 };
        big.raise(raised as usize);
        let left = (exponent..0).fold(0, |left, _| left | big.divide(10));
        (0..exponent).for_each(|_| big.times(10, 0));
        let (top, under) = big.top();
        nearest(top | u64::from(left != 0), under - 32 * raised)
    }

    /// The number nearest to `top` · 2^`exponent`, whose highest bit is set, and whose lowest says whether anything follows.
    fn nearest(top: u64, exponent: i32) -> f64 {
        // Of the last bit that the number has.
        let unit = (exponent + 11).max(-1_074);
        let (kept, cut) = match unit - exponent {
            cut @ ..64 => (top >> cut, top << (64 - cut)),
            64 => (0, top),
            _ => (0, 1),
        };
        let half = 1 << 63;
        let up = cut > half || (cut == half && kept & 1 == 1);
        // A carry, and the bit that a number has without its being written, count as one more in the exponent.
        let bits = (((unit + 1_074) as u64) << 52) + kept + u64::from(up);
        f64::from_bits(bits.min(f64::INFINITY.to_bits()))
    }
}

#[cfg(test)]
mod tests {
    use super::small;
    use crate::random::Random;

    fn same(text: &str) {
        let bits = |read: Option<f64>| read.map(f64::to_bits);
        assert_eq!(bits(small::number(text)), bits(text.parse().ok()), "{text}");
    }

    #[test]
    fn the_small_reader_takes_what_the_standard_library_takes() {
        for text in [
            "",
            "+",
            "-",
            ".",
            "e5",
            ".e5",
            "1e",
            "1e+",
            "1.2.3",
            " 1",
            "1 ",
            "0x1",
            "1_0",
            "--1",
            "+-1",
            "inf",
            "-INF",
            "nan",
            "Infinity",
            "infinit",
            "1.",
            ".5",
            "-.5e-3",
            "1.e5",
            "+7",
            "-0",
            "0e999999999999",
            "1e5x",
        ] {
            same(text);
        }
    }

    #[test]
    fn the_small_reader_rounds_as_the_standard_library_does() {
        for text in [
            "0.1",
            "43250.10",
            "1e22",
            "1e23",
            "9007199254740993",
            "9007199254740992.99999999999999999999",
            "1e308",
            "1.8e308",
            "1.7976931348623158e308",
            "1.7976931348623159e308",
            "2.2250738585072011e-308",
            "4.9e-324",
            "2.4703282292062327e-324",
            "2.4703282292062328e-324",
            "2e-324",
            "1e-400",
            "1e99999999999999999999",
            "1e-99999999999999999999",
            "123456789012345678901234567890e-20",
            "0.000000000000000000000000000012345678901234567890",
        ] {
            same(text);
        }
        for zeros in [0, 20, 700, 900] {
            same(&format!("9007199254740993{}", "0".repeat(zeros)));
            same(&format!("9007199254740993.{}1", "0".repeat(zeros)));
            same(&format!("0.{}9007199254740993", "0".repeat(zeros)));
        }
    }

    #[test]
    fn the_small_reader_reads_any_number_that_was_written() {
        let mut random = Random::new(7);
        for _ in 0..20_000 {
            let value = f64::from_bits(random.bits());
            same(&format!("{value:e}"));
            same(&format!("{value:.3e}"));
            same(&format!("{:.4}", (value.abs() % 1e9) / 1e3));
        }
    }
}
