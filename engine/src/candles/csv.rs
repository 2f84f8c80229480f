//! The CSV reader. One pass, no allocation a row.

use super::{Candle, Candles, Column, Fault, ImportError, instant};
use crate::Timeframe;

/// Bytes of a typical row, to reserve once.
const TYPICAL_ROW: usize = 60;

/// See [`Candles::parse_csv`].
pub(super) fn parse(text: &str, timeframe: Timeframe) -> Result<Candles, ImportError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = text.lines().enumerate();
    let at = |index: usize| move |fault| ImportError { row: index + 1, fault };
    let (header_index, header) =
        lines.find(|(_, line)| !line.trim().is_empty()).ok_or_else(|| at(0)(Fault::NoHeader))?;
    let layout = Layout::of(header).map_err(at(header_index))?;
    let mut candles = Candles::new(timeframe);
    candles.reserve(text.len() / TYPICAL_ROW);
    for (index, line) in lines {
        if line.trim().is_empty() {
            continue;
        }
        layout.candle(line).and_then(|candle| candles.push(candle)).map_err(at(index))?;
    }
    Ok(candles)
}

impl Candles {
    fn reserve(&mut self, rows: usize) {
        self.open_time.reserve(rows);
        for column in [&mut self.open, &mut self.high, &mut self.low, &mut self.close, &mut self.volume] {
            column.reserve(rows);
        }
    }
}

/// Which field of a line holds which column.
struct Layout {
    /// By field; `None` for a field that is ignored.
    columns: Vec<Option<Column>>,
}

impl Layout {
    fn of(header: &str) -> Result<Self, Fault> {
        let columns: Vec<_> = header.split(',').map(|name| column(bare(name))).collect();
        for wanted in Column::ALL {
            match columns.iter().filter(|found| **found == Some(wanted)).count() {
                0 => return Err(Fault::NoColumn(wanted)),
                1 => {}
                _ => return Err(Fault::RepeatedColumn(wanted)),
            }
        }
        Ok(Self { columns })
    }

    fn candle(&self, line: &str) -> Result<Candle, Fault> {
        let mut fields = [""; 6];
        for (column, field) in self.columns.iter().zip(line.split(',')) {
            if let Some(column) = column {
                fields[*column as usize] = bare(field);
            }
        }
        for column in Column::ALL {
            if is_missing(fields[column as usize]) {
                return Err(Fault::Missing(column));
            }
        }
        let number = |column| number(fields[column as usize], column);
        let time = fields[Column::Time as usize];
        Ok(Candle {
            open_time: instant::parse(time).ok_or_else(|| malformed(Column::Time, time))?,
            open: number(Column::Open)?,
            high: number(Column::High)?,
            low: number(Column::Low)?,
            close: number(Column::Close)?,
            volume: number(Column::Volume)?,
        })
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

/// A field without the blanks and quotes around it.
fn bare(field: &str) -> &str {
    let field = field.trim();
    field.strip_prefix('"').and_then(|field| field.strip_suffix('"')).unwrap_or(field)
}

fn is_missing(field: &str) -> bool {
    field.is_empty() || field.eq_ignore_ascii_case("null") || field.eq_ignore_ascii_case("none")
}

fn number(field: &str, column: Column) -> Result<f64, Fault> {
    field.parse().map_err(|_| malformed(column, field))
}

fn malformed(column: Column, field: &str) -> Fault {
    Fault::Malformed { column, text: field.chars().take(40).collect() }
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
            ("2024-06-02,2,4,1,5,10", Fault::AboveHigh { column: Close, value: 5.0, high: 4.0 }),
            ("2024-06-02,0.5,4,1,3,10", Fault::BelowLow { column: Open, value: 0.5, low: 1.0 }),
            ("06/02/2024,2,4,1,3,10", Fault::Malformed { column: Time, text: "06/02/2024".to_owned() }),
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
        fn any_text_is_read_or_refused(text in ".*", rows in "[-0-9TZ:.,+eE \\n\"]{0,80}") {
            let _ = Candles::parse_csv(&text, Timeframe::Day);
            let _ = Candles::parse_csv(&format!("{HEADER}{rows}"), Timeframe::Hour);
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
