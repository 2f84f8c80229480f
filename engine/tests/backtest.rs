//! The execution model: beside backtesting.py, by hand, and in general.

use engine::backtest::{self, Backtest, Exits, Fill, Report, Settings, Sizing};
use engine::strategy::{self, MeanReversion, MeanReversionParameters};
use engine::{Candle, Candles, Decider, OpenSignal, Outcome, Proposal, Side, Timeframe, history};
use proptest::prelude::*;

const DAY: i64 = 86_400;

/// A bet with prices at these multiples of the close, the lower one first.
fn proposal(side: Side, price: f64, (low, high): (f64, f64), candle_closed_at: i64, expires_at: i64) -> Proposal {
    let (stop, target) = match side {
        Side::Buy => (price * low, price * high),
        Side::Sell => (price * high, price * low),
    };
    let rationale = String::new();
    Proposal { side, price, target, stop, risk_reward: 1.0, candle_closed_at, expires_at, rationale }
}

#[test]
fn the_sma_cross_trades_as_backtesting_py_does() {
    let text = include_str!("../data/BTCUSDT_1h.csv");
    let candles = Candles::parse_csv(text, Timeframe::Hour).unwrap();
    // Times are written alike in both files.
    let opens = |time: &str| {
        let row = text.lines().skip(1).position(|line| line.starts_with(time)).unwrap();
        candles.get(row).unwrap().open_time
    };
    let tables = [
        (Fill::NextOpen, include_str!("backtesting/next-open.csv")),
        (Fill::Close, include_str!("backtesting/close.csv")),
    ];
    for (fill, table) in tables {
        let settings = Settings { fill, exits: Exits::Opposite, fee: 0.001, ..Settings::default() };
        let cross = strategy::named("sma-cross").unwrap().with(&[("fast", 10.0), ("slow", 30.0)]).unwrap();
        let report = backtest::run(cross.as_ref(), candles.view(), settings).unwrap();
        assert_eq!(report.trades.len(), table.lines().count() - 1);
        for (trade, line) in report.trades.iter().zip(table.lines().skip(1)) {
            let fields: Vec<&str> = line.split(',').collect();
            assert_eq!(trade.side.as_str(), fields[0], "{line}");
            assert_eq!(trade.entry_time, opens(fields[1]), "{line}");
            assert_eq!(trade.entry_price, fields[2].parse::<f64>().unwrap(), "{line}");
            assert_eq!(trade.exit_time, (!fields[3].is_empty()).then(|| opens(fields[3])), "{line}");
            assert_eq!(trade.exit_price, fields[4].parse().ok(), "{line}");
        }
        assert_eq!(report.trades.last().unwrap().exit_time, None);
        // The equity is what was there, and what every trade brought.
        let pnl: f64 = report.trades.iter().map(|trade| trade.pnl).sum();
        let end = *report.equity.last().unwrap();
        assert!((settings.cash + pnl - end).abs() < 1e-9 * settings.cash);
        assert_eq!(report.equity.len(), candles.len());
    }
}

/// Proposes what it was told to, at the candle of that index.
struct Script(Vec<Option<Proposal>>);

impl Decider for Script {
    fn next(&mut self, _: &Candle) -> Option<Proposal> {
        if self.0.is_empty() { None } else { self.0.remove(0) }
    }
}

fn day(number: i64, [open, high, low, close]: [f64; 4]) -> Candle {
    Candle { open_time: number * DAY, open, high, low, close, volume: 1.0 }
}

/// A bet at the first close of 100, and what the candles of the days after do to it.
fn after(side: Side, settings: Settings, days: &[[f64; 4]]) -> Report {
    let bet = proposal(side, 100.0, (0.9, 1.1), DAY, 4 * DAY);
    let mut backtest = Backtest::new(Box::new(Script(vec![Some(bet)])), Timeframe::Day, settings).unwrap();
    backtest.feed(&day(0, [100.0; 4]));
    for (index, prices) in days.iter().enumerate() {
        backtest.feed(&day(index as i64 + 1, *prices));
    }
    backtest.into_report()
}

const FREE: Settings = Settings {
    cash: 1_000.0,
    sizing: Sizing::Equity(1.0),
    fee: 0.0,
    slippage: 0.0,
    fill: Fill::NextOpen,
    exits: Exits::Signal,
};

/// How the only trade ended: outcome, day, price.
fn ending(report: &Report) -> (Option<Outcome>, Option<i64>, Option<f64>) {
    let [trade] = &report.trades[..] else { panic!("{report:?}") };
    (trade.outcome, trade.exit_time.map(|time| time / DAY), trade.exit_price)
}

