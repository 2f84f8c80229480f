//! The record of published signals: by hand, beside a textbook, and in general.

use engine::Outcome;
use engine::record::{self, Difference, FEWEST, Figures, Record, Settled, drift};
use proptest::prelude::*;

const DAY: i64 = 86_400;

fn signal(outcome: Outcome, r_multiple: f64, confidence: Option<f64>, day: i64) -> Settled {
    Settled { outcome, r_multiple, confidence, settled_at: day * DAY }
}

/// Not in their order, which is +2, −1, −1, +0.5, −0.25.
fn five() -> Vec<Settled> {
    vec![
        signal(Outcome::Stop, -1.0, Some(0.4), 3),
        signal(Outcome::Target, 2.0, Some(0.6), 1),
        signal(Outcome::Expired, -0.25, None, 5),
        signal(Outcome::Stop, -1.0, Some(0.6), 2),
        signal(Outcome::Expired, 0.5, Some(0.4), 4),
    ]
}

fn close(a: Option<f64>, b: f64) -> bool {
    a.is_some_and(|a| (a - b).abs() < 1e-12)
}

#[test]
fn five_signals_by_hand() {
    let record = Record::of(&five(), 3);
    let figures = record.figures;
    assert_eq!((figures.settled, figures.open), (5, 3));
    assert_eq!((figures.won, figures.lost, figures.expired), (1, 2, 2));
    assert!(close(figures.win_rate, 0.2) && close(figures.expectancy_r, 0.05) && close(figures.total_r, 0.25));
    // Σ(x − 0.05)² = 3.8025 + 2 · 1.1025 + 0.2025 + 0.09 = 6.3.
    let error = (6.3_f64 / 4.0).sqrt() / 5.0_f64.sqrt();
    assert!(close(figures.standard_error_r, error));
    assert!(close(figures.expectancy_low, 0.05 - 1.959_963_984_540_054 * error));
    assert!(close(figures.profit_factor, 2.5 / 2.25));
    assert_eq!((figures.best_r, figures.worst_r), (Some(2.0), Some(-1.0)));
    assert_eq!((figures.max_drawdown_r, figures.longest_winning_streak, figures.longest_losing_streak), (2.0, 1, 2));
    let curve: Vec<_> = record.curve.iter().map(|point| (point.settled_at / DAY, point.total_r)).collect();
    assert_eq!(curve, [(1, 2.0), (2, 1.0), (3, 0.0), (4, 0.5), (5, 0.25)]);
    let calibration = record.calibration.unwrap();
    assert_eq!((calibration.count, calibration.base_rate), (4, 0.25));
    let table: Vec<_> = calibration.table.iter().map(|row| (row.from, row.count, row.observed)).collect();
    assert_eq!(table, [(0.4, 2, 0.0), (0.6, 2, 0.5)]);
}

#[test]
fn nothing_comes_to_nothing_and_never_to_a_number_that_stands_for_something_else() {
    let record = Record::of(&[], 2);
    assert_eq!((record.figures.settled, record.figures.open, record.curve.len()), (0, 2, 0));
    assert_eq!(record.calibration, None);
    for (definition, value) in record.figures.table() {
        let counts = definition.unit == engine::figures::Unit::Count || definition.name == "max_drawdown_r";
        assert_eq!(value.is_some(), counts, "{}", definition.name);
    }
    let one = Figures::of(&[signal(Outcome::Target, 1.5, None, 1)], 0);
    assert_eq!((one.expectancy_r, one.standard_error_r, one.profit_factor), (Some(1.5), None, None));
    let never_lost_nor_won = Figures::of(&[signal(Outcome::Expired, 0.0, None, 1)], 0);
    assert_eq!((never_lost_nor_won.profit_factor, never_lost_nor_won.win_rate), (None, Some(0.0)));
}

