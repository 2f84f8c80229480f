//! The bundled series: read, and run candle by candle.

use engine::confidence::{self, Tally};
use engine::history;
use engine::strategy::{self, MeanReversion, MeanReversionParameters};
use engine::{Candle, Candles, Entry, History, OpenSignal, Outcome, Strategy, Timeframe};

const DAY: i64 = 86_400;
/// 2024-06-01, midnight UTC.
const JUNE_2024: i64 = 1_717_200_000;

/// A market time after every candle and expiry.
const THE_END: i64 = 4_000_000_000;

const SERIES: [(&str, &str, Timeframe, usize); 5] = [
    ("NIFTY", include_str!("../data/NIFTY_1d.csv"), Timeframe::Day, 4_480),
    ("BANKNIFTY", include_str!("../data/BANKNIFTY_1d.csv"), Timeframe::Day, 707),
    ("BTCUSDT", include_str!("../data/BTCUSDT_1d.csv"), Timeframe::Day, 2_871),
    ("ETHUSDT", include_str!("../data/ETHUSDT_1d.csv"), Timeframe::Day, 2_000),
    ("BTCUSDT", include_str!("../data/BTCUSDT_1h.csv"), Timeframe::Hour, 18_000),
];

fn all() -> impl Iterator<Item = Candles> {
    SERIES.into_iter().map(|(_, text, timeframe, _)| Candles::parse_csv(text, timeframe).unwrap())
}

/// A rule that speaks often, so that a difference would show.
fn talkative() -> MeanReversion {
    MeanReversion::new(MeanReversionParameters {
        period: 10,
        threshold: 1.0,
        stop_atr: 0.5,
        min_risk_reward: 0.1,
        ..Default::default()
    })
    .unwrap()
}

#[test]
fn every_series_reads_whole() {
    for (symbol, text, timeframe, rows) in SERIES {
        let candles = Candles::parse_csv(text, timeframe).unwrap();
        assert_eq!(candles.len(), rows, "{symbol}");
        // The same rows under another timeframe do not pass for it.
        if timeframe == Timeframe::Hour {
            assert!(Candles::parse_csv(text, Timeframe::Day).is_err());
        }
    }
}

#[test]
fn candle_by_candle_equals_the_batch_bit_for_bit() {
    for strategy in [MeanReversion::default(), talkative()] {
        for candles in all() {
            let whole = history::run(&strategy, candles.view());
            assert!(whole.len() > 5);
            let decided = strategy.decide_all(candles.view());
            assert_eq!(bits(&whole).0, decided.iter().map(|(_, p)| format!("{p:?}")).collect::<Vec<_>>());

            let mut live = History::new(&strategy, candles.timeframe());
            for candle in candles.view().iter() {
                live.feed(&candle);
            }
            assert_eq!(bits(live.entries()), bits(&whole));

            // The way a server does it: decide on what is closed, settle each by what follows.
            for ((index, _), entry) in decided.iter().zip(&whole).step_by(7) {
                let closed = candles.upto(entry.proposal.candle_closed_at);
                assert_eq!(closed.len(), index + 1);
                assert_eq!(strategy.decide(closed).as_ref(), Some(&entry.proposal));
                let signal = OpenSignal::after(entry.proposal.terms(), candles.view()).unwrap();
                assert_eq!(signal.settlement(), entry.settlement);
                assert_eq!(signal.fill_price(), entry.fill_price);
            }
        }
    }
}

/// Everything in them, such that two floats that print alike are the same bits.
fn bits(entries: &[Entry]) -> (Vec<String>, Vec<String>) {
    let proposals = entries.iter().map(|entry| format!("{:?}", entry.proposal));
    let ends = entries.iter().map(|entry| format!("{:?} {:?}", entry.fill_price, entry.settlement));
    (proposals.collect(), ends.collect())
}

#[test]
fn what_comes_later_changes_nothing_before() {
    let strategy = talkative();
    for candles in all() {
        let whole = history::run(&strategy, candles.view());
        for cut in [1, 25, candles.len() / 3, candles.len() / 2, candles.len() - 1] {
            let now = candles.close_time(cut - 1).unwrap();
            let truncated = history::run(&strategy, candles.view().prefix(cut));
            let mut changed = Candles::new(candles.timeframe());
            for (index, candle) in candles.view().iter().enumerate() {
                let candle = if index < cut { candle } else { doubled(candle) };
                changed.push(candle).unwrap();
            }
            let changed = history::run(&strategy, changed.view());
            let expected = known_at(now, &whole);
            assert_eq!(known_at(now, &truncated), expected);
            assert_eq!(known_at(now, &changed), expected);
            assert_eq!(truncated.len(), expected.len());
        }
    }
}

fn doubled(candle: Candle) -> Candle {
    Candle {
        open: candle.open * 2.0,
        high: candle.high * 3.0,
        low: candle.low / 2.0,
        close: candle.close * 2.0,
        ..candle
    }
}

/// What was known of the signals at a time: those decided by then, and how those settled by then
/// had ended.
fn known_at(now: i64, entries: &[Entry]) -> Vec<String> {
    entries
        .iter()
        .filter(|entry| entry.proposal.candle_closed_at <= now)
        .map(|entry| {
            let settled = entry.settlement.filter(|end| end.settled_at <= now);
            format!("{:?} {settled:?}", entry.proposal)
        })
        .collect()
}

