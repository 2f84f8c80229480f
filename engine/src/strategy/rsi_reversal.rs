//! RSI reversal: what was oversold or overbought turns.

use super::bet::{Bet, Bookmaker};
use super::columns::Columns;
use super::cross::{Zones, turns};
use super::rule::{Rule, Ruled};
use crate::indicators::{Indicator, Rsi};
use crate::writing::Fixed;
use crate::{Candle, Side, Terms, Timeframe};

/// The strategy `rsi-reversal`: BUY at the close where the relative strength index comes from
/// below `oversold` back to it or above, SELL where it comes from above `overbought` back to it or
/// below.
///
/// J. Welles Wilder, "New Concepts in Technical Trading Systems" (1978), who took 30 and 70. Stop,
/// target and expiry as in [`Bookmaker`].
pub type RsiReversal = Ruled<RsiReversalRule>;

crate::parameters! {
    /// How [`RsiReversal`] is set.
    pub struct RsiReversalParameters {
        /// Changes in the relative strength index
        period: usize = 14 in 2 to 100 by 1,
        /// Index below which a market is oversold
        oversold: f64 = 30.0 in 5.0 to 50.0 by 1.0,
        /// Index above which a market is overbought
        overbought: f64 = 70.0 in 50.0 to 95.0 by 1.0,
        ..bet: Bet
    }
}

impl RsiReversalParameters {
    /// Where the index stands that may leave an extreme.
    #[inline(always)]
    fn zones(&self, index: f64) -> Zones {
        let (low, high) = (self.oversold, self.overbought);
        Zones::of([index < low, index >= low], [index > high, index <= high])
    }
}

/// The rule of [`RsiReversal`].
pub struct RsiReversalRule {
    parameters: RsiReversalParameters,
    rsi: Rsi,
    before: Option<f64>,
    bookmaker: Bookmaker,
}

/// The index before and at the decision.
pub struct Turn {
    before: f64,
    now: f64,
}

impl Rule for RsiReversalRule {
    const NAME: &'static str = "rsi-reversal";
    const VERSION: u32 = 1;
    const ABOUT: &'static str = "Bets on a turn when the relative strength index leaves an extreme: it buys as the \
                                 index comes back up from oversold, and sells as it comes back down from overbought.";
    type Parameters = RsiReversalParameters;
    type Reading = Turn;

    fn warm_up(parameters: &RsiReversalParameters) -> usize {
        parameters.period + 2
    }

    fn start(parameters: &RsiReversalParameters, timeframe: Timeframe) -> Self {
        Self {
            parameters: *parameters,
            rsi: Rsi::new(parameters.period),
            before: None,
            bookmaker: Bookmaker::new(parameters.bet, timeframe),
        }
    }

    fn decide(&mut self, candle: &Candle) -> Option<(Terms, Turn)> {
        self.bookmaker.feed(candle);
        let now = self.rsi.next(candle.close)?;
        let before = self.before.replace(now)?;
        let side = self.parameters.zones(before).then(self.parameters.zones(now))?;
        Some((self.bookmaker.place(side, candle)?, Turn { before, now }))
    }

    fn bets(parameters: &RsiReversalParameters, columns: &Columns<'_>) -> Vec<(usize, Terms)> {
        let [index] = Rsi::new(parameters.period).over(columns.candles());
        let sides = turns(&index, |index| parameters.zones(*index));
        Bookmaker::place_all(&parameters.bet, columns, sides)
    }

    fn rationale(&self, terms: &Terms, turn: &Turn) -> String {
        let (way, level, state) = match terms.side {
            Side::Buy => ("up", self.parameters.oversold, "oversold"),
            Side::Sell => ("down", self.parameters.overbought, "overbought"),
        };
        format!(
            "The {period}-{unit} relative strength index has come {way} from {before} to {now}, out of what \
             counts as {state} ({level}). {bet}",
            period = self.parameters.period,
            unit = self.bookmaker.timeframe().unit(),
            before = Fixed(turn.before, 2),
            now = Fixed(turn.now, 2),
            level = Fixed(level, 2),
            bet = self.bookmaker.words(terms),
        )
    }
}