#[test]
fn exits_are_those_of_a_published_signal() {
    use Outcome::{Expired, Stop, Target};
    let quiet = [100.0, 101.0, 99.0, 100.5];
    let long = |days: &[[f64; 4]]| ending(&after(Side::Buy, FREE, days));
    assert_eq!(long(&[quiet, [100.0, 111.0, 99.0, 110.0]]), (Some(Target), Some(2), Some(100.0 * 1.1)));
    assert_eq!(long(&[quiet, [100.0, 109.0, 89.0, 110.0]]), (Some(Stop), Some(2), Some(90.0)));
    // Both touched: the worse. In the first candle too.
    assert_eq!(long(&[[100.0, 111.0, 89.0, 110.0]]), (Some(Stop), Some(1), Some(90.0)));
    // Gaps are filled at the open.
    assert_eq!(long(&[quiet, [80.0, 120.0, 80.0, 110.0]]), (Some(Stop), Some(2), Some(80.0)));
    assert_eq!(long(&[quiet, [130.0, 130.0, 80.0, 110.0]]), (Some(Target), Some(2), Some(130.0)));
    assert_eq!(long(&[quiet, quiet, quiet, quiet]), (Some(Expired), Some(3), Some(100.5)));
    assert_eq!(long(&[quiet]), (None, None, None));
    let short = |days: &[[f64; 4]]| ending(&after(Side::Sell, FREE, days));
    assert_eq!(short(&[[100.0, 101.0, 89.0, 100.0]]), (Some(Target), Some(1), Some(90.0)));
    assert_eq!(short(&[[100.0, 111.0, 89.0, 100.0]]), (Some(Stop), Some(1), Some(100.0 * 1.1)));
}

#[test]
fn a_market_closed_over_the_expiry_exits_at_the_close_before_it() {
    let bet = || Some(proposal(Side::Buy, 100.0, (0.9, 1.1), DAY, 4 * DAY));
    let run = |days: &[i64]| {
        let mut backtest = Backtest::new(Box::new(Script(vec![bet()])), Timeframe::Day, FREE).unwrap();
        backtest.feed(&day(0, [100.0; 4]));
        days.iter().for_each(|number| backtest.feed(&day(*number, [102.0; 4])));
        backtest.into_report()
    };
    assert_eq!(ending(&run(&[1, 9])), (Some(Outcome::Expired), Some(1), Some(102.0)));
    // It was never filled.
    assert!(run(&[9, 10]).trades.is_empty());
}

#[test]
fn costs_and_sizes_by_hand() {
    let days = [[100.0, 111.0, 99.0, 110.0]];
    let settings = Settings { fee: 0.01, slippage: 0.02, ..FREE };
    let report = after(Side::Buy, settings, &days);
    let trade = report.trades[0];
    assert_eq!(trade.entry_price, 102.0);
    // A target is a limit order: no slippage.
    assert_eq!(trade.exit_price, Some(100.0 * 1.1));
    let quantity = 1_000.0 / (102.0 * 1.01);
    assert!((trade.quantity - quantity).abs() < 1e-12);
    assert!((trade.fees - quantity * (1.02 + 1.1)).abs() < 1e-12);
    assert!((trade.pnl - (quantity * 8.0 - trade.fees)).abs() < 1e-9);
    assert!((trade.r_multiple.unwrap() - 8.0 / 12.0).abs() < 1e-12);
    assert!((report.equity[1] - (1_000.0 + trade.pnl)).abs() < 1e-9);

    // Slippage hurts a short's entry and its stop.
    let stopped = after(Side::Sell, settings, &[[100.0, 111.0, 99.0, 110.0]]).trades[0];
    assert_eq!((stopped.entry_price, stopped.exit_price), (98.0, Some(100.0 * 1.1 * 1.02)));
    // 2 % of 1,000 at a stop 10 away; never more than there is.
    let sized = |risk| after(Side::Buy, Settings { sizing: Sizing::Risk(risk), ..FREE }, &days).trades[0].quantity;
    assert_eq!((sized(0.02), sized(0.5)), (2.0, 10.0));
    let half = Settings { sizing: Sizing::Equity(0.5), ..FREE };
    assert_eq!(after(Side::Buy, half, &days).trades[0].quantity, 5.0);
}

#[test]
fn filled_at_the_close_the_entry_is_the_decision() {
    let settings = Settings { fill: Fill::Close, ..FREE };
    let trade = after(Side::Buy, settings, &[[105.0, 111.0, 104.0, 110.0]]).trades[0];
    assert_eq!((trade.entry_time, trade.entry_price), (0, 100.0));
    assert!((trade.r_multiple.unwrap() - 1.0).abs() < 1e-12);
    assert!(after(Side::Buy, settings, &[]).trades.is_empty());
}

