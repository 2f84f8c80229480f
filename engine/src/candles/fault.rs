//! What can be wrong with a candle, and with the file that it comes from.

use std::fmt;

use super::Candle;
use crate::Timeframe;
use crate::ledger::Instant;
use crate::writing::{Plain, Quoted};

/// A column of a candle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// When the candle opens.
    Time,
    /// First price.
    Open,
    /// Highest price.
    High,
    /// Lowest price.
    Low,
    /// Last price.
    Close,
    /// Volume.
    Volume,
}

impl Column {
    pub(super) const ALL: [Self; 6] = [Self::Time, Self::Open, Self::High, Self::Low, Self::Close, Self::Volume];
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Time => "time",
            Self::Open => "open",
            Self::High => "high",
            Self::Low => "low",
            Self::Close => "close",
            Self::Volume => "volume",
        })
    }
}

/// Where an import stopped, and why.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("row {row}: {fault}")]
pub struct ImportError {
    /// The row, from 1. In a CSV it is the line in the file, whose header is line 1.
    pub row: usize,
    /// The rule that it breaks.
    pub fault: Fault,
}

/// A rule that a candle, or the text of one, breaks. Times are Unix seconds.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Fault {
    /// The text has no header line.
    #[error("there is no header")]
    NoHeader,
    /// The header lacks a column.
    #[error("the header has no {0} column")]
    NoColumn(Column),
    /// The header has a column twice, so that it is unclear which one is meant.
    #[error("the header has more than one {0} column")]
    RepeatedColumn(Column),
    /// A value is absent: empty, `null`, or the line is short.
    #[error("the {0} is missing")]
    Missing(Column),
    /// A value cannot be read.
    #[error("the {column} {} cannot be read", Quoted(text))]
    Malformed {
        /// The column.
        column: Column,
        /// What stands there, at most 40 characters.
        text: String,
    },
    /// A date with slashes, where no row tells whether days or months come first.
    #[error("the time {} may have the day or the month first", Quoted(text))]
    AmbiguousDate {
        /// What stands there, at most 40 characters.
        text: String,
    },
    /// The line has more values than the header has columns, so that it is unclear which is which.
    #[error("there are more values than the header has columns")]
    ExtraValues,
    /// A number is infinite or not a number.
    #[error("the {0} is not a finite number")]
    NotFinite(Column),
    /// A price or volume is below zero.
    #[error("the {column} {} is negative", Plain(*value))]
    Negative {
        /// The column.
        column: Column,
        /// Its value.
        value: f64,
    },
    /// A number is so large that sums and products of it might not be numbers.
    #[error("the {column} {} is too large", Plain(*value))]
    TooLarge {
        /// The column.
        column: Column,
        /// Its value.
        value: f64,
    },
    /// The open time is not midnight, for a day; for an hour not the minute at which the others open.
    #[error("the time {} is not the start of a {timeframe} candle{}", At(*time), Remedy(*timeframe))]
    Unaligned {
        /// The open time.
        time: i64,
        /// The series' timeframe.
        timeframe: Timeframe,
    },
    /// The candle opens before the one ahead of it.
    #[error("the time {} is before the previous row's {}", At(*time), At(*previous))]
    Order {
        /// The open time.
        time: i64,
        /// The previous candle's.
        previous: i64,
    },
    /// The candle opens at or after the one behind it, which stays, as do those after that.
    #[error("the time {} is not before the next row's {}", At(*time), At(*next))]
    Ahead {
        /// The open time.
        time: i64,
        /// The next candle's.
        next: i64,
    },
    /// The candle opens when the one ahead of it does.
    #[error("the time {} is the previous row's too", At(*time))]
    Duplicate {
        /// The open time of both.
        time: i64,
    },
    /// The candles are as long as no timeframe, or as the one that was asked for.
    #[error("these are candles of {}{}", Span(*seconds), Usable(*asked))]
    Spacing {
        /// How long most of them are.
        seconds: i64,
        /// What was asked for, if anything was.
        asked: Option<Timeframe>,
    },
    /// A price lies above the high.
    #[error("the {column} {} is above the high {}", Plain(*value), Plain(*high))]
    AboveHigh {
        /// The column.
        column: Column,
        /// Its value.
        value: f64,
        /// The high.
        high: f64,
    },
    /// A price lies below the low.
    #[error("the {column} {} is below the low {}", Plain(*value), Plain(*low))]
    BelowLow {
        /// The column.
        column: Column,
        /// Its value.
        value: f64,
        /// The low.
        low: f64,
    },
}

