//! The candles that are run on.

use engine::candles::Gap;
use engine::figures::Market;
use engine::{CandleSlice, Candles, ImportError, Timeframe};

use crate::number::Grouping;

/// The largest file that is read, in bytes: more than a million candles.
pub const LARGEST: usize = 128 * 1024 * 1024;

/// Candles, and what of their file was left out.
#[derive(Clone, Debug)]
pub struct Series {
    candles: Candles,
    /// What figures need of the candles.
    pub(crate) market: Market,
    /// The lines of a file that break a rule, and the rule; of a series of the site's none does.
    pub quarantined: Vec<ImportError>,
    /// Where candles are missing between others.
    pub gaps: Vec<Gap>,
    /// How its prices are written.
    pub(crate) grouping: Grouping,
}

/// Why a file cannot be run on.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SeriesError {
    /// It is larger than [`LARGEST`].
    #[error("The file has {0} bytes; at most {LARGEST} are read.")]
    TooLarge(usize),
    /// It is no UTF-8.
    #[error("The file is not text in UTF-8 (at byte {0}). Save it as a CSV.")]
    NotText(usize),
    /// Its header cannot be used, or a series of the site's breaks a rule.
    #[error("The file cannot be read: {0}.")]
    Unreadable(#[from] ImportError),
    /// Every line breaks a rule.
    #[error("None of the {count} rows can be used. The first is {first}.")]
    NothingLeft {
        /// How many lines there are.
        count: usize,
        /// The first, and the rule that it breaks.
        first: ImportError,
    },
    /// It has a header and no more.
    #[error("The file has no rows below its header.")]
    Empty,
}

impl Series {
    /// A series of the site's, every line of which is sound; `quote` is what its prices are counted in.
    ///
    /// # Errors
    /// The first line that breaks a rule.
    pub fn bundled(file: &[u8], timeframe: Timeframe, quote: &str) -> Result<Self, SeriesError> {
        // By the importer that own files need too: a second one would be sent for nothing.
        let import = Candles::import_csv(text(file)?, timeframe)?;
        if let Some(first) = import.quarantined.into_iter().next() {
            return Err(first.into());
        }
        let grouping = if quote == "INR" { Grouping::Indian } else { Grouping::Thousands };
        let market = Market::of(import.candles.view());
        Ok(Self { market, candles: import.candles, quarantined: Vec::new(), gaps: import.gaps, grouping })
    }

    /// A file of the reader's, of the timeframe that its lines are apart: those that break a rule are put aside.
    ///
    /// # Errors
    /// If no line can be used.
    pub fn own(file: &[u8]) -> Result<Self, SeriesError> {
        let text = text(file)?;
        let timeframe = Candles::timeframe_of_csv(text, None)?;
        let import = Candles::import_csv(text, timeframe)?;
        match import.quarantined.first() {
            _ if !import.candles.is_empty() => {}
            Some(first) => {
                let (count, first) = (import.quarantined.len(), first.clone());
                return Err(SeriesError::NothingLeft { count, first });
            }
            None => return Err(SeriesError::Empty),
        }
        let engine::candles::Import { candles, quarantined, gaps } = import;
        let market = Market::of(candles.view());
        Ok(Self { market, candles, quarantined, gaps, grouping: Grouping::Thousands })
    }

    /// All of its candles.
    #[must_use]
    pub fn candles(&self) -> CandleSlice<'_> {
        self.candles.view()
    }
}

fn text(file: &[u8]) -> Result<&str, SeriesError> {
    if file.len() > LARGEST {
        return Err(SeriesError::TooLarge(file.len()));
    }
    std::str::from_utf8(file).map_err(|error| SeriesError::NotText(error.valid_up_to()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_run_on_is_told_with_its_row_and_reason() {
        let own = |file: &[u8]| Series::own(file).map(|series| series.candles().len()).unwrap_err().to_string();
        assert_eq!(own(b"\xff\xfe"), "The file is not text in UTF-8 (at byte 0). Save it as a CSV.");
        assert_eq!(own(b"time,open\n1,2\n"), "The file cannot be read: row 1: the header has no high column.");
        assert_eq!(own(b"time,open,high,low,close,volume\n"), "The file has no rows below its header.");
        assert_eq!(
            own(b"time,open,high,low,close,volume\n2024-01-01T01:15:30Z,1,1,1,1,0\n"),
            "None of the 1 rows can be used. The first is row 2: the time 2024-01-01T01:15:30Z is not the start of a 1h candle."
        );
        let quarters: String =
            (0..60).map(|at| format!("2024-01-01T{:02}:{:02}:00Z,1,1,1,1,0\n", at / 4, at % 4 * 15)).collect();
        assert_eq!(
            own(format!("time,open,high,low,close,volume\n{quarters}").as_bytes()),
            "The file cannot be read: row 3: these are candles of 15 minutes; candles of 1 hour and of 1 day can be used."
        );
    }

    #[test]
    fn rows_that_break_a_rule_are_put_aside() {
        let file =
            b"time,open,high,low,close,volume\n2024-01-01,1,2,1,2,0\n2024-01-02,1,1,2,1,0\n2024-01-04,2,3,2,3,0\n";
        let series = Series::own(file).unwrap();
        assert_eq!((series.candles().len(), series.quarantined.len(), series.gaps.len()), (2, 1, 1));
        assert_eq!(series.candles().timeframe(), Timeframe::Day);
        assert!(Series::bundled(file, Timeframe::Day, "INR").is_err());
    }
}
