//! How far apart the rows of a file are, and how they lie in the hour.

use super::csv::open_times;
use super::{Fault, ImportError};
use crate::Timeframe;

/// See [`Candles::timeframe_of_csv`].
pub(super) fn timeframe_of(text: &str, asked: Option<Timeframe>) -> Result<Timeframe, ImportError> {
    let times = open_times(text)?;
    let (mut spacings, mut later, mut earlier) = (Vec::new(), false, false);
    for ((before, _), (time, row)) in times.iter().zip(times.iter().skip(1)) {
        later |= time > before;
        earlier |= time < before;
        Spacing::count(&mut spacings, *row, (time - before).abs());
    }
    if later && earlier {
        // In no order they do not tell it; which row is out of order is told where they are read.
        spacings.clear();
    }
    let only = Spacing::only(&spacings).filter(|_| asked.is_none());
    if let Some(Spacing { seconds, row, .. }) = Spacing::usual(&spacings).or(only) {
        let found = Timeframe::ALL.into_iter().find(|timeframe| timeframe.seconds() == seconds);
        let found = found.filter(|found| asked.is_none_or(|asked| asked == *found));
        return found.ok_or(ImportError { row, fault: Fault::Spacing { seconds, asked } });
    }
    if let Some(asked) = asked {
        return Ok(asked);
    }
    let mut longest_first = Timeframe::ALL.into_iter().rev();
    let fits = |timeframe: &Timeframe| {
        let aligned = times.iter().filter(|(time, _)| timeframe.is_aligned(*time)).count();
        2 * aligned > times.len() || times.is_empty()
    };
    Ok(longest_first.find(fits).unwrap_or(Timeframe::ALL[0]))
}

/// How often rows are so far apart.
#[derive(Clone, Copy)]
struct Spacing {
    seconds: i64,
    count: usize,
    /// The first row that is so far from the one ahead of it.
    row: usize,
}

impl Spacing {
    /// Spacings that are told apart: of a usual one there are some among the first.
    const MOST: usize = 16;

    /// Rows that must be as far apart before that is usual.
    const USUAL: usize = 3;

    fn count(all: &mut Vec<Self>, row: usize, seconds: i64) {
        if seconds == 0 {
            return;
        }
        if let Some(known) = all.iter_mut().find(|known| known.seconds == seconds) {
            known.count += 1;
        } else if all.len() < Self::MOST {
            all.push(Self { seconds, count: 1, row });
        }
    }

    /// The only one, of rows too few for a usual one. Days that are further apart are some without trade between.
    fn only(all: &[Self]) -> Option<Self> {
        let [only] = all else { return None };
        (only.seconds <= Timeframe::Day.seconds()).then_some(*only)
    }

    /// The commonest, if it is common: of several a timeframe's, and the shortest.
    fn usual(all: &[Self]) -> Option<Self> {
        let is_timeframe = |spacing: &Self| Timeframe::ALL.iter().any(|known| known.seconds() == spacing.seconds);
        let rank = |spacing: &&Self| (spacing.count, is_timeframe(spacing), -spacing.seconds);
        all.iter().filter(|spacing| spacing.count >= Self::USUAL).max_by_key(rank).copied()
    }
}

