//! The ledger: written with what it tells of, whole whatever happens, changed by nobody, and checked by everybody.

mod hand;
mod http;

use crate::{
    by_hand::{Hand, replica, with_site},
    harness::{Backend, Process, Site, TestApp},
    on_each,
};
use engine::ledger::{Hash, Markets, Report, Wrong, verify};
use futures::TryStreamExt;
use hand::{database, insert_by_hand, lift_the_guards};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use signalbox::{
    domain::signal::{Outcome, Signal},
    server::{
        application, market,
        service::{
            health,
            ledger::{
                self,
                corrections::{self, Held},
                signing,
            },
            publish,
        },
        state::AppState,
        store::{entity::signal, signals::FeedQuery},
    },
};
use std::{collections::HashSet, sync::Arc, time::Duration};

/// At half a market day a minute, the longest step that is no pause is an hour of the market.
const STEP: Duration = Duration::from_secs(5);
const HOUR: Duration = Duration::from_secs(3600);

/// A site whose record begins in the middle of May, with nothing in it.
async fn before_the_first(backend: Backend) -> Site {
    let settings = [
        ("SIGNALBOX_MARKET__START", "2024-05-12T00:00:00Z"),
        ("SIGNALBOX_MARKET__BACKFILL_DAYS", "0"),
        ("SIGNALBOX_MARKET__DAYS_PER_MINUTE", "0.5"),
    ];
    Site::with_settings(backend, &settings).await
}

/// Lets so many market hours pass, one round an hour.
async fn hours(state: &AppState, hand: &Hand, hours: u32) {
    for _ in 0..hours {
        hand.step(STEP);
        publish::tick(state).await.unwrap();
    }
}

async fn record(state: &AppState) -> Vec<Signal> {
    let all = FeedQuery { limit: 10_000, ..FeedQuery::default() };
    state.store.newest_signals(&all).await.unwrap()
}

async fn export(state: &AppState) -> String {
    let pieces: Vec<_> = ledger::export(state).await.unwrap().try_collect().await.unwrap();
    String::from_utf8(pieces.concat()).unwrap()
}

fn check(text: &str) -> Report {
    let mut markets = Markets::default();
    for (symbol, candles) in market::bundled().unwrap() {
        markets.insert(symbol, candles);
    }
    verify(text.as_bytes(), markets)
}

/// That the ledger is sound and says of every signal what there is to say, once.
async fn assert_complete(state: &AppState) -> Report {
    let (text, signals) = (export(state).await, record(state).await);
    let report = check(&text);
    assert_eq!(report.fault, None);
    let ended = signals.iter().filter(|signal| signal.outcome != Outcome::Open).count() as u64;
    assert_eq!((report.publications, report.reveals), (signals.len() as u64, ended));
    assert_eq!((report.outcomes_checked, report.corrections), (ended, 0));
    for signal in signals {
        let entries = state.store.ledger_of_signal(signal.id).await.unwrap();
        let kinds: Vec<&str> = entries.iter().map(|entry| entry.kind.as_str()).collect();
        let expected: &[&str] =
            if signal.outcome == Outcome::Open { &["publication"] } else { &["publication", "reveal"] };
        assert_eq!(kinds, expected);
        assert_eq!(signal.hash, Some(entries[0].hash.to_string()));
        assert_eq!(signal.prev_hash, Some(entries[0].prev_hash.to_string()));
    }
    report
}

on_each!(
    what_is_published_is_committed_to_and_what_has_ended_is_revealed,
    nothing_of_an_open_signal_is_told,
    the_database_refuses_to_change_the_ledger,
    the_database_refuses_to_change_what_was_said_and_what_has_ended,
    rows_that_are_not_what_the_ledger_says_are_found,
    whoever_overcomes_the_database_is_found_and_nothing_is_signed,
    a_signal_that_was_changed_while_open_is_found,
    replicas_at_once_write_one_chain,
    a_round_that_is_cut_off_loses_and_doubles_nothing,
    a_killed_server_loses_and_doubles_nothing,
    checkpoints_are_made_when_it_is_time,
    another_key_signs_nothing,
    what_was_published_before_the_ledger_stays_out_of_it,
    changed_candles_add_an_entry_once,
    changed_candles_add_an_entry_soon_after_a_start,
);

