//! MACD: the line crosses its signal.

use super::average_cross::below;
use super::bet::{Bet, Bookmaker};
use super::columns::Columns;
use super::cross::{Cross, crosses};
use super::rule::{Rule, Ruled};
use crate::indicators::{self, MacdLines};
use crate::parameter::ParameterError;
use crate::{Candle, Side, Terms, Timeframe, words};

/// The strategy `macd`: BUY at the close where the MACD line comes from strictly below its signal
/// to strictly above it, SELL the other way round.
///
/// Gerald Appel, "Technical Analysis: Power Tools for Active Investors" (2005). Stop, target and
/// expiry as in [`Bookmaker`].
pub type Macd = Ruled<MacdRule>;

crate::parameters! {
    /// How [`Macd`] is set.
    pub struct MacdParameters {
        /// Candles in the fast average, fewer than in the slow one
        fast: usize = 12 in 2 to 100 by 1,
        /// Candles in the slow average
        slow: usize = 26 in 3 to 200 by 1,
        /// Values in the signal's average
        signal: usize = 9 in 1 to 100 by 1,
        ..bet: Bet
    }
}

/// The rule of [`Macd`].
pub struct MacdRule {
    parameters: MacdParameters,
    macd: indicators::Macd,
    cross: Cross,
    bookmaker: Bookmaker,
}

impl Rule for MacdRule {
    const NAME: &'static str = "macd";
    const VERSION: u32 = 1;
    const ABOUT: &'static str = "Bets on a turn of momentum: the distance between a fast and a slow average of closes \
                                 crosses its own average, upwards to buy, downwards to sell.";
    type Parameters = MacdParameters;
    type Reading = MacdLines;

    fn check(parameters: &MacdParameters) -> Result<(), ParameterError> {
        below("fast", parameters.fast, parameters.slow)
    }

    fn warm_up(parameters: &MacdParameters) -> usize {
        parameters.slow + parameters.signal
    }

    fn start(parameters: &MacdParameters, timeframe: Timeframe) -> Self {
        Self {
            parameters: *parameters,
            macd: indicators::Macd::new(parameters.fast, parameters.slow, parameters.signal),
            cross: Cross::default(),
            bookmaker: Bookmaker::new(parameters.bet, timeframe),
        }
    }

    fn decide(&mut self, candle: &Candle) -> Option<(Terms, MacdLines)> {
        self.bookmaker.feed(candle);
        let lines = self.macd.next(candle.close)?;
        let side = self.cross.next(lines.histogram)?;
        Some((self.bookmaker.place(side, candle)?, lines))
    }

    fn bets(parameters: &MacdParameters, columns: &Columns<'_>) -> Vec<(usize, Terms)> {
        let MacdParameters { fast, slow, signal, bet } = parameters;
        let [line, average] = indicators::Macd::new(*fast, *slow, *signal).lines(columns.candles());
        Bookmaker::place_all(bet, columns, crosses(&line, &average))
    }

    fn rationale(&self, terms: &Terms, lines: &MacdLines) -> String {
        let unit = self.bookmaker.timeframe().unit();
        let way = match terms.side {
            Side::Buy => "above",
            Side::Sell => "below",
        };
        let MacdParameters { fast, slow, signal, .. } = self.parameters;
        format!(
            "The MACD line of the {fast}-{unit} and {slow}-{unit} averages, {line}, has crossed {way} its {signal}-{unit} \
             signal, {average}. {bet}",
            line = words::price(lines.line),
            average = words::price(lines.signal),
            bet = self.bookmaker.words(terms),
        )
    }
}
