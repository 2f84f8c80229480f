//! Neighbouring parameters.

use crate::Strategy;
use crate::parameter::{Kind, Parameter};

/// How far a neighbour is, as a part of the value.
const NEAR: f64 = 0.2;

/// The values beside a parameter's, a fifth of it or one step away: below, itself, above. Fewer
/// at the ends of its range.
#[must_use]
pub fn neighbours(parameter: &Parameter) -> Vec<f64> {
    let steps = (NEAR * parameter.value.abs() / parameter.step).round().max(1.0);
    let near = |way: f64| {
        // Not `clamp`, whose panic writes both bounds: the browser would load all that writes numbers.
        let value = (parameter.value + way * steps * parameter.step).max(parameter.min).min(parameter.max);
        if parameter.kind == Kind::Integer { value.round() } else { value }
    };
    let mut values = vec![near(-1.0), parameter.value, near(1.0)];
    values.dedup();
    values
}

/// A strategy with every combination of the neighbours of its first parameters, itself among
/// them; the last parameter moves first. Combinations that it does not allow, as a fast average
/// slower than the slow one, are left out.
#[must_use]
pub fn combinations(strategy: &dyn Strategy, parameters: usize) -> Vec<Box<dyn Strategy>> {
    let mut settings: Vec<Vec<(&str, f64)>> = vec![Vec::new()];
    for parameter in strategy.parameters().iter().take(parameters) {
        let longer = |before: &Vec<(&'static str, f64)>| {
            let with = |value: f64| before.iter().copied().chain([(parameter.name, value)]).collect();
            neighbours(parameter).into_iter().map(with).collect::<Vec<Vec<_>>>()
        };
        settings = settings.iter().flat_map(longer).collect();
    }
    settings.iter().filter_map(|settings| strategy.with(settings).ok()).collect()
}
