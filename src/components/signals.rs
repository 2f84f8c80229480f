//! Signals in a table that a phone shows as cards; sorted and filtered by the address, so that it works without
//! JavaScript and can be linked to.

use super::{
    chart::{SparkLine, signal_spark, spark_lines},
    figure::{confidence, outcome_mark, quote_of, replay_mark, result, side_mark, unproven_mark},
    when::{ago, closing_day},
};
use crate::domain::{
    display,
    signal::{FeedFilter, Outcome, Side, SignalLine, SymbolView},
    time::Timestamp,
};
use maud::{Markup, html};
use std::cmp::Ordering;

/// What a column sorts by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SortBy {
    /// When it was published: the newest first.
    #[default]
    Age,
    /// By name.
    Symbol,
    /// BUY before SELL.
    Side,
    /// The measured share.
    Confidence,
    /// In R.
    Result,
}

impl SortBy {
    const ALL: [Self; 5] = [Self::Age, Self::Symbol, Self::Side, Self::Confidence, Self::Result];

    fn name(self) -> &'static str {
        match self {
            Self::Age => "age",
            Self::Symbol => "symbol",
            Self::Side => "side",
            Self::Confidence => "confidence",
            Self::Result => "result",
        }
    }
}

/// Which signals are shown, and in which order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Only these.
    pub filter: FeedFilter,
    /// By which column.
    pub sort: SortBy,
    /// Against the column's own order.
    pub reversed: bool,
    /// Not only the first [`FIRST`].
    pub whole: bool,
}

/// Lines shown until all are asked for.
const FIRST: usize = 20;

impl Selection {
    /// From the address: `symbol`, `side`, `outcome`, `sort`, `order=reversed`, `show=all`. What is unknown counts as not given.
    pub fn from_query(get: impl Fn(&str) -> Option<String>) -> Self {
        let filter = FeedFilter {
            symbol: get("symbol").filter(|symbol| !symbol.is_empty()),
            side: get("side").and_then(|side| side.parse().ok()),
            outcome: get("outcome").and_then(|outcome| outcome.parse().ok()),
        };
        let sort = get("sort").and_then(|name| SortBy::ALL.into_iter().find(|by| by.name() == name));
        Self {
            filter,
            sort: sort.unwrap_or_default(),
            reversed: get("order").as_deref() == Some("reversed"),
            whole: get("show").as_deref() == Some("all"),
        }
    }

    /// The address that shows it.
    pub fn address(&self) -> String {
        let mut parts = Vec::new();
        if let Some(symbol) = &self.filter.symbol {
            parts.push(format!("symbol={}", symbol.replace('/', "%2F")));
        }
        if let Some(side) = self.filter.side {
            parts.push(format!("side={}", side.as_str()));
        }
        if let Some(outcome) = self.filter.outcome {
            parts.push(format!("outcome={}", outcome.as_str()));
        }
        if self.sort != SortBy::Age {
            parts.push(format!("sort={}", self.sort.name()));
        }
        if self.reversed {
            parts.push("order=reversed".to_owned());
        }
        if self.whole {
            parts.push("show=all".to_owned());
        }
        if parts.is_empty() { "/dashboard".to_owned() } else { format!("/dashboard?{}", parts.join("&")) }
    }

    /// What is left of `signals`, in order.
    pub fn of<'a>(&self, signals: impl Iterator<Item = &'a SignalLine>) -> Vec<&'a SignalLine> {
        let mut signals: Vec<_> = signals.filter(|signal| self.filter.admits(signal)).collect();
        signals.sort_by(|a, b| {
            let order = self.compare(a, b).then(b.seq.cmp(&a.seq));
            if self.reversed { order.reverse() } else { order }
        });
        signals
    }

    fn compare(&self, a: &SignalLine, b: &SignalLine) -> Ordering {
        let most_first =
            |a: Option<f64>, b: Option<f64>| b.unwrap_or(f64::NEG_INFINITY).total_cmp(&a.unwrap_or(f64::NEG_INFINITY));
        match self.sort {
            SortBy::Age => Ordering::Equal,
            SortBy::Symbol => a.symbol.cmp(&b.symbol),
            SortBy::Side => a.side.as_str().cmp(b.side.as_str()),
            SortBy::Confidence => most_first(a.confidence, b.confidence),
            SortBy::Result => most_first(a.r_multiple, b.r_multiple),
        }
    }

    /// Whether it leaves signals out.
    pub fn is_filtered(&self) -> bool {
        self.filter != FeedFilter::default()
    }
}

