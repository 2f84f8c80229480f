//! What became of a signal: the one place that settles.
//!
//! A signal is decided at a candle's close and filled at the open of the next candle, whatever
//! that open is. From then on each candle is asked in this order:
//! 1. Does it **open** at or beyond the stop or the target? It settles there, at the open. This
//!    holds for the first candle too, where fill and exit are then the same price.
//! 2. Does it touch the **stop**? It settles at the stop, even if it touches the target as well:
//!    a candle does not tell which came first, so the worse is taken.
//! 3. Does it touch the **target**? It settles at the target.
//! 4. Is it the last one to close at or before `expires_at`? It settles at its close, as expired.
//!
//! **R.** `r_multiple` is the gain from fill to exit in units of the risk at the fill,
//! `|fill − stop|` (the R of Van K. Tharp, "Trade Your Way to Financial Freedom"), before costs.
//! A fill at or beyond the stop leaves no risk to count in; the announced risk `|price − stop|` is
//! the unit then. Such a fill is an exit at the same price, so R is 0 there, never undefined.
//!
//! **When an expiry is known.** A candle after which no other can close in time settles at its
//! close. Where the market is closed over `expires_at`, it is not known at the last candle's close
//! that it was the last: the exit is that candle's close, and `settled_at` is `expires_at`, so that
//! nothing is settled before it could be known. A signal whose time passes without any candle was
//! never filled: it expires at its own price, with R 0.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::indicators::{greater, lesser};
use crate::{Candle, CandleSlice, Side, Timeframe};

/// Where a signal stands. Written in lower case, in text and in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Not settled yet. No [`Settlement`] has it.
    Open,
    /// The target was reached before the stop.
    Target,
    /// The stop was reached before the target, or with it in one candle.
    Stop,
    /// Neither was reached in time.
    Expired,
}

impl Outcome {
    /// Its name: `open`, `target`, `stop` or `expired`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Target => "target",
            Self::Stop => "stop",
            Self::Expired => "expired",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Outcome {
    type Err = UnknownOutcome;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Open, Self::Target, Self::Stop, Self::Expired]
            .into_iter()
            .find(|outcome| outcome.as_str() == text)
            .ok_or_else(|| UnknownOutcome(text.to_owned()))
    }
}

/// A text that names no [`Outcome`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown outcome {0:?}: expected open, target, stop or expired")]
pub struct UnknownOutcome(pub String);

/// How a signal ended.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settlement {
    /// Target, stop or expired.
    pub outcome: Outcome,
    /// The price it ended at.
    pub exit_price: f64,
    /// Gain in units of the risk at the fill; negative for a loss. Costs are not in it.
    pub r_multiple: f64,
    /// When that was known: the settling candle's close (Unix seconds, market time), or
    /// `expires_at` where the market was closed over it.
    pub settled_at: i64,
}

/// What a signal has staked, as published. Times are Unix seconds of market time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Terms {
    /// Which way it bets.
    pub side: Side,
    /// The deciding close.
    pub price: f64,
    /// Where it is won.
    pub target: f64,
    /// Where it is lost.
    pub stop: f64,
    /// When the deciding candle closed.
    pub candle_closed_at: i64,
    /// When it ends undecided.
    pub expires_at: i64,
}

/// Why [`Terms`] cannot be settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TermsError {
    /// A price is zero, negative, infinite or not a number.
    #[error("a price is not a positive finite number")]
    Price,
    /// The prices are not in the order stop, price, target along the bet.
    #[error("the price is not between the stop and the target")]
    Order,
    /// It ends before it begins.
    #[error("it expires at or before the deciding candle's close")]
    Expiry,
}

impl Terms {
    /// Checks that they can be settled.
    ///
    /// # Errors
    /// The first rule that they break.
    #[inline]
    pub fn check(&self) -> Result<(), TermsError> {
        let sound = |price: f64| price > 0.0 && price < f64::INFINITY;
        if !(sound(self.price) && sound(self.target) && sound(self.stop)) {
            return Err(TermsError::Price);
        }
        if self.reward() <= 0.0 || self.risk() <= 0.0 {
            return Err(TermsError::Order);
        }
        if self.expires_at <= self.candle_closed_at {
            return Err(TermsError::Expiry);
        }
        Ok(())
    }

    /// `|target − price| / |price − stop|`; above 0 if they pass [`Terms::check`].
    #[must_use]
    pub fn risk_reward(&self) -> f64 {
        self.reward() / self.risk()
    }

