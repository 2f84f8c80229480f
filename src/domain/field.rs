//! What is wrong with a field of what somebody sent.

use serde::{Deserialize, Serialize};

/// One field's fault, in words that say how to mend it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, miniserde::Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct FieldError {
    /// The field's name as it was sent.
    pub field: String,
    /// What is wrong and what to do, a full sentence.
    pub message: String,
}

impl FieldError {
    /// A fault of `field`.
    pub fn new(field: &str, message: impl Into<String>) -> Self {
        Self { field: field.to_owned(), message: message.into() }
    }
}

/// Gathers faults over several fields, so that an answer names all of them at once.
#[derive(Debug, Default)]
pub struct Faults(Vec<FieldError>);

impl Faults {
    /// The parsed value, or `None` with the fault kept under `field`.
    pub fn take<T, E: std::fmt::Display>(&mut self, field: &str, parsed: Result<T, E>) -> Option<T> {
        parsed.map_err(|fault| self.0.push(FieldError::new(field, fault.to_string()))).ok()
    }

    /// Keeps a fault.
    pub fn push(&mut self, field: &str, message: impl Into<String>) {
        self.0.push(FieldError::new(field, message));
    }

    /// All faults, in the order they were found.
    pub fn into_vec(self) -> Vec<FieldError> {
        self.0
    }
}
