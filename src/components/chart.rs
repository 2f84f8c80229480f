//! Price charts as SVG: a line for a symbol, candles with entry, target and stop for a signal.

use super::{
    figure::quote_of,
    table::{
        Column::{Number, Words},
        table,
    },
};
use crate::domain::{
    backtest::ChartScript,
    display,
    signal::{CandleView, Signal, SymbolView},
    time::Timestamp,
};
use leptos::prelude::use_context;
use maud::{Markup, html};
use std::fmt::Write;

/// Height of the drawing of a symbol's closes, before it is fitted beside a signal's levels.
const SPARK_UNITS: f64 = 100.0;

/// A symbol's last closes (oldest first), small; `label` is what screen readers hear.
pub fn spark(closes: &[f64], label: &str) -> Markup {
    let scale = Scale::of(closes.iter().copied(), 2.0, 30.0);
    html! {
        svg class="spark" viewBox="0 0 980 320" role="img" aria-label=(label) preserveAspectRatio="none" {
            path class="spark-line" d=(polyline(closes, &scale)) vector-effect="non-scaling-stroke" {}
            @if let Some(last) = closes.last() {
                circle class="spark-end" cx="940" cy=(tenths(scale.y(*last))) r="20" {}
            }
        }
    }
}

/// A symbol's last closes, drawn once, for the tiny charts of its signals.
#[derive(Clone, Debug)]
pub struct SparkLine {
    at: usize,
    low: f64,
    high: f64,
}

/// The drawings of several symbols' last closes, to be shown by [`signal_spark`]; for an invisible SVG.
pub fn spark_lines(symbols: &[SymbolView]) -> (Vec<SparkLine>, Markup) {
    let (lines, drawings): (Vec<_>, Vec<_>) =
        symbols.iter().enumerate().map(|(at, symbol)| spark_line(at, symbol)).unzip();
    let drawings = html! {
        @for drawing in drawings { (drawing) }
    };
    (lines, drawings)
}

fn spark_line(at: usize, symbol: &SymbolView) -> (SparkLine, Markup) {
    let closes = &symbol.closes[symbol.closes.len().saturating_sub(30)..];
    let scale = Scale::of(closes.iter().copied(), 0.0, SPARK_UNITS);
    let drawing = html! {
        path id={ "spark-" (at) } d=(polyline(closes, &scale)) vector-effect="non-scaling-stroke" {}
    };
    (SparkLine { at, low: scale.low, high: scale.low + scale.span }, drawing)
}

/// A signal's tiny chart: its symbol's last closes, and where it is won (`target`) and lost (`stop`).
pub fn signal_spark(target: f64, stop: f64, closes: Option<&SparkLine>) -> Markup {
    let reached = closes.into_iter().flat_map(|closes| [closes.low, closes.high]);
    let scale = Scale::of(reached.chain([target, stop]), 2.0, 30.0);
    let level = |class: &str, price: f64| {
        html! {
            path class={ "level " (class) } d={ "M20 " (tenths(scale.y(price))) "H960" }
                vector-effect="non-scaling-stroke" {}
        }
    };
    html! {
        svg class="spark" viewBox="0 0 980 320" aria-hidden="true" preserveAspectRatio="none" {
            (level("level-target", target)) (level("level-stop", stop))
            @if let Some(closes) = closes { (fitted(closes, &scale)) }
        }
    }
}

fn fitted(closes: &SparkLine, scale: &Scale) -> Markup {
    let (top, bottom) = (scale.y(closes.high), scale.y(closes.low));
    let fit = format!("matrix(1 0 0 {:.5} 0 {})", (bottom - top) / SPARK_UNITS, tenths(top));
    html! {
        use class="spark-line" href={ "#spark-" (closes.at) } transform=(fit) {}
    }
}

/// A line from 2 to 94 through `closes`, from left to right; in tenths.
fn polyline(closes: &[f64], scale: &Scale) -> String {
    let step = 92.0 / (closes.len().max(2) - 1) as f64;
    let mut line = String::with_capacity(closes.len() * 12);
    for (at, close) in closes.iter().enumerate() {
        let verb = if at == 0 { 'M' } else { 'L' };
        _ = write!(line, "{verb}{} {}", tenths(2.0 + step * at as f64), tenths(scale.y(*close)));
    }
    line
}

/// A length in tenths of its unit: whole numbers are written several times as fast as fractions.
fn tenths(length: f64) -> i32 {
    (length * 10.0).round() as i32
}

