//! What the closed trades brought.

use super::definition::figures;
use super::statistics::{NORMAL_97_5, defined, deviation, exp, ln, mean, ratio};
use crate::backtest::{Report, Trade};
use crate::{CandleSlice, Side, Timeframe};

figures! {
    /// Figures of the closed trades; one that is open at the end is counted, no more. A trade's
    /// return is what it brought after fees, as a part of the entry's value.
    pub struct Trades {
        /// How many trades are closed.
        trades: usize = Count, "backtesting.py, '# Trades'";
        /// How many trades are open at the end; 0 or 1.
        open_trades: usize = Count, "Signalbox";
        /// How many of the closed trades bet on a rise.
        long_trades: usize = Count, "Signalbox";
        /// How many of the closed trades bet on a fall.
        short_trades: usize = Count, "Signalbox";
        /// How many brought more than they cost.
        wins: usize = Count, "Signalbox";
        /// How many brought less than they cost.
        losses: usize = Count, "Signalbox";
        /// Wins over trades.
        win_rate: Option<f64> = Fraction, "backtesting.py, 'Win Rate'";
        /// The lower end of the 95 % interval in which the rate of wins to expect lies.
        win_rate_low: Option<f64> = Fraction, "E. Wilson, Probable Inference (1927), score interval";
        /// The upper end of it.
        win_rate_high: Option<f64> = Fraction, "E. Wilson, Probable Inference (1927), score interval";
        /// The win rate of the trades that bet on a rise.
        long_win_rate: Option<f64> = Fraction, "Signalbox";
        /// The win rate of the trades that bet on a fall.
        short_win_rate: Option<f64> = Fraction, "Signalbox";
        /// What the winning trades brought together.
        gross_profit: f64 = Money, "MetaTrader 5, Gross Profit";
        /// What the losing trades lost together; 0 or above.
        gross_loss: f64 = Money, "MetaTrader 5, Gross Loss";
        /// Gross profit over gross loss.
        profit_factor: Option<f64> = Ratio, "MetaTrader 5, Profit Factor";
        /// The sum of the returns of winning trades over that of losing ones: a profit factor in which early and late trades weigh the same.
        profit_factor_of_returns: Option<f64> = Ratio, "backtesting.py, 'Profit Factor'";
        /// The mean return of a trade.
        expectancy: Option<f64> = Fraction, "backtesting.py, 'Expectancy'";
        /// The mean gain of a trade in money.
        expectancy_money: Option<f64> = Money, "V. Tharp, Trade Your Way to Financial Freedom (1998)";
        /// The geometric mean return of a trade.
        average_trade: Option<f64> = Fraction, "backtesting.py, 'Avg. Trade'";
        /// The best return of a trade.
        best_trade: Option<f64> = Fraction, "backtesting.py, 'Best Trade'";
        /// The worst return of a trade.
        worst_trade: Option<f64> = Fraction, "backtesting.py, 'Worst Trade'";
        /// The mean return of the winning trades.
        average_win: Option<f64> = Fraction, "Signalbox";
        /// The mean return of the losing trades; below 0.
        average_loss: Option<f64> = Fraction, "Signalbox";
        /// The mean gain of winning trades over the mean loss of losing ones, in money.
        payoff_ratio: Option<f64> = Ratio, "R. Vince, Portfolio Management Formulas (1990)";
        /// System quality number: `√n · mean / sample deviation` of the trades' gains in money.
        sqn: Option<f64> = Ratio, "backtesting.py, 'SQN'; V. Tharp, The Definitive Guide to Position Sizing (2008)";
        /// The part of the equity to stake that would have grown fastest: `win rate − (1 − win rate) / payoff ratio`.
        kelly: Option<f64> = Fraction, "backtesting.py, 'Kelly Criterion'; J. Kelly, A New Interpretation of Information Rate (1956)";
        /// The most wins in a row.
        longest_winning_streak: usize = Count, "MetaTrader 5, Maximum consecutive wins";
        /// The most losses in a row.
        longest_losing_streak: usize = Count, "MetaTrader 5, Maximum consecutive losses";
        /// The mean time from the entry's candle to the exit's.
        average_holding_days: Option<f64> = Days, "backtesting.py, 'Avg. Trade Duration'";
        /// The longest time from the entry's candle to the exit's.
        longest_holding_days: Option<f64> = Days, "backtesting.py, 'Max. Trade Duration'";
        /// The share of candles in which there was a position, those of entry and exit among them.
        exposure: Option<f64> = Fraction, "backtesting.py, 'Exposure Time'";
        /// Closed trades for each 365.25 days.
        trades_a_year: Option<f64> = Ratio, "Signalbox";
    }
}

/// The 95 % interval of a rate, by E. Wilson's score.
#[must_use]
pub fn wilson(hits: usize, of: usize) -> Option<(f64, f64)> {
    let (n, square) = (of as f64, NORMAL_97_5 * NORMAL_97_5);
    let rate = ratio(hits as f64, n)?;
    let middle = (rate + square / (2.0 * n)) / (1.0 + square / n);
    let half = NORMAL_97_5 / (1.0 + square / n) * (rate * (1.0 - rate) / n + square / (4.0 * n * n)).sqrt();
    Some(((middle - half).max(0.0), (middle + half).min(1.0)))
}

/// What a trade brought after fees, as a part of its entry's value.
pub(crate) fn yielded(trade: &Trade) -> f64 {
    trade.pnl / (trade.quantity * trade.entry_price)
}

