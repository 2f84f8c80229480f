//! How often trades ended with how much R.

use std::fmt::Write;

use engine::figures::Bin;
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
pub fn distribution(bins: &[Bin]) -> Markup {
    if bins.iter().all(|bin| bin.count == 0) {
        return html! {
            p class="nothing" {
                "No trade was ended by its own target, stop or expiry, so that there is no R to count in."
            }
        };
    }
    let rows = html! {
        @for bin in bins {
            tr {
                th scope="row" { (range(bin)) }
                td class="number" { (bin.count) }
            }
        }
    };
    html! {
        (bars(bins))
        details class="behind" {
            summary { "The distribution as a table" }
            (table("Trades by R", [Words("R"), Number("Trades")], rows))
        }
    }
}

fn range(bin: &Bin) -> String {
    let edge = |r| number::signed(r, 1);
    match (bin.from, bin.to) {
        (Some(from), Some(to)) => format!("{} to below {}", edge(from), edge(to)),
        (Some(from), None) => format!("{} and more", edge(from)),
        (None, Some(to)) => format!("below {}", edge(to)),
        (None, None) => "any".to_owned(),
    }
}

fn bars(bins: &[Bin]) -> Markup {
    let (width, height, below) = SIZE;
    let most = bins.iter().map(|bin| bin.count).max().unwrap_or(1).max(1) as f64;
    let step = width as f64 / bins.len() as f64;
    let tenths = |value| Fixed(value, 1);
    let (mut gains, mut losses) = (String::new(), String::new());
    for (at, bin) in bins.iter().enumerate() {
        let tall = tenths((height - 8) as f64 * bin.count as f64 / most);
        let bars = if bin.from.is_some_and(|from| from >= 0.0) { &mut gains } else { &mut losses };
        // Writing to a string does not fail.
        let (left, wide) = (tenths(step * at as f64 + 1.0), tenths((step - 2.0).max(1.0)));
        _ = write!(bars, "M{left} {height}v-{tall}h{wide}v{tall}z");
    }
    let count: usize = bins.iter().map(|bin| bin.count).sum();
    let whole = |bin: &Bin| bin.from.filter(|from| from.fract() == 0.0);
    html! {
        svg class="bars" viewBox=(format!("0 0 {width} {}", height + below)) role="img"
            aria-label={ "Distribution of R over " (count) " trades; the table below has its numbers." } {
            path class="bar-loss" d=(losses) {}
            path class="bar-gain" d=(gains) {}
            path class="bar-base" d=(format!("M0 {height}H{width}")) {}
            @for (at, from) in bins.iter().enumerate().filter_map(|(at, bin)| Some((at, whole(bin)?))) {
                text class="bar-label" x=(tenths(step * at as f64)) y=(height + 20) {
                    (number::signed(from, 0))
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bin_has_a_bar_and_a_row() {
        let bin = |from, to, count| Bin { from, to, count };
        let bins = [bin(None, Some(-0.5), 30), bin(Some(-0.5), Some(0.0), 2), bin(Some(0.0), None, 11)];
        let text = distribution(&bins).into_string();
        assert_eq!((text.matches("<tr>").count(), text.matches("v-").count()), (4, 3));
        assert!(text.contains("over 43 trades") && text.contains("below −0.5") && text.contains("0.0 and more"));
        assert!(distribution(&[bin(None, None, 0)]).into_string().contains("No trade"));
    }
}
