//! How many trades ended with how much.

use serde::Serialize;

use super::statistics::mean;
use super::trades::yielded;
use crate::backtest::Trade;

/// How many trades ended with how much: in R where their own stops limited them, else in returns.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Distribution {
    /// What the bins count in.
    pub unit: Gain,
    /// The bins, each from where the one before ends.
    pub bins: Vec<Bin>,
}

/// What a trade's gain is told in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Gain {
    /// The risk at the entry, fees left out.
    R,
    /// The value at the entry, as a fraction of 1, after fees.
    Return,
}

/// How many trades ended with a gain from `from` up to but not with `to`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Bin {
    /// The least gain; `None`: without end.
    pub from: Option<f64>,
    /// What the gain is below; `None`: without end.
    pub to: Option<f64>,
    /// How many trades.
    pub count: usize,
}

/// Widths of the bins of returns: each a numerator, over how much.
const WIDTHS: [(f64, f64); 10] = [
    (1.0, 1e4),
    (2.0, 1e4),
    (5.0, 1e4),
    (1.0, 1e3),
    (2.0, 1e3),
    (5.0, 1e3),
    (1.0, 100.0),
    (2.0, 100.0),
    (5.0, 100.0),
    (1.0, 10.0),
];

impl Distribution {
    /// Six steps of loss and ten of gain, with what is beyond in a bin each. Steps of a half R, or of returns of about half
    /// their mean size.
    pub(super) fn of(trades: &[Trade]) -> Self {
        let multiples: Vec<f64> = trades.iter().filter_map(|trade| trade.r_multiple).collect();
        let returns: Vec<f64> = trades.iter().filter(|trade| trade.exit_time.is_some()).map(yielded).collect();
        if returns.is_empty() || !multiples.is_empty() {
            return Self { unit: Gain::R, bins: bins((1.0, 2.0), &multiples) };
        }
        let sizes: Vec<f64> = returns.iter().map(|gain| gain.abs()).collect();
        let half = mean(&sizes).unwrap_or_default() / 2.0;
        let width = WIDTHS.into_iter().find(|(steps, over)| steps / over >= half);
        Self { unit: Gain::Return, bins: bins(width.unwrap_or((2.0, 10.0)), &returns) }
    }
}

/// Bins of a width, so many steps over how much.
fn bins((steps, over): (f64, f64), gains: &[f64]) -> Vec<Bin> {
    // Divided last, so that an edge is the number that is written so.
    let edges: Vec<f64> = (-6..=10).map(|edge| f64::from(edge) * steps / over).collect();
    let mut bins: Vec<Bin> = (0..=edges.len())
        .map(|place| Bin {
            from: place.checked_sub(1).and_then(|before| edges.get(before).copied()),
            to: edges.get(place).copied(),
            count: 0,
        })
        .collect();
    for gain in gains {
        bins[edges.partition_point(|edge| edge <= gain)].count += 1;
    }
    bins
}
