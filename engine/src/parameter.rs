//! What a strategy or an indicator can be set to.

use serde::Serialize;

/// Whether a parameter counts something or measures it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Whole numbers only.
    Integer,
    /// Any number in the range.
    Number,
}

/// A parameter of a strategy or an indicator, for forms, sweeps and checks. Numbers of kind
/// [`Kind::Integer`] are whole.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Parameter {
    /// Its name, as in configuration.
    pub name: &'static str,
    /// What it does, in a few words.
    pub description: &'static str,
    /// Whole or not.
    pub kind: Kind,
    /// What it is set to.
    pub value: f64,
    /// What it is set to unless somebody says otherwise.
    pub default: f64,
    /// The least it may be.
    pub min: f64,
    /// The most it may be.
    pub max: f64,
}

impl Parameter {
    /// Checks its value against its kind and range.
    ///
    /// # Errors
    /// If it is outside the range, not a number, or a fraction of what must be whole.
    pub fn check(&self) -> Result<(), ParameterError> {
        let whole = self.kind == Kind::Number || self.value.fract() == 0.0;
        if whole && (self.min..=self.max).contains(&self.value) {
            return Ok(());
        }
        Err(ParameterError { name: self.name, value: self.value, min: self.min, max: self.max })
    }
}

/// A parameter outside its range.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("the parameter {name} is {value}, outside {min} to {max}")]
pub struct ParameterError {
    /// The parameter.
    pub name: &'static str,
    /// What it was to be.
    pub value: f64,
    /// The least it may be.
    pub min: f64,
    /// The most it may be.
    pub max: f64,
}
