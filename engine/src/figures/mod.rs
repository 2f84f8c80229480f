//! What a backtest comes to, in figures.
//!
//! Each figure has a definition with its source in [`definitions`]. A figure that is not defined,
//! as a win rate without trades, is `None`, never a number that stands for something else. Fractions are
//! of 1: 0.12 is 12 %. Powers and logarithms are computed without the platform's own, so that
//! the figures too are the same bits natively and in WebAssembly.
//!
//! Where a definition names a figure of backtesting.py, it is that figure: a test compares 28 of
//! them. It leaves a trade that is open at the end out of fees and exposure, and counts its market's
//! return and so its alpha from the end of the warm-up.

mod account;
mod daily;
pub(crate) mod definition;
mod distribution;
mod drawdown;
mod excursions;
mod market;
mod months;
mod multiples;
pub(crate) mod statistics;
pub(crate) mod trades;

pub use account::Account;
pub use daily::Daily;
pub use definition::{Definition, Unit};
pub use distribution::{Bin, Distribution, Gain};
pub use drawdown::{Drawdowns, series as drawdown_series};
pub use excursions::{Excursion, Excursions};
pub use market::Market;
pub use months::{Month, Months};
pub use multiples::Multiples;
pub use trades::{Trades, wilson};

use serde::Serialize;

use crate::CandleSlice;
use crate::backtest::{Report, Settings, Trade};

/// All figures of a backtest; in JSON one object without levels.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Figures {
    /// What became of the money.
    #[serde(flatten)]
    pub account: Account,
    /// What the days brought.
    #[serde(flatten)]
    pub daily: Daily,
    /// How far it was below its peak.
    #[serde(flatten)]
    pub drawdowns: Drawdowns,
    /// What the trades brought.
    #[serde(flatten)]
    pub trades: Trades,
    /// What they brought in R.
    #[serde(flatten)]
    pub multiples: Multiples,
    /// How far the market ran on the way.
    #[serde(flatten)]
    pub excursions: Excursions,
    /// What the months brought.
    #[serde(flatten)]
    pub months: Months,
}

/// What a backtest comes to: its figures, and the tables and lines that they are of.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// The figures.
    pub figures: Figures,
    /// How far below its peak the equity was at each close; 0 to 1.
    pub drawdown: Vec<f64>,
    /// The return of each month.
    pub months: Vec<Month>,
    /// How many trades ended with how much.
    pub distribution: Distribution,
    /// The excursion of each trade, in their order.
    pub excursions: Vec<Excursion>,
}

/// What a backtest over these candles with these settings comes to.
#[must_use]
pub fn summary(report: &Report, candles: CandleSlice<'_>, settings: &Settings) -> Summary {
    summary_on(&Market::of(candles), report, candles, settings)
}

/// The same where the market of these candles is known already.
#[must_use]
pub fn summary_on(market: &Market, report: &Report, candles: CandleSlice<'_>, settings: &Settings) -> Summary {
    let drawdown = drawdown::series(&report.equity);
    let months = months::table(settings.cash, &report.equity, market);
    let excursions: Vec<_> = report.trades.iter().map(|trade| Excursion::of(trade, candles, settings)).collect();
    let closed: Vec<(Trade, Excursion)> = report
        .trades
        .iter()
        .zip(&excursions)
        .filter(|(trade, _)| trade.exit_time.is_some())
        .map(|(trade, excursion)| (*trade, *excursion))
        .collect();
    let account = Account::of(report, candles, settings, market);
    let drawdowns = Drawdowns::of(&drawdown, candles);
    let days = daily::Days::of(&report.equity, market);
    let figures = Figures {
        account,
        daily: Daily::of(&days, drawdowns.max_drawdown, drawdowns.ulcer_index),
        drawdowns,
        trades: Trades::of(report, candles, account.days),
        multiples: Multiples::of(&report.trades),
        excursions: Excursions::of(&closed),
        months: Months::of(&months),
    };
    Summary { figures, drawdown, months, distribution: Distribution::of(&report.trades), excursions }
}

/// What each figure is called and means, in the order of [`Figures::values`].
#[must_use]
pub fn definitions() -> Vec<Definition> {
    [
        Account::DEFINITIONS,
        Daily::DEFINITIONS,
        Drawdowns::DEFINITIONS,
        Trades::DEFINITIONS,
        Multiples::DEFINITIONS,
        Excursions::DEFINITIONS,
        Months::DEFINITIONS,
    ]
    .concat()
}

impl Figures {
    /// The value of each figure, in the order of [`definitions`]; `None` where it is not defined.
    #[must_use]
    pub fn values(&self) -> Vec<Option<f64>> {
        [
            self.account.values(),
            self.daily.values(),
            self.drawdowns.values(),
            self.trades.values(),
            self.multiples.values(),
            self.excursions.values(),
            self.months.values(),
        ]
        .concat()
    }
}
