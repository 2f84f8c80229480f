//! Signals are made once, in market order, and settled as the market goes, however the time is cut into rounds.

use crate::{
    by_hand::{Hand, replica, with_site},
    harness::{Backend, Site},
    on_each,
};
use signalbox::{
    domain::{
        id::SignalId,
        signal::{Outcome, Signal},
        time::Timestamp,
    },
    server::{
        service::{
            leases::{self, Held},
            market_clock, publish, signals,
        },
        state::AppState,
        store::signals::FeedQuery,
    },
};
use std::{collections::HashSet, time::Duration};
use uuid::Uuid;

/// At half a market day a minute, the longest step that is no pause is an hour of the market.
const HALF_A_DAY: (&str, &str) = ("SIGNALBOX_MARKET__DAYS_PER_MINUTE", "0.5");
const STEP: Duration = Duration::from_secs(5);

/// The record from the first signal on.
async fn record(state: &AppState) -> Vec<Signal> {
    let all = FeedQuery { limit: 10_000, ..FeedQuery::default() };
    let mut signals = state.store.newest_signals(&all).await.unwrap();
    signals.reverse();
    signals
}

/// What must not depend on when and by whom it was computed.
fn content(signals: Vec<Signal>) -> Vec<Signal> {
    let same = |signal| Signal {
        id: SignalId(Uuid::nil()),
        published_at: Timestamp::default(),
        prev_hash: None,
        hash: None,
        ..signal
    };
    signals.into_iter().map(same).collect()
}

/// The record of the twenty days before June, published in one go.
async fn in_one_go(backend: Backend) -> Vec<Signal> {
    let settings = [("SIGNALBOX_MARKET__START", "2024-06-01T00:00:00Z"), ("SIGNALBOX_MARKET__BACKFILL_DAYS", "20")];
    let site = Site::with_settings(backend, &settings).await;
    let state = replica(&site, &Hand::new()).await;
    publish::backfill(&state).await.unwrap();
    let signals = record(&state).await;
    site.database.remove().await;
    signals
}

/// A site whose market stands where that record begins.
async fn twenty_days_before(backend: Backend) -> Site {
    let start = ("SIGNALBOX_MARKET__START", "2024-05-12T00:00:00Z");
    Site::with_settings(backend, &[start, ("SIGNALBOX_MARKET__BACKFILL_DAYS", "0"), HALF_A_DAY]).await
}

on_each!(
    the_last_market_days_are_there_from_the_start,
    hour_by_hour_gives_what_one_go_gives,
    two_replicas_at_once_publish_each_signal_once,
    a_round_that_is_cut_off_changes_nothing,
    a_stop_pauses_the_market,
    one_replica_holds_a_lease,
);

async fn the_last_market_days_are_there_from_the_start(backend: Backend) {
    with_site(Site::new(backend).await, |site| async move {
        let hand = Hand::new();
        let state = replica(&site, &hand).await;
        publish::backfill(&state).await.unwrap();
        let signals = record(&state).await;
        assert!(signals.len() >= 30, "{}", signals.len());
        assert!(signals.iter().enumerate().all(|(index, signal)| signal.seq == index as i64 + 1), "gaps");
        assert!(signals.is_sorted_by_key(|signal| signal.candle_closed_at));
        let (from, to) = ("2024-04-02T00:00:00Z", "2024-06-01T00:00:00Z");
        let (from, to) = (Timestamp::parse(from).unwrap(), Timestamp::parse(to).unwrap());
        assert!(signals.iter().all(|signal| signal.candle_closed_at > from && signal.candle_closed_at <= to));
        assert!(signals.iter().all(|signal| signal.replay && signal.published_at == hand.clock().now()));
        let symbols: HashSet<&str> = signals.iter().map(|signal| signal.symbol.as_str()).collect();
        assert_eq!(symbols.len(), 4, "{symbols:?}");
        // Earlier candles are history: confidence is measured from the first signal on.
        assert!(signals[0].confidence_n >= 5 && signals[0].confidence.is_some(), "{:?}", signals[0]);
        let settled = signals.iter().filter(|signal| signal.outcome != Outcome::Open).count();
        assert!(settled >= 20 && settled < signals.len(), "{settled} of {}", signals.len());
        for signal in signals.iter().filter(|signal| signal.outcome != Outcome::Open) {
            assert!(signal.settled_at.unwrap() <= to && signal.r_multiple.is_some() && signal.exit_price.is_some());
        }
        publish::backfill(&state).await.unwrap();
        assert_eq!(record(&state).await, signals, "a second start changes nothing");
        let proof = signals::proof(&state).await.unwrap();
        assert_eq!(proof.published as usize, signals.len());
        assert_eq!((proof.won + proof.lost + proof.expired) as usize, settled);
        let total: f64 = signals.iter().filter_map(|signal| signal.r_multiple).sum();
        assert!((proof.total_r.unwrap() - total).abs() < 1e-9);
    })
    .await;
}

async fn hour_by_hour_gives_what_one_go_gives(backend: Backend) {
    let expected = content(in_one_go(backend).await);
    assert!(expected.len() >= 10, "{}", expected.len());
    with_site(twenty_days_before(backend).await, |site| async move {
        let hand = Hand::new();
        let mut state = replica(&site, &hand).await;
        publish::tick(&state).await.unwrap();
        let mut settled = HashSet::new();
        for hour in 0..20 * 24 {
            hand.step(STEP);
            publish::tick(&state).await.unwrap();
            if hour % 100 == 50 {
                // Another process goes on from the database alone.
                state = replica(&site, &hand).await;
            }
            for signal in record(&state).await.into_iter().filter(|signal| signal.outcome != Outcome::Open) {
                settled.insert((signal.seq, signal.settled_at, signal.outcome));
            }
        }
        assert_eq!(market_clock::now(&state).await.unwrap().now, Timestamp::parse("2024-06-01T00:00:00Z").unwrap());
        let signals = content(record(&state).await);
        assert_eq!(signals, expected);
        let ended = signals.iter().filter(|signal| signal.outcome != Outcome::Open).count();
        assert_eq!(settled.len(), ended, "what was settled once was not settled again");
    })
    .await;
}

