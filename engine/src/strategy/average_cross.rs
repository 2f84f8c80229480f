//! Crosses of a fast average and a slow one.

use std::rc::Rc;

use super::bet::{Bet, Bookmaker};
use super::columns::Columns;
use super::cross::{Cross, crosses};
use super::rule::{Rule, Ruled};
use crate::indicators::{Ema, Indicator, Sma};
use crate::parameter::ParameterError;
use crate::{Candle, Side, Terms, Timeframe, words};

/// The strategy `sma-cross`: BUY at the close where the fast simple average of closes comes from
/// strictly below the slow one to strictly above it, SELL the other way round.
///
/// The oldest trend rule there is; W. Brock, J. Lakonishok and B. LeBaron, "Simple Technical
/// Trading Rules and the Stochastic Properties of Stock Returns" (1992), measured it. Stop, target
/// and expiry as in [`Bookmaker`].
pub type SmaCross = Ruled<AverageCross<Sma>>;

/// The strategy `ema-cross`: as [`SmaCross`], with exponential averages.
pub type EmaCross = Ruled<AverageCross<Ema>>;

crate::parameters! {
    /// How [`SmaCross`] and [`EmaCross`] are set.
    pub struct AverageCrossParameters {
        /// Candles in the fast average, fewer than in the slow one
        fast: usize = 10 in 1 to 200 by 1,
        /// Candles in the slow average
        slow: usize = 30 in 2 to 400 by 1,
        ..bet: Bet
    }
}

/// An average that there is a cross of.
pub trait Average: Indicator<1> + Send + 'static {
    /// The strategy's name.
    const STRATEGY: &'static str;
    /// What the strategy bets on.
    const ABOUT: &'static str;
    /// What kind of average it is.
    const KIND: &'static str;

    /// An average over `period` values, empty so far.
    fn of_period(period: usize) -> Self;

    /// Takes the next value.
    fn take(&mut self, x: f64) -> Option<f64>;

    /// The averages of all closes of a series; `NaN` where there is none.
    fn column(period: usize, columns: &Columns<'_>) -> Rc<Vec<f64>>
    where
        Self: Sized,
    {
        columns.get(Self::KIND, period, |candles| {
            let [column] = Self::of_period(period).over(candles);
            column
        })
    }
}

impl Average for Sma {
    const STRATEGY: &'static str = "sma-cross";
    const ABOUT: &'static str = "Bets on a trend when the plain average of the last few closes crosses that of many: \
                                 upwards it buys, downwards it sells.";
    const KIND: &'static str = "simple";

    fn of_period(period: usize) -> Self {
        Self::new(period)
    }

    fn take(&mut self, x: f64) -> Option<f64> {
        self.next(x)
    }
}

impl Average for Ema {
    const STRATEGY: &'static str = "ema-cross";
    const ABOUT: &'static str = "Bets on a trend when a fast exponential average of closes crosses a slow one: upwards \
                                 it buys, downwards it sells. The newest closes weigh most.";
    const KIND: &'static str = "exponential";

    fn of_period(period: usize) -> Self {
        Self::new(period)
    }

    fn take(&mut self, x: f64) -> Option<f64> {
        self.next(x)
    }
}

/// The rule of [`SmaCross`] and [`EmaCross`].
pub struct AverageCross<A> {
    parameters: AverageCrossParameters,
    fast: A,
    slow: A,
    cross: Cross,
    bookmaker: Bookmaker,
}

/// The two averages where they have crossed.
pub struct Averages {
    fast: f64,
    slow: f64,
}

impl<A: Average> Rule for AverageCross<A> {
    const NAME: &'static str = A::STRATEGY;
    const VERSION: u32 = 1;
    const ABOUT: &'static str = A::ABOUT;
    type Parameters = AverageCrossParameters;
    type Reading = Averages;

    fn check(parameters: &AverageCrossParameters) -> Result<(), ParameterError> {
        below("fast", parameters.fast, parameters.slow)
    }

    fn warm_up(parameters: &AverageCrossParameters) -> usize {
        parameters.slow + 1
    }

    fn start(parameters: &AverageCrossParameters, timeframe: Timeframe) -> Self {
        Self {
            parameters: *parameters,
            fast: A::of_period(parameters.fast),
            slow: A::of_period(parameters.slow),
            cross: Cross::default(),
            bookmaker: Bookmaker::new(parameters.bet, timeframe),
        }
    }

    fn decide(&mut self, candle: &Candle) -> Option<(Terms, Averages)> {
        self.bookmaker.feed(candle);
        let (fast, slow) = (self.fast.take(candle.close), self.slow.take(candle.close));
        let (fast, slow) = (fast?, slow?);
        let side = self.cross.next(fast - slow)?;
        Some((self.bookmaker.place(side, candle)?, Averages { fast, slow }))
    }

    fn bets(parameters: &AverageCrossParameters, columns: &Columns<'_>) -> Vec<(usize, Terms)> {
        let (fast, slow) = (A::column(parameters.fast, columns), A::column(parameters.slow, columns));
        Bookmaker::place_all(&parameters.bet, columns, crosses(&fast, &slow))
    }

    fn rationale(&self, terms: &Terms, averages: &Averages) -> String {
        let unit = self.bookmaker.timeframe().unit();
        let way = match terms.side {
            Side::Buy => "above",
            Side::Sell => "below",
        };
        format!(
            "The {fast_period}-{unit} {kind} average of closes, {fast}, has crossed {way} the {slow_period}-{unit} \
             one, {slow}. {bet}",
            fast_period = self.parameters.fast,
            kind = A::KIND,
            fast = words::price(averages.fast),
            slow_period = self.parameters.slow,
            slow = words::price(averages.slow),
            bet = self.bookmaker.words(terms),
        )
    }
}

/// Checks that a number of candles is below that of something slower.
pub(super) fn below(name: &'static str, fast: usize, slow: usize) -> Result<(), ParameterError> {
    if fast < slow {
        return Ok(());
    }
    Err(ParameterError { name, value: fast as f64, min: 1.0, max: slow as f64 - 1.0 })
}