/// Links that show only one of the `symbols` there are, only one side, or only what is open.
pub fn filters(selection: &Selection, symbols: &[SymbolView]) -> Markup {
    let link = |label: &str, filter: FeedFilter| {
        let chosen = filter == selection.filter;
        chip(label, &Selection { filter, whole: false, ..selection.clone() }, chosen)
    };
    let by_symbol = |symbol: Option<&str>| {
        let label = symbol.unwrap_or("All symbols");
        link(label, FeedFilter { symbol: symbol.map(str::to_owned), ..selection.filter.clone() })
    };
    let by_side = |side: Option<Side>| {
        link(side.map_or("Both sides", Side::as_str), FeedFilter { side, ..selection.filter.clone() })
    };
    let by_outcome =
        |label: &str, outcome: Option<Outcome>| link(label, FeedFilter { outcome, ..selection.filter.clone() });
    html! {
        nav class="chips" aria-label="Filter by symbol" {
            (by_symbol(None))
            @for symbol in symbols { (by_symbol(Some(&symbol.symbol))) }
        }
        nav class="chips" aria-label="Filter by side" {
            @for side in [None, Some(Side::Buy), Some(Side::Sell)] { (by_side(side)) }
        }
        nav class="chips" aria-label="Filter by outcome" {
            (by_outcome("Open and ended", None)) (by_outcome("Open only", Some(Outcome::Open)))
        }
    }
}

fn chip(label: &str, to: &Selection, chosen: bool) -> Markup {
    html! {
        a class="chip" id={ "show-" (label.replace(' ', "-")) } href=(to.address()) data-noscroll=""
            aria-current=[chosen.then_some("true")] { (label) }
    }
}

/// The table, or what to say when nothing is left. `symbols` are for the tiny charts, `as_of` is the server's clock when
/// `signals` were sent.
pub fn table<'a>(
    signals: impl Iterator<Item = &'a SignalLine>,
    symbols: &[SymbolView],
    selection: &Selection,
    as_of: Timestamp,
) -> Markup {
    let mut shown = selection.of(signals);
    let matching = shown.len();
    if !selection.whole {
        shown.truncate(FIRST);
    }
    let (closes, drawings) = spark_lines(symbols);
    let line = |signal: &SignalLine| {
        let at = symbols.iter().position(|symbol| symbol.symbol == signal.symbol);
        row(signal, at.and_then(|at| closes.get(at)), as_of)
    };
    html! {
        @if shown.is_empty() {
            p class="nothing" {
                "No signal matches the filter. " a href="/dashboard" data-noscroll="" { "Show all" }
            }
        } @else {
            svg class="spark-lines" aria-hidden="true" focusable="false" { (drawings) }
            div class="table-box" {
                table class="table signals" role="table" {
                    caption class="visually-hidden" {
                        @if selection.is_filtered() { "Signals, filtered" } @else { "Signals" }
                    }
                    (head(selection))
                    tbody role="rowgroup" {
                        @for signal in &shown { (line(signal)) }
                    }
                }
            }
            @if shown.len() < matching {
                p class="more" {
                    a href=(Selection { whole: true, ..selection.clone() }.address()) data-noscroll="" {
                        "Show " (matching - shown.len()) " more"
                    }
                }
            }
        }
    }
}

fn head(selection: &Selection) -> Markup {
    let sorted = |by: SortBy, label: &str, class: &str| sorting(selection, by, label, class);
    html! {
        thead role="rowgroup" {
            tr role="row" {
                (sorted(SortBy::Symbol, "Symbol", "col-symbol")) (sorted(SortBy::Side, "Side", "col-side"))
                th role="columnheader" scope="col" class="number col-prices" { "Price → target / stop" }
                th role="columnheader" scope="col" class="col-spark" { "Chart" }
                (sorted(SortBy::Confidence, "Confidence", "number col-confidence"))
                (sorted(SortBy::Result, "Outcome", "col-outcome")) (sorted(SortBy::Age, "Age", "number col-age"))
            }
        }
    }
}

