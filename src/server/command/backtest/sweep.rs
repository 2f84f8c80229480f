//! A strategy over a grid of parameters, on all cores.

use super::progress;
use crate::server::{
    backtests::view::{TestedSeries, TestedSettings, TestedStrategy},
    command::{
        CommandError,
        output::{columns, rounded},
    },
};
use engine::{
    CandleSlice, Strategy,
    backtest::Settings,
    strategy::ParameterError,
    sweep::{Axis, Cell, Sweep},
};
use serde::Serialize;
use std::{
    io::{self, Write},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

/// Combinations at most.
const MOST: usize = 1_000_000;

/// Combinations that a thread takes at once.
const HANDFUL: usize = 8;

/// Rows of the table that is made for reading.
const BEST: usize = 20;

/// A grid and what came of it.
#[derive(Serialize)]
pub(super) struct Swept {
    series: TestedSeries,
    strategy: TestedStrategy,
    settings: TestedSettings,
    axes: Vec<String>,
    cells: Vec<Cell>,
}

/// A parameter and the values that it takes, from `NAME=FROM:TO:STEP`.
pub(super) fn axis(text: &str) -> Result<Axis, String> {
    let wrong = || format!("{text:?} is not NAME=FROM:TO:STEP, such as fast=5:50:5");
    let (parameter, range) = text.split_once('=').ok_or_else(wrong)?;
    let numbers: Result<Vec<f64>, _> = range.split(':').map(|number| number.trim().parse::<f64>()).collect();
    let Ok([from, to, step]) =
        numbers.map_err(|_| ()).and_then(|numbers| <[f64; 3]>::try_from(numbers).map_err(|_| ()))
    else {
        return Err(wrong());
    };
    let steps = ((to - from) / step + 1e-9).floor();
    if !(step > 0.0 && (0.0..MOST as f64).contains(&steps)) {
        return Err(format!("{text:?} has no values, or too many"));
    }
    let values = (0..=steps as usize).map(|index| from + index as f64 * step).collect();
    Ok(Axis { parameter: parameter.trim().to_owned(), values })
}

/// Runs every combination.
///
/// # Errors
/// When a parameter is unknown or swept twice, a value is outside its range, or no combination is allowed.
pub(super) fn run(
    strategy: Box<dyn Strategy>,
    axes: &[Axis],
    series: TestedSeries,
    candles: CandleSlice<'_>,
    settings: Settings,
) -> Result<Swept, CommandError> {
    let (rule, costs) = (TestedStrategy::of(strategy.as_ref()), TestedSettings::of(&settings));
    if let Some(twice) = axes.iter().enumerate().find_map(|(at, axis)| {
        axes[..at].iter().any(|other| other.parameter == axis.parameter).then_some(&axis.parameter)
    }) {
        return Err(CommandError::refused(format!("{twice} is swept twice")));
    }
    let sweep = Sweep::new(strategy, axes.to_vec()).map_err(CommandError::refused)?;
    if sweep.len() > MOST {
        return Err(CommandError::refused(format!("{} combinations: {MOST} at most are tried", sweep.len())));
    }
    let cells = on_all_cores(&sweep, candles, settings).map_err(CommandError::refused)?;
    if cells.iter().all(|cell| cell.result.is_none()) {
        return Err(CommandError::refused("none of the combinations is one that the strategy allows"));
    }
    let axes = axes.iter().map(|axis| axis.parameter.clone()).collect();
    Ok(Swept { series, strategy: rule, settings: costs, axes, cells })
}

/// The cells in the order of the grid.
fn on_all_cores(sweep: &Sweep, candles: CandleSlice<'_>, settings: Settings) -> Result<Vec<Cell>, ParameterError> {
    let (bar, next) = (progress("trying", sweep.len() as u64), AtomicUsize::new(0));
    let work = || {
        let mut done = Vec::new();
        loop {
            let first = next.fetch_add(HANDFUL, Ordering::Relaxed);
            if first >= sweep.len() {
                return Ok(done);
            }
            done.push((first, sweep.run(candles, settings, first..first + HANDFUL)?));
            bar.inc(HANDFUL as u64);
        }
    };
    let cores = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let done: Result<Vec<_>, ParameterError> = thread::scope(|scope| {
        let threads: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    });
    bar.finish_and_clear();
    let mut handfuls: Vec<(usize, Vec<Cell>)> = done?.into_iter().flatten().collect();
    handfuls.sort_by_key(|(first, _)| *first);
    Ok(handfuls.into_iter().flat_map(|(_, cells)| cells).collect())
}

impl Swept {
    /// Every cell: its values in the order of `axes`, and what came of it; null where there is no such combination.
    pub(super) fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        serde_json::to_writer(&mut *out, self)?;
        writeln!(out)
    }

    /// The best, for reading.
    pub(super) fn write_table(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut best: Vec<_> = self.cells.iter().filter_map(|cell| Some((cell, cell.result?))).collect();
        best.sort_by(|(_, one), (_, other)| other.total_return.total_cmp(&one.total_return));
        writeln!(out, "{} combinations; the best of many is the luckiest, too.\n", best.len())?;
        let figures = ["total return", "max drawdown", "profit factor", "trades"].map(str::to_owned);
        let header = self.axes.iter().cloned().chain(figures).collect();
        let row = |(cell, result): &(&Cell, engine::sweep::CellResult)| {
            let percent = |value: f64| format!("{:.2} %", value * 100.0);
            let told = [
                percent(result.total_return),
                percent(result.max_drawdown),
                rounded(result.profit_factor),
                result.trades.to_string(),
            ];
            cell.values.iter().map(f64::to_string).chain(told).collect()
        };
        let rows: Vec<Vec<String>> = std::iter::once(header).chain(best.iter().take(BEST).map(row)).collect();
        columns(out, &rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_goes_from_its_first_value_to_its_last() {
        let read = |text: &str| axis(text).map(|axis| (axis.parameter, axis.values));
        assert_eq!(read("fast=5:20:5"), Ok(("fast".to_owned(), vec![5.0, 10.0, 15.0, 20.0])));
        assert_eq!(read("z=0.1:0.3:0.1").map(|(_, values)| values.len()), Ok(3));
        assert_eq!(read("slow=30:30:1"), Ok(("slow".to_owned(), vec![30.0])));
        for wrong in
            ["fast", "fast=5", "fast=5:20", "fast=5:20:5:1", "fast=a:b:c", "fast=5:20:0", "fast=20:5:5", "fast=0:1:NaN"]
        {
            assert!(axis(wrong).is_err(), "{wrong}");
        }
    }
}