async fn what_is_published_is_committed_to_and_what_has_ended_is_revealed(backend: Backend) {
    with_site(Site::new(backend).await, |site| async move {
        let hand = Hand::new();
        let state = replica(&site, &hand).await;
        assert_eq!(check(&export(&state).await).entries, 0, "an empty ledger is sound");
        publish::backfill(&state).await.unwrap();
        let at_once = assert_complete(&state).await;
        assert!(at_once.reveals >= 20 && at_once.publications > at_once.reveals, "{at_once:?}");
        // Later rounds reveal what was published earlier.
        for _ in 0..200 {
            hand.step(STEP);
            publish::tick(&state).await.unwrap();
        }
        let later = assert_complete(&state).await;
        assert!(later.reveals > at_once.reveals, "{later:?}");
    })
    .await;
}

async fn nothing_of_an_open_signal_is_told(backend: Backend) {
    with_site(before_the_first(backend).await, |site| async move {
        let hand = Hand::new();
        let state = replica(&site, &hand).await;
        let open = || async {
            let signals = record(&state).await.into_iter();
            signals.filter(|signal| signal.outcome == Outcome::Open).collect::<Vec<Signal>>()
        };
        while open().await.len() < 2 {
            hours(&state, &hand, 1).await;
        }
        let (text, mut salts) = (export(&state).await, HashSet::new());
        for signal in open().await {
            let entries = state.store.ledger_of_signal(signal.id).await.unwrap();
            assert_eq!(entries.len(), 1, "{entries:?}");
            let row = signal::Entity::find_by_id(signal.id.0).one(&database(&site).await).await.unwrap().unwrap();
            let salt = row.salt.unwrap();
            let price = signal.price.to_string();
            for told in [&signal.symbol, signal.side.as_str(), &signal.strategy, &signal.timeframe, &price] {
                assert!(!entries[0].body.contains(&format!("\"{told}\"")), "{told}: {}", entries[0].body);
            }
            assert!(!text.contains(&salt) && !text.contains(&signal.rationale), "{text}");
            assert_eq!(salt.len(), 64, "as many bits as a hash");
            assert!(salts.insert(salt), "a salt is used once");
        }
    })
    .await;
}

async fn the_database_refuses_to_change_the_ledger(backend: Backend) {
    with_site(Site::new(backend).await, |site| async move {
        let state = replica(&site, &Hand::new()).await;
        publish::backfill(&state).await.unwrap();
        assert!(signing::sign(&state).await.unwrap());
        let (before, database) = (export(&state).await, database(&site).await);
        let copied = "SELECT seq, kind, signal_id, body, prev_hash, hash, written_at FROM ledger_entries";
        let next = |step: u32, prev_hash: &str| {
            let last = "FROM ledger_entries ORDER BY seq DESC LIMIT 1";
            format!("INSERT INTO ledger_entries SELECT seq + {step}, 'correction', signal_id, 'x', {prev_hash}, 'x', 0 {last}")
        };
        let mut attempts = vec![
            "UPDATE ledger_entries SET body = 'x' WHERE seq = 3".to_owned(),
            "UPDATE ledger_entries SET written_at = 0".to_owned(),
            "DELETE FROM ledger_entries WHERE seq = 3".to_owned(),
            "DELETE FROM ledger_entries".to_owned(),
            "UPDATE ledger_checkpoints SET signature = 'x'".to_owned(),
            "DELETE FROM ledger_checkpoints".to_owned(),
            format!("INSERT INTO ledger_entries {copied} WHERE seq = 3"),
            // Of entries that there are not, so that nothing would be signed any more, and of another hash.
            "INSERT INTO ledger_checkpoints SELECT seq + 1000, hash, key, signature, 0 FROM ledger_checkpoints".to_owned(),
            "INSERT INTO ledger_checkpoints SELECT seq - 1, hash, key, signature, 0 FROM ledger_checkpoints".to_owned(),
            // A gap, and an entry that does not follow.
            next(2, "hash"),
            next(1, "'another'"),
        ];
        attempts.extend(match backend {
            Backend::Embedded => [
                format!("INSERT OR REPLACE INTO ledger_entries {copied} WHERE seq = 3"),
                "INSERT OR REPLACE INTO ledger_checkpoints SELECT seq, hash, key, 'x', 0 FROM ledger_checkpoints".to_owned(),
            ],
            Backend::ScaleOut => ["TRUNCATE ledger_entries".to_owned(), "TRUNCATE ledger_checkpoints".to_owned()],
        });
        for attempt in attempts {
            let refused = database.execute_unprepared(&attempt).await.expect_err(&attempt).to_string();
            assert!(refused.contains("the ledger"), "{attempt}: {refused}");
        }
        assert_eq!(export(&state).await, before);
    })
    .await;
}