/// The head of a column that can be sorted by.
fn sorting(selection: &Selection, by: SortBy, label: &str, class: &str) -> Markup {
    let sorted = selection.sort == by;
    // Names begin with A; figures and times with the greatest.
    let ascending = matches!(by, SortBy::Symbol | SortBy::Side) != selection.reversed;
    let (order, mark) = if ascending { ("ascending", "↑") } else { ("descending", "↓") };
    let to = Selection { sort: by, reversed: sorted && !selection.reversed, ..selection.clone() };
    html! {
        th role="columnheader" scope="col" class=(class) aria-sort=[sorted.then_some(order)] {
            a class="sort" id={ "sort-" (by.name()) } href=(to.address()) data-noscroll="" {
                (label)
                span class="sort-mark" aria-hidden="true" { @if sorted { (mark) } @else { "↕" } }
            }
        }
    }
}

fn row(signal: &SignalLine, closes: Option<&SparkLine>, as_of: Timestamp) -> Markup {
    let quote = quote_of(&signal.symbol);
    let prices = |price: f64| display::bare_price(price, quote);
    let (sign, unit) = if quote == "INR" { ("₹", "") } else { ("", quote) };
    html! {
        tr role="row" {
            th role="rowheader" scope="row" class="col-symbol" {
                a class="row-link" href={ "/signal/" (signal.id) } { (signal.symbol) }
                span class="muted" { " " (signal.timeframe) }
                @if signal.replay { (replay_mark()) }
                span class="rule" { (signal.strategy) (unproven_mark(signal.verdict)) }
            }
            td role="cell" class="col-side" { (side_mark(signal.side)) }
            td role="cell" class="number col-prices" {
                span class="price-entry" { (sign) (prices(signal.price)) " " span class="muted unit" { (unit) } }
                span class="price-levels" {
                    span class="muted" { "→ " }
                    span class="visually-hidden" { "target " }
                    span class="level-target" { (prices(signal.target)) }
                    span class="muted" { " / " }
                    span class="visually-hidden" { "stop " }
                    span class="level-stop" { (prices(signal.stop)) }
                }
            }
            td role="cell" class="col-spark" { (signal_spark(signal.target, signal.stop, closes)) }
            td role="cell" class="number col-confidence" {
                (confidence(signal.confidence, signal.confidence_n, signal.confidence_reason.as_deref()))
            }
            td role="cell" class="col-outcome" {
                (outcome_mark(signal.outcome))
                @if signal.r_multiple.is_some() { (result(signal.r_multiple)) }
            }
            td role="cell" class="number col-age" {
                (ago(signal.published_at, as_of))
                span class="market-day" { (closing_day(signal.candle_closed_at)) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(pairs: &'static [(&'static str, &'static str)]) -> Selection {
        Selection::from_query(|key| pairs.iter().find(|(name, _)| *name == key).map(|(_, value)| (*value).to_owned()))
    }

    #[test]
    fn the_address_says_what_is_shown() {
        assert_eq!(query(&[]).address(), "/dashboard");
        assert_eq!(query(&[("show", "all")]).address(), "/dashboard?show=all");
        let chosen = query(&[
            ("symbol", "BTC/USDT"),
            ("side", "SELL"),
            ("outcome", "open"),
            ("sort", "confidence"),
            ("order", "reversed"),
        ]);
        let address = "/dashboard?symbol=BTC%2FUSDT&side=SELL&outcome=open&sort=confidence&order=reversed";
        assert_eq!(chosen.address(), address);
    }

    #[test]
    fn what_is_unknown_counts_as_not_given() {
        let unknown = query(&[("side", "UP"), ("outcome", "luck"), ("sort", "luck"), ("symbol", "")]);
        assert_eq!(unknown, Selection::default());
    }
}
