//! The CSV reader. No allocation for each row.

use std::{iter, mem};

use super::instant::{self, NoTime, SlashOrder};
use super::order::longest_ascending;
use super::spacing::usual_minute;
use super::{Candle, Candles, Column, Fault, ImportError, fault};
use crate::{Timeframe, reading};

/// What [`Candles::import_csv`] found.
#[derive(Clone, Debug, PartialEq)]
pub struct Import {
    /// The candles of the lines that break no rule.
    pub candles: Candles,
    /// The lines that break one, in order, and the first rule that each breaks.
    pub quarantined: Vec<ImportError>,
    /// Where candles are missing between those let in. That is no fault: markets close.
    pub gaps: Vec<Gap>,
}

/// A stretch without candles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The line in the file after it, whose header is line 1.
    pub row: usize,
    /// When it begins: the close of the candle before it, Unix seconds.
    pub from: i64,
    /// When it ends: the open of the candle after it.
    pub to: i64,
    /// How many candles would fit.
    pub missing: u64,
}

/// See [`Candles::parse_csv`].
pub(super) fn parse(text: &str, timeframe: Timeframe) -> Result<Candles, ImportError> {
    let mut candles = Candles::new(timeframe);
    read(text, timeframe, &mut |row, candle| {
        candle.and_then(|candle| candles.push(candle)).map_err(|fault| ImportError { row, fault })
    })?;
    Ok(candles)
}

/// See [`Candles::import_csv`].
pub(super) fn import(text: &str, timeframe: Timeframe) -> Result<Import, ImportError> {
    let mut import = Import::new(timeframe);
    read(text, timeframe, &mut |row, candle| {
        match candle.and_then(|candle| import.let_in(row, candle)) {
            Ok(()) => {}
            Err(fault) => import.put_aside(row, fault),
        }
        Ok(())
    })?;
    if import.quarantined.iter().any(|error| matches!(error.fault, Fault::Order { .. })) {
        let mended = import_longest(text, timeframe)?;
        if mended.candles.len() > import.candles.len() {
            return Ok(mended);
        }
    }
    Ok(import)
}

/// Lets in as many lines as can be in order. A line that is ahead of its time, measured against
/// which many after it would be late, is put aside itself.
fn import_longest(text: &str, timeframe: Timeframe) -> Result<Import, ImportError> {
    let mut import = Import::new(timeframe);
    let mut sound: Vec<(usize, Candle)> = Vec::new();
    read(text, timeframe, &mut |row, candle| {
        match candle.and_then(|candle| fault::check(&candle, timeframe, None, None).map(|()| candle)) {
            Ok(candle) => sound.push((row, candle)),
            Err(fault) => import.put_aside(row, fault),
        }
        Ok(())
    })?;
    let unsound = mem::take(&mut import.quarantined);
    let times: Vec<i64> = sound.iter().map(|(_, candle)| candle.open_time).collect();
    let kept = longest_ascending(&times);
    let mut next = times.iter().zip(&kept).filter(|(_, kept)| **kept).map(|(time, _)| *time).peekable();
    for ((row, candle), kept) in sound.into_iter().zip(&kept) {
        let let_in = if *kept {
            next.next();
            import.let_in(row, candle)
        } else {
            Err(import.misplaced(candle.open_time, next.peek().copied()))
        };
        if let Err(fault) = let_in {
            import.put_aside(row, fault);
        }
    }
    // By row, as both are already.
    let mut misplaced = mem::take(&mut import.quarantined).into_iter().peekable();
    for error in unsound {
        import.quarantined.extend(iter::from_fn(|| misplaced.next_if(|earlier| earlier.row < error.row)));
        import.quarantined.push(error);
    }
    import.quarantined.extend(misplaced);
    Ok(import)
}

impl Import {
    fn new(timeframe: Timeframe) -> Self {
        Self { candles: Candles::new(timeframe), quarantined: Vec::new(), gaps: Vec::new() }
    }

