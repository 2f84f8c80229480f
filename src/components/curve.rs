//! The record's charts as SVG: all R together as it went, and confidence against what came of it.

use crate::domain::{
    display,
    record::{CalibrationTenth, CurvePoint},
};
use maud::{Markup, html};
use std::fmt::Write;

/// Width and height of the drawings, and the room around what is drawn.
const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 240.0;
const ROOM: f64 = 8.0;
/// Sides of the square of confidence and outcome, and the room for what its left, lower and right edges say.
const SIDE: f64 = 260.0;
const EDGE: f64 = 44.0;
const END: f64 = 22.0;

/// All R together after each settlement, oldest first, with what screen readers hear. Needs two points or more.
pub fn cumulative(curve: &[CurvePoint]) -> Markup {
    let (Some(first), Some(last)) = (curve.first(), curve.last()) else { return html! {} };
    let totals = || curve.iter().map(|point| point.total_r);
    let (low, high) = (totals().fold(0.0, f64::min), totals().fold(0.0, f64::max));
    let words = |r: f64| format!("{} R", display::signed(r, 2));
    let label = format!(
        "All R together from {} to {}: {} at the end, {} at the highest, {} at the lowest.",
        display::date(first.settled_at),
        display::date(last.settled_at),
        words(last.total_r),
        words(high),
        words(low),
    );
    let scale = Scale { low, span: (high - low).max(f64::MIN_POSITIVE) };
    let line = polyline(curve, &scale);
    let class = if last.total_r < 0.0 { "curve curve-loss" } else { "curve curve-gain" };
    html! {
        signalbox-chart class="plot" data-line=(flat(curve)) {
            svg class={ "chart " (class) } viewBox=(format!("0 0 {WIDTH} {HEIGHT}")) role="img" aria-label=(label)
                preserveAspectRatio="none" {
                path class="curve-zero" d=(format!("M0 {:.1}H{WIDTH}", scale.y(0.0))) {}
                path class="curve-line" d=(line) {}
            }
            p class="curve-times" aria-hidden="true" {
                span { (display::date(first.settled_at)) }
                span { (display::date(last.settled_at)) }
            }
        }
        ul class="legend" aria-hidden="true" {
            @for (name, r) in [("At the end", last.total_r), ("Highest", high), ("Lowest", low)] {
                li { span class="muted" { (name) } " " span class="figure" { (words(r)) } }
            }
            li class="legend-item legend-zero" { "0 R" }
        }
    }
}

/// The curve as the script reads it: for each point its time in Unix seconds, and all R together.
fn flat(curve: &[CurvePoint]) -> String {
    let numbers = |point: &CurvePoint| format!("{} {}", point.settled_at.secs(), point.total_r);
    curve.iter().map(numbers).collect::<Vec<_>>().join(" ")
}

/// Steps, since nothing happens between two settlements; by time, so that a pause is seen as one.
fn polyline(curve: &[CurvePoint], scale: &Scale) -> String {
    let (Some(first), Some(last)) = (curve.first(), curve.last()) else { return String::new() };
    let begins = first.settled_at.millis();
    let span = (last.settled_at.millis() - begins).max(1) as f64;
    let mut line = format!("M0 {:.1}", scale.y(0.0));
    for point in curve {
        let x = (point.settled_at.millis() - begins) as f64 / span * WIDTH;
        _ = write!(line, "H{x:.1}V{:.1}", scale.y(point.total_r));
    }
    line
}

/// From R to heights in a drawing; the most at the top.
struct Scale {
    low: f64,
    span: f64,
}

impl Scale {
    fn y(&self, r: f64) -> f64 {
        ROOM + (HEIGHT - 2.0 * ROOM) * (1.0 - (r - self.low) / self.span)
    }
}

/// For each tenth of the scale of confidence what was told and what came of it, with its 95 % interval; on the line both
/// are the same.
pub fn calibration(table: &[CalibrationTenth]) -> Markup {
    let share = |share: f64| display::percent(share, 0);
    let told: Vec<String> = table
        .iter()
        .map(|row| format!("{} told, {} came, of {}", share(row.forecast), share(row.observed), row.count))
        .collect();
    let label = format!("Confidence told against what came of it: {}.", told.join("; "));
    let (x, y) = (|share: f64| EDGE + SIDE * share, |share: f64| ROOM + SIDE * (1.0 - share));
    html! {
        svg class="chart-square" viewBox=(format!("0 0 {} {}", EDGE + SIDE + END, SIDE + 2.0 * ROOM + EDGE)) role="img"
            aria-label=(label) {
            @for tick in [0.0, 0.5, 1.0] {
                path class="grid" d=(format!("M{:.0} {:.0}H{:.0}M{:.0} {:.0}V{:.0}", x(0.0), y(tick), x(1.0), x(tick), y(1.0), y(0.0))) {}
                text class="tick tick-y" x=(EDGE - 6.0) y=(y(tick) + 4.0) { (share(tick)) }
                text class="tick tick-x" x=(x(tick)) y=(y(0.0) + 18.0) { (share(tick)) }
            }
            path class="curve-zero" d=(format!("M{:.0} {:.0}L{:.0} {:.0}", x(0.0), y(0.0), x(1.0), y(1.0))) {}
            @for row in table {
                path class="interval" d=(format!("M{:.1} {:.1}V{:.1}", x(row.forecast), y(row.low), y(row.high))) {}
                circle class="point" cx=(format!("{:.1}", x(row.forecast))) cy=(format!("{:.1}", y(row.observed)))
                    r=(format!("{:.1}", radius(row.count))) {}
            }
            text class="tick tick-x" x=(x(0.5)) y=(y(0.0) + 36.0) { "Confidence told" }
        }
    }
}

/// Larger where there is more, within what can be seen and told apart.
fn radius(count: u64) -> f64 {
    (3.0 + (count as f64).sqrt() * 0.15).min(6.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;

    fn point(day: i64, total_r: f64) -> CurvePoint {
        CurvePoint { settled_at: Timestamp::from_secs(day * 86_400), total_r }
    }

    #[test]
    fn the_curve_begins_at_nothing_and_steps_where_something_was_settled() {
        let scale = Scale { low: -1.0, span: 4.0 };
        assert_eq!((scale.y(3.0), scale.y(-1.0)), (ROOM, HEIGHT - ROOM));
        let line = polyline(&[point(0, -1.0), point(5, 3.0), point(10, 1.0)], &scale);
        assert_eq!(line, "M0 176.0H0.0V232.0H360.0V8.0H720.0V120.0");
    }

    #[test]
    fn what_is_drawn_is_told_too() {
        let markup = cumulative(&[point(0, -1.0), point(1, 2.5)]).into_string();
        assert!(markup.contains(
            "from 1 Jan 1970 to 2 Jan 1970: +2.50 R at the end, +2.50 R at the highest, −1.00 R at the lowest."
        ));
        assert_eq!(cumulative(&[]).into_string(), "");
        let tenth =
            CalibrationTenth { from: 0.4, to: 0.5, count: 12, forecast: 0.45, observed: 0.5, low: 0.25, high: 0.75 };
        assert!(calibration(&[tenth]).into_string().contains("45 % told, 50 % came, of 12."));
    }
}
