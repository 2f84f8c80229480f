//! What the days brought.

use super::definition::figures;
use super::market::Market;
use super::statistics::{defined, deviation, ln, mean, power, quantile, ratio, sorted, variance};

figures! {
    /// Figures of the daily returns: of the equity at the last close of each UTC day that has
    /// candles, over that of the day before it. A year has 365 of them where markets are open on
    /// weekends, else 252. No interest is taken off.
    pub struct Daily {
        /// The geometric mean daily return, compounded over a year: `(Π(1 + r))^(days a year / n) − 1`.
        annual_return: Option<f64> = Fraction, "backtesting.py, 'Return (Ann.)'";
        /// How far a year's return strays: `√((s² + g²)^d − g^(2d))` with the sample variance `s²` of daily returns, `g` their geometric mean plus 1 and `d` days a year.
        annual_volatility: Option<f64> = Fraction, "backtesting.py, 'Volatility (Ann.)'; SSRN 3054517";
        /// Annual return over annual volatility; none where less than a thousandth would be left after a year.
        sharpe: Option<f64> = Ratio, "backtesting.py, 'Sharpe Ratio'; after W. Sharpe, The Sharpe Ratio (1994)";
        /// Mean daily return over its sample deviation, times the root of the days a year.
        sharpe_arithmetic: Option<f64> = Ratio, "W. Sharpe, The Sharpe Ratio (1994)";
        /// Annual return over the annual downside deviation `√(mean of min(r, 0)²) · √(days a year)`.
        sortino: Option<f64> = Ratio, "backtesting.py, 'Sortino Ratio'; F. Sortino and L. Price (1994)";
        /// Annual return over the deepest drawdown.
        calmar: Option<f64> = Ratio, "backtesting.py, 'Calmar Ratio'; T. Young, Calmar Ratio: A Smoother Tool (1991)";
        /// Annual return over the ulcer index.
        martin: Option<f64> = Ratio, "P. Martin and B. McCann, The Investor's Guide to Fidelity Funds (1989)";
        /// The sum of the daily gains over the sum of the daily losses.
        omega: Option<f64> = Ratio, "C. Keating and W. Shadwick, A Universal Performance Measure (2002), threshold 0";
        /// The mean daily return.
        mean_day: Option<f64> = Fraction, "Signalbox";
        /// The best daily return.
        best_day: Option<f64> = Fraction, "Signalbox";
        /// The worst daily return.
        worst_day: Option<f64> = Fraction, "Signalbox";
        /// The share of days that gained, of those that gained or lost.
        winning_days: Option<f64> = Fraction, "Signalbox";
        /// The third standardised moment of daily returns, of the population: below 0 where the losses are the large ones.
        skewness: Option<f64> = Ratio, "K. Pearson (1895), moment coefficient";
        /// The fourth standardised moment of daily returns, of the population, less 3: above 0 where extremes are more frequent than a normal distribution has them.
        excess_kurtosis: Option<f64> = Ratio, "K. Pearson (1905), moment coefficient";
        /// The loss that 1 day in 20 exceeds: the 5th percentile of daily returns, as a loss.
        value_at_risk: Option<f64> = Fraction, "P. Jorion, Value at Risk (1996), historical";
        /// The mean loss of the days at or beyond the value at risk.
        expected_shortfall: Option<f64> = Fraction, "C. Acerbi and D. Tasche, On the Coherence of Expected Shortfall (2002)";
        /// The 95th percentile of daily returns over the size of the 5th.
        tail_ratio: Option<f64> = Ratio, "empyrical, tail_ratio";
    }
}

/// What is as good as nothing, of an account after a year: there return and volatility both measure what is left, and their
/// ratio how near that is to nothing.
const NOTHING: f64 = 1e-3;

/// The returns of the days of a series, and how many there are in a year.
pub(super) struct Days {
    returns: Vec<f64>,
    a_year: f64,
}

