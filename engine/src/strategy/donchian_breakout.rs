//! Donchian breakout: a close beyond all recent prices.

use super::bet::{Bet, Bookmaker};
use super::columns::Columns;
use super::cross::{Zones, turns};
use super::rule::{Rule, Ruled};
use crate::indicators::{Band, Donchian};
use crate::{Candle, Side, Terms, Timeframe, words};

/// The strategy `donchian-breakout`: BUY at the first close above the highest high of the `period`
/// candles before it, SELL at the first close below their lowest low. First: the close before was
/// not beyond the same side of its own channel.
///
/// Richard Donchian's rule, as Curtis Faith tells of the Turtles, who took 20 days ("Way of the
/// Turtle", 2007). Stop, target and expiry as in [`Bookmaker`].
pub type DonchianBreakout = Ruled<DonchianBreakoutRule>;

crate::parameters! {
    /// How [`DonchianBreakout`] is set.
    pub struct DonchianBreakoutParameters {
        /// Candles in the channel
        period: usize = 20 in 2 to 200 by 1,
        ..bet: Bet
    }
}

/// The rule of [`DonchianBreakout`].
pub struct DonchianBreakoutRule {
    parameters: DonchianBreakoutParameters,
    channel: Donchian,
    /// The channel up to the candle before.
    before: Option<Band>,
    /// On which side of its channel the close before was; `None` until there was a channel.
    place: Option<Option<Side>>,
    bookmaker: Bookmaker,
}

impl Rule for DonchianBreakoutRule {
    const NAME: &'static str = "donchian-breakout";
    const VERSION: u32 = 1;
    const ABOUT: &'static str = "Bets that a market which closes above everything it traded at lately goes on rising, \
                                 and that one which closes below all of it goes on falling.";
    type Parameters = DonchianBreakoutParameters;
    type Reading = Band;

    fn warm_up(parameters: &DonchianBreakoutParameters) -> usize {
        parameters.period + 2
    }

    fn start(parameters: &DonchianBreakoutParameters, timeframe: Timeframe) -> Self {
        Self {
            parameters: *parameters,
            channel: Donchian::new(parameters.period),
            before: None,
            place: None,
            bookmaker: Bookmaker::new(parameters.bet, timeframe),
        }
    }

    fn decide(&mut self, candle: &Candle) -> Option<(Terms, Band)> {
        self.bookmaker.feed(candle);
        let channel = std::mem::replace(&mut self.before, self.channel.next(candle.high, candle.low))?;
        let place = beyond(channel.upper, channel.lower, candle.close);
        let before = self.place.replace(place)?;
        let side = place.filter(|_| place != before)?;
        Some((self.bookmaker.place(side, candle)?, channel))
    }

    fn bets(parameters: &DonchianBreakoutParameters, columns: &Columns<'_>) -> Vec<(usize, Terms)> {
        let candles = columns.candles();
        let [upper, lower] = Donchian::new(parameters.period).bounds(candles);
        // Each close beside the channel up to the candle before, from the first that has one on.
        let first = parameters.period;
        let channels = upper.iter().zip(&lower).skip(first - 1);
        let zones = |(close, (upper, lower)): (&f64, (&f64, &f64))| {
            let (above, below) = (close > upper, close < lower);
            Zones::of([!above, above], [!below, below])
        };
        let places: Vec<Zones> = candles.closes().iter().skip(first).zip(channels).map(zones).collect();
        let sides = turns(&places, |place| *place).into_iter().map(|(index, side)| (first + index, side));
        Bookmaker::place_all(&parameters.bet, columns, sides.collect())
    }

    fn rationale(&self, terms: &Terms, channel: &Band) -> String {
        let (place, extreme, level) = match terms.side {
            Side::Buy => ("above", "highest high", channel.upper),
            Side::Sell => ("below", "lowest low", channel.lower),
        };
        format!(
            "Close {close} is {place} {level}, the {extreme} of the {count} before. {bet}",
            close = words::price(terms.price),
            level = words::price(level),
            count = words::count(self.parameters.period, self.bookmaker.timeframe().unit()),
            bet = self.bookmaker.words(terms),
        )
    }
}

/// On which side of a channel a price is, if outside.
fn beyond(upper: f64, lower: f64, price: f64) -> Option<Side> {
    if price > upper {
        Some(Side::Buy)
    } else if price < lower {
        Some(Side::Sell)
    } else {
        None
    }
}
