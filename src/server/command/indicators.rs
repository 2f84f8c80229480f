//! `signalbox indicators`: indicators over a file of candles.

use super::{
    CommandError,
    output::{answer, columns, rounded},
    series::SeriesArguments,
};
use crate::domain::time::Timestamp;
use clap::Args;
use engine::{
    CandleSlice,
    indicators::catalogue::{Line, SpecError},
};
use std::io::{self, Write};

/// Rows of the table that is made for reading.
const NEWEST: usize = 20;

/// What is asked for.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    series: SeriesArguments,
    /// Which, by name and parameters in TA-Lib's order, such as sma:20,macd:12:26:9. One by name brings all its
    /// outputs; macd:12:26:9.signal is one of them alone.
    #[arg(long, value_name = "LIST")]
    show: String,
    /// Writes every candle as CSV; without it, the newest ones as a table.
    #[arg(long)]
    csv: bool,
}

/// A column of the answer.
struct Column {
    header: String,
    /// A value a candle; `NaN` is empty.
    values: Vec<f64>,
}

/// Answers on standard output.
///
/// # Errors
/// When the file or an indicator is refused.
pub(super) fn run(arguments: &Arguments) -> Result<(), CommandError> {
    let asked: Result<Vec<Line>, SpecError> = arguments.show.split(',').map(|text| text.trim().parse()).collect();
    let asked = asked.map_err(CommandError::refused)?;
    let series = arguments.series.read()?;
    let computed = compute(&asked, arguments, series.view());
    answer(|out| {
        if arguments.csv {
            write_csv(out, series.view(), &computed)
        } else {
            write_table(out, series.view(), &computed)
        }
    })
}

/// The columns in the order asked for, each once.
fn compute(asked: &[Line], arguments: &Arguments, candles: CandleSlice<'_>) -> Vec<Column> {
    let mut columns: Vec<Column> = Vec::new();
    for (line, text) in asked.iter().zip(arguments.show.split(',')) {
        let headers = line.spec().columns();
        // By its bare name it is asked for whole.
        let whole = headers[0] == text.trim();
        let outputs = headers.into_iter().zip(line.spec().over(candles)).enumerate();
        for (_, (header, values)) in outputs.filter(|(place, _)| whole || *place == line.output()) {
            if columns.iter().all(|column| column.header != header) {
                columns.push(Column { header, values });
            }
        }
    }
    columns
}

fn write_csv(out: &mut dyn Write, candles: CandleSlice<'_>, computed: &[Column]) -> io::Result<()> {
    write!(out, "timestamp")?;
    for column in computed {
        write!(out, ",{}", column.header)?;
    }
    writeln!(out)?;
    for (index, time) in candles.open_times().iter().enumerate() {
        write!(out, "{}", Timestamp::from_secs(*time))?;
        for column in computed {
            match column.values[index] {
                empty if empty.is_nan() => write!(out, ",")?,
                value => write!(out, ",{value}")?,
            }
        }
        writeln!(out)?;
    }
    Ok(())
}

fn write_table(out: &mut dyn Write, candles: CandleSlice<'_>, computed: &[Column]) -> io::Result<()> {
    let header = ["timestamp", "close"].map(str::to_owned).into_iter();
    let header = header.chain(computed.iter().map(|column| column.header.clone())).collect();
    let newest = candles.len().saturating_sub(NEWEST)..candles.len();
    let row = |index: usize| {
        let time = Timestamp::from_secs(candles.open_times()[index]).to_string();
        let values = computed.iter().map(|column| column.values[index]);
        let values = [candles.closes()[index]].into_iter().chain(values);
        [time].into_iter().chain(values.map(|value| rounded(Some(value)))).collect()
    };
    let rows: Vec<Vec<String>> = std::iter::once(header).chain(newest.map(row)).collect();
    columns(out, &rows)
}