    /// The gain from a fill to an exit in units of [`Terms::risk_at`] the fill.
    #[must_use]
    #[inline]
    pub fn r_multiple(&self, fill: f64, exit: f64) -> f64 {
        self.side.gain(fill, exit) / self.risk_at(fill)
    }

    /// What a unit loses from a fill to the stop; where the fill is at or beyond the stop, what it
    /// was announced to lose.
    #[must_use]
    #[inline]
    pub fn risk_at(&self, fill: f64) -> f64 {
        let at_fill = self.side.gain(self.stop, fill);
        if at_fill > 0.0 { at_fill } else { self.risk() }
    }

    /// How a candle that closes at this time ends the signal, and at which price, after another close.
    #[inline]
    fn end(&self, candle: &Candle, close_time: i64, timeframe: Timeframe, before: f64) -> Option<(Outcome, f64)> {
        if close_time > self.expires_at {
            return Some((Outcome::Expired, before));
        }
        let last = close_time.saturating_add(timeframe.seconds()) > self.expires_at;
        self.touched(candle).or(last.then_some((Outcome::Expired, candle.close)))
    }

    /// What a candle touches, and the price at which that settles.
    #[inline]
    fn touched(&self, candle: &Candle) -> Option<(Outcome, f64)> {
        let Self { side, target, stop, .. } = *self;
        let (worst, best) = match side {
            Side::Buy => (candle.low, candle.high),
            Side::Sell => (candle.high, candle.low),
        };
        if side.gain(stop, candle.open) <= 0.0 {
            Some((Outcome::Stop, candle.open))
        } else if side.gain(target, candle.open) >= 0.0 {
            Some((Outcome::Target, candle.open))
        } else if side.gain(stop, worst) <= 0.0 {
            Some((Outcome::Stop, stop))
        } else if side.gain(target, best) >= 0.0 {
            Some((Outcome::Target, target))
        } else {
            None
        }
    }

    /// Stop and target, the lower one first.
    #[inline]
    fn bounds(&self) -> (f64, f64) {
        // As numbers, since nobody can guess the side.
        (lesser(self.stop, self.target), greater(self.stop, self.target))
    }

    /// The index of the first of a series' candles, from the one at `from` on, that ends the signal; past
    /// the last if there is none.
    #[inline]
    fn stays(&self, candles: CandleSlice<'_>, from: usize) -> usize {
        // The last candle that leaves time for another one before expiry opens then.
        let last = self.expires_at.saturating_sub(candles.timeframe().seconds().saturating_mul(2));
        let (below, above) = self.bounds();
        let times = candles.open_times();
        let (highs, lows) = (&candles.highs()[..times.len()], &candles.lows()[..times.len()]);
        let mut index = from;
        while index < times.len() && (times[index] <= last) & (lows[index] > below) & (highs[index] < above) {
            index += 1;
        }
        index
    }

    /// The price at which the candle at an index ends the signal, in time: as [`Terms::end`] has it, without a branch.
    #[inline]
    fn exit(&self, candles: CandleSlice<'_>, index: usize) -> f64 {
        let (below, above) = self.bounds();
        let (open, high, low) = (candles.opens()[index], candles.highs()[index], candles.lows()[index]);
        let under = if high >= above { self.stop } else { below };
        let inside = if high >= above { above } else { candles.closes()[index] };
        let touched = if low <= below { under } else { inside };
        let opened = if open >= above { open } else { touched };
        if open <= below { open } else { opened }
    }

    fn reward(&self) -> f64 {
        self.side.gain(self.price, self.target)
    }

    fn risk(&self) -> f64 {
        self.side.gain(self.stop, self.price)
    }
}

/// A signal's end in a series: the index of the candle that settles it, and the R; `None` where it is
/// open at the end. It is decided at the candle before `from`. What feeding an [`OpenSignal`] comes to.
#[inline]
pub(crate) fn ahead(terms: &Terms, candles: CandleSlice<'_>, from: usize) -> Option<(usize, f64)> {
    let settles = terms.stays(candles, from);
    let open_time = candles.open_times().get(settles)?;
    let (fill, exit) = if open_time.saturating_add(candles.timeframe().seconds()) <= terms.expires_at {
        (candles.opens()[from], terms.exit(candles, settles))
    } else if settles > from {
        (candles.opens()[from], candles.closes()[settles - 1])
    } else {
        (terms.price, terms.price)
    };
    Some((settles, terms.r_multiple(fill, exit)))
}

