//! Whether neighbouring parameters do as well.

use serde::Serialize;

use super::{Watch, grid::neighbours};
use crate::backtest::{self, Settings};
use crate::parameter::ParameterError;
use crate::strategy::Columns;
use crate::{CandleSlice, Strategy};

/// A strategy with one parameter changed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Neighbour {
    /// The parameter.
    pub parameter: &'static str,
    /// What it was set to.
    pub value: f64,
    /// What that returned, after costs.
    pub total_return: f64,
}

/// What a strategy returned with its parameters, and with others near them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sensitivity {
    /// With its own.
    pub total_return: f64,
    /// With each parameter a fifth, or one step, lower and higher.
    pub neighbours: Vec<Neighbour>,
    /// The share of neighbours that gained.
    pub gaining: f64,
    /// The worst of them.
    pub worst: f64,
}

/// Changes one parameter at a time to each of its neighbours. A rule that only gains at one point
/// was fitted to it.
///
/// # Errors
/// The first setting that is outside its range.
pub fn sensitivity(
    strategy: &dyn Strategy,
    candles: CandleSlice<'_>,
    settings: Settings,
) -> Result<Sensitivity, ParameterError> {
    watched(strategy, candles, settings, &mut |_| Ok(()))
}

/// As [`sensitivity`], under a watch.
pub(super) fn watched<E: From<ParameterError>>(
    strategy: &dyn Strategy,
    candles: CandleSlice<'_>,
    settings: Settings,
    watch: &mut Watch<'_, E>,
) -> Result<Sensitivity, E> {
    let columns = Columns::of(candles);
    let returned = |strategy: &dyn Strategy| -> Result<f64, ParameterError> {
        let report = backtest::run_over(strategy, &columns, settings)?;
        Ok(report.equity.last().map_or(0.0, |equity| equity / settings.cash - 1.0))
    };
    let total_return = returned(strategy)?;
    let (parameters, mut near) = (strategy.parameters(), Vec::new());
    for (place, parameter) in parameters.iter().enumerate() {
        for value in neighbours(parameter).into_iter().filter(|value| *value != parameter.value) {
            // What the strategy does not allow is no neighbour.
            let Ok(changed) = strategy.with(&[(parameter.name, value)]) else {
                continue;
            };
            watch(place as f64 / parameters.len() as f64)?;
            near.push(Neighbour { parameter: parameter.name, value, total_return: returned(changed.as_ref())? });
        }
    }
    let gaining = near.iter().filter(|neighbour| neighbour.total_return > 0.0).count();
    Ok(Sensitivity {
        total_return,
        // What has no neighbours was not fitted.
        gaining: if near.is_empty() { 1.0 } else { gaining as f64 / near.len() as f64 },
        worst: near.iter().map(|neighbour| neighbour.total_return).fold(total_return, f64::min),
        neighbours: near,
    })
}