/// The seconds into the hour at which most of these times are; the first of several.
pub(super) fn usual_minute(times: impl Iterator<Item = i64>) -> i64 {
    let mut counts = [0_usize; 60];
    for time in times.filter(|time| time.rem_euclid(60) == 0) {
        counts[(time.rem_euclid(3_600) / 60) as usize] += 1;
    }
    let most = counts.iter().copied().max().unwrap_or_default();
    counts.iter().position(|count| *count == most).unwrap_or_default() as i64 * 60
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Candles;

    const HEADER: &str = "timestamp,open,high,low,close,volume\n";

    #[test]
    fn the_timeframe_is_what_most_rows_keep_to() {
        let of = |rows: &str| Candles::timeframe_of_csv(&format!("{HEADER}{rows}"), None);
        let (day, hour) = ("2024-06-01,2,4,1,3,10\n", "2024-06-01T01:00:00Z,2,4,1,3,10\n");
        assert_eq!(of(day), Ok(Timeframe::Day));
        assert_eq!(of(&format!("{day}{hour}")), Ok(Timeframe::Hour));
        assert_eq!(of(&format!("{day}2024-06-02,2,4,1,3,10\n{hour}")), Ok(Timeframe::Day), "one row is wrong");
        assert_eq!(of("2024-06-01T01:15:00Z,2,4,1,3,10\n"), Ok(Timeframe::Hour), "the shortest is the nearest");
        assert_eq!(of(""), Ok(Timeframe::Day));
        assert_eq!(Candles::timeframe_of_csv("", None).unwrap_err().fault, Fault::NoHeader);
    }

    /// Rows that open so many seconds after the first of June 2024.
    fn opening(seconds: impl IntoIterator<Item = i64>) -> String {
        let row = |second: i64| format!("{},2,4,1,3,10\n", 1_717_200_000 + second);
        format!("{HEADER}{}", seconds.into_iter().map(row).collect::<String>())
    }

    #[test]
    fn the_usual_spacing_is_the_timeframe_or_refused() {
        let of = |text: &str| Candles::timeframe_of_csv(text, None).map_err(|error| error.to_string());
        let hour = 3_600;
        assert_eq!(of(&opening((0..40).map(|n| n * hour))), Ok(Timeframe::Hour));
        assert_eq!(of(&opening((0..40).rev().map(|n| n * 24 * hour))), Ok(Timeframe::Day), "the newest first");
        // Six hours of trade a day, and weekdays.
        let session = (0..60).map(|n| (n / 6 * 24 + n % 6) * hour);
        assert_eq!(of(&opening(session)), Ok(Timeframe::Hour));
        assert_eq!(of(&opening((0..60).filter(|n| n % 7 < 5).map(|n| n * 24 * hour))), Ok(Timeframe::Day));
        for (seconds, told) in [
            (4 * hour, "4 hours"),
            (900, "15 minutes"),
            (60, "1 minute"),
            (90, "90 seconds"),
            (7 * 24 * hour, "7 days"),
        ] {
            let text = opening((0..40).map(|n| n * seconds));
            let expected = format!("row 3: these are candles of {told}; candles of 1 hour and of 1 day can be used");
            assert_eq!(of(&text), Err(expected));
        }
        // Out of order, and with a row that lacks a price, it is what it is.
        let mut days: Vec<i64> = (0..40).map(|n| n * 24 * hour).collect();
        days.swap(3, 30);
        days.rotate_left(7);
        assert_eq!(of(&opening(days)), Ok(Timeframe::Day));
        let lacking: String = opening((0..8).map(|n| n * 24 * hour))
            .lines()
            .enumerate()
            .map(
                |(at, line)| if at % 2 == 1 { format!("{line}\n") } else { format!("{}\n", line.replace(",4,", ",,")) },
            )
            .collect();
        assert_eq!(of(&lacking), Ok(Timeframe::Day));
        // Two candles of four hours a day: as many nights are between them.
        let halves = opening((0..40).map(|n| (n / 2 * 24 + n % 2 * 4) * hour));
        assert!(of(&halves).unwrap_err().contains("candles of 4 hours;"));
        let days = opening((0..40).map(|n| n * 24 * hour));
        let asked =
            |text: &str| Candles::timeframe_of_csv(text, Some(Timeframe::Hour)).map_err(|error| error.to_string());
        assert_eq!(asked(&days), Err("row 3: these are candles of 1 day, not of 1 hour".to_owned()));
        assert_eq!(asked(&opening([0, 4 * hour, 8 * hour])), Ok(Timeframe::Hour), "too few to tell");
    }

    #[test]
    fn rows_that_keep_to_one_spacing_tell_it_however_few() {
        let of = |seconds: &[i64], asked| {
            let text = opening(seconds.iter().copied());
            Candles::timeframe_of_csv(&text, asked).map_err(|error| error.to_string())
        };
        let (hour, day) = (3_600, 86_400);
        let refused =
            |told| Err(format!("row 3: these are candles of {told}; candles of 1 hour and of 1 day can be used"));
        assert_eq!(of(&[0, 4 * hour], None), refused("4 hours"));
        assert_eq!(of(&[0, 4 * hour, 8 * hour], None), refused("4 hours"));
        assert_eq!(of(&[0, 900], None), refused("15 minutes"));
        assert_eq!(of(&[0, hour], None), Ok(Timeframe::Hour));
        assert_eq!(of(&[0, day], None), Ok(Timeframe::Day));
        // Over a weekend, and with an hour missing between.
        assert_eq!(of(&[0, 3 * day], None), Ok(Timeframe::Day));
        assert_eq!(of(&[0, hour, 5 * hour], None), Ok(Timeframe::Hour));
        // Whoever says that they are hours says that some are missing.
        assert_eq!(of(&[0, 4 * hour], Some(Timeframe::Hour)), Ok(Timeframe::Hour));
    }

    #[test]
    fn hours_open_at_the_minute_at_which_most_do() {
        let quarter = |hours: std::ops::Range<i64>| hours.map(|n| n * 3_600 + 2_700);
        let text = opening(quarter(0..5));
        assert_eq!(Candles::timeframe_of_csv(&text, None), Ok(Timeframe::Hour));
        let candles = Candles::parse_csv(&text, Timeframe::Hour).unwrap();
        assert_eq!((candles.len(), candles.get(0).unwrap().open_time), (5, 1_717_202_700));
        // The one that is not is told, even if it is the first.
        let text = opening([0].into_iter().chain(quarter(0..5)));
        let import = Candles::import_csv(&text, Timeframe::Hour).unwrap();
        assert_eq!((import.candles, import.quarantined.len()), (candles, 1));
        let told = Candles::parse_csv(&text, Timeframe::Hour).unwrap_err().to_string();
        assert_eq!(told, "row 2: the time 2024-06-01T00:00:00Z is not the start of a 1h candle");
        let told = Candles::parse_csv(&opening([30]), Timeframe::Hour).unwrap_err().to_string();
        assert_eq!(told, "row 2: the time 2024-06-01T00:00:30Z is not the start of a 1h candle");
    }

    #[test]
    fn a_time_in_no_calendar_is_told_as_a_number() {
        // Microseconds: the year 293,000, and as far before.
        for time in ["9223372036854000000", "-9223372036854000000"] {
            let told = Candles::parse_csv(&format!("{HEADER}{time},2,4,1,3,10\n"), Timeframe::Day).unwrap_err();
            assert!(told.to_string().starts_with("row 2: the time "), "{told}");
        }
    }

    #[test]
    fn days_open_at_midnight_of_the_offset_written_with_them() {
        let text = format!(
            "{HEADER}2024-06-03 00:00:00+05:30,2,4,1,3,10\n2024-06-04 00:00:00+05:30,2,4,1,3,10\n\
             2024-06-05 00:00:00+05:30,2,4,1,3,10\n2024-06-06 00:00:00+05:30,2,4,1,3,10\n"
        );
        assert_eq!(Candles::timeframe_of_csv(&text, None), Ok(Timeframe::Day));
        let candles = Candles::parse_csv(&text, Timeframe::Day).unwrap();
        let plain = text.replace(" 00:00:00+05:30", "");
        assert_eq!(Ok(candles), Candles::parse_csv(&plain, Timeframe::Day));
        // Without it nobody can tell which date is meant.
        let told = Candles::parse_csv(&opening([-19_800]), Timeframe::Day).unwrap_err().to_string();
        assert_eq!(
            told,
            "row 2: the time 2024-05-31T18:30:00Z is not the start of a 1d candle: write its date, or midnight with its offset"
        );
    }
}