async fn two_replicas_at_once_publish_each_signal_once(backend: Backend) {
    let expected = content(in_one_go(backend).await);
    with_site(twenty_days_before(backend).await, |site| async move {
        let hand = Hand::new();
        let (one, other) = (replica(&site, &hand).await, replica(&site, &hand).await);
        let first = tokio::join!(publish::backfill(&one), publish::backfill(&other));
        first.0.unwrap();
        first.1.unwrap();
        for _ in 0..20 * 24 {
            hand.step(STEP);
            let (this, that) = tokio::join!(publish::tick(&one), publish::tick(&other));
            let (this, that) = (this.unwrap(), that.unwrap());
            assert!(this == publish::Published::default() || that == publish::Published::default());
        }
        assert_eq!(content(record(&one).await), expected);
    })
    .await;
}

async fn a_round_that_is_cut_off_changes_nothing(backend: Backend) {
    let expected = content(in_one_go(backend).await);
    with_site(twenty_days_before(backend).await, |site| async move {
        let hand = Hand::new();
        let state = replica(&site, &hand).await;
        publish::tick(&state).await.unwrap();
        for hour in 0..20 * 24 {
            hand.step(STEP);
            // Cut off at a point that wanders through the round, as a kill would.
            let cut = Duration::from_micros(97 * (hour % 60));
            drop(tokio::time::timeout(cut, publish::tick(&state)).await);
            publish::tick(&state).await.unwrap();
        }
        assert_eq!(content(record(&state).await), expected);
    })
    .await;
}

async fn a_stop_pauses_the_market(backend: Backend) {
    with_site(twenty_days_before(backend).await, |site| async move {
        let hand = Hand::new();
        let state = replica(&site, &hand).await;
        let now = || async { market_clock::now(&replica(&site, &hand).await).await.unwrap().now };
        publish::tick(&state).await.unwrap();
        hand.step(STEP);
        publish::tick(&state).await.unwrap();
        let left = now().await;
        assert_eq!(left, Timestamp::parse("2024-05-12T01:00:00Z").unwrap());
        hand.step(Duration::from_secs(1));
        assert_eq!(now().await, left + Duration::from_secs(720), "between beats it is counted on");
        hand.step(Duration::from_secs(86_400));
        assert_eq!(now().await, left + Duration::from_secs(3600), "and not for longer than a beat may be late");
        publish::tick(&state).await.unwrap();
        assert_eq!(now().await, left, "the market waited");
        hand.step(STEP);
        publish::tick(&state).await.unwrap();
        assert_eq!(now().await, left + Duration::from_secs(3600));
    })
    .await;
}

async fn one_replica_holds_a_lease(backend: Backend) {
    with_site(Site::new(backend).await, |site| async move {
        let hand = Hand::new();
        let (one, other) = (replica(&site, &hand).await, replica(&site, &hand).await);
        let ttl = Duration::from_secs(4);
        let hold = |state: &AppState| {
            let state = state.clone();
            async move { leases::hold(&state, "work", ttl).await.unwrap() }
        };
        let both = tokio::join!(hold(&one), hold(&other));
        let (holder, waiting) = match both {
            (Held::Yes { renewed: true }, Held::No) => (&one, &other),
            (Held::No, Held::Yes { renewed: true }) => (&other, &one),
            both => panic!("{both:?}"),
        };
        hand.step(Duration::from_secs(1));
        assert_eq!(hold(holder).await, Held::Yes { renewed: false });
        hand.step(Duration::from_secs(2));
        assert_eq!(hold(holder).await, Held::Yes { renewed: true });
        hand.step(Duration::from_secs(3));
        assert_eq!(hold(waiting).await, Held::No);
        hand.step(Duration::from_secs(1));
        assert_eq!(hold(waiting).await, Held::Yes { renewed: true }, "a holder that is gone is replaced");
        assert_eq!(hold(holder).await, Held::No);
        leases::release(holder, "work").await.unwrap();
        assert_eq!(hold(holder).await, Held::No, "only its holder gives a lease back");
        leases::release(waiting, "work").await.unwrap();
        assert_eq!(hold(holder).await, Held::Yes { renewed: true });
        let turn = |state: &AppState| {
            let state = state.clone();
            async move { leases::take_turn(&state, "hourly", Duration::from_secs(3600), ttl).await.unwrap() }
        };
        let both = tokio::join!(turn(&one), turn(&other));
        assert_ne!(both.0, both.1);
        let worker = if both.0 { &one } else { &other };
        leases::note(worker, "hourly", Duration::ZERO, Some("it failed")).await.unwrap();
        let noted = one.store.lease("hourly").await.unwrap().unwrap();
        assert_eq!((noted.last_run_at, noted.last_error.as_deref()), (Some(hand.clock().now()), Some("it failed")));
        hand.step(Duration::from_secs(3599));
        assert!(!turn(&one).await && !turn(&other).await);
        hand.step(Duration::from_secs(1));
        assert!(turn(&other).await);
    })
    .await;
}