#[test]
fn every_figure_is_defined_with_a_source() {
    let figures = Figures::of(&five(), 0);
    let json = serde_json::to_value(figures).unwrap();
    let table = figures.table();
    assert_eq!(table.len(), json.as_object().unwrap().len());
    for (definition, value) in table {
        assert_eq!(json[definition.name].as_f64(), value, "{}", definition.name);
        assert!(definition.meaning.len() > 8 && !definition.source.is_empty(), "{}", definition.name);
    }
    assert_eq!(record::definitions().len(), json.as_object().unwrap().len());
}

#[test]
fn few_signals_are_said_to_be_few() {
    let of = |count: usize| Figures::of(&vec![signal(Outcome::Target, 1.0, None, 1); count], 0).caution();
    assert!(of(0).unwrap().starts_with("No signal here is settled yet"));
    assert!(of(1).unwrap().starts_with("Only 1 signal is settled."));
    assert!(
        of(FEWEST - 1).unwrap().starts_with("Only 29 signals are settled. Nothing is concluded from fewer than 30")
    );
    assert_eq!(of(FEWEST), None);
}

/// `won` of `settled`, the others stopped.
fn rate(won: usize, settled: usize) -> Figures {
    let ending =
        |at| if at < won { signal(Outcome::Target, 1.0, None, 1) } else { signal(Outcome::Stop, -1.0, None, 1) };
    Figures::of(&(0..settled).map(ending).collect::<Vec<_>>(), 0)
}

#[test]
fn the_difference_of_rates_is_the_textbooks() {
    // R. Newcombe (1998), table II, method 10: (a) 56/70 − 48/80, (b) 9/10 − 3/10, (d) 5/56 − 0/29, (h) 10/10 − 0/10.
    for (live, backtest, low, high) in [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ] {
        let found = drift(&rate(backtest.0, backtest.1), &rate(live.0, live.1)).win_rate.unwrap();
        assert!((found.low - low).abs() < 6e-5 && (found.high - high).abs() < 6e-5, "{live:?} {found:?}");
    }
}

#[test]
fn drift_says_which_way_and_whether_chance_would_do() {
    let (good, bad) = (rate(70, 100), rate(30, 100));
    let words = |backtest: &Figures, live: &Figures| drift(backtest, live).words;
    assert!(words(&bad, &good).starts_with("Live is better") && words(&good, &bad).starts_with("Live is worse"));
    assert_eq!(words(&good, &good), "The difference is no larger than chance would bring.");
    assert!(
        words(&good, &rate(7, 10))
            .ends_with("The smaller side has 10 signals; nothing is concluded from fewer than 30.")
    );
    assert_eq!(words(&good, &rate(1, 1)), "There are not enough signals on both sides to compare.");
    assert_eq!(drift(&rate(0, 0), &good).win_rate, None);
    // Means of 0.4 and −0.4 with 100 each: √(0.84 / 99) twice.
    let Difference { value, low, high } = drift(&bad, &good).expectancy_r.unwrap();
    let reach = 1.959_963_984_540_054 * (2.0 * 0.84_f64 / 99.0).sqrt();
    assert!((value - 0.8).abs() < 1e-12 && (low - 0.8 + reach).abs() < 1e-12 && (high - 0.8 - reach).abs() < 1e-12);
}

fn outcomes() -> impl Strategy<Value = Outcome> {
    prop_oneof![Just(Outcome::Target), Just(Outcome::Stop), Just(Outcome::Expired), Just(Outcome::Open)]
}

prop_compose! {
    fn any_signal()(
        outcome in outcomes(),
        r in -3.0..3.0_f64,
        confidence in prop::option::of(0.0..=1.0_f64),
        day in 0..50_i64,
    ) -> Settled {
        signal(outcome, r, confidence, day)
    }
}

fn any_record() -> impl Strategy<Value = Vec<Settled>> {
    prop::collection::vec(any_signal(), 0..80)
}

