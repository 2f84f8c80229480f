//! The bet that a rule's word is worth: stop, target and expiry around a close.

use std::rc::Rc;

use super::Columns;
use crate::indicators::{Atr, Indicator, TrueRange, lesser};
use crate::writing::Fixed;
use crate::{Candle, Side, Terms, Timeframe, words};

crate::parameters! {
    /// How far away stop, target and expiry are.
    pub struct Bet {
        /// Candles in the average true range
        atr_period: usize = 14 in 2 to 100 by 1,
        /// Average true ranges from the close to the stop
        stop_atr: f64 = 2.0 in 0.25 to 10.0 by 0.25,
        /// Reward for a unit of risk
        reward: f64 = 2.0 in 0.25 to 10.0 by 0.25,
        /// Timeframes until expiry
        expiry: usize = 20 in 1 to 500 by 1,
    }
}

/// The largest part of the price that a stop or a target may lie away, so that none is below zero.
const FARTHEST: f64 = 0.9;

impl Bet {
    /// The bet at the close of a candle, its price, that opened when; `None` if nothing has moved.
    fn around(&self, side: Side, price: f64, open_time: i64, timeframe: Timeframe, range: f64) -> Option<Terms> {
        let farthest = FARTHEST * price;
        let risk = lesser(self.stop_atr * range, farthest);
        let reward = self.reward * risk;
        // Multiplied rather than asked for, since nobody can guess the side: the bits are those of adding or
        // taking away.
        let (way, reward) = match side {
            Side::Buy => (1.0, reward),
            Side::Sell => (-1.0, reward.min(farthest)),
        };
        let (stop, target) = (price - way * risk, price + way * reward);
        let closed_at = open_time.saturating_add(timeframe.seconds());
        let terms = Terms {
            side,
            price,
            target,
            stop,
            candle_closed_at: closed_at,
            expires_at: closed_at.saturating_add(self.expiry as i64 * timeframe.seconds()),
        };
        terms.check().is_ok().then_some(terms)
    }
}

/// A [`Bet`] on its way through a series: it follows the average true range.
///
/// The stop lies `stop_atr` average true ranges beyond the close, the target `reward` times as
/// far on the other side. Until there are `atr_period` true ranges, the plain mean of those so far
/// stands for Wilder's average, which is seeded with just that. Nothing lies farther from the
/// close than nine tenths of it.
pub struct Bookmaker {
    bet: Bet,
    timeframe: Timeframe,
    atr: Atr,
    /// Until the average has its seed: the range, and the sum of those so far.
    early: (TrueRange, f64),
    /// How many true ranges the average is of.
    ranges: usize,
    /// The average at the newest close.
    range: Option<f64>,
}

impl Bookmaker {
    /// The beginning of a series.
    #[must_use]
    pub fn new(bet: Bet, timeframe: Timeframe) -> Self {
        Self { bet, timeframe, atr: Atr::new(bet.atr_period), early: (TrueRange::new(), 0.0), ranges: 0, range: None }
    }

    /// Takes the next closed candle. Every candle must pass here, whether there is a bet or not.
    pub fn feed(&mut self, candle: &Candle) {
        let seeded = self.atr.next(candle.high, candle.low, candle.close);
        self.range = seeded.or_else(|| self.mean_so_far(candle));
        if seeded.is_some() {
            self.ranges = self.bet.atr_period;
        }
    }

    /// The bet at the close of the candle that was fed last; `None` where nothing has moved yet.
    #[must_use]
    pub fn place(&self, side: Side, candle: &Candle) -> Option<Terms> {
        self.bet.around(side, candle.close, candle.open_time, self.timeframe, self.range?)
    }

    /// Over a whole series, the bets at the closes where there is a side: those that
    /// [`Bookmaker::place`] gives.
    pub(super) fn place_all(bet: &Bet, columns: &Columns<'_>, sides: Vec<(usize, Side)>) -> Vec<(usize, Terms)> {
        let candles = columns.candles();
        let (ranges, closes, open_times) =
            (Self::ranges(bet.atr_period, columns), candles.closes(), candles.open_times());
        let mut bets = Vec::with_capacity(sides.len());
        for (index, side) in sides {
            let range = ranges[index];
            if range.is_nan() {
                continue;
            }
            if let Some(terms) = bet.around(side, closes[index], open_times[index], candles.timeframe(), range) {
                bets.push((index, terms));
            }
        }
        bets
    }

    /// The range that [`Bookmaker::feed`] knows at each close, `NaN` at the first.
    pub(super) fn ranges(period: usize, columns: &Columns<'_>) -> Rc<Vec<f64>> {
        columns.get("bookmaker", period, |candles| {
            let [mut ranges] = Atr::new(period).over(candles);
            let (mut range, mut sum) = (TrueRange::new(), 0.0);
            let early = candles.iter().zip(&mut ranges).take(period).enumerate();
            for (count, (candle, mean)) in early {
                if let Some(range) = range.next(candle.high, candle.low, candle.close) {
                    sum += range;
                    *mean = sum / count as f64;
                }
            }
            ranges
        })
    }

    /// Where stop and target lie, and why there: the end of a rationale.
    #[must_use]
    pub fn words(&self, terms: &Terms) -> String {
        let unit = self.timeframe.unit();
        let range = self.range.unwrap_or_default();
        let away = match terms.side {
            Side::Buy => "under",
            Side::Sell => "over",
        };
        format!(
            "The stop at {stop} is {times} times the {ranges}-{unit} average true range of {range} {away} the \
             close of {price}; the target at {target} makes {risk_reward} of reward for 1 of risk, within {expiry}.",
            stop = words::price(terms.stop),
            times = Fixed(terms.side.gain(terms.stop, terms.price) / range, 2),
            ranges = self.ranges,
            range = words::price(range),
            price = words::price(terms.price),
            target = words::price(terms.target),
            risk_reward = Fixed(terms.risk_reward(), 2),
            expiry = words::count(self.bet.expiry, unit),
        )
    }

    /// The span of a candle.
    #[must_use]
    pub fn timeframe(&self) -> Timeframe {
        self.timeframe
    }

    fn mean_so_far(&mut self, candle: &Candle) -> Option<f64> {
        let (range, sum) = &mut self.early;
        *sum += range.next(candle.high, candle.low, candle.close)?;
        self.ranges += 1;
        Some(*sum / self.ranges as f64)
    }
}
