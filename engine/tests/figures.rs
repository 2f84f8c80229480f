//! The figures: beside backtesting.py, by hand, and in general.

mod series;

use engine::backtest::{self, Exits, Fill, Report, Settings, Trade};
use engine::figures::{self, Bin, Distribution, Figures, Gain, Unit};
use engine::{Candle, Candles, Outcome, Side, Timeframe, strategy};
use proptest::prelude::*;

const DAY: i64 = 86_400;

fn value(figures: &Figures, name: &str) -> Option<f64> {
    let place = figures::definitions().iter().position(|definition| definition.name == name);
    figures.values()[place.unwrap_or_else(|| panic!("no figure {name}"))]
}

#[test]
fn figures_of_the_sma_cross_are_backtesting_pys() {
    let candles = series::all().last().unwrap().1;
    let cross = strategy::named("sma-cross").unwrap();
    let mut table = include_str!("backtesting/figures.csv").lines();
    assert_eq!(table.next(), Some("figure,next-open,close"));
    let summaries = [Fill::NextOpen, Fill::Close].map(|fill| {
        let settings = Settings { cash: 1e15, fill, exits: Exits::Opposite, fee: 0.001, ..Settings::default() };
        let report = backtest::run(cross.as_ref(), candles.view(), settings).unwrap();
        // It leaves the open trade out of fees and exposure.
        let open = report.trades.last().unwrap();
        let candles_after = candles.view().since(open.entry_time).len() as f64 - 1.0;
        let summary = figures::summary(&report, candles.view(), &settings);
        (summary.figures, open.fees, candles_after / candles.len() as f64)
    });
    let mut compared = 0;
    for line in table {
        let fields: Vec<&str> = line.split(',').collect();
        for ((ours, fees, exposure), theirs) in summaries.iter().zip(&fields[1..]) {
            let theirs: f64 = theirs.parse().unwrap();
            let ours = value(ours, fields[0]).unwrap();
            let (theirs, precision) = match fields[0] {
                "fees" => (theirs + fees, 1e-9 * theirs),
                "exposure" => (theirs + exposure, 1e-12),
                // It rounds durations up to the hour.
                "average_drawdown_days" | "average_holding_days" => (theirs - 0.5 / 24.0, 0.5 / 24.0),
                _ => (theirs, 1e-9 * theirs.abs().max(1e-3)),
            };
            assert!((ours - theirs).abs() <= precision, "{line}: {ours}");
            compared += 1;
        }
    }
    assert_eq!(compared, 56);
}

fn day(number: i64, [open, high, low, close]: [f64; 4]) -> Candle {
    Candle { open_time: number * DAY, open, high, low, close, volume: 1.0 }
}

fn trade(side: Side, days: (i64, i64), prices: (f64, f64), r: f64, outcome: Outcome) -> Trade {
    Trade {
        side,
        entry_time: days.0 * DAY,
        entry_price: prices.0,
        exit_time: Some(days.1 * DAY),
        exit_price: Some(prices.1),
        quantity: 2.0,
        fees: 0.0,
        pnl: 2.0 * side.gain(prices.0, prices.1),
        r_multiple: Some(r),
        outcome: Some(outcome),
    }
}

/// Two trades over eight days from Saturday, 30 December 2023.
fn two_trades() -> (Report, Candles) {
    let first = 1_703_894_400 / DAY;
    let rows = [
        [100.0, 101.0, 99.0, 100.0],
        [100.0, 104.0, 98.0, 103.0],
        [103.0, 112.0, 95.0, 108.0],
        [108.0, 109.0, 107.0, 108.0],
        [100.0, 106.0, 94.0, 102.0],
        [102.0, 103.0, 101.0, 104.0],
        [104.0, 105.0, 104.0, 105.0],
        [105.0, 105.0, 105.0, 105.0],
    ];
    let rows = rows.iter().zip(first..).map(|(prices, number)| {
        let [open, high, low, close] = *prices;
        day(number, [open, high.max(close), low, close])
    });
    let trades = vec![
        trade(Side::Buy, (first + 1, first + 2), (100.0, 110.0), 2.0, Outcome::Target),
        trade(Side::Sell, (first + 4, first + 6), (100.0, 105.0), -1.0, Outcome::Expired),
    ];
    let equity = vec![1_000.0, 1_006.0, 1_020.0, 1_020.0, 1_016.0, 1_012.0, 1_010.0, 1_010.0];
    (Report { trades, equity }, Candles::from_rows(Timeframe::Day, rows).unwrap())
}