/// Candles (oldest first) with the signal's entry, target and stop as lines.
pub fn signal_chart(signal: &Signal, candles: &[CandleView]) -> Markup {
    let entry = signal.fill_price.unwrap_or(signal.price);
    let levels = [("target", "Target", signal.target), ("entry", "Entry", entry), ("stop", "Stop", signal.stop)];
    let prices = levels.iter().map(|(_, _, price)| *price);
    let scale = Scale::of(candles.iter().flat_map(|c| [c.high, c.low]).chain(prices), 16.0, 264.0);
    let price = |price: f64| display::price(price, quote_of(&signal.symbol));
    let decided = candles.iter().rposition(|candle| candle.opened_at < signal.candle_closed_at);
    let step = step_of(candles);
    let label = format!(
        "Candles of {} around the signal: entry {}, target {}, stop {}.",
        signal.symbol,
        price(entry),
        price(signal.target),
        price(signal.stop),
    );
    let told = levels.map(|(name, _, price)| format!("{name} {price}")).join("|");
    let outcome = signal.settled_at.map(|_| signal.outcome.as_str());
    html! {
        signalbox-chart class="plot" data-candles=(flat(candles)) data-levels=(told) data-quote=(quote_of(&signal.symbol)) data-side=(signal.side.as_str())
            data-decided=(signal.candle_closed_at.secs()) data-settled=[signal.settled_at.map(Timestamp::secs)]
            data-outcome=[outcome] data-exit=[signal.exit_price] {
            svg class="chart" viewBox="0 0 720 280" role="img" aria-label=(label) preserveAspectRatio="none" {
                @if let Some(at) = decided {
                    path class="moment" d=(format!("M{:.1} 8V272", 8.0 + step * (at as f64 + 1.0))) {}
                }
                (bodies(candles, &scale))
                @for (name, _, price) in levels {
                    path class={ "level level-" (name) } d=(format!("M8 {:.1}H712", scale.y(price))) {}
                }
            }
        }
        ul class="legend" aria-hidden="true" {
            @for (name, label, level) in levels {
                li class={ "legend-item legend-" (name) } {
                    span class="legend-name" { (label) }
                    span class="figure" { (price(level)) }
                }
            }
        }
    }
}

/// Who made what draws the charts.
pub fn chart_attribution() -> Markup {
    html! {
        p class="muted small" {
            "Charts: "
            a href="https://www.tradingview.com/" rel="external noopener" { "TradingView" }
            " Lightweight Charts™, Copyright (c) 2025 TradingView, Inc."
        }
    }
}

/// What stands under charts: who made what draws them, and the script that puts it in the place of the server's drawings.
pub fn chart_footer() -> Markup {
    let script = use_context::<ChartScript>();
    html! {
        (chart_attribution())
        @if let Some(ChartScript(address)) = script { script type="module" src=(address) {} }
    }
}

/// Candles as the script reads them: for each its opening in Unix seconds, and its prices.
fn flat(candles: &[CandleView]) -> String {
    let numbers = |CandleView { opened_at, open, high, low, close, .. }: &CandleView| {
        format!("{} {open} {high} {low} {close}", opened_at.secs())
    };
    candles.iter().map(numbers).collect::<Vec<_>>().join(" ")
}

/// Candles as a table, the newest first.
pub fn candle_table(candles: &[CandleView], quote: &str) -> Markup {
    let columns = [Words("Opened (market time)"), Number("Open"), Number("High"), Number("Low"), Number("Close")];
    let rows = html! {
        @for candle in candles.iter().rev() {
            tr role="row" {
                th role="rowheader" scope="row" class="cell-name" { (display::instant(candle.opened_at)) }
                @for (label, price) in [("Open", candle.open), ("High", candle.high), ("Low", candle.low), ("Close", candle.close)] {
                    td role="cell" class="number" data-label=(label) { (display::bare_price(price, quote)) }
                }
            }
        }
    };
    table("parts", "The candles of the chart, the newest first", &columns, rows)
}

/// The width of a candle and the room beside it.
fn step_of(candles: &[CandleView]) -> f64 {
    704.0 / candles.len().max(1) as f64
}

fn bodies(candles: &[CandleView], scale: &Scale) -> Markup {
    let step = step_of(candles);
    let (mut up, mut down, mut wicks) = (String::new(), String::new(), String::new());
    for (at, candle) in candles.iter().enumerate() {
        let x = 8.0 + step * (at as f64 + 0.5);
        let half = (step * 0.32).clamp(0.6, 7.0);
        let (top, bottom) = (scale.y(candle.open.max(candle.close)), scale.y(candle.open.min(candle.close)));
        let height = (bottom - top).max(1.0);
        let body = if candle.close >= candle.open { &mut up } else { &mut down };
        _ = write!(body, "M{:.1} {top:.1}h{:.1}v{height:.1}h-{:.1}z", x - half, half * 2.0, half * 2.0);
        _ = write!(wicks, "M{x:.1} {:.1}V{:.1}", scale.y(candle.high), scale.y(candle.low));
    }
    html! {
        path class="wick" d=(wicks) {}
        path class="candle candle-up" d=(up) {}
        path class="candle candle-down" d=(down) {}
    }
}

/// From prices to heights in a drawing; the highest price at the top.
struct Scale {
    low: f64,
    span: f64,
    top: f64,
    height: f64,
}

impl Scale {
    fn of(prices: impl Iterator<Item = f64>, top: f64, bottom: f64) -> Self {
        let (low, high) = prices
            .filter(|price| price.is_finite())
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), price| (low.min(price), high.max(price)));
        let (low, high) = if low <= high { (low, high) } else { (0.0, 1.0) };
        Self { low, span: (high - low).max(f64::MIN_POSITIVE), top, height: bottom - top }
    }

    fn y(&self, price: f64) -> f64 {
        self.top + self.height * (1.0 - (price - self.low) / self.span)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_price_is_at_the_top() {
        let scale = Scale::of([10.0, 20.0, 15.0].into_iter(), 2.0, 30.0);
        assert_eq!((scale.y(20.0), scale.y(10.0), scale.y(15.0)), (2.0, 30.0, 16.0));
    }

    #[test]
    fn equal_or_missing_prices_still_have_a_height() {
        assert!(Scale::of([5.0, 5.0].into_iter(), 2.0, 30.0).y(5.0).is_finite());
        assert!(Scale::of(std::iter::empty(), 2.0, 30.0).y(0.5).is_finite());
    }
}
