//! Settling by hand-made candles: every branch, both sides, and what always holds.

use engine::outcome::{OpenSignal, Outcome, Settlement, Terms, TermsError};
use engine::{Candle, Candles, Side, Timeframe};
use proptest::prelude::*;

const DAY: i64 = 86_400;

/// Price 100, stop 90, target 120, decided at day 10's close, 3 days to live.
fn buy() -> Terms {
    Terms { side: Side::Buy, price: 100.0, target: 120.0, stop: 90.0, candle_closed_at: 11 * DAY, expires_at: 14 * DAY }
}

/// The same bet the other way round: every price mirrored at 100.
fn sell() -> Terms {
    Terms { side: Side::Sell, target: 80.0, stop: 110.0, ..buy() }
}

fn candle(day: i64, [open, high, low, close]: [f64; 4]) -> Candle {
    Candle { open_time: day * DAY, open, high, low, close, volume: 0.0 }
}

/// The candle as the seller's mirror shows it.
fn mirrored(day: i64, [open, high, low, close]: [f64; 4]) -> Candle {
    candle(day, [200.0 - open, 200.0 - low, 200.0 - high, 200.0 - close])
}

/// Feeds both sides; asserts that they agree, and gives the buyer's.
fn settled(rows: &[(i64, [f64; 4])]) -> Option<Settlement> {
    let mut bought = OpenSignal::new(buy(), Timeframe::Day).unwrap();
    let mut sold = OpenSignal::new(sell(), Timeframe::Day).unwrap();
    for (day, prices) in rows {
        bought.feed(&candle(*day, *prices));
        sold.feed(&mirrored(*day, *prices));
    }
    let mirror =
        sold.settlement().map(|settlement| Settlement { exit_price: 200.0 - settlement.exit_price, ..settlement });
    assert_eq!(bought.settlement(), mirror, "a side differs");
    bought.settlement()
}

fn is(outcome: Outcome, exit_price: f64, r_multiple: f64, day_closed: i64) -> Option<Settlement> {
    Some(Settlement { outcome, exit_price, r_multiple, settled_at: (day_closed + 1) * DAY })
}

const QUIET: [f64; 4] = [100.0, 105.0, 95.0, 101.0];

#[test]
fn target_and_stop_inside_a_candle() {
    let target = settled(&[(11, QUIET), (12, [101.0, 120.0, 100.0, 110.0])]);
    assert_eq!(target, is(Outcome::Target, 120.0, 2.0, 12));
    let stop = settled(&[(11, QUIET), (12, [101.0, 102.0, 90.0, 110.0])]);
    assert_eq!(stop, is(Outcome::Stop, 90.0, -1.0, 12));
}

#[test]
fn the_stop_comes_first_when_both_are_touched() {
    let both = settled(&[(11, [100.0, 130.0, 85.0, 125.0])]);
    assert_eq!(both, is(Outcome::Stop, 90.0, -1.0, 11));
}

#[test]
fn r_is_counted_from_the_fill() {
    // Filled at 105: risk 15, gain 15.
    let target = settled(&[(11, [105.0, 121.0, 104.0, 119.0])]);
    assert_eq!(target, is(Outcome::Target, 120.0, 1.0, 11));
}

#[test]
fn gaps_settle_at_the_open() {
    let below = settled(&[(11, QUIET), (12, [80.0, 125.0, 79.0, 120.0])]);
    assert_eq!(below, is(Outcome::Stop, 80.0, -2.0, 12));
    let above = settled(&[(11, QUIET), (12, [130.0, 131.0, 70.0, 120.0])]);
    assert_eq!(above, is(Outcome::Target, 130.0, 3.0, 12));
}

#[test]
fn a_fill_beyond_a_level_is_no_gain_and_no_loss() {
    for (open, outcome) in
        [(90.0, Outcome::Stop), (80.0, Outcome::Stop), (120.0, Outcome::Target), (140.0, Outcome::Target)]
    {
        let gap = settled(&[(11, [open, 150.0, 70.0, 100.0])]);
        assert_eq!(gap, is(outcome, open, 0.0, 11));
    }
}

#[test]
fn expiry_at_the_last_close_in_time() {
    let rows = [(11, QUIET), (12, QUIET), (13, [101.0, 106.0, 99.0, 105.0])];
    assert_eq!(settled(&rows[..2]), None);
    assert_eq!(settled(&rows), is(Outcome::Expired, 105.0, 0.5, 13));
}

#[test]
fn a_market_closed_over_the_expiry_settles_when_that_is_known() {
    let rows = [(11, QUIET), (16, [130.0, 140.0, 70.0, 80.0])];
    let expected = is(Outcome::Expired, 101.0, 0.1, 13);
    assert_eq!(settled(&rows[..1]), None);
    assert_eq!(settled(&rows), expected);

    let mut by_clock = OpenSignal::new(buy(), Timeframe::Day).unwrap();
    by_clock.feed(&candle(11, QUIET));
    assert_eq!(by_clock.expire(14 * DAY - 1), None);
    assert_eq!(by_clock.expire(14 * DAY), expected);
}