    fn let_in(&mut self, row: usize, candle: Candle) -> Result<(), Fault> {
        let seconds = self.candles.timeframe().seconds();
        let from = self.candles.view().last().map(|last| last.open_time + seconds);
        let to = candle.open_time;
        self.candles.push(candle)?;
        self.gaps.extend(from.filter(|from| to > *from).map(|from| {
            let missing = (to - from).unsigned_abs() / seconds.unsigned_abs();
            Gap { row, from, to, missing }
        }));
        Ok(())
    }

    fn put_aside(&mut self, row: usize, fault: Fault) {
        self.quarantined.push(ImportError { row, fault });
    }

    /// What is wrong with a time between the last one let in and the next one to be.
    fn misplaced(&self, time: i64, next: Option<i64>) -> Fault {
        let last = self.candles.view().last().map(|last| last.open_time);
        match (last, next) {
            (Some(previous), _) if time == previous => Fault::Duplicate { time },
            (Some(previous), _) if time < previous => Fault::Order { time, previous },
            (_, next) => Fault::Ahead { time, next: next.unwrap_or(time) },
        }
    }
}

/// Hands over every line that is not blank, until told to stop. Hours that do not open at the minute at which most do are
/// refused.
///
/// What takes them is behind a pointer: the reader is long, and a copy of it for each would be sent to every browser.
fn read(
    text: &str,
    timeframe: Timeframe,
    take: &mut dyn FnMut(usize, Result<Candle, Fault>) -> Result<(), ImportError>,
) -> Result<(), ImportError> {
    let (mut layout, lines) = opened(text)?;
    layout.dates = timeframe != Timeframe::Hour;
    let others =
        if layout.dates { 0 } else { usual_minute(lines.iter().filter_map(|(_, line)| layout.open_time(line).ok())) };
    let starts = |candle: Candle| match timeframe.starts(candle.open_time, others) {
        true => Ok(candle),
        false => Err(Fault::Unaligned { time: candle.open_time, timeframe }),
    };
    lines.into_iter().try_for_each(|(row, line)| take(row, layout.candle(line).and_then(starts)))
}

/// When each line opens that tells it, whatever else is wrong with it, and which line it is.
pub(super) fn open_times(text: &str) -> Result<Vec<(i64, usize)>, ImportError> {
    let (layout, lines) = opened(text)?;
    Ok(lines.into_iter().filter_map(|(row, line)| Some((layout.open_time(line).ok()?, row))).collect())
}

/// Lines with their numbers.
type Lines<'text> = Vec<(usize, &'text str)>;

/// What the header tells, and the lines below it that are not blank, with their numbers.
fn opened(text: &str) -> Result<(Layout, Lines<'_>), ImportError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    let refused = |row: usize| move |fault| ImportError { row, fault };
    let (row, header) = lines.next().ok_or_else(|| refused(1)(Fault::NoHeader))?;
    let mut layout = Layout::of(header).map_err(refused(row))?;
    let lines: Vec<_> = lines.collect();
    if text.contains('/') {
        layout.order = SlashOrder::of(lines.iter().map(|(_, line)| layout.time(line)));
    }
    Ok((layout, lines))
}

/// Which field of a line holds which column.
struct Layout {
    /// By field; `None` for a field that is ignored.
    columns: Vec<Option<Column>>,
    /// Of dates with slashes.
    order: Option<SlashOrder>,
    /// Whether midnights are dates, whatever their offset.
    dates: bool,
}

impl Layout {
    fn of(header: &str) -> Result<Self, Fault> {
        let columns: Vec<_> = fields(header).map(column).collect();
        for wanted in Column::ALL {
            match columns.iter().filter(|found| **found == Some(wanted)).count() {
                0 => return Err(Fault::NoColumn(wanted)),
                1 => {}
                _ => return Err(Fault::RepeatedColumn(wanted)),
            }
        }
        Ok(Self { columns, order: None, dates: true })
    }

    fn candle(&self, line: &str) -> Result<Candle, Fault> {
        let (mut values, mut line) = ([""; 6], fields(line));
        for (column, value) in self.columns.iter().zip(&mut line) {
            if let Some(column) = column {
                values[*column as usize] = value;
            }
        }
        if line.any(|value| !value.is_empty()) {
            return Err(Fault::ExtraValues);
        }
        for column in Column::ALL {
            if is_missing(values[column as usize]) {
                return Err(Fault::Missing(column));
            }
        }
        let number = |column| number(values[column as usize], column);
        Ok(Candle {
            open_time: self.instant(values[Column::Time as usize])?,
            open: number(Column::Open)?,
            high: number(Column::High)?,
            low: number(Column::Low)?,
            close: number(Column::Close)?,
            volume: number(Column::Volume)?,
        })
    }

