//! Whether chance would have done as well.

use serde::Serialize;

use super::{Band, Watch};
use crate::backtest::{self, Exits, Fill, Report, Settings};
use crate::parameter::ParameterError;
use crate::random::Random;
use crate::strategy::Columns;
use crate::words::grouped;
use crate::writing::Fixed;
use crate::{Candle, CandleSlice, Side, Strategy, Terms, Timeframe};

/// How a strategy's result stands among those of random entries.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Significance {
    /// What the strategy's backtest returned.
    pub total_return: f64,
    /// How many simulations there were.
    pub simulations: usize,
    /// How many of them returned as much or more.
    pub as_good: usize,
    /// `(as_good + 1) / (simulations + 1)`: the share of results as good if entries mean nothing.
    pub p_value: f64,
    /// What the simulations returned.
    pub returns: Band,
    /// How many trades a simulation had, on average.
    pub trades: f64,
    /// What that says.
    pub words: String,
}

/// Simulates random entries. Each runs through the same execution with the same settings: once the
/// strategy has its warm-up, at each close without a position it enters with the chance that makes
/// as many trades as the strategy had, with the side and the distances of stop, target and expiry
/// of one of the strategy's own trades, drawn at random. Where only opposite signals end trades,
/// sides are drawn evenly. So what differs is when it enters, and nothing else. `None` if the
/// strategy does not trade.
///
/// The p-value counts the strategy itself among the simulations: B. North, D. Curtis and P. Sham,
/// "A Note on the Calculation of Empirical P Values from Monte Carlo Procedures" (2002).
///
/// # Errors
/// The first setting that is outside its range.
pub fn significance(
    strategy: &dyn Strategy,
    candles: CandleSlice<'_>,
    settings: Settings,
    simulations: usize,
    seed: u64,
) -> Result<Option<Significance>, ParameterError> {
    watched(strategy, candles, settings, (simulations, seed), &mut |_| Ok(()))
}

/// As [`significance`], under a watch.
pub(super) fn watched<E: From<ParameterError>>(
    strategy: &dyn Strategy,
    candles: CandleSlice<'_>,
    settings: Settings,
    (simulations, seed): (usize, u64),
    watch: &mut Watch<'_, E>,
) -> Result<Option<Significance>, E> {
    settings.check()?;
    let bets = strategy.bets(&Columns::of(candles));
    let report = backtest::follow(bets.iter().copied(), candles, settings)?;
    let own = taken(&bets, &report, candles, settings);
    let Some(dice) = Dice::of(strategy.warm_up(), own, &report, candles, settings) else {
        return Ok(None);
    };
    let (mut random, mut returns, mut trades) = (Random::new(seed), Vec::with_capacity(simulations), 0);
    for simulation in 0..simulations {
        watch(simulation as f64 / simulations as f64)?;
        let simulated = backtest::follow(dice.throws(candles, random.bits()), candles, settings)?;
        trades += simulated.trades.len();
        returns.push(total_return(&simulated, &settings));
    }
    let total_return = total_return(&report, &settings);
    let as_good = returns.iter().filter(|simulated| **simulated >= total_return).count();
    let p_value = (as_good + 1) as f64 / (simulations + 1) as f64;
    Ok(Some(Significance {
        total_return,
        simulations,
        as_good,
        p_value,
        returns: Band::of(&returns),
        trades: trades as f64 / simulations.max(1) as f64,
        words: words(as_good, simulations, p_value),
    }))
}

fn total_return(report: &Report, settings: &Settings) -> f64 {
    report.equity.last().map_or(0.0, |equity| equity / settings.cash - 1.0)
}

fn words(as_good: usize, simulations: usize, p_value: f64) -> String {
    let so = match p_value {
        p if p <= 0.01 => "very unlikely to be chance alone",
        p if p <= 0.05 => "unlikely to be chance alone",
        p if p <= 0.2 => "possibly chance alone",
        _ => "what chance alone would bring",
    };
    format!(
        "Of {all} simulations with random entries {good} did as well or better (p = {p_value}): {so}.",
        all = grouped(simulations),
        good = grouped(as_good),
        p_value = Fixed(p_value, 4),
    )
}

