//! How a record stands against the backtest of the same strategy.

use serde::Serialize;

use super::{FEWEST, Figures};
use crate::figures::statistics::NORMAL_97_5;

/// A live figure less the backtest's, with the 95 % interval of what the difference may be.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// Live less backtest.
    pub value: f64,
    /// The lower end of the interval.
    pub low: f64,
    /// The upper end of it.
    pub high: f64,
}

/// A record against the backtest of the same strategy on the same series before it began.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Drift {
    /// Of the mean R: `difference ± 1.96 · √(standard error² + standard error²)`, since neither
    /// knows of the other's variance: B. Welch, "The Generalization of 'Student's' Problem when
    /// Several Different Population Variances are Involved" (1947). `None` unless each side has two.
    pub expectancy_r: Option<Difference>,
    /// Of the win rate, by the square-and-add of Wilson's intervals: R. Newcombe, "Interval
    /// Estimation for the Difference between Independent Proportions" (1998), method 10. `None`
    /// unless each side has a signal.
    pub win_rate: Option<Difference>,
    /// What that says.
    pub words: String,
}

/// How the figures of published signals stand against those of a backtest.
#[must_use]
pub fn drift(backtest: &Figures, live: &Figures) -> Drift {
    let expectancy_r = means(backtest, live);
    Drift { expectancy_r, win_rate: rates(backtest, live), words: words(backtest, live, expectancy_r) }
}

fn means(backtest: &Figures, live: &Figures) -> Option<Difference> {
    let value = live.expectancy_r? - backtest.expectancy_r?;
    let (live, backtest) = (live.standard_error_r?, backtest.standard_error_r?);
    let reach = NORMAL_97_5 * (live * live + backtest * backtest).sqrt();
    Some(Difference { value, low: value - reach, high: value + reach })
}

fn rates(backtest: &Figures, live: &Figures) -> Option<Difference> {
    let (p, q) = (live.win_rate?, backtest.win_rate?);
    let below = |figures: &Figures, rate: f64| Some(rate - figures.win_rate_low?);
    let above = |figures: &Figures, rate: f64| Some(figures.win_rate_high? - rate);
    let value = p - q;
    let low = value - together(below(live, p)?, above(backtest, q)?);
    let high = value + together(above(live, p)?, below(backtest, q)?);
    Some(Difference { value, low, high })
}

fn together(a: f64, b: f64) -> f64 {
    (a * a + b * b).sqrt()
}

fn words(backtest: &Figures, live: &Figures, expectancy_r: Option<Difference>) -> String {
    let Some(difference) = expectancy_r else {
        return "There are not enough signals on both sides to compare.".to_owned();
    };
    let so = match difference {
        Difference { low, .. } if low > 0.0 => "Live is better than its backtest by more than chance would bring.",
        Difference { high, .. } if high < 0.0 => "Live is worse than its backtest by more than chance would bring.",
        _ => "The difference is no larger than chance would bring.",
    };
    let few = live.settled.min(backtest.settled);
    if few >= FEWEST {
        return so.to_owned();
    }
    format!("{so} The smaller side has {few} signals; nothing is concluded from fewer than {FEWEST}.")
}
