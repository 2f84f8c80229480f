//! How far the market ran with a trade and against it, on the way.

use super::definition::figures;
use super::statistics::{larger, mean, ratio, smaller};
use crate::backtest::{Fill, Settings, Trade};
use crate::{CandleSlice, Outcome, Side};

figures! {
    /// Figures of the excursions of closed trades: the farthest that the market went with the
    /// trade (favourable) and against it (adverse), as parts of the entry price, 0 or above. Of the
    /// exit's candle only the exit's own price counts, unless the trade was left at its close; an
    /// entry at a close leaves its candle out.
    pub struct Excursions {
        /// The mean of the adverse excursions.
        average_adverse: Option<f64> = Fraction, "J. Sweeney, Maximum Adverse Excursion (1997)";
        /// The largest adverse excursion.
        worst_adverse: Option<f64> = Fraction, "J. Sweeney, Maximum Adverse Excursion (1997)";
        /// The mean of the favourable excursions.
        average_favourable: Option<f64> = Fraction, "J. Sweeney, Maximum Adverse Excursion (1997)";
        /// The largest favourable excursion.
        best_favourable: Option<f64> = Fraction, "J. Sweeney, Maximum Adverse Excursion (1997)";
        /// The mean favourable excursion over the mean adverse one.
        edge_ratio: Option<f64> = Ratio, "C. Faith, Way of the Turtle (2007), E-ratio, without its scaling by volatility";
        /// The mean adverse excursion of the trades that won: how much had to be borne for it.
        adverse_of_wins: Option<f64> = Fraction, "J. Sweeney, Maximum Adverse Excursion (1997)";
        /// The mean favourable excursion of the trades that lost: what was there to take.
        favourable_of_losses: Option<f64> = Fraction, "Signalbox";
    }
}

/// How far the market ran against a trade and with it; parts of the entry price, 0 or above.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Excursion {
    /// Against it.
    pub adverse: f64,
    /// With it.
    pub favourable: f64,
}

impl Excursion {
    /// That of a trade; up to the newest candle while it is open.
    pub(super) fn of(trade: &Trade, candles: CandleSlice<'_>, settings: &Settings) -> Self {
        let held = candles.since(trade.entry_time);
        let (mut highest, mut lowest) = (trade.entry_price, trade.entry_price);
        for candle in held.iter().skip(usize::from(settings.fill == Fill::Close)) {
            if trade.exit_time.is_some_and(|exit| candle.open_time > exit) {
                break;
            }
            let leaves = trade.exit_time == Some(candle.open_time);
            let (high, low) = match trade.exit_price.filter(|_| leaves && !at_close(trade, settings)) {
                Some(exit) => (exit, exit),
                None => (candle.high, candle.low),
            };
            highest = larger(highest, high);
            lowest = smaller(lowest, low);
        }
        let (up, down) = (highest / trade.entry_price - 1.0, 1.0 - lowest / trade.entry_price);
        match trade.side {
            Side::Buy => Self { adverse: down, favourable: up },
            Side::Sell => Self { adverse: up, favourable: down },
        }
    }
}

/// Whether a trade was left at the close of its exit's candle.
fn at_close(trade: &Trade, settings: &Settings) -> bool {
    match trade.outcome {
        Some(outcome) => outcome == Outcome::Expired,
        None => settings.fill == Fill::Close,
    }
}

impl Excursions {
    pub(super) fn of(closed: &[(Trade, Excursion)]) -> Self {
        let of = |value: fn(&Excursion) -> f64, some: fn(&Trade) -> bool| -> Vec<f64> {
            closed.iter().filter(|(trade, _)| some(trade)).map(|(_, excursion)| value(excursion)).collect()
        };
        let (adverse, favourable) = (of(|e| e.adverse, |_| true), of(|e| e.favourable, |_| true));
        let (against, with) = (mean(&adverse), mean(&favourable));
        Self {
            average_adverse: against,
            worst_adverse: adverse.into_iter().reduce(f64::max),
            average_favourable: with,
            best_favourable: favourable.into_iter().reduce(f64::max),
            edge_ratio: with.zip(against).and_then(|(with, against)| ratio(with, against)),
            adverse_of_wins: mean(&of(|e| e.adverse, |trade| trade.pnl > 0.0)),
            favourable_of_losses: mean(&of(|e| e.favourable, |trade| trade.pnl < 0.0)),
        }
    }
}