impl Trades {
    pub(super) fn of(report: &Report, candles: CandleSlice<'_>, days: f64) -> Self {
        let closed: Vec<Trade> = report.trades.iter().filter(|trade| trade.exit_time.is_some()).copied().collect();
        let (won, lost) = (gains(&closed, |pnl| pnl > 0.0), gains(&closed, |pnl| pnl < 0.0));
        let all = gains(&closed, |_| true);
        let interval = wilson(won.money.len(), closed.len());
        let payoff = mean(&won.money).zip(mean(&lost.money)).and_then(|(won, lost)| ratio(won, -lost));
        let win_rate = ratio(won.money.len() as f64, closed.len() as f64);
        let held: Vec<f64> = closed.iter().filter_map(holding_days).collect();
        let long = closed.iter().filter(|trade| trade.side == Side::Buy).count();
        let most = |values: &[f64], of: fn(f64, f64) -> f64| values.iter().copied().reduce(of);
        Self {
            trades: closed.len(),
            open_trades: report.trades.len() - closed.len(),
            long_trades: long,
            short_trades: closed.len() - long,
            wins: won.money.len(),
            losses: lost.money.len(),
            win_rate,
            win_rate_low: interval.map(|(low, _)| low),
            win_rate_high: interval.map(|(_, high)| high),
            long_win_rate: win_rate_of(&closed, Side::Buy),
            short_win_rate: win_rate_of(&closed, Side::Sell),
            gross_profit: won.money.iter().sum(),
            gross_loss: lost.money.iter().fold(0.0, |sum, pnl| sum - pnl),
            profit_factor: ratio(won.money.iter().sum(), -lost.money.iter().sum::<f64>()),
            profit_factor_of_returns: ratio(won.returns.iter().sum(), -lost.returns.iter().sum::<f64>()),
            expectancy: mean(&all.returns),
            expectancy_money: mean(&all.money),
            average_trade: geometric_mean(&all.returns),
            best_trade: most(&all.returns, f64::max),
            worst_trade: most(&all.returns, f64::min),
            average_win: mean(&won.returns),
            average_loss: mean(&lost.returns),
            payoff_ratio: payoff,
            sqn: quality(&all.money),
            kelly: win_rate.zip(payoff).and_then(|(rate, payoff)| defined(rate - (1.0 - rate) / payoff)),
            longest_winning_streak: longest(&closed, |pnl| pnl > 0.0),
            longest_losing_streak: longest(&closed, |pnl| pnl < 0.0),
            average_holding_days: mean(&held),
            longest_holding_days: most(&held, f64::max),
            exposure: ratio(held_candles(report, candles) as f64, candles.len() as f64),
            trades_a_year: ratio(closed.len() as f64 * 365.25, days),
        }
    }
}

/// What some trades brought.
struct Gains {
    money: Vec<f64>,
    returns: Vec<f64>,
}

fn gains(trades: &[Trade], of: impl Fn(f64) -> bool) -> Gains {
    let some = || trades.iter().filter(|trade| of(trade.pnl));
    Gains { money: some().map(|trade| trade.pnl).collect(), returns: some().map(yielded).collect() }
}

fn win_rate_of(trades: &[Trade], side: Side) -> Option<f64> {
    let of = trades.iter().filter(|trade| trade.side == side);
    let (count, won) = of.fold((0.0, 0.0), |(n, won), trade| (n + 1.0, won + f64::from(trade.pnl > 0.0)));
    ratio(won, count)
}

/// System quality number of some gains.
fn quality(gains: &[f64]) -> Option<f64> {
    ratio((gains.len() as f64).sqrt() * mean(gains)?, deviation(gains)?)
}

/// `(Π(1 + r))^(1 / n) − 1`; −1 where one lost everything.
fn geometric_mean(returns: &[f64]) -> Option<f64> {
    let logarithms: Vec<f64> = returns.iter().map(|x| ln((1.0 + x).max(0.0))).collect();
    mean(&logarithms).map(|mean| exp(mean) - 1.0)
}

fn longest(trades: &[Trade], of: impl Fn(f64) -> bool) -> usize {
    let streak = |(now, longest): (usize, usize), trade: &Trade| {
        let now = if of(trade.pnl) { now + 1 } else { 0 };
        (now, longest.max(now))
    };
    trades.iter().fold((0, 0), streak).1
}

fn holding_days(trade: &Trade) -> Option<f64> {
    Some((trade.exit_time? - trade.entry_time) as f64 / Timeframe::Day.seconds() as f64)
}

/// How many candles saw a position.
fn held_candles(report: &Report, candles: CandleSlice<'_>) -> usize {
    let times = candles.open_times();
    let at = |time: i64| times.partition_point(|open| *open < time);
    let (mut held, mut from) = (0, 0);
    for trade in &report.trades {
        let end = trade.exit_time.map_or(times.len(), |exit| at(exit) + 1);
        let start = at(trade.entry_time).max(from);
        held += end.saturating_sub(start);
        from = from.max(end);
    }
    held
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wilsons_interval_is_the_textbooks() {
        // 10 of 20, 0 of 10 and 81 of 263 (R. Newcombe, 1998, table I).
        for ((hits, of), (low, high)) in
            [((10, 20), (0.2993, 0.7007)), ((0, 10), (0.0, 0.2775)), ((81, 263), (0.2553, 0.3662))]
        {
            let interval = wilson(hits, of).unwrap();
            assert!((interval.0 - low).abs() < 5e-5 && (interval.1 - high).abs() < 5e-5, "{interval:?}");
        }
        assert_eq!(wilson(0, 0), None);
    }
}
