//! What the same trades could have come to.

use std::convert::Infallible;

use serde::Serialize;

use super::{Band, Watch};
use crate::backtest::Trade;
use crate::random::Random;

/// What the closed trades come to when they are drawn anew: as many, each any of them.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct MonteCarlo {
    /// How many times they were drawn.
    pub draws: usize,
    /// The total return.
    pub returns: Band,
    /// The deepest drawdown, from trade to trade; 0 to 1.
    pub drawdowns: Band,
    /// The share of draws that ended with less than there was.
    pub losing: f64,
}

/// Draws the closed trades anew, with replacement, and compounds what each did to the equity that
/// it was entered with. `None` without a closed trade.
///
/// B. Efron, "Bootstrap Methods: Another Look at the Jackknife" (1979). What it cannot show is
/// what trades in a row have in common.
#[must_use]
pub fn monte_carlo(trades: &[Trade], cash: f64, draws: usize, seed: u64) -> Option<MonteCarlo> {
    let Ok(found) = watched::<Infallible>(trades, cash, (draws, seed), &mut |_| Ok(()));
    found
}

/// As [`monte_carlo`], under a watch.
pub(super) fn watched<E>(
    trades: &[Trade],
    cash: f64,
    (draws, seed): (usize, u64),
    watch: &mut Watch<'_, E>,
) -> Result<Option<MonteCarlo>, E> {
    let factors = factors(trades, cash);
    if factors.is_empty() || draws == 0 {
        return Ok(None);
    }
    let mut random = Random::new(seed);
    let (mut returns, mut drawdowns) = (Vec::with_capacity(draws), Vec::with_capacity(draws));
    for draw in 0..draws {
        watch(draw as f64 / draws as f64)?;
        let (mut equity, mut peak, mut deepest) = (1.0_f64, 1.0_f64, 0.0_f64);
        for _ in 0..factors.len() {
            equity *= factors[random.below(factors.len())];
            peak = peak.max(equity);
            deepest = deepest.max(1.0 - equity / peak);
        }
        returns.push(equity - 1.0);
        drawdowns.push(deepest);
    }
    let losing = returns.iter().filter(|total| **total < 0.0).count() as f64 / draws as f64;
    Ok(Some(MonteCarlo { draws, returns: Band::of(&returns), drawdowns: Band::of(&drawdowns), losing }))
}

/// By how much each closed trade multiplied the equity; 0 where it took all.
fn factors(trades: &[Trade], cash: f64) -> Vec<f64> {
    let mut equity = cash;
    let closed = trades.iter().filter(|trade| trade.exit_time.is_some());
    let factor = |trade: &Trade| {
        let factor = (1.0 + trade.pnl / equity).max(0.0);
        equity += trade.pnl;
        factor
    };
    closed.map(factor).collect()
}
