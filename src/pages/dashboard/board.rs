//! Signals, market and record: what the server makes of the dashboard.

use crate::{
    api::{error::Problem, signals::load_dashboard, source::Source},
    components::{
        market::market,
        notice::empty,
        record::{market_line, record},
        shared::{SharedTexts, shared},
        signals::{self, Selection},
    },
    domain::signal::{Dashboard, FeedFilter, Standing},
};
use maud::{Markup, html};
use std::sync::Arc;

/// The part's name on the page.
pub const NAME: &str = "board";
/// Where it says which version it is.
pub const VERSION: &str = "data-version";
/// Where it says the greatest number among its signals.
pub const NEWEST: &str = "data-newest";

/// What a reader who stands so is shown of signals, market and record; nothing where that is not known. Who pays sees the same as everybody who pays:
/// that is written once a second.
pub async fn board(
    standing: Source<Standing>,
    selection: Selection,
    texts: Option<SharedTexts>,
) -> Result<Option<Arc<str>>, Problem> {
    let Ok(standing) = standing.answer.await.read::<Standing>() else { return Ok(None) };
    let is_shared = standing.is_paid && selection == Selection::default();
    let key = is_shared.then(|| format!("{} {}", standing.version, standing.as_of.secs()));
    let FeedFilter { symbol, side, outcome } = selection.filter.clone();
    let text =
        async { Ok(written(&load_dashboard(symbol, side, outcome).await?, &standing, &selection).into_string()) };
    shared(texts.as_ref(), NAME, key, text).await.map(Some)
}

fn written(data: &Dashboard, standing: &Standing, selection: &Selection) -> Markup {
    html! {
        section class="block" aria-labelledby="signals" data-as-of=(data.as_of.millis()) data-version=(standing.version)
            data-newest=(standing.newest) {
            div class="block-head" {
                h2 id="signals" { @if data.is_paid { "Newest signals" } @else { "Fetched today" } }
                (market_line(&data.market))
            }
            @if data.signals.is_empty() && !selection.is_filtered() {
                (nothing(data.is_paid))
            } @else {
                div class="filters" { (signals::filters(selection, &data.symbols)) }
                (signals::table(data.signals.iter(), &data.symbols, selection, data.as_of))
                p class="muted small" {
                    "Each " a href="/strategies" { "rule" } " speaks for itself: of one symbol one may say BUY while another "
                    "says SELL. "
                    @if data.is_paid { "All that have ended are in the " a href="/track-record" { "track record" } "." }
                }
            }
        }
        section class="block" aria-labelledby="market" {
            h2 id="market" { "Market" }
            (market(&data.symbols))
        }
        section class="block" aria-labelledby="record" {
            div class="block-head" {
                h2 id="record" { "Record" }
                p class="muted" { "The newest settled signals, losers too." }
            }
            (record(&data.settled, "The newest settled signals"))
        }
    }
}

fn nothing(is_paid: bool) -> Markup {
    if is_paid {
        let text = html! { p { "The next one appears here by itself the moment a candle's close makes one." } };
        return empty("No signal yet", text);
    }
    let text = html! {
        p {
            "Press “Fetch signals” above. What it brings stays here for the rest of the day; opening this page costs "
            "nothing."
        }
    };
    empty("Nothing fetched today", text)
}