impl Days {
    pub(super) fn of(equity: &[f64], market: &Market) -> Self {
        let closes: Vec<f64> = market.days.iter().filter_map(|end| equity.get(*end).copied()).collect();
        let returns = closes.windows(2).map(|pair| pair[1] / pair[0] - 1.0).filter(|x| x.is_finite()).collect();
        Self { returns, a_year: market.days_a_year }
    }

    /// The geometric mean of `1 + r`; `None` without days, 0 after a ruin.
    fn growth(&self) -> Option<f64> {
        if self.returns.iter().any(|x| *x <= -1.0) {
            return Some(0.0);
        }
        let logarithms: f64 = self.returns.iter().map(|x| ln(1.0 + x)).sum();
        (!self.returns.is_empty()).then(|| super::statistics::exp(logarithms / self.returns.len() as f64))
    }

    /// The returns' mean of a power of their distance from the mean, in deviations.
    fn moment(&self, order: i32) -> Option<f64> {
        let mean = mean(&self.returns)?;
        let of = |order: i32| {
            let power = |x: &f64| (0..order).fold(1.0, |product, _| product * (x - mean));
            self.returns.iter().map(power).sum::<f64>() / self.returns.len() as f64
        };
        let squares = of(2);
        ratio(of(order), (0..order).fold(1.0, |product, _| product * squares.sqrt()))
    }
}

impl Daily {
    pub(super) fn of(days: &Days, max_drawdown: f64, ulcer_index: f64) -> Self {
        let (returns, root) = (&days.returns, days.a_year.sqrt());
        let growth = days.growth();
        let annual_return = growth.map(|growth| power(growth, days.a_year) - 1.0);
        let volatility = growth.and_then(|growth| {
            let spread = power(variance(returns)? + growth * growth, days.a_year) - power(growth, 2.0 * days.a_year);
            defined(spread.max(0.0).sqrt())
        });
        let per = |under: Option<f64>| ratio(annual_return?, under?);
        let gains: f64 = returns.iter().filter(|x| **x > 0.0).sum();
        let losses: f64 = -returns.iter().filter(|x| **x < 0.0).sum::<f64>();
        let down: Vec<f64> = returns.iter().map(|x| x.min(0.0) * x.min(0.0)).collect();
        let sorted = sorted(returns);
        let (fifth, last) = (quantile(&sorted, 0.05), quantile(&sorted, 0.95));
        let beyond = |fifth: f64| {
            let worst: Vec<f64> = sorted.iter().copied().take_while(|x| *x <= fifth).collect();
            mean(&worst)
        };
        let count = |of: fn(&&f64) -> bool| returns.iter().filter(of).count() as f64;
        let (up, moved) = (count(|x| **x > 0.0), count(|x| **x != 0.0));
        Self {
            annual_return: annual_return.and_then(defined),
            annual_volatility: volatility,
            sharpe: per(volatility.filter(|_| annual_return.is_some_and(|annual| annual >= NOTHING - 1.0))),
            sharpe_arithmetic: mean(returns).zip(deviation(returns)).and_then(|(mean, by)| ratio(mean * root, by)),
            sortino: per(mean(&down).map(|squares| squares.sqrt() * root)),
            calmar: per(Some(max_drawdown)),
            martin: per(Some(ulcer_index)),
            omega: ratio(gains, losses),
            mean_day: mean(returns),
            best_day: sorted.last().copied(),
            worst_day: sorted.first().copied(),
            winning_days: ratio(up, moved),
            skewness: days.moment(3),
            excess_kurtosis: days.moment(4).map(|moment| moment - 3.0),
            value_at_risk: fifth.map(|fifth| -fifth),
            expected_shortfall: fifth.and_then(beyond).map(|mean| -mean),
            tail_ratio: fifth.zip(last).and_then(|(fifth, last)| ratio(last, fifth.abs())),
        }
    }
}