#[test]
fn a_ruined_account_stops() {
    let bets = vec![Some(proposal(Side::Sell, 100.0, (0.5, 9.0), DAY, 90 * DAY)), None, None, None];
    let again = vec![Some(proposal(Side::Buy, 100.0, (0.5, 9.0), 5 * DAY, 90 * DAY))];
    let script = Script(bets.into_iter().chain(again).collect());
    let mut backtest = Backtest::new(Box::new(script), Timeframe::Day, FREE).unwrap();
    for (number, price) in [100.0, 100.0, 150.0, 250.0, 100.0, 100.0, 200.0].into_iter().enumerate() {
        backtest.feed(&day(number as i64, [price; 4]));
    }
    let report = backtest.into_report();
    assert_eq!(report.equity, [1_000.0, 1_000.0, 500.0, 0.0, 0.0, 0.0, 0.0]);
    assert_eq!(ending(&report), (None, Some(3), Some(250.0)));
}

#[test]
fn settings_are_kept_in_range() {
    let refused = |settings| Backtest::new(Box::new(Script(Vec::new())), Timeframe::Day, settings).err();
    assert_eq!(refused(FREE), None);
    assert_eq!(
        refused(Settings { fee: 0.2, ..FREE }).unwrap().to_string(),
        "the parameter fee is 0.2, outside 0 to 0.1"
    );
    assert!(refused(Settings { cash: f64::NAN, ..FREE }).is_some());
    assert!(refused(Settings { sizing: Sizing::Risk(0.0), ..FREE }).is_some());
    assert!(refused(Settings { slippage: -0.1, ..FREE }).is_some());
}

fn talkative() -> MeanReversion {
    let parameters = MeanReversionParameters { period: 10, threshold: 1.0, min_risk_reward: 0.1, ..Default::default() };
    MeanReversion::new(parameters).unwrap()
}

#[test]
fn live_settlements_are_the_backtests() {
    let candles = Candles::parse_csv(include_str!("../data/BTCUSDT_1d.csv"), Timeframe::Day).unwrap();
    let strategy = talkative();
    let signals = history::run(&strategy, candles.view());
    let report = backtest::run(&strategy, candles.view(), FREE).unwrap();
    assert!(report.trades.len() > 100);
    for trade in &report.trades {
        let signal = signals.iter().find(|signal| signal.proposal.candle_closed_at == trade.entry_time).unwrap();
        let live = OpenSignal::after(signal.proposal.terms(), candles.view()).unwrap().settlement();
        assert_eq!(signal.fill_price, Some(trade.entry_price));
        assert_eq!(live.map(|end| end.outcome), trade.outcome);
        assert_eq!(live.map(|end| end.exit_price.to_bits()), trade.exit_price.map(f64::to_bits));
        assert_eq!(live.map(|end| end.r_multiple.to_bits()), trade.r_multiple.map(f64::to_bits));
    }
}

proptest! {
    #[test]
    fn money_is_neither_made_nor_lost_on_the_way(
        steps in prop::collection::vec((-0.2f64..0.2, 0.0f64..0.1, 0.0f64..0.1, 1i64..4), 30..200),
        fee in 0.0f64..0.1,
        slippage in 0.0f64..0.1,
        (at_close, opposite, by_risk) in (any::<bool>(), any::<bool>(), any::<bool>()),
    ) {
        let (mut time, mut price, mut candles) = (0, 100.0, Candles::new(Timeframe::Day));
        for (step, above, below, gap) in steps {
            let (open, close) = (price, price * (1.0 + step));
            let (high, low) = (open.max(close) * (1.0 + above), open.min(close) * (1.0 - below));
            candles.push(Candle { open_time: time, open, high, low, close, volume: 0.0 }).unwrap();
            (time, price) = (time + gap * DAY, close * (1.0 + above - below));
        }
        let settings = Settings {
            cash: 1_000.0,
            sizing: if by_risk { Sizing::Risk(0.1) } else { Sizing::Equity(1.0) },
            fee,
            slippage,
            fill: if at_close { Fill::Close } else { Fill::NextOpen },
            exits: if opposite { Exits::Opposite } else { Exits::Signal },
        };
        let strategy = talkative();
        let report = backtest::run(&strategy, candles.view(), settings).unwrap();
        prop_assert_eq!(report.equity.len(), candles.len());
        prop_assert!(report.equity.iter().all(|equity| equity.is_finite() && *equity >= 0.0));
        let pnl: f64 = report.trades.iter().map(|trade| trade.pnl).sum();
        let end = *report.equity.last().unwrap();
        prop_assert!(end == 0.0 || (settings.cash + pnl - end).abs() < 1e-6);
        for pair in report.trades.windows(2) {
            prop_assert!(pair[0].exit_time.unwrap() <= pair[1].entry_time);
        }
        for trade in &report.trades {
            prop_assert!(trade.exit_time.is_none_or(|exit| exit >= trade.entry_time));
            prop_assert!(trade.quantity > 0.0 && trade.fees >= 0.0);
        }
        // What comes later changes nothing before.
        let cut = candles.len() / 2;
        let part = backtest::run(&strategy, candles.view().prefix(cut), settings).unwrap();
        prop_assert_eq!(&report.equity[..cut], &part.equity[..]);
    }
}
