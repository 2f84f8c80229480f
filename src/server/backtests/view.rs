//! A backtest as it is told, by command and by HTTP.

use crate::domain::time::Timestamp;
use engine::{
    CandleSlice, ImportError, Outcome, Side, Strategy, Timeframe,
    backtest::{Exits, Fill, Report, Settings, Sizing, Trade},
    figures::{self, Distribution, Excursion, Figures, Month},
    honesty::Honesty,
};
use serde::Serialize;
use std::collections::BTreeMap;

/// Points of the equity, and of the drawdown, that are sent at most.
const EQUITY_POINTS: usize = 20_000;

/// Trades that are sent at most.
const TRADES: usize = 20_000;

/// Rows put aside that are told at most.
const PUT_ASIDE: usize = 50;

/// What came of a backtest. Fractions are of 1: 0.12 is 12 %.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct BacktestView {
    /// Its figures by name; null where one is not defined.
    #[schema(value_type = BTreeMap<String, Option<f64>>)]
    pub figures: Figures,
    /// The return of each month: `year`, `month` from 1, `value`.
    #[schema(value_type = Vec<Object>)]
    pub months: Vec<Month>,
    /// The trades in the order of their entries.
    pub trades: Vec<TradeView>,
    /// The equity at the close of each candle.
    pub equity: Vec<f64>,
    /// How far below its peak the equity was at these closes; 0 to 1.
    pub drawdown: Vec<f64>,
    /// How many trades ended with how much: `unit` is `r` where their own stops limited them, else `return`, and `bins`
    /// have `from`, `to` (null: without end) and `count`.
    #[schema(value_type = Object)]
    pub distribution: Distribution,
    /// Whether to believe it, where that was asked for: `verdict`, `reasons`, and what each check `found`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub honesty: Option<Honesty>,
}

/// A backtest with all that it rests on.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct BacktestResult {
    /// The candles.
    pub series: TestedSeries,
    /// The rule.
    pub strategy: TestedStrategy,
    /// The costs.
    pub settings: TestedSettings,
    /// What came of it.
    #[serde(flatten)]
    pub view: BacktestView,
    /// Of how many candles `equity` and `drawdown` have one value, the last among them: 1 up to 20,000 candles.
    pub equity_step: usize,
    /// Trades before the first of `trades`: there are 20,000 at most, the newest.
    pub trades_left_out: usize,
}

/// The candles of a backtest.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct TestedSeries {
    /// `recorded`, `uploaded` or `synthetic`; on the command line `file`.
    pub source: &'static str,
    /// Of recorded candles.
    pub symbol: Option<String>,
    /// Of synthetic ones.
    pub seed: Option<u64>,
    /// `1h` or `1d`.
    #[schema(value_type = String)]
    pub timeframe: Timeframe,
    /// How many.
    pub candles: usize,
    /// When the first opens.
    pub from: Option<Timestamp>,
    /// When the last closes.
    pub to: Option<Timestamp>,
    /// The rows of one's own candles that were left out.
    pub put_aside: PutAside,
}

/// Rows that break a rule and were left out.
#[derive(Clone, Debug, Default, PartialEq, Serialize, utoipa::ToSchema)]
pub struct PutAside {
    /// How many.
    pub count: usize,
    /// The first of them, 50 at most.
    pub rows: Vec<BadRow>,
}

/// A row that breaks a rule.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct BadRow {
    /// Its line in the file, whose header is line 1.
    pub row: usize,
    /// The rule that it breaks.
    pub reason: String,
}

/// The rule of a backtest.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct TestedStrategy {
    /// Its name.
    pub name: &'static str,
    /// Its version.
    pub version: u32,
    /// What its parameters were set to.
    pub params: BTreeMap<&'static str, f64>,
}

/// The costs of a backtest, as they can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct TestedSettings {
    /// What there was at the beginning.
    pub cash: f64,
    /// The fraction of the equity that a position was worth; null where `risk` said.
    pub size: Option<f64>,
    /// The fraction of the equity that was staked; null where `size` said.
    pub risk: Option<f64>,
    /// Of each fill, as a fraction.
    pub fee: f64,
    /// Of each fill but a target's, as a fraction.
    pub slippage: f64,
    /// `next-open` or `close`.
    #[schema(value_type = String)]
    pub fill: Fill,
    /// `signal` or `opposite`.
    #[schema(value_type = String)]
    pub exits: Exits,
}

/// Which way a position bets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[derive(utoipa::ToSchema)]
pub enum Direction {
    /// On a rise.
    Long,
    /// On a fall.
    Short,
}

