//! How long a rule remembers where its series began.

use std::convert::Infallible;

use serde::Serialize;

use super::Watch;
use crate::strategy::Columns;
use crate::{CandleSlice, Strategy, Terms};

/// How many candles it takes until what a rule says no longer depends on where the series begins.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct WarmUp {
    /// What the strategy says it needs before its first signal.
    pub declared: usize,
    /// The candles after which there was no difference any more, at the worst of the beginnings.
    pub measured: usize,
    /// The candles that were looked at: a quarter of the series. If more are needed, it is not
    /// known how many.
    pub limit: usize,
    /// Whether the rule forgets its beginning within the limit.
    pub settles: bool,
}

/// How many beginnings are tried.
const BEGINNINGS: usize = 8;

/// How far prices may differ, as a part of the price: an average that forgets by halves never ends.
const PRECISION: f64 = 1e-6;

/// Lets the rule begin at closes evenly spread over the first half of a series, and looks for the
/// last signal that is not the same as when it has seen the whole: another candle, another side,
/// or a target or stop that differs by more than a millionth of the price.
#[must_use]
pub fn warm_up(strategy: &dyn Strategy, candles: CandleSlice<'_>) -> WarmUp {
    let Ok(found) = watched::<Infallible>(strategy, candles, &mut |_| Ok(()));
    found
}

/// As [`warm_up`], under a watch.
pub(super) fn watched<E>(
    strategy: &dyn Strategy,
    candles: CandleSlice<'_>,
    watch: &mut Watch<'_, E>,
) -> Result<WarmUp, E> {
    let (whole, mut measured) = (bets(strategy, candles), 0);
    for part in 1..=BEGINNINGS {
        watch((part - 1) as f64 / BEGINNINGS as f64)?;
        let from = candles.len() * part / (2 * BEGINNINGS);
        let late = bets(strategy, candles.starting_at(from));
        let needed = last_difference(&whole, &late, from).map_or(0, |index| index + 1 - from);
        measured = needed.max(measured);
    }
    let limit = candles.len() / 4;
    Ok(WarmUp { declared: strategy.warm_up(), measured, limit, settles: measured <= limit })
}

fn bets(strategy: &dyn Strategy, candles: CandleSlice<'_>) -> Vec<(usize, Terms)> {
    strategy.bets(&Columns::of(candles))
}

/// The index in the whole series of the last bet from `from` on that only one of them has.
fn last_difference(whole: &[(usize, Terms)], late: &[(usize, Terms)], from: usize) -> Option<usize> {
    let mut one = whole.iter().filter(|(index, _)| *index >= from).rev();
    let mut other = late.iter().rev().map(|(index, terms)| (index + from, terms));
    loop {
        match (one.next(), other.next()) {
            (None, None) => return None,
            (Some((index, terms)), Some((late, same))) if *index == late && alike(terms, same) => {}
            (one, other) => {
                return one.map(|(index, _)| *index).max(other.map(|(index, _)| index));
            }
        }
    }
}

fn alike(one: &Terms, other: &Terms) -> bool {
    let near = |one: f64, other: f64, price: f64| (one - other).abs() <= PRECISION * price;
    one.side == other.side
        && near(one.stop, other.stop, one.price)
        && near(one.target, other.target, one.price)
        && one.expires_at == other.expires_at
}
