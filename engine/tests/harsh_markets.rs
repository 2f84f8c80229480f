//! Markets that nobody wants: everything made of them is defined, and the same candle by candle as at once.

use engine::backtest::{self, Backtest, Exits, Fill, Settings};
use engine::honesty::{self, Checks};
use engine::indicators::catalogue;
use engine::indicators::catalogue::Spec;
use engine::random::Random;
use engine::strategy::Columns;
use engine::{Candle, Candles, Timeframe, figures, history, strategy};

const DAY: i64 = 86_400;

/// A candle at these prices, in any order.
fn candle(day: i64, prices: [f64; 4], volume: f64) -> Candle {
    let high = prices.into_iter().fold(prices[0], f64::max);
    let low = prices.into_iter().fold(prices[0], f64::min);
    Candle { open_time: day * DAY, open: prices[0], high, low, close: prices[3], volume }
}

fn series(rows: impl Iterator<Item = Candle>) -> Candles {
    Candles::from_rows(Timeframe::Day, rows).unwrap()
}

/// A wandering market: prices times `scale`, on the days that `day` makes of 0, 1, 2 …
fn wandering(seed: u64, count: i64, scale: f64, volume: f64, day: impl Fn(i64) -> i64) -> Candles {
    let (mut random, mut price) = (Random::new(seed), 1.0);
    let rows = (0..count).map(|index| {
        let prices = [(); 4].map(|()| price * (0.95 + 0.1 * random.fraction()) * scale);
        price *= 0.96 + 0.08 * random.fraction();
        candle(day(index), prices, volume * random.fraction())
    });
    series(rows.collect::<Vec<_>>().into_iter())
}

fn markets() -> Vec<(&'static str, Candles)> {
    let flat = |price: f64| series((0..300).map(move |day| candle(day, [price; 4], 0.0)));
    let jumps = [1e-12, 4e13, 0.0, 7.0, 1e100, 3.0];
    let steps = move |day: i64| candle(9 * day, [jumps[((day + day / 4) % 6) as usize]; 4], 1.0);
    let mut to_zero: Vec<Candle> = wandering(2, 200, 25_000.0, 1.0, |day| day).view().iter().collect();
    to_zero.extend((200..300).map(|day| candle(day, [0.0; 4], 0.0)));
    vec![
        ("none", series(std::iter::empty())),
        ("one", wandering(1, 1, 100.0, 1.0, |day| day)),
        ("two", wandering(1, 2, 100.0, 1.0, |day| day)),
        ("short", wandering(1, 40, 100.0, 1.0, |day| day)),
        ("zero", flat(0.0)),
        ("flat", flat(7.0)),
        ("huge and flat", flat(4e13)),
        ("huge", wandering(5, 400, 4e13, 1e15, |day| day)),
        ("tiny", wandering(6, 400, 1e-300, 1e-9, |day| day)),
        ("without volume", wandering(7, 400, 25_000.0, 0.0, |day| day)),
        ("a gap of years", wandering(8, 400, 100.0, 1.0, |day| day + if day < 150 { 0 } else { 10_000 })),
        ("jumps", series((0..400).map(steps))),
        ("to zero", series(to_zero.into_iter())),
    ]
}

fn all_settings() -> impl Iterator<Item = Settings> {
    let fills = [Fill::NextOpen, Fill::Close];
    let exits = [Exits::Signal, Exits::Opposite];
    fills.into_iter().flat_map(move |fill| exits.map(|exits| Settings { fill, exits, ..Settings::default() }))
}

#[test]
fn a_backtest_of_any_market_is_the_same_candle_by_candle_and_at_once() {
    let mut traded = 0;
    for (name, candles) in markets() {
        for strategy in strategy::all() {
            let label = format!("{name} {}", strategy.name());
            let mut decider = strategy.start(Timeframe::Day);
            let decided = candles.view().iter().enumerate();
            let decided: Vec<_> = decided.filter_map(|(index, candle)| Some((index, decider.bet(&candle)?))).collect();
            assert_eq!(strategy.bets(&Columns::of(candles.view())), decided, "{label}");
            for settings in all_settings() {
                let whole = backtest::run(strategy.as_ref(), candles.view(), settings).unwrap();
                let mut live = Backtest::new(strategy.start(Timeframe::Day), Timeframe::Day, settings).unwrap();
                candles.view().iter().for_each(|candle| live.feed(&candle));
                // What prints alike is the same bits.
                assert_eq!(format!("{:?}", live.report()), format!("{whole:?}"), "{label} {settings:?}");
                traded += whole.trades.len();
            }
        }
    }
    assert!(traded > 500, "{traded}");
}

#[test]
fn figures_of_any_market_are_finite_or_empty() {
    for (name, candles) in markets() {
        for strategy in strategy::all() {
            for settings in all_settings() {
                let report = backtest::run(strategy.as_ref(), candles.view(), settings).unwrap();
                assert!(report.equity.iter().all(|equity| equity.is_finite() && *equity >= 0.0));
                let summary = figures::summary(&report, candles.view(), &settings);
                for (definition, value) in figures::definitions().iter().zip(summary.figures.values()) {
                    let label = format!("{name} {} {}", strategy.name(), definition.name);
                    assert!(value.is_none_or(f64::is_finite), "{label}: {value:?}");
                }
            }
            for entry in history::run(strategy.as_ref(), candles.view()) {
                assert!(entry.settlement.is_none_or(|end| end.r_multiple.is_finite() && end.exit_price.is_finite()));
            }
        }
    }
}

#[test]
fn any_market_has_a_verdict_in_words_without_a_hole() {
    let quick = Checks { simulations: 20, draws: 20, ..Checks::default() };
    for (name, candles) in markets() {
        for strategy in strategy::all() {
            let found = honesty::examine(strategy.as_ref(), candles.view(), Settings::default(), &quick).unwrap();
            assert_eq!(found.found.look_ahead.leak, None, "{name} {}", strategy.name());
            let words = found.reasons.join(" ");
            assert!(!words.contains("NaN") && !words.contains("inf"), "{name} {}: {words}", strategy.name());
        }
    }
}

#[test]
fn a_long_series_has_the_same_indicators_candle_by_candle_and_at_once() {
    // So long that smoothings are run in several places at once, and with what is hard to forget.
    let mut rows: Vec<Candle> = wandering(9, 30_000, 100.0, 1e6, |day| day).view().iter().collect();
    rows[9_000] = candle(9_000, [1e15; 4], 1e15);
    for (day, row) in rows.iter_mut().enumerate().skip(20_000).take(3_000) {
        *row = candle(day as i64, [0.0; 4], 0.0);
    }
    let candles = series(rows.into_iter());
    for entry in catalogue::ALL {
        let spec: Spec = entry.name.parse().unwrap();
        let (columns, mut running) = (spec.over(candles.view()), spec.start());
        for (index, candle) in candles.view().iter().enumerate() {
            for (column, value) in columns.iter().zip(running.feed(&candle)) {
                assert_eq!(column[index].to_bits(), value.unwrap_or(f64::NAN).to_bits(), "{spec} {index}");
            }
        }
    }
}
