//! Candles as columns, and the borrowed prefix of them that a rule may look at.

mod csv;
mod fault;
mod instant;
mod order;
mod spacing;

pub use csv::{Gap, Import};
pub use fault::{Column, Fault, ImportError};

use crate::Timeframe;

/// One candle: a row of [`Candles`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Candle {
    /// When it opens, Unix seconds, UTC.
    pub open_time: i64,
    /// First price.
    pub open: f64,
    /// Highest price.
    pub high: f64,
    /// Lowest price.
    pub low: f64,
    /// Last price.
    pub close: f64,
    /// Traded volume; 0 where the source has none.
    pub volume: f64,
}

/// A series of closed candles of one timeframe, as columns.
///
/// Holds what [`Candles::push`] let in: strictly ascending open times, of days at midnight UTC, of
/// hours all at the same minute; numbers from 0 to 1e100; `low <= min(open, close) <= max(open, close) <= high`. Gaps are allowed:
/// markets close on weekends and exchanges fail.
#[derive(Clone, Debug, PartialEq)]
pub struct Candles {
    timeframe: Timeframe,
    open_time: Vec<i64>,
    open: Vec<f64>,
    high: Vec<f64>,
    low: Vec<f64>,
    close: Vec<f64>,
    volume: Vec<f64>,
}

impl Candles {
    /// An empty series.
    #[must_use]
    pub fn new(timeframe: Timeframe) -> Self {
        Self {
            timeframe,
            open_time: Vec::new(),
            open: Vec::new(),
            high: Vec::new(),
            low: Vec::new(),
            close: Vec::new(),
            volume: Vec::new(),
        }
    }

    /// Makes room for so many more candles.
    pub fn reserve(&mut self, count: usize) {
        self.open_time.reserve(count);
        for column in [&mut self.open, &mut self.high, &mut self.low, &mut self.close, &mut self.volume] {
            column.reserve(count);
        }
    }

    /// A series of these rows.
    ///
    /// # Errors
    /// The first row that breaks a rule, counted from 1, and the rule.
    pub fn from_rows(timeframe: Timeframe, rows: impl IntoIterator<Item = Candle>) -> Result<Self, ImportError> {
        let mut candles = Self::new(timeframe);
        for (index, row) in rows.into_iter().enumerate() {
            candles.push(row).map_err(|fault| ImportError { row: index + 1, fault })?;
        }
        Ok(candles)
    }

    /// Reads a CSV with a header: columns in any order, told by their names (`timestamp`, `time`,
    /// `date`, `datetime` or `open_time`; `open`, `high`, `low`, `close`, `volume`; upper or lower
    /// case), other columns ignored. Times are ISO 8601 (UTC where no offset is written), epoch
    /// seconds, milliseconds or microseconds, or dates with slashes if the file tells whether
    /// months or days come first. A day that begins at midnight of a written offset is that date;
    /// hours begin at the minute at which most of the file's do.
    ///
    /// # Errors
    /// The first line that breaks a rule (the header is line 1), and the rule. Nothing is mended:
    /// a file that is wrong in one place is not trusted in the others.
    pub fn parse_csv(text: &str, timeframe: Timeframe) -> Result<Self, ImportError> {
        csv::parse(text, timeframe)
    }

    /// The timeframe of a CSV: how far its rows usually are apart. Where there are too few to tell, the
    /// one asked for, else how far all of them are apart if that is the same and a day at most, else the
    /// longest one that more than half of the readable rows keep to, a day where there are none, the
    /// shortest where they keep to none.
    ///
    /// # Errors
    /// If the header breaks a rule, since then no line can be read; if the rows are as far apart as no
    /// timeframe, or not as the one asked for, with the first row that shows it.
    pub fn timeframe_of_csv(text: &str, asked: Option<Timeframe>) -> Result<Timeframe, ImportError> {
        spacing::timeframe_of(text, asked)
    }

    /// Reads a CSV as [`Candles::parse_csv`] does, but puts aside the lines that break a rule and
    /// goes on. Each line is measured against the last one that was let in; only if lines come out
    /// of order and more could be let in by putting others aside, as many as possible are. Nothing is
    /// mended.
    ///
    /// # Errors
    /// If the header breaks a rule: then no line can be read.
    pub fn import_csv(text: &str, timeframe: Timeframe) -> Result<Import, ImportError> {
        csv::import(text, timeframe)
    }

    /// Appends a candle.
    ///
    /// # Errors
    /// The rule that it breaks; the series is then unchanged.
    pub fn push(&mut self, candle: Candle) -> Result<(), Fault> {
        let (first, last) = (self.open_time.first().copied(), self.open_time.last().copied());
        fault::check(&candle, self.timeframe, first, last)?;
        self.open_time.push(candle.open_time);
        self.open.push(candle.open);
        self.high.push(candle.high);
        self.low.push(candle.low);
        self.close.push(candle.close);
        self.volume.push(candle.volume);
        Ok(())
    }

    /// The whole series, borrowed.
    #[must_use]
    pub fn view(&self) -> CandleSlice<'_> {
        CandleSlice {
            timeframe: self.timeframe,
            open_time: &self.open_time,
            open: &self.open,
            high: &self.high,
            low: &self.low,
            close: &self.close,
            volume: &self.volume,
        }
    }

    /// The span of each candle.
    #[must_use]
    pub fn timeframe(&self) -> Timeframe {
        self.timeframe
    }

    /// How many candles.
    #[must_use]
    pub fn len(&self) -> usize {
        self.open_time.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.open_time.is_empty()
    }

    /// The candle at `index`.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<Candle> {
        self.view().get(index)
    }

    /// When the candle at `index` closes: its open time plus the timeframe.
    #[must_use]
    pub fn close_time(&self, index: usize) -> Option<i64> {
        self.view().close_time(index)
    }

    /// The candles that have closed at or before `time` (Unix seconds).
    #[must_use]
    pub fn upto(&self, time: i64) -> CandleSlice<'_> {
        self.view().upto(time)
    }
}

