//! A file of candles, as commands read it.

use super::CommandError;
use crate::domain::time::Timestamp;
use clap::Args;
use engine::{CandleSlice, Candles, ImportError, Timeframe};
use std::{
    fmt,
    io::Read,
    path::{Path, PathBuf},
};

/// Rows told of at most.
const TOLD: usize = 10;

/// Which candles.
#[derive(Debug, Args)]
pub(super) struct SeriesArguments {
    /// A CSV with the columns timestamp, open, high, low, close and volume, in any order; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    data: PathBuf,
    /// How long a candle lasts, 1h or 1d; without it, the data tells.
    #[arg(long)]
    timeframe: Option<Timeframe>,
    /// Only candles that open at or after this: 2024-06-01 or 2024-06-01T00:00:00Z.
    #[arg(long, value_name = "TIME", value_parser = instant)]
    from: Option<Timestamp>,
    /// Only candles that have closed by then.
    #[arg(long, value_name = "TIME", value_parser = instant)]
    to: Option<Timestamp>,
    /// Goes on without rows that break a rule, and tells which these are.
    #[arg(long)]
    skip_bad_rows: bool,
}

/// A series as asked for.
pub(super) struct Series {
    candles: Candles,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
}

/// Why there is no series.
#[derive(Debug, thiserror::Error)]
enum SeriesError {
    /// The file cannot be read.
    #[error("{file}: {source}")]
    Unreadable {
        /// As given.
        file: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is something else.
    #[error("{file}: row {row}: this is no text in UTF-8")]
    NoText {
        /// As given.
        file: String,
        /// The first line that is none.
        row: usize,
    },
    /// No line of the file can be read.
    #[error("{file}: {source}")]
    Header {
        /// As given.
        file: String,
        /// The row and the rule.
        source: ImportError,
    },
    /// Some rows break a rule.
    #[error("{0}\nNothing was computed: mend the file, or add --skip-bad-rows")]
    Rows(BadRows),
    /// There is nothing to work with.
    #[error("{file}: no candles{within}")]
    Empty {
        /// As given.
        file: String,
        /// Between which times.
        within: &'static str,
    },
}

/// Rows that break a rule.
#[derive(Debug)]
struct BadRows {
    file: String,
    rows: Vec<ImportError>,
}

impl fmt::Display for BadRows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, row) in self.rows.iter().take(TOLD).enumerate() {
            let separator = if place == 0 { "" } else { "\n" };
            write!(f, "{separator}{}: {row}", self.file)?;
        }
        match self.rows.len().saturating_sub(TOLD) {
            0 => Ok(()),
            more => write!(f, "\n{}: {more} more rows break a rule", self.file),
        }
    }
}

impl SeriesArguments {
    /// Reads the file.
    ///
    /// # Errors
    /// When it cannot be read, or breaks a rule: with the row and the reason.
    pub(super) fn read(&self) -> Result<Series, CommandError> {
        let candles = self.import().map_err(CommandError::refused)?;
        Ok(Series { candles, from: self.from, to: self.to })
    }

    fn import(&self) -> Result<Candles, SeriesError> {
        let file = || self.data.display().to_string();
        let bytes = contents(&self.data).map_err(|source| SeriesError::Unreadable { file: file(), source })?;
        let text = String::from_utf8(bytes).map_err(|error| {
            let read = error.utf8_error().valid_up_to();
            let lines_before = error.as_bytes()[..read].iter().filter(|byte| **byte == b'\n').count();
            SeriesError::NoText { file: file(), row: lines_before + 1 }
        })?;
        let header = |source| SeriesError::Header { file: file(), source };
        let timeframe = match self.timeframe {
            Some(given) => given,
            None => Candles::timeframe_of_csv(&text).map_err(header)?,
        };
        let import = Candles::import_csv(&text, timeframe).map_err(header)?;
        if !import.quarantined.is_empty() {
            let bad = BadRows { file: file(), rows: import.quarantined };
            if !self.skip_bad_rows {
                return Err(SeriesError::Rows(bad));
            }
            eprintln!("{bad}");
        }
        let series = Series { candles: import.candles, from: self.from, to: self.to };
        if series.candles.is_empty() || series.view().is_empty() {
            let within = if series.candles.is_empty() { "" } else { " between --from and --to" };
            return Err(SeriesError::Empty { file: file(), within });
        }
        Ok(series.candles)
    }
}

impl Series {
    /// The candles asked for, at least one.
    pub(super) fn view(&self) -> CandleSlice<'_> {
        let all = self.candles.view();
        let since = self.from.map_or(all, |from| all.since(from.secs()));
        self.to.map_or(since, |to| since.upto(to.secs()))
    }
}

fn contents(file: &Path) -> std::io::Result<Vec<u8>> {
    if file.as_os_str() != "-" {
        return std::fs::read(file);
    }
    let mut bytes = Vec::new();
    std::io::stdin().lock().read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A time, or the midnight that begins a date.
fn instant(text: &str) -> Result<Timestamp, String> {
    let midnight = || Timestamp::parse(&format!("{text}T00:00:00Z"));
    Timestamp::parse(text).or_else(|_| midnight()).map_err(|error| format!("{error}, such as 2024-06-01T00:00:00Z"))
}
