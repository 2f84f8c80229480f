//! Whether a backtest is to be believed: the engine's examination, told how far it is.

use engine::honesty::{Checks, Honesty, examine_watched};
use engine::parameter::ParameterError;

use crate::request::Request;
use crate::run::{self, RunError};
use crate::series::Series;

/// Examines what is asked for. `compared` is how many settings were tried to come to it: with many of them, one does well
/// by chance. `tell` hears how much is done, 0 to 1.
///
/// # Errors
/// If the series is too short for the strategy to trade at all.
pub fn examine(
    request: &Request,
    series: &Series,
    compared: usize,
    tell: &mut dyn FnMut(f64),
) -> Result<Honesty, RunError> {
    run::check(request, series)?;
    let checks = Checks { compared: compared.max(1), ..Checks::default() };
    let watch = &mut |done| -> Result<(), ParameterError> {
        tell(done);
        Ok(())
    };
    Ok(examine_watched(request.strategy.as_ref(), series.candles(), request.settings, &checks, watch)?)
}