async fn the_database_refuses_to_change_what_was_said_and_what_has_ended(backend: Backend) {
    with_site(Site::new(backend).await, |site| async move {
        let state = replica(&site, &Hand::new()).await;
        publish::backfill(&state).await.unwrap();
        let (before, database) = (record(&state).await, database(&site).await);
        let has = |outcome| before.iter().any(|signal| signal.outcome == outcome);
        assert!(has(Outcome::Open) && has(Outcome::Stop));
        let mut attempts = vec![
            "UPDATE signals SET r_multiple = 2 WHERE outcome = 'stop'",
            "UPDATE signals SET outcome = 'target', exit_price = target WHERE outcome = 'stop'",
            "UPDATE signals SET outcome = 'open' WHERE outcome = 'stop'",
            "UPDATE signals SET fill_price = 1 WHERE outcome = 'target'",
            "UPDATE signals SET target = price WHERE outcome = 'open'",
            "UPDATE signals SET rationale = 'It was clear from the beginning.' WHERE outcome = 'open'",
            "DELETE FROM signals WHERE outcome = 'stop'",
            "DELETE FROM signals WHERE outcome = 'open'",
        ];
        attempts.extend(match backend {
            Backend::Embedded => [
                "INSERT OR REPLACE INTO signals SELECT * FROM signals WHERE outcome = 'stop'",
                "UPDATE OR REPLACE signals SET seq = (SELECT min(seq) FROM signals) WHERE outcome = 'open'",
            ],
            Backend::ScaleOut => ["TRUNCATE signals", "UPDATE signals SET r_multiple = r_multiple + 1"],
        });
        for attempt in attempts {
            let refused = database.execute_unprepared(attempt).await.expect_err(attempt).to_string();
            assert!(refused.contains("a signal"), "{attempt}: {refused}");
        }
        assert_eq!(record(&state).await, before);
    })
    .await;
}

async fn rows_that_are_not_what_the_ledger_says_are_found(backend: Backend) {
    with_site(Site::new(backend).await, |site| async move {
        let state = replica(&site, &Hand::new()).await;
        publish::backfill(&state).await.unwrap();
        assert_eq!(corrections::correct(&state).await.unwrap(), Held::default(), "all is as it was written");
        let database = database(&site).await;
        lift_the_guards(backend, &database).await;
        let stopped = signal::Entity::find().filter(signal::Column::Outcome.eq("stop"));
        let lost = stopped.order_by_asc(signal::Column::Seq).all(&database).await.unwrap();
        let of = |row: &signal::Model| format!("(SELECT id FROM signals WHERE seq = {})", row.seq);
        let better = "UPDATE signals SET r_multiple = 2, outcome = 'target', exit_price = target, settled_at = 1";
        for change in [
            format!("{better} WHERE id = {}", of(&lost[1])),
            // So that it is settled by other terms than it was published with.
            format!("UPDATE signals SET target = target * 2 WHERE id = {}", of(&lost[2])),
            // What was lost is gone, or as if it were to be seen yet.
            format!("DELETE FROM signals WHERE id = {}", of(&lost[3])),
            format!("UPDATE signals SET outcome = 'open', r_multiple = NULL WHERE id = {}", of(&lost[4])),
        ] {
            assert_eq!(database.execute_unprepared(&change).await.unwrap().rows_affected(), 1, "{change}");
        }
        // And what was never said is there.
        let won = signal::Entity::find().filter(signal::Column::Outcome.eq("target")).one(&database).await.unwrap();
        insert_by_hand(&database, won.unwrap()).await;
        assert_eq!(corrections::correct(&state).await.unwrap(), Held { corrections: 0, differing: 5 });
        assert!(state.metrics.render().contains("signalbox_ledger_rows_differing_total 5"));
        assert_eq!(check(&export(&state).await).fault, None, "the ledger itself is whole");
    })
    .await;
}

