//! Supertrend: the trend turns.

use super::bet::{Bet, Bookmaker};
use super::columns::Columns;
use super::rule::{Rule, Ruled};
use crate::indicators::{self, Trend};
use crate::writing::Fixed;
use crate::{Candle, Side, Terms, Timeframe, words};

/// The strategy `supertrend`: BUY at the close where [`indicators::Supertrend`] turns from a fall
/// to a rise, SELL where it turns the other way.
///
/// Olivier Seban's indicator at his 10 and 3. Stop, target and expiry as in [`Bookmaker`].
pub type Supertrend = Ruled<SupertrendRule>;

crate::parameters! {
    /// How [`Supertrend`] is set.
    pub struct SupertrendParameters {
        /// Candles in the bands' average true range
        period: usize = 10 in 2 to 100 by 1,
        /// Average true ranges from the middle of a candle to the bands
        multiplier: f64 = 3.0 in 0.5 to 10.0 by 0.25,
        ..bet: Bet
    }
}

/// The rule of [`Supertrend`].
pub struct SupertrendRule {
    parameters: SupertrendParameters,
    trend: indicators::Supertrend,
    before: Option<Trend>,
    bookmaker: Bookmaker,
}

/// The trend that has ended, and the one that begins.
pub struct Turn {
    before: Trend,
    now: Trend,
}

impl Rule for SupertrendRule {
    const NAME: &'static str = "supertrend";
    const VERSION: u32 = 1;
    const ABOUT: &'static str = "Bets on a new trend when a close breaks the band that followed the old one, a few \
                                 average true ranges behind the price.";
    type Parameters = SupertrendParameters;
    type Reading = Turn;

    fn warm_up(parameters: &SupertrendParameters) -> usize {
        parameters.period + 2
    }

    fn start(parameters: &SupertrendParameters, timeframe: Timeframe) -> Self {
        Self {
            parameters: *parameters,
            trend: indicators::Supertrend::new(parameters.period, parameters.multiplier),
            before: None,
            bookmaker: Bookmaker::new(parameters.bet, timeframe),
        }
    }

    fn decide(&mut self, candle: &Candle) -> Option<(Terms, Turn)> {
        self.bookmaker.feed(candle);
        let now = self.trend.next(candle.high, candle.low, candle.close)?;
        let before = self.before.replace(now)?;
        if now.rising == before.rising {
            return None;
        }
        let side = if now.rising { Side::Buy } else { Side::Sell };
        Some((self.bookmaker.place(side, candle)?, Turn { before, now }))
    }

    fn bets(parameters: &SupertrendParameters, columns: &Columns<'_>) -> Vec<(usize, Terms)> {
        let SupertrendParameters { period, multiplier, bet } = parameters;
        let turns = indicators::Supertrend::new(*period, *multiplier).turns(columns.candles());
        let side = |rising| if rising { Side::Buy } else { Side::Sell };
        Bookmaker::place_all(bet, columns, turns.into_iter().map(|(index, rising)| (index, side(rising))).collect())
    }

    fn rationale(&self, terms: &Terms, turn: &Turn) -> String {
        let (old, new) = match terms.side {
            Side::Buy => ("fall", "rise"),
            Side::Sell => ("rise", "fall"),
        };
        format!(
            "At the close of {close} the Supertrend ({count}, {multiplier} average true ranges) has turned from a \
             {old}, whose line was {before}, to a {new}, whose line is {now}. {bet}",
            close = words::price(terms.price),
            count = words::count(self.parameters.period, self.bookmaker.timeframe().unit()),
            multiplier = Fixed(self.parameters.multiplier, 2),
            before = words::price(turn.before.line),
            now = words::price(turn.now.line),
            bet = self.bookmaker.words(terms),
        )
    }
}
