//! The trades, the newest first, a page at a time.

use engine::backtest::Trade;
use engine::{Outcome, Side, Timeframe};
use maud::{Markup, html};

use super::table::{
    Column::{self, Number, Words},
    table,
};
use super::{date, signed_cell};
use crate::number::{self, Grouping};
use crate::run::Run;
use crate::series::Series;

/// How many trades are shown at first.
pub const PAGE: usize = 20;

/// How many more are shown when more are asked for.
const MORE: usize = 100;

const COLUMNS: [Column<'_>; 8] = [
    Words("Side"),
    Words("In (UTC)"),
    Number("at"),
    Words("Out (UTC)"),
    Number("at"),
    Words("By"),
    Number("Return"),
    Number("R"),
];

/// The newest trades, as many as `shown`, and a button for more where there are.
#[must_use]
pub fn trades(run: &Run, series: &Series, shown: usize) -> Markup {
    let all = &run.report.trades;
    if all.is_empty() {
        return html! {
            p class="nothing" {
                "No trade: over these candles the strategy, set so, has said nothing that could be filled."
            }
        };
    }
    let timeframe = series.candles().timeframe();
    let rows = html! {
        @for trade in all.iter().rev().take(shown) { (row(trade, timeframe, series.grouping)) }
    };
    html! {
        (table("Trades, the newest first", &COLUMNS, rows))
        p class="more" {
            span class="muted small" { (shown.min(all.len())) " of " (all.len()) " trades" }
            @if shown < all.len() {
                " "
                button type="button" class="button button-secondary button-small" data-more=(shown + MORE) {
                    "Show " (MORE.min(all.len() - shown)) " more"
                }
            }
        }
    }
}

fn row(trade: &Trade, timeframe: Timeframe, grouping: Grouping) -> Markup {
    let (class, arrow, side) = match trade.side {
        Side::Buy => ("side side-buy", "↑", "Long"),
        Side::Sell => ("side side-sell", "↓", "Short"),
    };
    let exit = trade.exit_time.map_or_else(|| "open".to_owned(), |at| date(at, timeframe));
    let exit_price = trade.exit_price.map_or_else(|| number::NONE.to_owned(), |price| number::price(price, grouping));
    let r = trade.r_multiple.map_or_else(|| number::NONE.to_owned(), |r| number::signed(r, 2));
    html! {
        tr {
            th scope="row" {
                span class=(class) { span aria-hidden="true" { (arrow) } (side) }
            }
            td class="cell-when" { (date(trade.entry_time, timeframe)) }
            td class="number" { (number::price(trade.entry_price, grouping)) }
            td class="cell-when" { (exit) }
            td class="number" { (exit_price) }
            td { (ending(trade)) }
            (signed_cell(&number::signed_percent(trade.pnl / (trade.quantity * trade.entry_price), 2)))
            (signed_cell(&r))
        }
    }
}

/// What ended it.
fn ending(trade: &Trade) -> &'static str {
    match (trade.exit_time, trade.outcome) {
        (None, _) => "still open",
        (_, Some(Outcome::Target)) => "target",
        (_, Some(Outcome::Stop)) => "stop",
        (_, Some(Outcome::Expired)) => "expiry",
        (_, Some(Outcome::Open) | None) => "opposite signal",
    }
}