async fn whoever_overcomes_the_database_is_found_and_nothing_is_signed(backend: Backend) {
    with_site(Site::new(backend).await, |site| async move {
        let hand = Hand::new();
        let state = replica(&site, &hand).await;
        publish::backfill(&state).await.unwrap();
        let database = database(&site).await;
        lift_the_guards(backend, &database).await;
        let better = "UPDATE ledger_entries SET body = replace(body, '\"outcome\":\"stop\"', '\"outcome\":\"target\"')";
        database.execute_unprepared(&format!("{better} WHERE kind = 'reveal'")).await.unwrap();
        let lost = record(&state).await.into_iter().filter(|signal| signal.outcome == Outcome::Stop);
        let mut changed = Vec::new();
        for signal in lost {
            changed.push(state.store.ledger_of_signal(signal.id).await.unwrap()[1].seq as u64);
        }
        let fault = check(&export(&state).await).fault.unwrap();
        assert_eq!((fault.seq, fault.wrong), (changed.into_iter().min(), Wrong::Hash));
        let refused = signing::sign(&state).await.unwrap_err();
        assert!(std::error::Error::source(&refused).unwrap().to_string().contains("does not follow"));
        assert_eq!(state.store.newest_checkpoint().await.unwrap(), None);
    })
    .await;
}

async fn a_signal_that_was_changed_while_open_is_found(backend: Backend) {
    with_site(Site::new(backend).await, |site| async move {
        let hand = Hand::new();
        let state = replica(&site, &hand).await;
        publish::backfill(&state).await.unwrap();
        let database = database(&site).await;
        lift_the_guards(backend, &database).await;
        let changed = "UPDATE signals SET rationale = 'It was clear from the beginning.' WHERE outcome = 'open'";
        assert!(database.execute_unprepared(changed).await.unwrap().rows_affected() > 0);
        let mut report = check(&export(&state).await);
        for _ in 0..500 {
            if report.fault.is_some() {
                break;
            }
            hand.step(STEP);
            publish::tick(&state).await.unwrap();
            report = check(&export(&state).await);
        }
        assert_eq!(report.fault.unwrap().wrong, Wrong::Commitment);
    })
    .await;
}

async fn replicas_at_once_write_one_chain(backend: Backend) {
    with_site(before_the_first(backend).await, |site| async move {
        let hand = Hand::new();
        let (one, other) = (replica(&site, &hand).await, replica(&site, &hand).await);
        for _ in 0..15 * 24 {
            hand.step(STEP);
            let (this, that, signed, too) =
                tokio::join!(publish::tick(&one), publish::tick(&other), signing::sign(&one), signing::sign(&other));
            this.unwrap();
            that.unwrap();
            signed.unwrap();
            too.unwrap();
        }
        let report = assert_complete(&one).await;
        assert!(report.reveals >= 5 && report.checkpoints >= 1, "{report:?}");
        assert_eq!(report.keys, [one.signer.public_key()], "they share a key");
    })
    .await;
}

