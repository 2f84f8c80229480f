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
use engine::ledger::Instant;
use maud::{Markup, html};

use crate::number;

/// A calendar date in UTC, with the hour where candles last one: `2024-06-01`, `2024-06-01 05:00`.
fn date(at: i64, timeframe: Timeframe) -> String {
    let mut text = Instant::from_secs(at).to_string().replace('T', " ");
    text.truncate(if timeframe == Timeframe::Day { 10 } else { 16 });
    text
}

/// A cell with a figure that has its sign.
fn signed_cell(text: &str) -> Markup {
    html! {
        td class={ "number " (number::class_of(text)) } { (text) }
    }
}
