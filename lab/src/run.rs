//! One backtest: what was run, and what came of it.

use engine::backtest::{self, Report};
use engine::figures::{self, Summary};
use engine::parameter::ParameterError;

use crate::request::Request;
use crate::series::Series;

/// A backtest that has been run.
pub struct Run {
    /// Its trades and its equity.
    pub report: Report,
    /// What they come to.
    pub summary: Summary,
}

/// Why nothing was run.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum RunError {
    /// The strategy could say nothing over so few candles.
    #[error(
        "There are {candles} candles; {strategy}, set so, needs {needed} before it can trade. Take a longer series, or shorter periods."
    )]
    Short {
        /// How many candles there are.
        candles: usize,
        /// The rule.
        strategy: &'static str,
        /// How many it takes: its warm-up, and one to be filled in.
        needed: usize,
    },
    /// A setting is outside its range.
    #[error(transparent)]
    Setting(#[from] ParameterError),
}

impl Run {
    /// Runs it.
    ///
    /// # Errors
    /// If the series is too short for the strategy to trade at all.
    pub fn of(request: &Request, series: &Series) -> Result<Self, RunError> {
        let candles = series.candles();
        check(request, series)?;
        let report = backtest::run(request.strategy.as_ref(), candles, request.settings)?;
        let summary = figures::summary_on(&series.market, &report, candles, &request.settings);
        Ok(Self { report, summary })
    }
}

/// Whether there are candles enough.
///
/// # Errors
/// If there are not.
pub(crate) fn check(request: &Request, series: &Series) -> Result<(), RunError> {
    let (candles, needed) = (series.candles().len(), request.strategy.warm_up() + 1);
    if candles < needed {
        return Err(RunError::Short { candles, strategy: request.strategy.name(), needed });
    }
    Ok(())
}