async fn a_round_that_is_cut_off_loses_and_doubles_nothing(backend: Backend) {
    with_site(before_the_first(backend).await, |site| async move {
        let hand = Hand::new();
        let state = replica(&site, &hand).await;
        publish::tick(&state).await.unwrap();
        for hour in 0..15 * 24 {
            hand.step(STEP);
            // Cut off at a point that wanders through the round, as a kill would.
            let cut = Duration::from_micros(97 * (hour % 60));
            drop(tokio::time::timeout(cut, publish::tick(&state)).await);
            publish::tick(&state).await.unwrap();
        }
        assert!(assert_complete(&state).await.reveals >= 5);
    })
    .await;
}

/// `SIGNALBOX_TEST_SEED` repeats a run's choices, as far as chance lies with the test.
async fn a_killed_server_loses_and_doubles_nothing(backend: Backend) {
    const KILLS: usize = 5;
    let seed = std::env::var("SIGNALBOX_TEST_SEED").map_or_else(|_| rand::random(), |text| text.parse().unwrap());
    println!("SIGNALBOX_TEST_SEED={seed}");
    let mut random = StdRng::seed_from_u64(seed);
    // A market day passes in two thirds of a second: every round has news.
    let settings = [("SIGNALBOX_MARKET__DAYS_PER_MINUTE", "90")];
    with_site(Site::with_settings(backend, &settings).await, |site| async move {
        for _ in 0..KILLS {
            let server = Process::start(&site).await;
            tokio::time::sleep(Duration::from_millis(random.random_range(0..1_500))).await;
            server.kill().await;
        }
        let state = replica(&site, &Hand::new()).await;
        assert!(assert_complete(&state).await.entries > 60);
    })
    .await;
}

async fn checkpoints_are_made_when_it_is_time(backend: Backend) {
    with_site(before_the_first(backend).await, |site| async move {
        let hand = Hand::new();
        let (state, other) = (replica(&site, &hand).await, replica(&site, &hand).await);
        assert!(!signing::sign(&state).await.unwrap(), "there is nothing to sign");
        publish::tick(&state).await.unwrap();
        while record(&state).await.is_empty() {
            hours(&state, &hand, 1).await;
        }
        assert!(signing::sign(&state).await.unwrap(), "the first entry");
        let first = state.store.newest_checkpoint().await.unwrap().unwrap();
        let entries = || async { ledger::head(&state).await.unwrap().entries };
        while entries().await == first.seq {
            hours(&state, &hand, 1).await;
        }
        let due = first.signed_at + HOUR;
        if state.clock.now() < due {
            assert!(!signing::sign(&state).await.unwrap(), "not yet");
            hand.step(due.since(state.clock.now()));
        }
        let both = tokio::join!(signing::sign(&state), signing::sign(&other));
        assert!(both.0.unwrap() || both.1.unwrap(), "an hour later");
        assert!(!signing::sign(&state).await.unwrap(), "and not twice");
        let second = state.store.newest_checkpoint().await.unwrap().unwrap().seq;
        while entries().await - second < 64 {
            hours(&state, &hand, 1).await;
        }
        assert!(signing::sign(&other).await.unwrap(), "after many entries, without waiting");
        let report = assert_complete(&state).await;
        assert_eq!((report.checkpoints, report.signed), (3, report.entries));
        let head = ledger::head(&other).await.unwrap();
        assert_eq!(head.public_key, state.signer.public_key().to_string(), "the key is kept in the data folder");
        assert_eq!((head.hash, head.checkpoint.unwrap().checkpoint.seq), (report.head.to_string(), report.entries));
    })
    .await;
}

