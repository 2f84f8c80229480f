//! Answers on standard output.

use super::CommandError;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::{self, BufWriter, ErrorKind, Write};

/// Writes an answer to standard output. A reader who has seen enough, as `head` has, ends it without a fault.
///
/// # Errors
/// When the output cannot be written for another reason.
pub(super) fn answer(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), CommandError> {
    let mut out = BufWriter::new(io::stdout().lock());
    match write(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => written.map_err(CommandError::Write),
    }
}

/// A bar on standard error, where that is a terminal.
pub(super) fn progress(what: &'static str, steps: u64) -> ProgressBar {
    let bar = ProgressBar::new(steps).with_message(what);
    match ProgressStyle::with_template("{msg} {wide_bar} {percent:>3} %  {eta}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// Writes rows as columns: the first to the left, the others to the right.
pub(super) fn columns(out: &mut dyn Write, rows: &[Vec<String>]) -> io::Result<()> {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..rows.iter().map(Vec::len).max().unwrap_or_default()).map(width).collect();
    for row in rows {
        let mut line = String::new();
        for (place, (cell, width)) in row.iter().zip(&widths).enumerate() {
            line += &if place == 0 { format!("{cell:<width$}") } else { format!("  {cell:>width$}") };
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

/// A number with two decimals, more where it is small; a dash where there is none.
pub(super) fn rounded(value: Option<f64>) -> String {
    let Some(value) = value.filter(|value| value.is_finite()) else { return "–".to_owned() };
    let decimals = if value == 0.0 || value.abs() >= 10.0 { 2 } else { 4 };
    format!("{value:.decimals$}")
}
