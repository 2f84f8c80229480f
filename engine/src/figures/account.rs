//! What became of the money, beside having bought and held.

use super::definition::figures;
use super::market::{Market, returns};
use super::statistics::{defined, larger, power, ratio, smaller};
use crate::backtest::{Report, Settings};
use crate::{CandleSlice, Timeframe};

figures! {
    /// The account from the first candle to the last, open positions valued at the closes, beside
    /// the market: what was bought at the first close and held, without costs.
    pub struct Account {
        /// The equity before the first candle.
        initial_equity: f64 = Money, "the settings";
        /// The equity at the last close.
        final_equity: f64 = Money, "backtesting.py, 'Equity Final'";
        /// The highest equity at a close.
        peak_equity: f64 = Money, "backtesting.py, 'Equity Peak'";
        /// The lowest equity at a close.
        lowest_equity: f64 = Money, "Signalbox";
        /// `final / initial − 1`.
        total_return: f64 = Fraction, "backtesting.py, 'Return'";
        /// `(final / initial)^(1 / years) − 1`, with a year of 365.25 days from the first candle's open to the last one's.
        cagr: Option<f64> = Fraction, "backtesting.py, 'CAGR'";
        /// The days from the first candle's open to the last one's.
        days: f64 = Days, "backtesting.py, 'Duration'";
        /// All fees paid.
        fees: f64 = Money, "backtesting.py, 'Commissions'";
        /// The fees as a part of the initial equity.
        fees_share: f64 = Fraction, "Signalbox";
        /// The market's last close over its first, less 1.
        buy_and_hold_return: Option<f64> = Fraction, "backtesting.py, 'Buy & Hold Return', there from the end of the warm-up";
        /// Total return less the market's.
        excess_return: Option<f64> = Fraction, "Signalbox";
        /// The market's compound annual growth.
        buy_and_hold_cagr: Option<f64> = Fraction, "as cagr";
        /// The market's deepest drawdown at closes.
        buy_and_hold_max_drawdown: f64 = Fraction, "as max_drawdown";
        /// Covariance with the market over the market's variance, of the logarithmic returns of candles.
        beta: Option<f64> = Ratio, "backtesting.py, 'Beta'; M. Jensen (1968)";
        /// Total return less beta times the market's.
        alpha: Option<f64> = Fraction, "backtesting.py, 'Alpha'; M. Jensen (1968)";
        /// The correlation with the market, of the logarithmic returns of candles; −1 to 1.
        correlation: Option<f64> = Ratio, "K. Pearson (1895)";
        /// Gain over the deepest fall from a peak in money.
        recovery_factor: Option<f64> = Ratio, "MetaTrader 5, Recovery Factor";
    }
}

impl Account {
    pub(super) fn of(report: &Report, candles: CandleSlice<'_>, settings: &Settings, market: &Market) -> Self {
        let (equity, closes) = (&report.equity, candles.closes());
        let initial = settings.cash;
        let last = equity.last().copied().unwrap_or(initial);
        let days = days(candles);
        let growth = |over: f64| defined(power(over, 365.25 / days) - 1.0).filter(|_| days > 0.0);
        let held = closes.first().zip(closes.last()).and_then(|(first, last)| ratio(*last, *first));
        let fees = report.trades.iter().map(|trade| trade.fees).sum();
        let total_return = last / initial - 1.0;
        let buy_and_hold_return = held.map(|held| held - 1.0);
        let extremes = Extremes::of(initial, equity);
        let (beta, correlation) = against(equity, &market.returns);
        Self {
            initial_equity: initial,
            final_equity: last,
            peak_equity: extremes.peak,
            lowest_equity: extremes.lowest,
            total_return,
            cagr: growth(last / initial),
            days,
            fees,
            fees_share: fees / initial,
            buy_and_hold_return,
            excess_return: buy_and_hold_return.map(|held| total_return - held),
            buy_and_hold_cagr: held.and_then(growth),
            buy_and_hold_max_drawdown: market.max_drawdown,
            beta,
            alpha: beta.zip(buy_and_hold_return).map(|(beta, held)| total_return - beta * held),
            correlation,
            recovery_factor: ratio(last - initial, extremes.deepest_fall),
        }
    }
}

fn days(candles: CandleSlice<'_>) -> f64 {
    let times = candles.open_times();
    let seconds = times.first().zip(times.last()).map_or(0, |(first, last)| last - first);
    seconds as f64 / Timeframe::Day.seconds() as f64
}

/// How high and low the equity came.
struct Extremes {
    peak: f64,
    lowest: f64,
    /// The deepest fall from a peak, in money.
    deepest_fall: f64,
}

impl Extremes {
    fn of(initial: f64, equity: &[f64]) -> Self {
        let start = Self { peak: initial, lowest: initial, deepest_fall: 0.0 };
        equity.iter().fold(start, |before, equity| {
            let peak = larger(before.peak, *equity);
            let lowest = smaller(before.lowest, *equity);
            Self { peak, lowest, deepest_fall: larger(before.deepest_fall, peak - equity) }
        })
    }
}

/// Beta and correlation of the logarithmic returns of a line against another's of the same candles.
fn against(line: &[f64], market: &[f64]) -> (Option<f64>, Option<f64>) {
    let line = returns(line);
    if line.len() < 2 {
        return (None, None);
    }
    // Sums side by side take the time of one.
    let pairs = || line.iter().zip(market);
    let totals = pairs().fold((0.0, 0.0), |sums, (x, y)| (sums.0 + x, sums.1 + y));
    let means = (totals.0 / line.len() as f64, totals.1 / line.len() as f64);
    let (together, of_line, of_market) = pairs().fold((0.0, 0.0, 0.0), |sums, (x, y)| {
        let (x, y) = (x - means.0, y - means.1);
        (sums.0 + x * y, sums.1 + x * x, sums.2 + y * y)
    });
    let a_return = |sum: f64| sum / (line.len() - 1) as f64;
    let (covariance, of_line, of_market) = (a_return(together), a_return(of_line), a_return(of_market));
    (ratio(covariance, of_market), ratio(covariance, (of_line * of_market).sqrt()))
}