/// A time in Unix seconds, as people write it; one that is in no calendar as the number that it is.
struct At(i64);

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.unsigned_abs() <= LAST_OPEN_TIME.unsigned_abs() {
            true => Instant::from_secs(self.0).fmt(f),
            false => self.0.fmt(f),
        }
    }
}

/// What to do about a time that is not the start of a candle.
struct Remedy(Timeframe);

impl fmt::Display for Remedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Timeframe::Hour => "",
            Timeframe::Day => ": write its date, or midnight with its offset",
        })
    }
}

/// So many seconds, in the largest unit of which they are a whole number.
struct Span(i64);

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [(86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")];
        let (unit, name) = units.into_iter().find(|(unit, _)| self.0 % unit == 0).unwrap_or((1, "second"));
        let count = self.0 / unit;
        write!(f, "{count} {name}{}", if count == 1 { "" } else { "s" })
    }
}

/// Which candles could have been used.
struct Usable(Option<Timeframe>);

impl fmt::Display for Usable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(asked) => write!(f, ", not of 1 {}", asked.unit()),
            None => f.write_str("; candles of 1 hour and of 1 day can be used"),
        }
    }
}

/// Checks a candle against the rules, the first open time of its series, and the one ahead of it.
pub(super) fn check(
    candle: &Candle,
    timeframe: Timeframe,
    first: Option<i64>,
    previous: Option<i64>,
) -> Result<(), Fault> {
    check_time(candle.open_time, timeframe, first, previous)?;
    for (column, value) in [
        (Column::Open, candle.open),
        (Column::High, candle.high),
        (Column::Low, candle.low),
        (Column::Close, candle.close),
        (Column::Volume, candle.volume),
    ] {
        if !value.is_finite() {
            return Err(Fault::NotFinite(column));
        }
        // −0 too: it is another number to whoever compares bits.
        if value.is_sign_negative() {
            return Err(Fault::Negative { column, value });
        }
        if value > LARGEST {
            return Err(Fault::TooLarge { column, value });
        }
    }
    let (high, low) = (candle.high, candle.low);
    for (column, value) in [(Column::Low, low), (Column::Open, candle.open), (Column::Close, candle.close)] {
        if value > high {
            return Err(Fault::AboveHigh { column, value, high });
        }
        if value < low {
            return Err(Fault::BelowLow { column, value, low });
        }
    }
    Ok(())
}

/// The largest price or volume. Nothing real comes near it, and no indicator can overflow below.
const LARGEST: f64 = 1e100;

/// Open times whose close still fits the calendar: up to the end of the year 9999.
const LAST_OPEN_TIME: i64 = 253_402_214_400;

fn check_time(time: i64, timeframe: Timeframe, first: Option<i64>, previous: Option<i64>) -> Result<(), Fault> {
    // One that follows without a gap starts as that one does, which costs no division.
    let follows = previous.is_some_and(|previous| time == previous + timeframe.seconds());
    if !follows && !timeframe.starts(time, first.unwrap_or(time).rem_euclid(timeframe.seconds())) {
        return Err(Fault::Unaligned { time, timeframe });
    }
    if time.unsigned_abs() > LAST_OPEN_TIME.unsigned_abs() {
        return Err(Fault::Malformed { column: Column::Time, text: time.to_string() });
    }
    match previous {
        Some(previous) if time == previous => Err(Fault::Duplicate { time }),
        Some(previous) if time < previous => Err(Fault::Order { time, previous }),
        _ => Ok(()),
    }
}
