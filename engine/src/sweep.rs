//! A strategy over a grid of parameters.
//!
//! A sweep has numbered cells, so that whoever runs it can split it: by threads where there are
//! some, in slices between two frames where there are none.

use std::ops::Range;

use serde::Serialize;

use crate::backtest::{self, Report, Settings};
use crate::figures::drawdown_series;
use crate::parameter::{Parameter, ParameterError, SettingError};
use crate::strategy::Columns;
use crate::{CandleSlice, Strategy};

/// A parameter and the values that it takes.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// The parameter.
    pub parameter: String,
    /// Its values, in the order of the grid.
    pub values: Vec<f64>,
}

/// A strategy with a grid of parameters.
pub struct Sweep {
    strategy: Box<dyn Strategy>,
    axes: Vec<Axis>,
}

/// What a combination of parameters returned.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cell {
    /// The value on each axis.
    pub values: Vec<f64>,
    /// What came of it; `None` where the strategy does not allow the combination.
    pub result: Option<CellResult>,
}

/// What a heat map can show of a backtest; as [`crate::figures`] has them.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct CellResult {
    /// `final / initial − 1`, after costs.
    pub total_return: f64,
    /// The deepest drawdown, 0 to 1.
    pub max_drawdown: f64,
    /// Closed trades.
    pub trades: usize,
    /// Gross profit over gross loss; `None` without a loss.
    pub profit_factor: Option<f64>,
}

impl Sweep {
    /// A sweep over all combinations of these values; parameters that no axis has stay as the
    /// strategy has them.
    ///
    /// # Errors
    /// If there is no parameter of an axis' name, or a value is outside its own range.
    pub fn new(strategy: Box<dyn Strategy>, axes: Vec<Axis>) -> Result<Self, SettingError> {
        let parameters = strategy.parameters();
        for axis in &axes {
            let unknown = || SettingError::Unknown {
                name: axis.parameter.chars().take(40).collect(),
                there: parameters.iter().map(|parameter| parameter.name).collect(),
            };
            let parameter = parameters.iter().find(|there| there.name == axis.parameter).ok_or_else(unknown)?;
            for value in &axis.values {
                Parameter { value: *value, ..*parameter }.check()?;
            }
        }
        Ok(Self { strategy, axes })
    }

    /// How many cells there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.axes.iter().fold(1, |cells, axis| cells.saturating_mul(axis.values.len()))
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The cells of these numbers, in order; those beyond the last are left out. The last axis moves
    /// first.
    ///
    /// # Errors
    /// The first setting that is outside its range.
    pub fn run(
        &self,
        candles: CandleSlice<'_>,
        settings: Settings,
        cells: Range<usize>,
    ) -> Result<Vec<Cell>, ParameterError> {
        settings.check()?;
        let columns = Columns::of(candles);
        cells.take_while(|cell| *cell < self.len()).map(|cell| self.cell(&columns, settings, cell)).collect()
    }

    fn cell(&self, columns: &Columns<'_>, settings: Settings, cell: usize) -> Result<Cell, ParameterError> {
        let values = self.values(cell);
        let named: Vec<_> = self.axes.iter().map(|axis| axis.parameter.as_str()).zip(values.iter().copied()).collect();
        // Each value is in its range, so that what is refused here is the combination.
        let result = match self.strategy.with(&named) {
            Ok(strategy) => Some(CellResult::of(&backtest::run_over(strategy.as_ref(), columns, settings)?, &settings)),
            Err(_) => None,
        };
        Ok(Cell { values, result })
    }

    /// The value on each axis.
    fn values(&self, mut cell: usize) -> Vec<f64> {
        let mut values: Vec<f64> = Vec::with_capacity(self.axes.len());
        for axis in self.axes.iter().rev() {
            values.push(axis.values[cell % axis.values.len()]);
            cell /= axis.values.len();
        }
        values.reverse();
        values
    }
}

impl CellResult {
    fn of(report: &Report, settings: &Settings) -> Self {
        let closed = || report.trades.iter().filter(|trade| trade.exit_time.is_some());
        let (won, lost) =
            closed().fold(
                (0.0, 0.0),
                |(won, lost), trade| {
                    if trade.pnl > 0.0 { (won + trade.pnl, lost) } else { (won, lost - trade.pnl) }
                },
            );
        Self {
            total_return: report.equity.last().map_or(0.0, |equity| equity / settings.cash - 1.0),
            max_drawdown: drawdown_series(&report.equity).into_iter().fold(0.0, f64::max),
            trades: closed().count(),
            profit_factor: (lost > 0.0).then_some(won / lost),
        }
    }
}
