//! How long a candle lasts.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The span of one candle. Written `1h` and `1d`, in text and in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Timeframe {
    /// One hour; all of a series from the same minute, since exchanges open where they do.
    #[serde(rename = "1h")]
    Hour,
    /// One day, from midnight UTC.
    #[serde(rename = "1d")]
    Day,
}

impl Timeframe {
    /// Every timeframe there is, shortest first.
    pub const ALL: [Self; 2] = [Self::Hour, Self::Day];

    /// Its length in seconds.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        match self {
            Self::Hour => 3_600,
            Self::Day => 86_400,
        }
    }

    /// Its name: `1h` or `1d`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hour => "1h",
            Self::Day => "1d",
        }
    }

    /// The unit in plain English, singular: `hour` or `day`.
    #[must_use]
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
        }
    }

    /// Whether this time (Unix seconds) is a multiple of the span.
    #[must_use]
    pub const fn is_aligned(self, open_time: i64) -> bool {
        open_time.rem_euclid(self.seconds()) == 0
    }

    /// Whether a candle may open at this time (Unix seconds) where others open so many seconds into the span: days do at
    /// midnight, hours at a whole minute.
    #[must_use]
    pub const fn starts(self, open_time: i64, others: i64) -> bool {
        match self {
            Self::Hour => open_time.rem_euclid(60) == 0 && self.is_aligned(open_time - others),
            Self::Day => self.is_aligned(open_time),
        }
    }
}

impl fmt::Display for Timeframe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Timeframe {
    type Err = UnknownTimeframe;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|timeframe| timeframe.as_str() == text)
            .ok_or_else(|| UnknownTimeframe(text.to_owned()))
    }
}

/// A text that names no [`Timeframe`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown timeframe {0:?}: expected 1h or 1d")]
pub struct UnknownTimeframe(pub String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip() {
        for timeframe in Timeframe::ALL {
            assert_eq!(timeframe.to_string().parse(), Ok(timeframe));
            let json = serde_json::to_string(&timeframe).unwrap();
            assert_eq!(json, format!("\"{timeframe}\""));
        }
        assert!("1D".parse::<Timeframe>().is_err());
        assert!("".parse::<Timeframe>().is_err());
    }

    #[test]
    fn alignment_holds_before_1970_too() {
        assert!(Timeframe::Day.is_aligned(-86_400));
        assert!(!Timeframe::Day.is_aligned(-3_600));
        assert!(Timeframe::Hour.is_aligned(-3_600));
        assert!(Timeframe::Hour.starts(-900, 2_700) && !Timeframe::Hour.starts(-900, 0));
        assert!(!Timeframe::Hour.starts(30, 30) && !Timeframe::Day.starts(3_600, 3_600));
    }
}
