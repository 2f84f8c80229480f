//! Settings that cannot be worked with, gathered: whoever has three wrong ones is told of three at the first start.

use super::ConfigError;
use std::fmt;

/// A setting that cannot be worked with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The variable or key.
    pub name: String,
    /// What is wrong and what to set.
    pub problem: String,
}

/// All that are found, each once.
#[derive(Debug, Default)]
pub struct Refusals(Vec<Refusal>);

/// One of them.
pub(super) fn refused(name: impl Into<String>, problem: impl Into<String>) -> Refusal {
    Refusal { name: name.into(), problem: problem.into() }
}

impl Refusals {
    /// Keeps a refusal, unless the setting was refused before: the second would hardly say more. Whether it is new.
    pub(super) fn add(&mut self, refusal: Refusal) -> bool {
        let new = self.0.iter().all(|known| known.name != refusal.name);
        if new {
            self.0.push(refusal);
        }
        new
    }

    /// Keeps several.
    pub(super) fn add_all(&mut self, refusals: impl IntoIterator<Item = Refusal>) {
        for refusal in refusals {
            self.add(refusal);
        }
    }

    /// What was read, or `None` with the refusal kept.
    pub(super) fn take<T>(&mut self, read: Result<T, Refusal>) -> Option<T> {
        read.map_err(|refusal| self.add(refusal)).ok()
    }

    /// Goes on where nothing was refused.
    pub(super) fn none(self) -> Result<(), ConfigError> {
        if self.0.is_empty() { Ok(()) } else { Err(ConfigError::Refused(self)) }
    }
}

impl fmt::Display for Refusals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let [Refusal { name, problem }] = &self.0[..] {
            return write!(f, "{name}: {problem}");
        }
        write!(f, "{} settings cannot be worked with:", self.0.len())?;
        self.0.iter().try_for_each(|Refusal { name, problem }| write!(f, "\n  {name}: {problem}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_told_in_a_line_and_several_in_a_list() {
        let mut refusals = Refusals::default();
        assert!(refusals.add(refused("PORT", "`x` is no port like 3000")));
        assert_eq!(refusals.to_string(), "PORT: `x` is no port like 3000");
        assert!(!refusals.add(refused("PORT", "once more")));
        refusals.add_all([refused("LEDGER_KEY", "is too regular")]);
        assert_eq!(
            refusals.to_string(),
            "2 settings cannot be worked with:\n  PORT: `x` is no port like 3000\n  LEDGER_KEY: is too regular"
        );
        assert!(refusals.none().is_err() && Refusals::default().none().is_ok());
    }
}
