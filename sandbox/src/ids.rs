use rand::distr::{Alphanumeric, SampleString};

/// A new id: the prefix, an underscore and 24 letters and digits.
pub fn new(prefix: &str) -> String {
    format!("{prefix}_{}", secret(24))
}

/// So many random letters and digits.
pub fn secret(length: usize) -> String {
    Alphanumeric.sample_string(&mut rand::rng(), length)
}
