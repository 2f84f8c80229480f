//! A backtest for reading.

use crate::{
    domain::time::Timestamp,
    server::{
        backtests::view::{BacktestView, Direction, TradeView},
        command::output::{columns, rounded},
    },
};
use engine::{
    CandleSlice, Strategy,
    figures::{self, Unit},
};
use std::io::{self, Write};

/// Trades shown, the newest.
const TRADES: usize = 10;

/// The figures that are read first; all are in the JSON.
const READ_FIRST: [&str; 24] = [
    "total_return",
    "cagr",
    "buy_and_hold_return",
    "annual_volatility",
    "max_drawdown",
    "max_drawdown_days",
    "sharpe",
    "sortino",
    "calmar",
    "omega",
    "trades",
    "open_trades",
    "win_rate",
    "win_rate_low",
    "win_rate_high",
    "profit_factor",
    "expectancy",
    "expectancy_r",
    "sqn",
    "average_trade",
    "longest_losing_streak",
    "exposure",
    "fees",
    "final_equity",
];

/// Writes what is worth reading: figures, the newest trades, the verdict where there is one.
pub(super) fn write(
    out: &mut dyn Write,
    strategy: &dyn Strategy,
    candles: CandleSlice<'_>,
    view: &BacktestView,
) -> io::Result<()> {
    let set: Vec<String> = strategy.parameters().iter().map(|set| format!("{}={}", set.name, set.value)).collect();
    writeln!(out, "{} {} {}", strategy.name(), strategy.version(), set.join(" "))?;
    let (first, last) = (candles.open_times().first(), candles.open_times().last());
    let day = |time: Option<&i64>| time.map_or_else(String::new, |time| Timestamp::from_secs(*time).to_string());
    writeln!(out, "{} candles of {}, {} to {}\n", candles.len(), candles.timeframe(), day(first), day(last))?;
    columns(out, &figure_rows(view))?;
    if !view.trades.is_empty() {
        writeln!(out, "\nThe newest trades:")?;
        let newest = &view.trades[view.trades.len().saturating_sub(TRADES)..];
        let header = ["entered", "side", "at", "left", "at", "pnl", "R"].map(str::to_owned).to_vec();
        let rows: Vec<Vec<String>> = std::iter::once(header).chain(newest.iter().map(trade_row)).collect();
        columns(out, &rows)?;
    }
    let Some(honesty) = &view.honesty else { return Ok(()) };
    writeln!(out, "\nThe verdict: {}.", honesty.verdict.as_str())?;
    honesty.reasons.iter().try_for_each(|reason| writeln!(out, "- {reason}"))
}

fn figure_rows(view: &BacktestView) -> Vec<Vec<String>> {
    let defined = figures::definitions().into_iter().zip(view.figures.values());
    let mut rows: Vec<_> = defined
        .filter_map(|(figure, value)| {
            let place = READ_FIRST.iter().position(|name| *name == figure.name)?;
            Some((place, vec![figure.name.replace('_', " "), told(figure.unit, value)]))
        })
        .collect();
    rows.sort_by_key(|(place, _)| *place);
    rows.into_iter().map(|(_, row)| row).collect()
}

fn told(unit: Unit, value: Option<f64>) -> String {
    match (unit, value) {
        (_, None) => rounded(None),
        (Unit::Fraction, Some(value)) => format!("{:.2} %", value * 100.0),
        (Unit::Count, Some(value)) => format!("{value}"),
        (Unit::Days, Some(value)) => format!("{value:.1} d"),
        (Unit::R, value) => format!("{} R", rounded(value)),
        (Unit::Money, Some(value)) => format!("{value:.2}"),
        (Unit::Ratio, value) => rounded(value),
    }
}

fn trade_row(trade: &TradeView) -> Vec<String> {
    let side = if trade.side == Direction::Long { "long" } else { "short" };
    vec![
        trade.entry_time.to_string(),
        side.to_owned(),
        rounded(Some(trade.entry_price)),
        trade.exit_time.map_or_else(|| "open".to_owned(), |time| time.to_string()),
        rounded(trade.exit_price),
        rounded(Some(trade.pnl)),
        rounded(trade.r_multiple),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_first_is_there() {
        let there: Vec<&str> = figures::definitions().iter().map(|figure| figure.name).collect();
        assert!(READ_FIRST.iter().all(|name| there.contains(name)));
    }
}