    fn instant(&self, text: &str) -> Result<i64, Fault> {
        instant::parse(text, self.order, self.dates).map_err(|no_time| match no_time {
            NoTime::Malformed => malformed(Column::Time, text),
            NoTime::Ambiguous => Fault::AmbiguousDate { text: shortened(text) },
        })
    }

    fn open_time(&self, line: &str) -> Result<i64, Fault> {
        self.instant(self.time(line))
    }

    /// What stands in the time column.
    fn time<'a>(&self, line: &'a str) -> &'a str {
        let place = self.columns.iter().position(|column| *column == Some(Column::Time));
        place.and_then(|place| fields(line).nth(place)).unwrap_or_default()
    }
}

fn column(name: &str) -> Option<Column> {
    Some(match name.to_ascii_lowercase().as_str() {
        "timestamp" | "time" | "date" | "datetime" | "open_time" => Column::Time,
        "open" => Column::Open,
        "high" => Column::High,
        "low" => Column::Low,
        "close" => Column::Close,
        "volume" => Column::Volume,
        _ => return None,
    })
}

/// The fields of a line, bare. A comma between quotes is part of its field.
fn fields(line: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    line.split(move |character: char| {
        quoted ^= character == '"';
        character == ',' && !quoted
    })
    .map(bare)
}

/// A field without the blanks and quotes around it.
fn bare(field: &str) -> &str {
    let field = field.trim();
    field.strip_prefix('"').and_then(|field| field.strip_suffix('"')).unwrap_or(field)
}

fn is_missing(field: &str) -> bool {
    field.is_empty() || field.eq_ignore_ascii_case("null") || field.eq_ignore_ascii_case("none")
}

fn number(field: &str, column: Column) -> Result<f64, Fault> {
    reading::number(field).ok_or_else(|| malformed(column, field))
}

fn malformed(column: Column, field: &str) -> Fault {
    Fault::Malformed { column, text: shortened(field) }
}