/// A trade. Times are the openings of the candles of its fills.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct TradeView {
    /// Which way it bet.
    pub side: Direction,
    /// When it was entered.
    pub entry_time: Timestamp,
    /// The price of a unit then.
    pub entry_price: f64,
    /// When it was left; null while it is open.
    pub exit_time: Option<Timestamp>,
    /// The price of a unit then; null while it is open.
    pub exit_price: Option<f64>,
    /// Units.
    pub quantity: f64,
    /// All fees.
    pub fees: f64,
    /// Gain less fees; of an open trade at the last close.
    pub pnl: f64,
    /// Gain in units of the risk at the entry; null while it is open, and where no stop ends it.
    pub r_multiple: Option<f64>,
    /// Maximum adverse excursion: how far the market ran against it, as a fraction of its entry price.
    pub mae: f64,
    /// Maximum favourable excursion: how far the market ran with it, as a fraction of its entry price.
    pub mfe: f64,
    /// `target`, `stop` or `expired`; null where something else ended it.
    #[schema(value_type = Option<String>, pattern = "^(target|stop|expired)$")]
    pub outcome: Option<Outcome>,
}

impl BacktestView {
    /// What a backtest over these candles came to.
    pub fn of(report: Report, candles: CandleSlice<'_>, settings: &Settings, honesty: Option<Honesty>) -> Self {
        let summary = figures::summary(&report, candles, settings);
        let figures::Summary { figures, drawdown, months, distribution, excursions } = summary;
        let trades = report.trades.iter().zip(&excursions).map(|(trade, run)| TradeView::of(trade, run)).collect();
        Self { figures, months, trades, equity: report.equity, drawdown, distribution, honesty }
    }
}

impl BacktestResult {
    /// What came of it, whole.
    pub fn of(series: TestedSeries, strategy: &dyn Strategy, settings: &Settings, view: BacktestView) -> Self {
        Self {
            series,
            strategy: TestedStrategy::of(strategy),
            settings: TestedSettings::of(settings),
            view,
            equity_step: 1,
            trades_left_out: 0,
        }
    }

    /// The same, no longer than is sent.
    pub fn bounded(mut self) -> Self {
        self.equity_step = self.view.equity.len().div_ceil(EQUITY_POINTS).max(1);
        for line in [&mut self.view.equity, &mut self.view.drawdown] {
            // So that the last point is among them.
            let first = line.len().saturating_sub(1) % self.equity_step;
            *line = line.iter().skip(first).step_by(self.equity_step).copied().collect();
        }
        self.trades_left_out = self.view.trades.len().saturating_sub(TRADES);
        self.view.trades.drain(..self.trades_left_out);
        self
    }
}

impl TestedSeries {
    /// These candles from somewhere, whole.
    pub fn of(source: &'static str, candles: CandleSlice<'_>) -> Self {
        let last = candles.len().checked_sub(1).and_then(|last| candles.close_time(last));
        Self {
            source,
            symbol: None,
            seed: None,
            timeframe: candles.timeframe(),
            candles: candles.len(),
            from: candles.open_times().first().copied().map(Timestamp::from_secs),
            to: last.map(Timestamp::from_secs),
            put_aside: PutAside::default(),
        }
    }
}

impl PutAside {
    /// As many of these as are told.
    pub fn of(errors: &[ImportError]) -> Self {
        let row = |error: &ImportError| BadRow { row: error.row, reason: error.fault.to_string() };
        Self { count: errors.len(), rows: errors.iter().take(PUT_ASIDE).map(row).collect() }
    }
}

impl TestedStrategy {
    /// This rule, as it is set.
    pub fn of(strategy: &dyn Strategy) -> Self {
        let params = strategy.parameters().iter().map(|set| (set.name, set.value)).collect();
        Self { name: strategy.name(), version: strategy.version(), params }
    }
}

impl TestedSettings {
    /// These costs.
    pub fn of(settings: &Settings) -> Self {
        let (size, risk) = match settings.sizing {
            Sizing::Equity(fraction) => (Some(fraction), None),
            Sizing::Risk(fraction) => (None, Some(fraction)),
        };
        let Settings { cash, fee, slippage, fill, exits, .. } = *settings;
        Self { cash, size, risk, fee, slippage, fill, exits }
    }
}

impl TradeView {
    fn of(trade: &Trade, excursion: &Excursion) -> Self {
        Self {
            side: if trade.side == Side::Buy { Direction::Long } else { Direction::Short },
            entry_time: Timestamp::from_secs(trade.entry_time),
            entry_price: trade.entry_price,
            exit_time: trade.exit_time.map(Timestamp::from_secs),
            exit_price: trade.exit_price,
            quantity: trade.quantity,
            fees: trade.fees,
            pnl: trade.pnl,
            r_multiple: trade.r_multiple,
            mae: excursion.adverse,
            mfe: excursion.favourable,
            outcome: trade.outcome,
        }
    }
}
