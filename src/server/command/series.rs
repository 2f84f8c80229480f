//! A file of candles, as commands read it.

use super::CommandError;
use crate::{domain::time::Timestamp, server::backtests::view::PutAside};
use clap::Args;
use engine::{CandleSlice, Candles, Fault, ImportError, Timeframe, candles::Gap};
use std::{
    fmt,
    io::Read,
    path::{Path, PathBuf},
};

/// Rows told of at most.
const TOLD: usize = 10;
/// Gaps told of at most.
const GAPS: usize = 3;

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
    put_aside: PutAside,
    gaps: Vec<Gap>,
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
    #[error("{bad}\nNothing was computed: {}", bad.advice("mend the file, or add --skip-bad-rows"))]
    Rows {
        /// Which.
        bad: BadRows,
    },
    /// So many break one that the others cannot be what was meant.
    #[error("{bad}\nNothing was computed, since {} of {rows} rows break a rule: {}", bad.rows.len(), bad.advice("mend the file"))]
    MostRows {
        /// Which.
        bad: BadRows,
        /// How many there are in all.
        rows: usize,
    },
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

impl BadRows {
    /// What to do about them, if they are not merely in the order in which many sites offer theirs.
    fn advice(&self, otherwise: &'static str) -> &'static str {
        let misplaced = |error: &&ImportError| matches!(error.fault, Fault::Order { .. } | Fault::Ahead { .. });
        let count = self.rows.iter().filter(misplaced).count();
        if 2 * count > self.rows.len() { "are the newest first? Sort them ascending" } else { otherwise }
    }
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
        let series = self.import().map_err(CommandError::refused)?;
        for note in series.notes() {
            eprintln!("note: {note}");
        }
        Ok(series)
    }

    fn import(&self) -> Result<Series, SeriesError> {
        let file = || self.data.display().to_string();
        let bytes = contents(&self.data).map_err(|source| SeriesError::Unreadable { file: file(), source })?;
        let text = String::from_utf8(bytes).map_err(|error| {
            let read = error.utf8_error().valid_up_to();
            let lines_before = error.as_bytes()[..read].iter().filter(|byte| **byte == b'\n').count();
            SeriesError::NoText { file: file(), row: lines_before + 1 }
        })?;
        let header = |source| SeriesError::Header { file: file(), source };
        let timeframe = Candles::timeframe_of_csv(&text, self.timeframe).map_err(header)?;
        let import = Candles::import_csv(&text, timeframe).map_err(header)?;
        let put_aside = PutAside::of(&import.quarantined);
        if !import.quarantined.is_empty() {
            let bad = BadRows { file: file(), rows: import.quarantined };
            if !self.skip_bad_rows {
                return Err(SeriesError::Rows { bad });
            }
            let rows = bad.rows.len() + import.candles.len();
            if bad.rows.len() > import.candles.len() {
                return Err(SeriesError::MostRows { bad, rows });
            }
            eprintln!("{bad}");
        }
        let series = Series { candles: import.candles, put_aside, gaps: import.gaps, from: self.from, to: self.to };
        if series.candles.is_empty() || series.view().is_empty() {
            let within = if series.candles.is_empty() { "" } else { " between --from and --to" };
            return Err(SeriesError::Empty { file: file(), within });
        }
        Ok(series)
    }
}

impl Series {
    /// The candles asked for, at least one.
    pub(super) fn view(&self) -> CandleSlice<'_> {
        let all = self.candles.view();
        let since = self.from.map_or(all, |from| all.since(from.secs()));
        self.to.map_or(since, |to| since.upto(to.secs()))
    }

    /// The rows that were left out.
    pub(super) fn put_aside(&self) -> PutAside {
        self.put_aside.clone()
    }

    /// Where candles are missing, as far as that is worth telling: markets that close have gaps at every close.
    fn notes(&self) -> Vec<String> {
        let view = self.view();
        let Some((first, last)) = view.open_times().first().zip(view.open_times().last()) else { return Vec::new() };
        if closes_on_weekends(view, *first, *last) {
            return Vec::new();
        }
        let within = |gap: &&Gap| gap.from > *first && gap.to <= *last;
        let gaps: Vec<&Gap> = self.gaps.iter().filter(within).collect();
        let told = gaps.iter().take(GAPS).map(|gap| {
            let before = Timestamp::from_secs(gap.from - view.timeframe().seconds());
            format!("{} missing between {before} and {}", candles(gap.missing), Timestamp::from_secs(gap.to))
        });
        let rest: u64 = gaps.iter().skip(GAPS).map(|gap| gap.missing).sum();
        let more = match gaps.len().saturating_sub(GAPS) {
            0 => None,
            1 => Some(format!("{} missing in 1 more gap", candles(rest))),
            more => Some(format!("{} missing in {more} more gaps", candles(rest))),
        };
        told.chain(more).collect()
    }
}

/// So many of them, as a sentence begins.
fn candles(count: u64) -> String {
    if count == 1 { "1 candle is".to_owned() } else { format!("{count} candles are") }
}

/// Whether far fewer candles are of weekends than of a market that never closes: the rule by which figures take a year
/// for 252 days or 365, held against the weekends that there were.
fn closes_on_weekends(view: CandleSlice<'_>, first: i64, last: i64) -> bool {
    let day = Timeframe::Day.seconds();
    // 1 January 1970 was a Thursday.
    let is_weekend = |time: &i64| (time.div_euclid(day) + 3).rem_euclid(7) > 4;
    let share = |weekend: usize, all: usize| weekend as f64 / all.max(1) as f64;
    let days = || (first.div_euclid(day)..=last.div_euclid(day)).map(|number| number * day);
    let there = share(view.open_times().iter().filter(|time| is_weekend(time)).count(), view.len());
    there < 0.6 * share(days().filter(is_weekend).count(), days().count())
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
