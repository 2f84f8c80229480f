//! What was found, written as text: tables for whoever reads them, drawings, sentences. No colour without a word or a sign.

mod distribution;
mod figures;
mod heat;
mod honesty;
mod months;
mod series;
mod table;
mod trades;

pub use distribution::distribution;
pub use figures::{HEADLINE, figure_table, headline, numbers, sentence};
pub use heat::{MEASURES, Measure, heat_map};
pub use honesty::honesty;
pub use months::months;
pub use series::{candle_table, equity_table, import};
pub use trades::{PAGE, trades};

use engine::Timeframe;
use maud::{Markup, html};
use time::OffsetDateTime;

use crate::number;

/// A calendar date in UTC, with the hour where candles last one: `2024-06-01`, `2024-06-01 05:00`.
fn date(at: i64, timeframe: Timeframe) -> String {
    let Ok(at) = OffsetDateTime::from_unix_timestamp(at) else { return number::NONE.to_owned() };
    let day = format!("{:04}-{:02}-{:02}", at.year(), u8::from(at.month()), at.day());
    match timeframe {
        Timeframe::Day => day,
        Timeframe::Hour => format!("{day} {:02}:{:02}", at.hour(), at.minute()),
    }
}

/// A cell with a figure that has its sign.
fn signed_cell(text: &str) -> Markup {
    html! {
        td class={ "number " (number::class_of(text)) } { (text) }
    }
}