async fn another_key_signs_nothing(backend: Backend) {
    with_site(Site::new(backend).await, |site| async move {
        let hand = Hand::new();
        let state = replica(&site, &hand).await;
        publish::backfill(&state).await.unwrap();
        assert!(signing::sign(&state).await.unwrap());
        let mut config = state.config.clone();
        config.ledger_key = [7; 32].into();
        let other = application::build_state(config, state.clock.clone()).await.unwrap();
        let head = ledger::head(&other).await.unwrap();
        assert_eq!(head.public_key, state.signer.public_key().to_string(), "whoever signed last");
        // It says so at once, though nothing is to be signed yet.
        let told = health::report(&other).await.ledger;
        assert!(told.error.unwrap().contains("LEDGER_KEY") && health::report(&state).await.ledger.ok);
        assert!(signing::sign(&other).await.is_err() && !signing::sign(&state).await.unwrap());
        while ledger::head(&state).await.unwrap().entries - head.entries < 64 {
            hours(&state, &hand, 1).await;
        }
        let refused = signing::sign(&other).await.unwrap_err();
        assert!(std::error::Error::source(&refused).unwrap().to_string().contains("LEDGER_KEY"));
        assert!(signing::sign(&state).await.unwrap());
    })
    .await;
}

async fn what_was_published_before_the_ledger_stays_out_of_it(backend: Backend) {
    with_site(Site::new(backend).await, |site| async move {
        let hand = Hand::new();
        let state = replica(&site, &hand).await;
        publish::backfill(&state).await.unwrap();
        let database = database(&site).await;
        let open = signal::Column::Outcome.eq("open");
        let row = signal::Entity::find().filter(open).one(&database).await.unwrap().unwrap();
        let old = insert_by_hand(&database, signal::Model { salt: None, ..row }).await;
        let settled = || async { state.store.signal(old).await.unwrap().unwrap().outcome != Outcome::Open };
        for _ in 0..2_000 {
            if settled().await {
                break;
            }
            hand.step(STEP);
            publish::tick(&state).await.unwrap();
        }
        assert!(settled().await);
        assert_eq!(ledger::of_signal(&state, old).await.unwrap(), None);
        let text = export(&state).await;
        assert_eq!(check(&text).fault, None);
        assert!(!text.contains(&old.to_string()));
    })
    .await;
}

async fn changed_candles_add_an_entry_once(backend: Backend) {
    with_site(Site::new(backend).await, |site| async move {
        let state = replica(&site, &Hand::new()).await;
        publish::backfill(&state).await.unwrap();
        assert_eq!(corrections::correct(&state).await.unwrap(), Held::default(), "the candles bear everything out");
        settle_by_other_candles(&site, &state).await;
        assert!(matches!(check(&export(&state).await).fault.unwrap().wrong, Wrong::Candles(_)));
        assert_eq!(corrections::correct(&state).await.unwrap(), Held { corrections: 1, differing: 0 });
        assert_eq!(corrections::correct(&state).await.unwrap(), Held::default(), "it was said");
        let report = check(&export(&state).await);
        assert_eq!((report.fault, report.corrections), (None, 1));
    })
    .await;
}

async fn changed_candles_add_an_entry_soon_after_a_start(backend: Backend) {
    let still = [("SIGNALBOX_MARKET__DAYS_PER_MINUTE", "0.0001")];
    with_site(Site::with_settings(backend, &still).await, |site| async move {
        let app = TestApp::on(Arc::clone(&site)).await;
        let held = || async { app.state.store.lease("ledger-corrections").await.unwrap() };
        app.until("the day's round is done", || async {
            held().await.is_some_and(|lease| lease.last_run_at.is_some())
        })
        .await;
        settle_by_other_candles(&site, &app.state).await;
        app.stop().await;
        let again = TestApp::on(site).await;
        again
            .until("the record has corrected itself", || async { check(&export(&again.state).await).corrections == 1 })
            .await;
    })
    .await;
}

/// Publishes a signal as if it had been settled by other candles: half an R better than by these.
async fn settle_by_other_candles(site: &Site, state: &AppState) {
    let database = database(site).await;
    let stopped = signal::Column::Outcome.eq("stop");
    let row = signal::Entity::find().filter(stopped).one(&database).await.unwrap().unwrap();
    let better = signal::Model { r_multiple: Some(-0.5), salt: Some(Hash::of("salt").to_string()), ..row };
    let id = insert_by_hand(&database, better).await;
    hand::write_as_published(state, id).await;
}
