//! A backtest as it is told, by command and by HTTP.

use super::Source;
use crate::domain::time::Timestamp;
use engine::{
    CandleSlice, Outcome, Side, Strategy, Timeframe,
    backtest::{Exits, Fill, Report, Settings, Sizing, Trade},
    figures::{self, Figures, Month},
    honesty::Honesty,
};
use serde::Serialize;
use std::collections::BTreeMap;

/// Points of the equity that are sent at most.
const EQUITY_POINTS: usize = 20_000;

/// Trades that are sent at most.
const TRADES: usize = 20_000;

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
    /// Of how many candles `equity` has one value, the last among them: 1 up to 20,000 candles.
    pub equity_step: usize,
    /// Trades before the first of `trades`: there are 20,000 at most, the newest.
    pub trades_left_out: usize,
}

/// The candles of a backtest.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct TestedSeries {
    /// `recorded`, `uploaded` or `synthetic`.
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
    /// `target`, `stop` or `expired`; null where something else ended it.
    #[schema(value_type = Option<String>, pattern = "^(target|stop|expired)$")]
    pub outcome: Option<Outcome>,
}

impl BacktestView {
    /// What a backtest over these candles came to.
    pub fn of(report: Report, candles: CandleSlice<'_>, settings: &Settings, honesty: Option<Honesty>) -> Self {
        let figures::Summary { figures, months, .. } = figures::summary(&report, candles, settings);
        let trades = report.trades.iter().map(TradeView::from).collect();
        Self { figures, months, trades, equity: report.equity, honesty }
    }
}

impl BacktestResult {
    /// What came of it, no longer than is sent.
    pub fn of(
        source: &Source,
        candles: CandleSlice<'_>,
        strategy: &dyn Strategy,
        settings: &Settings,
        mut view: BacktestView,
    ) -> Self {
        let (equity_step, last) = (view.equity.len().div_ceil(EQUITY_POINTS).max(1), view.equity.len());
        let mut index = 0;
        view.equity.retain(|_| {
            index += 1;
            (last - index).is_multiple_of(equity_step)
        });
        let trades_left_out = view.trades.len().saturating_sub(TRADES);
        view.trades.drain(..trades_left_out);
        Self {
            series: TestedSeries::of(source, candles),
            strategy: TestedStrategy::of(strategy),
            settings: TestedSettings::of(settings),
            view,
            equity_step,
            trades_left_out,
        }
    }
}

impl TestedSeries {
    fn of(source: &Source, candles: CandleSlice<'_>) -> Self {
        let (source, symbol, seed) = match source {
            Source::Series { symbol: Some(symbol), .. } => ("recorded", Some(symbol.clone()), None),
            Source::Series { symbol: None, .. } => ("uploaded", None, None),
            Source::Synthetic { seed, .. } => ("synthetic", None, Some(*seed)),
        };
        let last = candles.len().checked_sub(1).and_then(|last| candles.close_time(last));
        Self {
            source,
            symbol,
            seed,
            timeframe: candles.timeframe(),
            candles: candles.len(),
            from: candles.open_times().first().copied().map(Timestamp::from_secs),
            to: last.map(Timestamp::from_secs),
        }
    }
}

impl TestedStrategy {
    fn of(strategy: &dyn Strategy) -> Self {
        let params = strategy.parameters().iter().map(|set| (set.name, set.value)).collect();
        Self { name: strategy.name(), version: strategy.version(), params }
    }
}

impl TestedSettings {
    fn of(settings: &Settings) -> Self {
        let (size, risk) = match settings.sizing {
            Sizing::Equity(fraction) => (Some(fraction), None),
            Sizing::Risk(fraction) => (None, Some(fraction)),
        };
        let Settings { cash, fee, slippage, fill, exits, .. } = *settings;
        Self { cash, size, risk, fee, slippage, fill, exits }
    }
}

impl From<&Trade> for TradeView {
    fn from(trade: &Trade) -> Self {
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
            outcome: trade.outcome,
        }
    }
}
