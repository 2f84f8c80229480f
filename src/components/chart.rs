//! Price charts as SVG: a line for a symbol, candles with entry, target and stop for a signal.

use super::figure::quote_of;
use crate::domain::{
    display,
    signal::{CandleView, Signal, SymbolView},
};
use leptos::prelude::*;
use std::fmt::Write;

/// Height of the drawing of a symbol's closes, before it is fitted beside a signal's levels.
const SPARK_UNITS: f64 = 100.0;

/// A symbol's last closes, small, with the closes' direction told by a class.
#[component]
pub fn Spark(
    /// Oldest first.
    closes: Vec<f64>,
    /// What screen readers hear.
    label: String,
) -> impl IntoView {
    let (first, last) = (closes.first().copied(), closes.last().copied());
    let class = if last >= first { "spark spark-up" } else { "spark spark-down" };
    let scale = Scale::of(closes.iter().copied(), 2.0, 30.0);
    let line = polyline(&closes, &scale);
    let end = last.map(|last| {
        view! { <circle class="spark-end" cx="940" cy=tenths(scale.y(last)) r="20" /> }
    });
    view! {
        <svg class=class viewBox="0 0 980 320" role="img" aria-label=label preserveAspectRatio="none">
            <path class="spark-line" d=line vector-effect="non-scaling-stroke" />
            {end}
        </svg>
    }
    .into_any()
}

/// A symbol's last closes, drawn once, for the tiny charts of its signals.
#[derive(Clone, Debug)]
pub struct SparkLine {
    name: String,
    low: f64,
    high: f64,
}

/// The drawings of several symbols' last closes, to be shown by [`SignalSpark`]; itself invisible.
pub fn spark_lines(symbols: &[SymbolView]) -> (Vec<SparkLine>, impl IntoView + use<>) {
    let (lines, drawings): (Vec<_>, Vec<_>) =
        symbols.iter().enumerate().map(|(at, symbol)| spark_line(at, symbol)).unzip();
    let drawings = view! { <svg class="spark-lines" aria-hidden="true" focusable="false">{drawings}</svg> };
    (lines, drawings)
}

fn spark_line(at: usize, symbol: &SymbolView) -> (SparkLine, impl IntoView + use<>) {
    let closes = &symbol.closes[symbol.closes.len().saturating_sub(30)..];
    let scale = Scale::of(closes.iter().copied(), 0.0, SPARK_UNITS);
    let name = format!("spark-{at}");
    let drawing = view! { <path id=name.clone() d=polyline(closes, &scale) vector-effect="non-scaling-stroke" /> };
    (SparkLine { name, low: scale.low, high: scale.low + scale.span }, drawing)
}

/// A signal's tiny chart: its symbol's last closes and where target and stop lie.
#[component]
pub fn SignalSpark(
    /// Where the signal is won.
    target: f64,
    /// Where it is lost.
    stop: f64,
    /// Of its symbol.
    closes: Option<SparkLine>,
) -> impl IntoView {
    let reached = closes.iter().flat_map(|closes| [closes.low, closes.high]);
    let scale = Scale::of(reached.chain([target, stop]), 2.0, 30.0);
    let level = |price: f64| format!("M20 {}H960", tenths(scale.y(price)));
    let line = closes.map(|closes| {
        let (top, bottom) = (scale.y(closes.high), scale.y(closes.low));
        let fit = format!("matrix(1 0 0 {:.5} 0 {})", (bottom - top) / SPARK_UNITS, tenths(top));
        view! { <use_ class="spark-line" href=format!("#{}", closes.name) transform=fit /> }
    });
    view! {
        <svg class="spark" viewBox="0 0 980 320" aria-hidden="true" preserveAspectRatio="none">
            <path class="level level-target" d=level(target) vector-effect="non-scaling-stroke" />
            <path class="level level-stop" d=level(stop) vector-effect="non-scaling-stroke" />
            {line}
        </svg>
    }
    .into_any()
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

/// Candles with the signal's entry, target and stop as lines.
#[component]
pub fn SignalChart(
    /// Whose.
    signal: Signal,
    /// Around it, oldest first.
    candles: Vec<CandleView>,
) -> impl IntoView {
    let entry = signal.fill_price.unwrap_or(signal.price);
    let levels = [entry, signal.target, signal.stop];
    let scale = Scale::of(candles.iter().flat_map(|c| [c.high, c.low]).chain(levels), 16.0, 264.0);
    let step = 704.0 / candles.len().max(1) as f64;
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
    let decided = candles.iter().rposition(|candle| candle.opened_at < signal.candle_closed_at);
    let moment = decided.map(|at| {
        let x = 8.0 + step * (at as f64 + 1.0);
        view! { <path class="moment" d=format!("M{x:.1} 8V272") /> }
    });
    let line = |class: &'static str, price: f64| {
        let y = scale.y(price);
        view! { <path class=format!("level {class}") d=format!("M8 {y:.1}H712") /> }
    };
    let name = |class: &'static str, name: &'static str, price: f64| {
        view! {
            <li class=format!("legend-item {class}")>
                <span class="legend-name">{name}</span>
                <span class="figure">{display::price(price, quote_of(&signal.symbol))}</span>
            </li>
        }
    };
    let label = format!(
        "Candles of {} around the signal: entry {}, target {}, stop {}.",
        signal.symbol,
        display::price(entry, quote_of(&signal.symbol)),
        display::price(signal.target, quote_of(&signal.symbol)),
        display::price(signal.stop, quote_of(&signal.symbol)),
    );
    view! {
        <svg class="chart" viewBox="0 0 720 280" role="img" aria-label=label preserveAspectRatio="none">
            {moment}
            <path class="wick" d=wicks />
            <path class="candle candle-up" d=up />
            <path class="candle candle-down" d=down />
            {line("level-target", signal.target)}
            {line("level-entry", entry)}
            {line("level-stop", signal.stop)}
        </svg>
        <ul class="legend" aria-hidden="true">
            {name("legend-target", "Target", signal.target)}
            {name("legend-entry", "Entry", entry)}
            {name("legend-stop", "Stop", signal.stop)}
        </ul>
    }
    .into_any()
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