#[test]
fn two_trades_by_hand() {
    let (report, candles) = two_trades();
    let settings = Settings { cash: 1_000.0, ..Settings::default() };
    let summary = figures::summary(&report, candles.view(), &settings);
    let expected = [
        ("total_return", 0.01),
        ("buy_and_hold_return", 0.05),
        ("excess_return", -0.04),
        ("days", 7.0),
        ("max_drawdown", 10.0 / 1_020.0),
        ("max_drawdown_days", 4.0),
        ("drawdowns", 1.0),
        ("current_drawdown", 10.0 / 1_020.0),
        ("time_under_water", 0.5),
        ("recovery_factor", 1.0),
        ("trades", 2.0),
        ("open_trades", 0.0),
        ("long_trades", 1.0),
        ("long_win_rate", 1.0),
        ("short_win_rate", 0.0),
        ("gross_profit", 20.0),
        ("gross_loss", 10.0),
        ("profit_factor", 2.0),
        ("expectancy", 0.025),
        ("expectancy_money", 5.0),
        ("payoff_ratio", 2.0),
        ("kelly", 0.25),
        ("sqn", 2_f64.sqrt() * 5.0 / 450_f64.sqrt()),
        ("average_holding_days", 1.5),
        ("longest_losing_streak", 1.0),
        ("exposure", 5.0 / 8.0),
        ("trades_a_year", 2.0 * 365.25 / 7.0),
        ("expectancy_r", 0.5),
        ("median_r", 0.5),
        ("total_r", 1.0),
        ("target_rate", 0.5),
        ("expired_rate", 0.5),
        // Long: 98 on the first day, and the exit at 110, not the 112 and 95 of its candle.
        // Short, left at a close: 106 and 94.
        ("average_adverse", (0.02 + 0.06) / 2.0),
        ("worst_adverse", 0.06),
        ("average_favourable", (0.10 + 0.06) / 2.0),
        ("adverse_of_wins", 0.02),
        ("favourable_of_losses", 0.06),
        ("edge_ratio", 2.0),
        ("omega", (6.0 / 1_000.0 + 14.0 / 1_006.0) / (4.0 / 1_020.0 + 4.0 / 1_016.0 + 2.0 / 1_012.0)),
        ("winning_days", 0.4),
        ("best_day", 14.0 / 1_006.0),
        ("months", 2.0),
        ("best_month", 0.006),
        ("worst_month", 4.0 / 1_006.0),
    ];
    for (name, expected) in expected {
        let ours = value(&summary.figures, name).unwrap();
        assert!((ours - expected).abs() < 1e-12, "{name}: {ours}, not {expected}");
    }
    let months: Vec<_> = summary.months.iter().map(|month| (month.year, month.month)).collect();
    assert_eq!(months, [(2023, 12), (2024, 1)]);
    let Distribution { unit, bins } = summary.distribution;
    let filled: Vec<_> = bins.iter().filter(|bin| bin.count > 0).map(|bin| (bin.from, bin.to)).collect();
    assert_eq!((unit, filled), (Gain::R, vec![(Some(-1.0), Some(-0.5)), (Some(2.0), Some(2.5))]));
    assert_eq!((bins[0].from, bins.last().unwrap().to), (None, None));
}

#[test]
fn where_stops_end_no_trade_returns_are_distributed() {
    let (mut report, candles) = two_trades();
    let of = |report: &Report| figures::summary(report, candles.view(), &Settings::default()).distribution;
    report.trades.iter_mut().for_each(|trade| trade.r_multiple = None);
    let returns: Vec<f64> =
        report.trades.iter().map(|trade| trade.pnl / (trade.quantity * trade.entry_price)).collect();
    let Distribution { unit, bins } = of(&report);
    assert_eq!((unit, bins.len(), bins.iter().map(|bin| bin.count).sum::<usize>()), (Gain::Return, 18, 2));
    for gain in returns {
        let holds = |bin: &Bin| bin.from.is_none_or(|from| from <= gain) && bin.to.is_none_or(|to| gain < to);
        assert_eq!(bins.iter().find(|bin| holds(bin)).map(|bin| bin.count), Some(1), "{gain} {bins:?}");
    }
    // A gain of 10 % and a loss of 5 %: half of their mean size is above 2 %, and below 5 %.
    let edges: Vec<f64> = bins.iter().filter_map(|bin| bin.to).collect();
    assert_eq!(edges, (-6..=10).map(|step| f64::from(5 * step) / 100.0).collect::<Vec<_>>());
    report.trades.iter_mut().for_each(|trade| trade.exit_time = None);
    assert_eq!((of(&report).unit, of(&report).bins.iter().all(|bin| bin.count == 0)), (Gain::R, true));
}

