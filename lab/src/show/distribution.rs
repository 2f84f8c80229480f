//! How often trades ended with how much.

use std::fmt::Write;

use engine::figures::{Distribution, Gain};
use engine::writing::Fixed;
use maud::{Markup, html};

use super::table::{
    Column::{Number, Words},
    table,
};
use crate::number;

/// Width and height of the drawing, and the room below it for its numbers.
const SIZE: (usize, usize, usize) = (720, 200, 28);

/// A bar for each bin, and a table of them.
#[must_use]
pub fn distribution(of: &Distribution) -> Markup {
    let count: usize = of.bins.iter().map(|bin| bin.count).sum();
    if count == 0 {
        return html! { p class="nothing" { "No trade has ended." } };
    }
    let (unit, head) = if of.unit == Gain::R { ("R", "R") } else { ("return", "Return") };
    let rows = html! {
        @for bin in &of.bins {
            tr {
                th scope="row" { (range(of, bin.from, bin.to)) }
                td class="number" { (bin.count) }
            }
        }
    };
    html! {
        (bars(of, &format!("Distribution of {unit} over {count} trades; the table below has its numbers.")))
        details class="behind" {
            summary { "The distribution as a table" }
            (table(&format!("Trades by {unit}"), &[Words(head), Number("Trades")], rows))
        }
    }
}

fn range(of: &Distribution, from: Option<f64>, to: Option<f64>) -> String {
    match (from, to) {
        (Some(from), Some(to)) => format!("{} to below {}", edge(of, from), edge(of, to)),
        (Some(from), None) => format!("{} and more", edge(of, from)),
        (None, Some(to)) => format!("below {}", edge(of, to)),
        (None, None) => "any".to_owned(),
    }
}

fn edge(of: &Distribution, at: f64) -> String {
    match of.unit {
        Gain::R => number::signed(at, 1),
        Gain::Return => number::signed_percent(at, 2),
    }
}

fn bars(of: &Distribution, label: &str) -> Markup {
    let (width, height, below) = SIZE;
    let most = of.bins.iter().map(|bin| bin.count).max().unwrap_or(1).max(1) as f64;
    let step = width as f64 / of.bins.len() as f64;
    let tenths = |value| Fixed(value, 1);
    let (mut gains, mut losses) = (String::new(), String::new());
    for (at, bin) in of.bins.iter().enumerate() {
        let tall = tenths((height - 8) as f64 * bin.count as f64 / most);
        let bars = if bin.from.is_some_and(|from| from >= 0.0) { &mut gains } else { &mut losses };
        // Writing to a string does not fail.
        let (left, wide) = (tenths(step * at as f64 + 1.0), tenths((step - 2.0).max(1.0)));
        _ = write!(bars, "M{left} {height}v-{tall}h{wide}v{tall}z");
    }
    html! {
        svg class="bars" viewBox=(format!("0 0 {width} {}", height + below)) role="img" aria-label=(label) {
            path class="bar-loss" d=(losses) {}
            path class="bar-gain" d=(gains) {}
            path class="bar-base" d=(format!("M0 {height}H{width}")) {}
            @for (at, from) in of.bins.iter().enumerate().skip(1).step_by(2).filter_map(|(at, bin)| Some((at, bin.from?))) {
                text class="bar-label" x=(tenths(step * at as f64)) y=(height + 20) { (edge(of, from)) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::figures::Bin;

    #[test]
    fn every_bin_has_a_bar_and_a_row() {
        let bin = |from, to, count| Bin { from, to, count };
        let bins = vec![bin(None, Some(-0.5), 30), bin(Some(-0.5), Some(0.0), 2), bin(Some(0.0), None, 11)];
        let of = Distribution { unit: Gain::R, bins: bins.clone() };
        let text = distribution(&of).into_string();
        assert_eq!((text.matches("<tr>").count(), text.matches("v-").count()), (4, 3));
        assert!(text.contains("of R over 43 trades") && text.contains("below −0.5") && text.contains("0.0 and more"));
        let of = Distribution { unit: Gain::Return, bins };
        let text = distribution(&of).into_string();
        assert!(text.contains("of return over 43 trades") && text.contains("−50.00 % to below 0.00 %"), "{text}");
        let none = Distribution { unit: Gain::R, bins: vec![bin(None, None, 0)] };
        assert!(distribution(&none).into_string().contains("No trade"));
    }
}