#[test]
fn a_signal_without_a_candle_was_never_filled() {
    let mut signal = OpenSignal::new(buy(), Timeframe::Day).unwrap();
    let settlement = signal.feed(&candle(14, [80.0, 81.0, 79.0, 80.0]));
    assert_eq!(settlement, is(Outcome::Expired, 100.0, 0.0, 13));
    assert_eq!(signal.fill_price(), None);
    assert_eq!(signal.outcome(), Outcome::Expired);
}

#[test]
fn old_candles_and_repeats_change_nothing() {
    let mut signal = OpenSignal::new(buy(), Timeframe::Day).unwrap();
    signal.feed(&candle(10, [80.0, 130.0, 70.0, 80.0]));
    assert_eq!((signal.fill_price(), signal.settlement()), (None, None));
    signal.feed(&candle(11, QUIET));
    let once = signal;
    signal.feed(&candle(11, [80.0, 130.0, 70.0, 80.0]));
    assert_eq!(signal, once);
    let end = signal.feed(&candle(12, [101.0, 125.0, 100.0, 110.0]));
    assert_eq!(signal.feed(&candle(13, [80.0, 81.0, 79.0, 80.0])), end);
    assert_eq!(signal.expire(i64::MAX), end);
}

#[test]
fn after_a_series_is_the_same_as_candle_by_candle() {
    let rows = [(9, QUIET), (10, QUIET), (11, QUIET), (12, [101.0, 121.0, 100.0, 110.0])];
    let rows = rows.map(|(day, prices)| candle(day, prices));
    let candles = Candles::from_rows(Timeframe::Day, rows).unwrap();
    let signal = OpenSignal::after(buy(), candles.view()).unwrap();
    assert_eq!(signal.settlement(), is(Outcome::Target, 120.0, 2.0, 12));
    assert_eq!(signal.fill_price(), Some(100.0));
    let empty = Candles::new(Timeframe::Day);
    let open = OpenSignal::after(buy(), empty.view()).unwrap();
    assert_eq!(open.outcome(), Outcome::Open);
}

#[test]
fn terms_that_cannot_be_settled_are_refused() {
    let error = |terms| OpenSignal::new(terms, Timeframe::Day).unwrap_err();
    assert_eq!(error(Terms { stop: 0.0, ..buy() }), TermsError::Price);
    assert_eq!(error(Terms { target: f64::NAN, ..buy() }), TermsError::Price);
    assert_eq!(error(Terms { price: f64::INFINITY, ..buy() }), TermsError::Price);
    assert_eq!(error(Terms { stop: 100.0, ..buy() }), TermsError::Order);
    assert_eq!(error(Terms { target: 95.0, ..buy() }), TermsError::Order);
    assert_eq!(error(Terms { side: Side::Sell, ..buy() }), TermsError::Order);
    assert_eq!(error(Terms { expires_at: 11 * DAY, ..buy() }), TermsError::Expiry);
}

#[test]
fn names_are_as_published() {
    for (outcome, name) in
        [(Outcome::Open, "open"), (Outcome::Target, "target"), (Outcome::Stop, "stop"), (Outcome::Expired, "expired")]
    {
        assert_eq!(outcome.to_string(), name);
        assert_eq!(name.parse(), Ok(outcome));
        assert_eq!(serde_json::to_value(outcome).unwrap(), name);
    }
    for (side, name) in [(Side::Buy, "BUY"), (Side::Sell, "SELL")] {
        assert_eq!(side.to_string(), name);
        assert_eq!(name.parse(), Ok(side));
        assert_eq!(serde_json::to_value(side).unwrap(), name);
    }
    assert!("buy".parse::<Side>().is_err() && "won".parse::<Outcome>().is_err());
}

proptest! {
    #[test]
    fn whatever_comes_the_settlement_is_sound(
        rows in prop::collection::vec((1i64..3, prop::array::uniform4(1.0f64..200.0)), 0..8),
        short in any::<bool>(),
    ) {
        let terms = if short { sell() } else { buy() };
        let mut signal = OpenSignal::new(terms, Timeframe::Day).unwrap();
        let mut day = 10;
        for (gap, prices) in rows {
            day += gap;
            let [open, close, ..] = prices;
            let high = prices.into_iter().fold(open, f64::max);
            let low = prices.into_iter().fold(open, f64::min);
            signal.feed(&candle(day, [open, high, low, close]));
        }
        signal.expire((day + 1) * DAY);
        if day >= 13 {
            prop_assert!(signal.settlement().is_some());
        }
        if let Some(end) = signal.settlement() {
            prop_assert!(end.r_multiple.is_finite() && end.exit_price.is_finite());
            prop_assert!(end.settled_at > terms.candle_closed_at && end.settled_at <= terms.expires_at);
            match end.outcome {
                Outcome::Target => prop_assert!(end.r_multiple >= 0.0),
                Outcome::Stop => prop_assert!(end.r_multiple <= 0.0),
                Outcome::Expired => prop_assert!(
                    terms.side.gain(terms.stop, end.exit_price) > 0.0
                        && terms.side.gain(end.exit_price, terms.target) > 0.0
                ),
                Outcome::Open => prop_assert!(false, "a settlement is never open"),
            }
        }
    }
}