/// A borrowed run of [`Candles`]. Copying it copies no data.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CandleSlice<'a> {
    timeframe: Timeframe,
    open_time: &'a [i64],
    open: &'a [f64],
    high: &'a [f64],
    low: &'a [f64],
    close: &'a [f64],
    volume: &'a [f64],
}

impl<'a> CandleSlice<'a> {
    /// The span of each candle.
    #[must_use]
    pub fn timeframe(self) -> Timeframe {
        self.timeframe
    }

    /// How many candles.
    #[must_use]
    pub fn len(self) -> usize {
        self.open_time.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.open_time.is_empty()
    }

    /// The candle at `index`.
    #[must_use]
    pub fn get(self, index: usize) -> Option<Candle> {
        Some(Candle {
            open_time: *self.open_time.get(index)?,
            open: *self.open.get(index)?,
            high: *self.high.get(index)?,
            low: *self.low.get(index)?,
            close: *self.close.get(index)?,
            volume: *self.volume.get(index)?,
        })
    }

    /// The newest candle.
    #[must_use]
    pub fn last(self) -> Option<Candle> {
        self.get(self.len().checked_sub(1)?)
    }

    /// The candles, oldest first.
    pub fn iter(self) -> impl ExactSizeIterator<Item = Candle> + DoubleEndedIterator + 'a {
        let prices = self.open.iter().zip(self.high).zip(self.low).zip(self.close);
        self.open_time.iter().zip(prices).zip(self.volume).map(|((open_time, (((open, high), low), close)), volume)| {
            Candle { open_time: *open_time, open: *open, high: *high, low: *low, close: *close, volume: *volume }
        })
    }

    /// When the candle at `index` closes: its open time plus the timeframe.
    #[must_use]
    pub fn close_time(self, index: usize) -> Option<i64> {
        Some(self.open_time.get(index)? + self.timeframe.seconds())
    }

    /// The candles that have closed at or before `time` (Unix seconds).
    #[must_use]
    pub fn upto(self, time: i64) -> Self {
        let last_open = time.saturating_sub(self.timeframe.seconds());
        self.range(0, self.open_time.partition_point(|open| *open <= last_open))
    }

    /// The candles that open at or after `time` (Unix seconds).
    #[must_use]
    pub fn since(self, time: i64) -> Self {
        let from = self.open_time.partition_point(|open| *open < time);
        self.range(from, self.len())
    }

    /// The first `count` candles, or all if there are fewer.
    #[must_use]
    pub fn prefix(self, count: usize) -> Self {
        self.range(0, count.min(self.len()))
    }

    /// Without the first `count` candles.
    #[must_use]
    pub fn starting_at(self, count: usize) -> Self {
        self.range(count.min(self.len()), self.len())
    }

    /// Open times, Unix seconds.
    #[must_use]
    pub fn open_times(self) -> &'a [i64] {
        self.open_time
    }

    /// Opening prices.
    #[must_use]
    pub fn opens(self) -> &'a [f64] {
        self.open
    }

    /// Highest prices.
    #[must_use]
    pub fn highs(self) -> &'a [f64] {
        self.high
    }

    /// Lowest prices.
    #[must_use]
    pub fn lows(self) -> &'a [f64] {
        self.low
    }

    /// Closing prices.
    #[must_use]
    pub fn closes(self) -> &'a [f64] {
        self.close
    }

    /// Volumes.
    #[must_use]
    pub fn volumes(self) -> &'a [f64] {
        self.volume
    }

    fn range(self, from: usize, to: usize) -> Self {
        Self {
            timeframe: self.timeframe,
            open_time: &self.open_time[from..to],
            open: &self.open[from..to],
            high: &self.high[from..to],
            low: &self.low[from..to],
            close: &self.close[from..to],
            volume: &self.volume[from..to],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(number: i64) -> Candle {
        Candle { open_time: number * 86_400, open: 2.0, high: 4.0, low: 1.0, close: 3.0, volume: 0.0 }
    }

    #[test]
    fn upto_shows_closed_candles_only() {
        let candles = Candles::from_rows(Timeframe::Day, [day(1), day(2), day(5)]).unwrap();
        assert_eq!(candles.close_time(0), Some(2 * 86_400));
        assert_eq!(candles.upto(2 * 86_400 - 1).len(), 0);
        assert_eq!(candles.upto(2 * 86_400).len(), 1);
        assert_eq!(candles.upto(5 * 86_400).len(), 2);
        assert_eq!(candles.upto(i64::MAX).len(), 3);
        assert_eq!(candles.upto(i64::MIN).len(), 0);
        assert_eq!(candles.view().since(2 * 86_400).len(), 2);
        assert_eq!(candles.view().last(), Some(day(5)));
    }

    #[test]
    fn an_empty_series_has_no_candle() {
        let candles = Candles::new(Timeframe::Hour);
        assert!(candles.is_empty() && candles.view().is_empty());
        assert_eq!(candles.get(0), None);
        assert_eq!(candles.close_time(0), None);
        assert_eq!(candles.view().last(), None);
        assert_eq!(candles.upto(0).len(), 0);
    }

    #[test]
    fn a_refused_candle_changes_nothing() {
        let mut candles = Candles::from_rows(Timeframe::Day, [day(1)]).unwrap();
        let before = candles.clone();
        assert!(matches!(candles.push(day(1)), Err(Fault::Duplicate { .. })));
        assert!(matches!(candles.push(day(0)), Err(Fault::Order { .. })));
        assert_eq!(candles, before);
    }
}
