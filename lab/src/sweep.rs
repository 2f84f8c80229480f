//! A strategy over a grid of two of its parameters, a slice at a time.

use engine::Strategy;
use engine::backtest::Settings;
use engine::parameter::{Kind, Parameter, ParameterError};
use engine::sweep::{Axis, Cell, Sweep};

use crate::asked::Asked;
use crate::request::{Fault, Request};
use crate::series::Series;

/// What the values of an axis are of the value that is set: near it close together, far from it apart.
const FACTORS: [f64; 13] = [0.25, 0.35, 0.5, 0.65, 0.8, 0.9, 1.0, 1.1, 1.25, 1.5, 2.0, 3.0, 4.0];

/// A sweep on its way.
pub struct Sweeping {
    sweep: Sweep,
    settings: Settings,
    /// The parameter whose values stand side by side, and they.
    pub across: (Parameter, Vec<f64>),
    /// The parameter whose values stand below each other, and they.
    pub down: (Parameter, Vec<f64>),
    /// What is done, row by row.
    pub cells: Vec<Cell>,
}

impl Sweeping {
    /// A sweep over the parameters that `across` and `down` name, by default the first two, around what they are set to.
    ///
    /// # Errors
    /// If there are no two of these names.
    pub fn of(asked: &Asked, request: Request) -> Result<Self, Fault> {
        let Request { strategy, settings, .. } = request;
        let (across, down) = chosen(asked, strategy.as_ref())?;
        let (across, down) = ((across, values(&across)), (down, values(&down)));
        let axis = |(parameter, values): &(Parameter, Vec<f64>)| Axis {
            parameter: parameter.name.to_owned(),
            values: values.clone(),
        };
        let sweep = Sweep::new(strategy, vec![axis(&down), axis(&across)])
            .map_err(|error| Fault { field: "across".to_owned(), message: format!("{error}.") })?;
        Ok(Self { sweep, settings, across, down, cells: Vec::new() })
    }

    /// Runs as many more cells; whether there are any left.
    ///
    /// # Errors
    /// The first setting that is outside its range.
    pub fn go_on(&mut self, series: &Series, cells: usize) -> Result<bool, ParameterError> {
        let done = self.cells.len();
        self.cells.extend(self.sweep.run(series.candles(), self.settings, done..done.saturating_add(cells))?);
        Ok(self.cells.len() < self.sweep.len())
    }

    /// How much of it is done; 0 to 1.
    #[must_use]
    pub fn progress(&self) -> f64 {
        self.cells.len() as f64 / self.sweep.len().max(1) as f64
    }
}

/// The two parameters asked for.
fn chosen(asked: &Asked, strategy: &dyn Strategy) -> Result<(Parameter, Parameter), Fault> {
    let parameters = strategy.parameters();
    let named = |field: &str, otherwise: usize| {
        let found = match asked.get(field) {
            Some(name) => parameters.iter().find(|parameter| parameter.name == name),
            None => parameters.get(otherwise),
        };
        found.copied().ok_or_else(|| Fault {
            field: field.to_owned(),
            message: "Choose one of the strategy's parameters.".to_owned(),
        })
    };
    let (across, down) = (named("across", 0)?, named("down", 1)?);
    if across.name == down.name {
        return Err(Fault { field: "down".to_owned(), message: "Choose two different parameters.".to_owned() });
    }
    Ok((across, down))
}

/// The values that a parameter takes: ascending, in its range and on its steps, what it is set to among them.
fn values(parameter: &Parameter) -> Vec<f64> {
    let Parameter { value, min, max, step, kind, .. } = *parameter;
    let snapped = |wanted: f64| {
        let on_step = min + ((wanted - min) / step).round() * step;
        let tidy = (on_step * 1e6).round() / 1e6;
        // Not `clamp`, whose panic writes both bounds with all that the standard library writes numbers by.
        (if kind == Kind::Integer { tidy.round() } else { tidy }).max(min).min(max)
    };
    let mut values: Vec<f64> = if value == 0.0 {
        (0..FACTORS.len()).map(|at| snapped(min + (max - min) * at as f64 / (FACTORS.len() - 1) as f64)).collect()
    } else {
        FACTORS.iter().map(|factor| snapped(value * factor)).collect()
    };
    values.insert(values.partition_point(|smaller| *smaller < value), value);
    values.dedup();
    values
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::Reading;
    use engine::strategy;

    #[test]
    fn an_axis_is_on_steps_in_range_and_has_what_is_set() {
        for strategy in strategy::all() {
            for parameter in strategy.parameters() {
                let values = values(&parameter);
                assert!(values.len() >= 2 && values.len() <= FACTORS.len() + 1, "{parameter:?} {values:?}");
                assert!(values.is_sorted() && values.contains(&parameter.value), "{parameter:?} {values:?}");
                for value in values {
                    assert_eq!(Parameter { value, ..parameter }.check(), Ok(()));
                }
            }
        }
    }

    #[test]
    fn two_different_parameters_are_swept() {
        let swept = |query: &str| {
            let asked = Asked::parse(query);
            let request = Reading::of(&asked).request;
            Sweeping::of(&asked, request)
                .map(|sweep| (sweep.across.0.name, sweep.down.0.name))
                .map_err(|fault| fault.field)
        };
        assert_eq!(swept("strategy=sma-cross"), Ok(("fast", "slow")));
        assert_eq!(swept("strategy=sma-cross&across=reward&down=fast"), Ok(("reward", "fast")));
        assert_eq!(swept("strategy=sma-cross&across=fast&down=fast"), Err("down".to_owned()));
        assert_eq!(swept("strategy=sma-cross&across=luck"), Err("across".to_owned()));
    }
}