#[test]
fn there_are_enough_and_each_is_defined_once() {
    let definitions = figures::definitions();
    // As the README says.
    assert_eq!(definitions.len(), 95);
    let (report, candles) = two_trades();
    let figures = figures::summary(&report, candles.view(), &Settings::default()).figures;
    let json = serde_json::to_value(figures).unwrap();
    let object = json.as_object().unwrap();
    assert_eq!(object.len(), definitions.len());
    for (definition, value) in definitions.iter().zip(figures.values()) {
        assert_eq!(object[definition.name].as_f64(), value, "{}", definition.name);
        assert!(definition.meaning.ends_with('.') && !definition.source.is_empty(), "{}", definition.name);
        assert_eq!(definition.unit == Unit::Count, object[definition.name].is_u64(), "{}", definition.name);
    }
}

#[test]
fn what_is_not_defined_is_empty() {
    let empty = Candles::new(Timeframe::Day);
    let figures = figures::summary(&Report::default(), empty.view(), &Settings::default()).figures;
    for name in
        ["win_rate", "win_rate_low", "profit_factor", "sharpe", "cagr", "expectancy_r", "beta", "sqn", "best_month"]
    {
        assert_eq!(value(&figures, name), None, "{name}");
    }
    assert_eq!((value(&figures, "trades"), value(&figures, "max_drawdown")), (Some(0.0), Some(0.0)));
    // Gains without a loss have no profit factor: it is not infinite, and not 0.
    let (mut report, candles) = two_trades();
    report.trades.truncate(1);
    let figures = figures::summary(&report, candles.view(), &Settings::default()).figures;
    assert_eq!((value(&figures, "profit_factor"), value(&figures, "win_rate")), (None, Some(1.0)));
}

#[test]
fn an_account_that_nearly_dies_has_no_sharpe_ratio() {
    let (mut report, candles) = two_trades();
    let mut of = |equity: [f64; 8]| {
        report.equity = equity.to_vec();
        figures::summary(&report, candles.view(), &Settings::default()).figures
    };
    let dying = of([1_000.0, 600.0, 100.0, 10.0, 10.0, 11.0, 10.0, 10.0]);
    assert_eq!(value(&dying, "sharpe"), None);
    assert!((-1.0..-0.999).contains(&value(&dying, "annual_return").unwrap()));
    for name in ["sharpe_arithmetic", "sortino", "calmar", "martin"] {
        let ratio = value(&dying, name).unwrap();
        assert!((-100.0..0.0).contains(&ratio), "{name}: {ratio}");
    }
    // A loss of which something would be left has one.
    let losing = of([1_000.0, 998.0, 1_001.0, 999.0, 996.0, 999.0, 1_000.0, 995.0]);
    let sharpe = value(&losing, "sharpe").unwrap();
    assert!((-10.0..0.0).contains(&sharpe), "{sharpe}");
}

proptest! {
    #[test]
    fn every_figure_is_finite_or_empty(
        steps in prop::collection::vec((-0.5f64..0.9, 1i64..400), 0..60),
        (opposite, at_close) in (any::<bool>(), any::<bool>()),
    ) {
        let (mut time, mut price, mut candles) = (0, 100.0, Candles::new(Timeframe::Day));
        for (step, gap) in steps {
            let close = price * (1.0 + step);
            let (high, low) = (close.max(price), close.min(price));
            candles.push(Candle { open_time: time, open: price, high, low, close, volume: 0.0 }).unwrap();
            (time, price) = (time + gap * DAY, close);
        }
        let settings = Settings {
            exits: if opposite { Exits::Opposite } else { Exits::Signal },
            fill: if at_close { Fill::Close } else { Fill::NextOpen },
            ..Settings::default()
        };
        let cross = strategy::named("sma-cross").unwrap().with(&[("fast", 1.0), ("slow", 3.0)]).unwrap();
        let report = backtest::run(cross.as_ref(), candles.view(), settings).unwrap();
        let summary = figures::summary(&report, candles.view(), &settings);
        for (definition, value) in figures::definitions().iter().zip(summary.figures.values()) {
            prop_assert!(value.is_none_or(f64::is_finite), "{} {value:?}", definition.name);
            let share = definition.name.ends_with("_rate") || ["exposure", "max_drawdown", "time_under_water"].contains(&definition.name);
            prop_assert!(!share || value.is_none_or(|value| (0.0..=1.0).contains(&value)), "{} {value:?}", definition.name);
        }
        prop_assert!(summary.excursions.iter().all(|excursion| excursion.adverse >= 0.0 && excursion.favourable >= 0.0));
        let counted: usize = summary.distribution.bins.iter().map(|bin| bin.count).sum();
        prop_assert_eq!(counted, report.trades.iter().filter(|trade| trade.exit_time.is_some()).count());
    }
}