#[test]
fn proposals_are_sound_and_settlements_follow() {
    for candles in all() {
        for entry in history::run(&talkative(), candles.view()) {
            let proposal = &entry.proposal;
            assert_eq!(proposal.terms().check(), Ok(()));
            assert!(proposal.risk_reward >= 0.1);
            let Some(end) = entry.settlement else {
                continue;
            };
            assert!(end.r_multiple.is_finite());
            assert!(end.outcome != Outcome::Open);
            assert!(end.settled_at > proposal.candle_closed_at);
            assert!(end.settled_at <= proposal.expires_at);
        }
    }
}

#[test]
fn the_defaults_speak_often_enough() {
    let strategy = MeanReversion::default();
    let mut times = Vec::new();
    for candles in all().take(4) {
        let entries = history::run(&strategy, candles.view());
        let before = times.len();
        times.extend(entries.iter().map(|entry| entry.proposal.candle_closed_at));
        let lately = |at: &&i64| (JUNE_2024 - 60 * DAY..=JUNE_2024).contains(*at);
        assert!(times[before..].iter().filter(lately).count() >= 2);
    }
    for month in 0..12 {
        let from = JUNE_2024 + month * 30 * DAY;
        let count = times.iter().filter(|at| (from + 1..=from + 30 * DAY).contains(*at)).count();
        assert!((1..=12).contains(&count), "{count} in month {month}");
    }
}

#[test]
fn strategies_are_listed_with_sound_defaults() {
    for strategy in strategy::all() {
        assert_eq!(strategy::named(strategy.name()).unwrap().version(), strategy.version());
        for parameter in strategy.parameters() {
            assert_eq!(parameter.check(), Ok(()));
            assert_eq!(parameter.value, parameter.default);
        }
        // Nothing is said before the warm-up is over.
        for candles in all() {
            let first = strategy.decide_all(candles.view()).first().unwrap().0;
            assert!(first + 1 >= strategy.warm_up());
        }
    }
    assert!(strategy::named("unheard-of").is_none());
}

#[test]
fn short_and_huge_series_are_harmless() {
    let strategy = talkative();
    let candles = all().nth(2).unwrap();
    for length in 0..30 {
        assert!(history::run(&strategy, candles.view().prefix(length)).len() <= length);
    }
    let huge = candles.view().iter().map(|candle| Candle {
        open: candle.open * 4e8,
        high: candle.high * 4e8,
        low: candle.low * 4e8,
        close: candle.close * 4e8,
        ..candle
    });
    let huge = Candles::from_rows(Timeframe::Day, huge).unwrap();
    let (plain, huge) = (history::run(&strategy, candles.view()), history::run(&strategy, huge.view()));
    assert_eq!(plain.len(), huge.len());
    for (plain, huge) in plain.iter().zip(&huge) {
        let outcome = |entry: &Entry| entry.settlement.map(|end| end.outcome);
        assert_eq!(outcome(plain), outcome(huge));
        assert!((plain.proposal.target * 4e8 / huge.proposal.target - 1.0).abs() < 1e-12);
    }
}

#[test]
fn confidence_rests_on_what_was_known() {
    let strategy = MeanReversion::default();
    let daily: Vec<_> = all().take(4).collect();
    let whole: Vec<_> = daily.iter().map(|candles| run_until(&strategy, candles, THE_END)).collect();
    let (mut told, mut refused) = (0, 0);
    for (symbol, entries) in whole.iter().enumerate() {
        for entry in entries {
            let at = entry.proposal.candle_closed_at;
            let then: Vec<_> = daily.iter().map(|candles| run_until(&strategy, candles, at)).collect();
            let measured = confidence_at(at, symbol, &whole);
            assert_eq!(measured, confidence_at(at, symbol, &then));
            match measured {
                Ok(confidence) => {
                    assert!((0.0..=1.0).contains(&confidence.value) && confidence.n >= 5);
                    told += 1;
                }
                Err(_) => refused += 1,
            }
        }
    }
    assert!(told > 30 && refused >= 4, "{told} {refused}");
}

/// What a server knows at this market time.
fn run_until(strategy: &dyn Strategy, candles: &Candles, now: i64) -> Vec<Entry> {
    let mut history = History::new(strategy, candles.timeframe());
    for candle in candles.upto(now).iter() {
        history.feed(&candle);
    }
    history.expire(now);
    history.into_entries()
}

fn confidence_at(at: i64, symbol: usize, histories: &[Vec<Entry>]) -> Result<engine::Confidence, engine::NoConfidence> {
    let tally = |entries: &Vec<Entry>| Tally::at(at, entries.iter().filter_map(|entry| entry.settlement.as_ref()));
    let everywhere = histories.iter().map(tally).fold(Tally::default(), Tally::plus);
    confidence::measure(tally(&histories[symbol]), everywhere)
}

/// What is long over keeps its numbers and its ending, and gives its words up as the series goes on.
#[test]
fn reasons_are_forgotten_up_to_a_time_and_nothing_else() {
    let candles = all().next().unwrap();
    let strategy = talkative();
    let whole = history::run(&strategy, candles.view());
    let time = whole[whole.len() / 2].proposal.candle_closed_at;
    let mut history = History::new(&strategy, candles.timeframe());
    for candle in candles.view().iter() {
        history.feed(&candle);
        history.forget_reasons(time);
    }
    for (kept, whole) in history.entries().iter().zip(&whole) {
        let over = whole.proposal.candle_closed_at <= time;
        assert_eq!(kept.proposal.rationale.is_empty(), over);
        let mut worded = kept.clone();
        worded.proposal.rationale.clone_from(&whole.proposal.rationale);
        assert_eq!(&worded, whole);
    }
    assert_eq!(history.entries().len(), whole.len());
}