/// A signal on its way to its outcome.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OpenSignal {
    terms: Terms,
    timeframe: Timeframe,
    fill_price: Option<f64>,
    /// The newest close at or before expiry, the deciding one at first.
    last_close: f64,
    /// When that was.
    last_close_time: i64,
    settlement: Option<Settlement>,
}

impl OpenSignal {
    /// A signal that has just been decided.
    ///
    /// # Errors
    /// If its terms cannot be settled.
    pub fn new(terms: Terms, timeframe: Timeframe) -> Result<Self, TermsError> {
        terms.check()?;
        Ok(Self {
            terms,
            timeframe,
            fill_price: None,
            last_close: terms.price,
            last_close_time: terms.candle_closed_at,
            settlement: None,
        })
    }

    /// A signal with everything that these candles say about it. They may begin before it; only
    /// those after its deciding candle count.
    ///
    /// # Errors
    /// If its terms cannot be settled.
    pub fn after(terms: Terms, candles: CandleSlice<'_>) -> Result<Self, TermsError> {
        let mut signal = Self::new(terms, candles.timeframe())?;
        for candle in candles.since(terms.candle_closed_at).iter() {
            if signal.feed(&candle).is_some() {
                break;
            }
        }
        Ok(signal)
    }

    /// Takes the next closed candle; the settlement if it has one now. A candle that is not later
    /// than all before it changes nothing, nor does any candle after the settlement.
    pub fn feed(&mut self, candle: &Candle) -> Option<Settlement> {
        if self.settlement.is_some() || candle.open_time < self.last_close_time {
            return self.settlement;
        }
        let close_time = candle.open_time.saturating_add(self.timeframe.seconds());
        let end = self.terms.end(candle, close_time, self.timeframe, self.last_close);
        if close_time <= self.terms.expires_at {
            self.fill_price.get_or_insert(candle.open);
            self.last_close = candle.close;
            self.last_close_time = close_time;
        }
        end.and_then(|(outcome, exit_price)| self.settle(outcome, exit_price, close_time.min(self.terms.expires_at)))
    }

    /// Takes those of a series' candles, from the one at `from` on, that do not settle it: as feeding
    /// them, in fewer steps. Gives the index of the first that does, which is to be fed; past the
    /// last if there is none. What was fed, or else the deciding candle, comes right before.
    pub(crate) fn skip(&mut self, candles: CandleSlice<'_>, from: usize) -> usize {
        let first = candles.open_times().get(from);
        if self.settlement.is_some() || first.is_some_and(|time| *time < self.last_close_time) {
            return from;
        }
        let settles = self.terms.stays(candles, from);
        if let Some(last) = settles.checked_sub(1).filter(|last| *last >= from) {
            self.fill_price.get_or_insert(candles.opens()[from]);
            self.last_close = candles.closes()[last];
            self.last_close_time = candles.open_times()[last].saturating_add(self.timeframe.seconds());
        }
        settles
    }

    /// Says that market time is `now`, and that all candles closed by then have been fed; settles
    /// a signal whose time is over. Gives what the next candle would have given, for series that
    /// pause or end.
    pub fn expire(&mut self, now: i64) -> Option<Settlement> {
        if self.settlement.is_some() || now < self.terms.expires_at {
            return self.settlement;
        }
        self.settle(Outcome::Expired, self.last_close, self.terms.expires_at)
    }

    /// The open after the deciding candle, once there is one.
    #[must_use]
    pub fn fill_price(&self) -> Option<f64> {
        self.fill_price
    }

    /// How it ended, once it has.
    #[must_use]
    pub fn settlement(&self) -> Option<Settlement> {
        self.settlement
    }

    /// Where it stands.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        self.settlement.map_or(Outcome::Open, |settlement| settlement.outcome)
    }

    /// What it has staked.
    #[must_use]
    pub fn terms(&self) -> &Terms {
        &self.terms
    }

    fn settle(&mut self, outcome: Outcome, exit_price: f64, settled_at: i64) -> Option<Settlement> {
        let r_multiple = self.terms.r_multiple(self.fill_price.unwrap_or(exit_price), exit_price);
        self.settlement = Some(Settlement { outcome, exit_price, r_multiple, settled_at });
        self.settlement
    }
}