proptest! {
    #[test]
    fn counts_add_up_and_figures_lie_where_they_can(signals in any_record()) {
        let Record { figures, curve, .. } = Record::of(&signals, 0);
        let settled = signals.iter().filter(|signal| signal.outcome != Outcome::Open).count();
        prop_assert_eq!((figures.settled, curve.len()), (settled, settled));
        prop_assert_eq!(figures.won + figures.lost + figures.expired, settled);
        prop_assert!(figures.longest_winning_streak + figures.longest_losing_streak <= settled);
        prop_assert_eq!(figures.caution().is_some(), settled < FEWEST);
        if let (Some(rate), Some(low), Some(high)) = (figures.win_rate, figures.win_rate_low, figures.win_rate_high) {
            prop_assert!(0.0 <= low && low <= rate + 1e-12 && rate <= high + 1e-12 && high <= 1.0);
        }
        if let (Some(mean), Some(best), Some(worst)) = (figures.expectancy_r, figures.best_r, figures.worst_r) {
            prop_assert!(worst - 1e-12 <= mean && mean <= best + 1e-12);
            prop_assert!((mean * settled as f64 - figures.total_r.unwrap()).abs() < 1e-9);
        }
        if let (Some(factor), Some(total)) = (figures.profit_factor, figures.total_r) {
            prop_assert!(total.abs() < 1e-9 || (factor > 1.0) == (total > 0.0));
        }
    }

    #[test]
    fn the_deepest_fall_is_the_deepest_of_all_pairs(signals in any_record()) {
        let Record { figures, curve, .. } = Record::of(&signals, 0);
        let totals: Vec<f64> = std::iter::once(0.0).chain(curve.iter().map(|point| point.total_r)).collect();
        let falls = totals.iter().enumerate().flat_map(|(at, from)| totals[at..].iter().map(move |to| from - to));
        prop_assert!((figures.max_drawdown_r - falls.fold(0.0, f64::max)).abs() < 1e-9);
        prop_assert!((curve.last().map_or(0.0, |last| last.total_r) - figures.total_r.unwrap_or(0.0)).abs() < 1e-9);
        prop_assert!(curve.is_sorted_by_key(|point| point.settled_at));
    }

    #[test]
    fn parts_add_up_to_the_whole(signals in any_record(), cut in 0..80_usize) {
        let (some, others) = signals.split_at(cut.min(signals.len()));
        let (whole, a, b) = (Figures::of(&signals, 0), Figures::of(some, 0), Figures::of(others, 0));
        prop_assert_eq!((whole.settled, whole.won), (a.settled + b.settled, a.won + b.won));
        let total = |figures: &Figures| figures.total_r.unwrap_or(0.0);
        prop_assert!((total(&whole) - total(&a) - total(&b)).abs() < 1e-9);
    }

    #[test]
    fn the_order_of_telling_changes_nothing(signals in any_record()) {
        let mut moments = signals.clone();
        // Each at a moment of its own.
        for (second, signal) in moments.iter_mut().enumerate() {
            signal.settled_at += second as i64;
        }
        let reversed: Vec<Settled> = moments.iter().rev().copied().collect();
        prop_assert_eq!(Record::of(&moments, 1), Record::of(&reversed, 1));
    }

    #[test]
    fn drift_is_mirrored_when_the_sides_change_places(a in any_record(), b in any_record()) {
        let (a, b) = (Figures::of(&a, 0), Figures::of(&b, 0));
        let (there, back) = (drift(&a, &b), drift(&b, &a));
        for (there, back) in [(there.expectancy_r, back.expectancy_r), (there.win_rate, back.win_rate)] {
            prop_assert_eq!(there.is_some(), back.is_some());
            if let (Some(there), Some(back)) = (there, back) {
                prop_assert!((there.value + back.value).abs() < 1e-12 && (there.low + back.high).abs() < 1e-12);
                prop_assert!(there.low <= there.value + 1e-12 && there.value <= there.high + 1e-12);
            }
        }
    }
}