/// What is thrown at each close.
struct Dice {
    /// Candles before the first throw.
    warm_up: usize,
    /// The chance of an entry.
    chance: f64,
    /// The strategy's own, of which one is drawn.
    bets: Vec<Distances>,
    /// Whether sides are drawn evenly instead.
    even: bool,
}

/// A bet as parts of its price, and the time that it has.
#[derive(Clone, Copy)]
struct Distances {
    side: Side,
    target: f64,
    stop: f64,
    seconds: i64,
}

impl Dice {
    fn of(
        warm_up: usize,
        bets: Vec<Distances>,
        report: &Report,
        candles: CandleSlice<'_>,
        settings: Settings,
    ) -> Option<Self> {
        let even = settings.exits == Exits::Opposite;
        // The last close decides nothing.
        let closes = candles.len().checked_sub(warm_up).filter(|closes| *closes > 0)?;
        let entries = report.trades.len() as f64;
        let chance = if even {
            // Every other throw is the side that there is already.
            2.0 * entries / closes as f64
        } else {
            entries / free_closes(report, candles, settings).saturating_sub(warm_up).max(1) as f64
        };
        (!bets.is_empty()).then(|| Self { warm_up, chance: chance.min(1.0), bets, even })
    }

    /// The throws of a seed over a series: one at each close, and the bets that come of them.
    fn throws<'a>(&'a self, candles: CandleSlice<'a>, seed: u64) -> impl Iterator<Item = (usize, Terms)> + use<'a> {
        let mut random = Random::new(seed);
        (self.warm_up.saturating_sub(1)..candles.len()).filter_map(move |index| {
            if random.fraction() >= self.chance {
                return None;
            }
            Some((index, self.bet(&mut random, candles.timeframe(), &candles.get(index)?)))
        })
    }

    /// One of the bets, at the close of a candle.
    fn bet(&self, random: &mut Random, timeframe: Timeframe, candle: &Candle) -> Terms {
        let Distances { mut side, mut target, mut stop, seconds } = self.bets[random.below(self.bets.len())];
        if self.even && random.bits() & 1 == 0 {
            // Mirrored at the price, where that leaves it above zero.
            side = if side == Side::Buy { Side::Sell } else { Side::Buy };
            (target, stop) = (0.1_f64.max(2.0 - target), 0.1_f64.max(2.0 - stop));
        }
        let candle_closed_at = candle.open_time.saturating_add(timeframe.seconds());
        Terms {
            side,
            price: candle.close,
            target: candle.close * target,
            stop: candle.close * stop,
            candle_closed_at,
            expires_at: candle_closed_at.saturating_add(seconds),
        }
    }
}

/// At how many closes there was no position.
fn free_closes(report: &Report, candles: CandleSlice<'_>, settings: Settings) -> usize {
    let times = candles.open_times();
    let at = |time: i64| times.partition_point(|open| *open < time);
    let entered_later = usize::from(settings.fill == Fill::Close);
    let held = report.trades.iter().map(|trade| {
        let exit = trade.exit_time.map_or(times.len(), at);
        exit.saturating_sub(at(trade.entry_time) + entered_later)
    });
    times.len().saturating_sub(held.sum())
}

/// The bets that became trades.
fn taken(bets: &[(usize, Terms)], report: &Report, candles: CandleSlice<'_>, settings: Settings) -> Vec<Distances> {
    let mut entries = report.trades.iter().map(|trade| trade.entry_time).peekable();
    let became_one = |(decided, _): &&(usize, Terms)| {
        let filled = match settings.fill {
            Fill::NextOpen => candles.get(decided + 1),
            Fill::Close => candles.get(*decided),
        };
        filled.is_some_and(|filled| entries.next_if_eq(&filled.open_time).is_some())
    };
    let distances = |(_, terms): &(usize, Terms)| Distances {
        side: terms.side,
        target: terms.target / terms.price,
        stop: terms.stop / terms.price,
        seconds: terms.expires_at.saturating_sub(terms.candle_closed_at),
    };
    bets.iter().filter(became_one).map(distances).collect()
}
