//! What a program measured: a line a measurement, `name<tab>number`.

use std::collections::BTreeMap;

use crate::error::{Error, Result};

/// Measurements by their names.
pub struct Numbers(BTreeMap<String, f64>);

impl Numbers {
    /// Reads what a program printed.
    ///
    /// # Errors
    /// When a line is no measurement.
    pub fn parse(text: &str) -> Result<Self> {
        let number = |line: &str| {
            let (name, number) = line.split_once('\t')?;
            Some((name.to_owned(), number.parse().ok()?))
        };
        let lines = text.lines();
        let read = lines.map(|line| number(line).ok_or_else(|| Error::Check(format!("no measurement: {line:?}"))));
        read.collect::<Result<_>>().map(Self)
    }

    /// The lesser of each two of a name, and what only one has.
    pub fn least(mut self, other: Self) -> Self {
        for (name, number) in other.0 {
            let least = self.0.get(&name).map_or(number, |known| known.min(number));
            self.0.insert(name, least);
        }
        self
    }

    /// Those of a kind, the first word of their names, by the rest of the name.
    ///
    /// # Errors
    /// When there are none.
    pub fn of<'a>(&'a self, kind: &str) -> Result<Vec<(&'a str, f64)>> {
        let rest = |(name, number): (&'a String, &f64)| Some((name.strip_prefix(kind)?.strip_prefix(' ')?, *number));
        let found: Vec<_> = self.0.iter().filter_map(rest).collect();
        if found.is_empty() { Err(Error::Check(format!("no {kind} was measured"))) } else { Ok(found) }
    }

    /// The one of this name, if it was measured.
    pub fn get(&self, name: &str) -> Option<f64> {
        self.0.get(name).copied()
    }

    /// The one of this name.
    ///
    /// # Errors
    /// When it was not measured.
    pub fn named(&self, name: &str) -> Result<f64> {
        self.get(name).ok_or_else(|| Error::Check(format!("{name:?} was not measured")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_measurement_is_refused() {
        assert!(Numbers::parse("sma:20 1.5").is_err());
        assert!(Numbers::parse("sma:20\tfast").is_err());
        assert!(Numbers::parse("").unwrap().named("sweep").is_err());
    }

    #[test]
    fn the_least_of_each_counts() {
        let once = Numbers::parse("rsi\t5\nsma\t2\n").unwrap();
        let again = Numbers::parse("rsi\t4\nsma\t3\natr\t1\n").unwrap();
        let least = once.least(again);
        assert_eq!(["rsi", "sma", "atr"].map(|name| least.get(name)), [Some(4.0), Some(2.0), Some(1.0)]);
    }

    #[test]
    fn a_kind_is_found_by_the_rest_of_the_names() {
        let numbers = Numbers::parse("batch sma:20\t1.5\nstream rsi\t5\n").unwrap();
        assert_eq!(numbers.of("batch").unwrap(), [("sma:20", 1.5)]);
        assert!(numbers.of("bat").is_err());
        assert_eq!(numbers.get("stream rsi"), Some(5.0));
    }
}