fn shortened(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HEADER: &str = "timestamp,open,high,low,close,volume\n";

    fn refused(rows: &str) -> (usize, Fault) {
        let text = format!("{HEADER}2024-06-01,2,4,1,3,10\n{rows}");
        let error = Candles::parse_csv(&text, Timeframe::Day).unwrap_err();
        (error.row, error.fault)
    }

    #[test]
    fn any_column_order_and_any_time_form_reads_the_same() {
        let plain =
            Candles::parse_csv(&format!("{HEADER}2024-06-01,2,4,1,3,10\n2024-06-02,3,4,1,3,0\n"), Timeframe::Day)
                .unwrap();
        let other = Candles::parse_csv(
            "\u{feff}\"Close\",Adj Close,Volume,HIGH,Low,Open,Date\r\n3,x,10,4,1,2,1717200000000\r\n\r\n3,,0,4,1,\"3\",1717286400\r\n",
            Timeframe::Day,
        )
        .unwrap();
        assert_eq!(plain, other);
        assert_eq!(plain.len(), 2);
    }

    #[test]
    fn the_row_and_the_reason_are_named() {
        use Column::{Close, High, Open, Time, Volume};
        let (time, day) = (1_717_200_000, 86_400);
        let cases = [
            ("2024-06-01,2,4,1,3,10", Fault::Duplicate { time }),
            ("2024-05-31,2,4,1,3,10", Fault::Order { time: time - day, previous: time }),
            (
                "2024-06-02T01:00:00Z,2,4,1,3,10",
                Fault::Unaligned { time: time + day + 3_600, timeframe: Timeframe::Day },
            ),
            ("2024-06-02,,4,1,3,10", Fault::Missing(Open)),
            ("2024-06-02,2,null,1,3,10", Fault::Missing(High)),
            ("2024-06-02,2,4,1,3", Fault::Missing(Volume)),
            ("2024-06-02,2,4,1,NaN,10", Fault::NotFinite(Close)),
            ("2024-06-02,2,inf,1,3,10", Fault::NotFinite(High)),
            ("2024-06-02,2,1e999,1,3,10", Fault::NotFinite(High)),
            ("2024-06-02,2,4,1,3,-1", Fault::Negative { column: Volume, value: -1.0 }),
            ("2024-06-02,2,4,-0.0,3,10", Fault::Negative { column: Column::Low, value: -0.0 }),
            ("2024-06-02,2,4,1,5,10", Fault::AboveHigh { column: Close, value: 5.0, high: 4.0 }),
            ("2024-06-02,0.5,4,1,3,10", Fault::BelowLow { column: Open, value: 0.5, low: 1.0 }),
            ("06/02/2024,2,4,1,3,10", Fault::AmbiguousDate { text: "06/02/2024".to_owned() }),
            ("06/31/2024,2,4,1,3,10", Fault::Malformed { column: Time, text: "06/31/2024".to_owned() }),
            ("2024-06-02,2,4,1,3,1e101", Fault::TooLarge { column: Volume, value: 1e101 }),
            ("2024-06-02,2,4,1,3,1,5", Fault::ExtraValues),
            ("2024-06-02,2,\"4,5\",1,3,1", Fault::Malformed { column: High, text: "4,5".to_owned() }),
            ("2024-06-02,2,4,1,3.0.1,10", Fault::Malformed { column: Close, text: "3.0.1".to_owned() }),
        ];
        for (row, fault) in cases {
            assert_eq!(refused(row), (3, fault), "{row}");
        }
        let text = format!("{HEADER}2024-06-01,2,4,1,5,10");
        let error = Candles::parse_csv(&text, Timeframe::Day).unwrap_err();
        assert_eq!(error.to_string(), "row 2: the close 5 is above the high 4");
    }

    #[test]
    fn what_breaks_a_rule_is_put_aside() {
        let text = format!(
            "{HEADER}2024-06-01,2,4,1,3,10\n2024-06-02,2,,1,3,10\n\n2024-06-01,2,4,1,3,10,\n2024-06-04,2,4,1,3,10\n\
             2024-06-05,2,4,1,5,10\n2024-06-05,2,4,1,3,10\n"
        );
        let import = Candles::import_csv(&text, Timeframe::Day).unwrap();
        let day = 86_400;
        let first = 1_717_200_000;
        assert_eq!(import.candles.view().open_times(), [first, first + 3 * day, first + 4 * day]);
        assert_eq!(
            import.quarantined,
            [
                ImportError { row: 3, fault: Fault::Missing(Column::High) },
                ImportError { row: 5, fault: Fault::Duplicate { time: first } },
                ImportError { row: 7, fault: Fault::AboveHigh { column: Column::Close, value: 5.0, high: 4.0 } },
            ]
        );
        assert_eq!(import.gaps, [Gap { row: 6, from: first + day, to: first + 3 * day, missing: 2 }]);
        assert!(Candles::import_csv("time,open", Timeframe::Day).is_err());
    }

    #[test]
    fn times_are_told_as_people_write_them() {
        let told = |fault: Fault| fault.to_string();
        let (time, day) = (1_717_200_000, 86_400);
        assert_eq!(told(Fault::Duplicate { time }), "the time 2024-06-01T00:00:00Z is the previous row's too");
        assert_eq!(
            told(Fault::Order { time: time - day, previous: time }),
            "the time 2024-05-31T00:00:00Z is before the previous row's 2024-06-01T00:00:00Z"
        );
        assert_eq!(
            told(Fault::Ahead { time: time + day, next: time }),
            "the time 2024-06-02T00:00:00Z is not before the next row's 2024-06-01T00:00:00Z"
        );
    }

    #[test]
    fn a_time_far_ahead_is_put_aside_alone() {
        let text = format!(
            "{HEADER}2024-06-01,2,4,1,3,10\n2999-06-02,2,4,1,3,10\n2999-06-03,2,4,1,3,10\n2024-06-02,2,4,1,3,10\n\
             2024-06-01,2,4,1,3,10\n2024-06-03,2,4,1,5,10\n2024-06-04,2,4,1,3,10\n2024-06-05,2,4,1,3,10\n"
        );
        let import = Candles::import_csv(&text, Timeframe::Day).unwrap();
        let (day, first, far) = (86_400, 1_717_200_000, 32_485_276_800);
        assert_eq!(import.candles.view().open_times(), [0, 1, 3, 4].map(|days| first + days * day));
        let next = first + day;
        assert_eq!(
            import.quarantined,
            [
                ImportError { row: 3, fault: Fault::Ahead { time: far, next } },
                ImportError { row: 4, fault: Fault::Ahead { time: far + day, next } },
                ImportError { row: 6, fault: Fault::Order { time: first, previous: next } },
                ImportError { row: 7, fault: Fault::AboveHigh { column: Column::Close, value: 5.0, high: 4.0 } },
            ]
        );
        assert_eq!(import.gaps, [Gap { row: 8, from: first + 2 * day, to: first + 3 * day, missing: 1 }]);
        // Where as many are early as late, the first to come stays.
        let text = format!("{HEADER}2024-06-01,2,4,1,3,10\n2024-06-03,2,4,1,3,10\n2024-06-02,2,4,1,3,10\n");
        let import = Candles::import_csv(&text, Timeframe::Day).unwrap();
        assert_eq!(import.candles.view().open_times(), [first, first + 2 * day]);
    }

    #[test]
    fn quoted_commas_do_not_shift_columns() {
        let text = "name,time,open,high,low,close,volume\n\"a, 5, b\",2024-06-01,2,4,1,3,10,,\n";
        assert_eq!(Candles::parse_csv(text, Timeframe::Day).unwrap().view().opens(), [2.0]);
    }

    #[test]
    fn a_header_must_be_whole_and_clear() {
        let fault = |text| Candles::parse_csv(text, Timeframe::Day).unwrap_err().fault;
        assert_eq!(fault(""), Fault::NoHeader);
        assert_eq!(fault("\n \n"), Fault::NoHeader);
        assert_eq!(fault("time,open,high,low,close"), Fault::NoColumn(Column::Volume));
        assert_eq!(fault("time,date,open,high,low,close,volume"), Fault::RepeatedColumn(Column::Time));
        assert!(Candles::parse_csv(HEADER, Timeframe::Day).unwrap().is_empty());
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".*", rows in "[-0-9TZ:.,+eE/ \\n\"]{0,80}") {
            for text in [text, format!("{HEADER}{rows}")] {
                let parsed = Candles::parse_csv(&text, Timeframe::Hour);
                // Both readers tell the same: all is well, or the first line that is not.
                match (parsed, Candles::import_csv(&text, Timeframe::Hour)) {
                    (Ok(candles), Ok(import)) => prop_assert!(candles == import.candles && import.quarantined.is_empty()),
                    (Err(error), Ok(import)) => match &import.quarantined[0] {
                        // Which line is to blame shows only later.
                        ImportError { row, fault: Fault::Ahead { .. } } => prop_assert!(*row < error.row),
                        first => prop_assert_eq!(&error, first),
                    },
                    (Err(error), Err(other)) => prop_assert_eq!(error, other),
                    (Ok(_), Err(error)) => prop_assert!(false, "{error}"),
                }
            }
        }

        #[test]
        fn what_is_written_is_read_back(
            rows in prop::collection::vec((1i64..5, prop::array::uniform4(0.0f64..4e13)), 0..30),
        ) {
            let (mut text, mut time) = (HEADER.to_owned(), 0);
            let mut written = Candles::new(Timeframe::Hour);
            for (gap, prices) in rows {
                time += gap * 3_600;
                let [open, close, ..] = prices;
                let high = prices.into_iter().fold(open, f64::max);
                let low = prices.into_iter().fold(open, f64::min);
                let candle = Candle { open_time: time, open, high, low, close, volume: 0.0 };
                written.push(candle).unwrap();
                text += &format!("{time},{open},{high},{low},{close},0\n");
            }
            prop_assert_eq!(Candles::parse_csv(&text, Timeframe::Hour), Ok(written));
        }
    }
}
