//! Exactly as many fetches a day as the plan gives, whatever happens at once or in between.

use crate::{
    by_hand::{Hand, replica, user, with_site},
    harness::{Backend, PASSWORD, Process, Site, required},
    on_each,
};
use futures::future::join_all;
use serde_json::{Value, json};
use signalbox::{
    domain::{
        plan::Plan,
        quota::QuotaState,
        signal::{FeedFilter, FeedPage, SignalLine},
        time::Timestamp,
    },
    server::{
        error::ServiceError,
        service::{publish, quota, sessions::CurrentUser, signals},
        state::AppState,
    },
};
use std::time::Duration;
use uuid::Uuid;

on_each!(
    of_64_fetches_over_two_replicas_three_succeed,
    of_64_fetches_over_two_processes_three_succeed,
    neither_a_restart_nor_a_flush_gives_more,
    a_new_day_begins_at_the_operators_midnight,
    what_was_fetched_is_shown_again_for_nothing,
    a_feed_that_cannot_be_read_costs_nothing,
);

pub async fn fetch(state: &AppState, user: &CurrentUser) -> Result<FeedPage, ServiceError> {
    let body = signals::feed(state, user).await?;
    Ok(serde_json::from_slice(&body).unwrap())
}

pub fn exceeded<T: std::fmt::Debug>(answer: &Result<T, ServiceError>) -> QuotaState {
    match answer {
        Err(ServiceError::QuotaExceeded(_, state)) => *state,
        other => panic!("{other:?}"),
    }
}

async fn of_64_fetches_over_two_replicas_three_succeed(backend: Backend) {
    with_site(Site::new(backend).await, |site| async move {
        let hand = Hand::new();
        let (one, other) = (replica(&site, &hand).await, replica(&site, &hand).await);
        publish::backfill(&one).await.unwrap();
        for _ in 0..3 {
            let asking = user(&site, Plan::Free).await;
            let tasks = (0..64).map(|number| {
                let (state, asking) = (if number % 2 == 0 { &one } else { &other }.clone(), asking.clone());
                tokio::spawn(async move { fetch(&state, &asking).await })
            });
            let answers: Vec<_> = join_all(tasks).await.into_iter().map(Result::unwrap).collect();
            let (granted, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.is_ok());
            assert_eq!((granted.len(), refused.len()), (3, 61));
            for page in granted.into_iter().flatten() {
                assert_eq!(page.signals.len(), 3);
                assert_eq!(page.user_limit, "3/day (upgrade for unlimited)");
                assert!(page.signals.is_sorted_by(|newer, older| newer.judged.signal.seq > older.judged.signal.seq));
            }
            for answer in refused {
                let state = exceeded(answer);
                assert_eq!((state.limit, state.used, state.left()), (3, 3, 0));
                assert_eq!(state.resets_at, Timestamp::parse("2025-06-15T18:30:00Z").unwrap());
            }
        }
    })
    .await;
}

async fn of_64_fetches_over_two_processes_three_succeed(backend: Backend) {
    // Nobody pays, so that neither needs a Stripe.
    let site = Site::with_settings(backend, &[("STRIPE_API_BASE", "http://127.0.0.1:9")]).await;
    with_site(site, |site| async move {
        let servers = [Process::start(&site).await, Process::start(&site).await];
        let client = reqwest::Client::new();
        for _ in 0..3 {
            let email = format!("trader-{}@example.com", Uuid::now_v7());
            let signup = client.post(format!("{}/auth/signup", servers[0].base));
            let signup = signup.json(&json!({"email": email, "password": PASSWORD})).send().await.unwrap();
            let tokens: Value = signup.error_for_status().unwrap().json().await.unwrap();
            let token = tokens["access_token"].as_str().unwrap();
            let fetches = (0..64).map(|number| {
                let request = client.get(format!("{}/signals", servers[number % 2].base)).bearer_auth(token).send();
                async move {
                    let answer = request.await.unwrap();
                    (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
                }
            });
            let answers = join_all(fetches).await;
            let (granted, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|(status, _)| *status == 200);
            assert_eq!(granted.len(), 3, "{answers:?}");
            assert!(granted.iter().all(|(_, page)| page["signals"].as_array().unwrap().len() == 3));
            for (status, problem) in refused {
                assert_eq!((*status, problem["code"].as_str()), (403, Some("quota_exceeded")), "{problem}");
                assert_eq!((problem["limit"].as_u64(), problem["used"].as_u64()), (Some(3), Some(3)));
            }
        }
    })
    .await;
}

async fn neither_a_restart_nor_a_flush_gives_more(backend: Backend) {
    with_site(Site::new(backend).await, |site| async move {
        let hand = Hand::new();
        let state = replica(&site, &hand).await;
        publish::backfill(&state).await.unwrap();
        let asking = user(&site, Plan::Free).await;
        fetch(&state, &asking).await.unwrap();
        fetch(&state, &asking).await.unwrap();
        flush(&site).await;
        drop(state);
        let state = replica(&site, &hand).await;
        assert_eq!(quota::state(&state, asking.me.id).await.unwrap().left(), 1);
        fetch(&state, &asking).await.unwrap();
        exceeded(&fetch(&state, &asking).await);
        flush(&site).await;
        exceeded(&fetch(&state, &asking).await);
        let state = replica(&site, &hand).await;
        exceeded(&fetch(&state, &asking).await);
        exceeded(&fetch(&state, &asking).await);
        fetch(&state, &user(&site, Plan::Free).await).await.unwrap();
    })
    .await;
}

/// Empties the site's part of Redis, never the whole of it.
pub async fn flush(site: &Site) {
    if site.backend == Backend::Embedded {
        return;
    }
    let address = required("SIGNALBOX_TEST_REDIS_URL");
    let prefix = site.config().redis.prefix;
    let script = "for _, key in ipairs(redis.call('KEYS', ARGV[1] .. '*')) do redis.call('DEL', key) end";
    let done = tokio::process::Command::new("redis-cli")
        .args(["-u", &address, "EVAL", script, "0", &prefix])
        .output()
        .await
        .unwrap();
    assert!(done.status.success(), "{done:?}");
}

async fn a_new_day_begins_at_the_operators_midnight(backend: Backend) {
    with_site(Site::new(backend).await, |site| async move {
        let hand = Hand::new();
        let state = replica(&site, &hand).await;
        publish::backfill(&state).await.unwrap();
        let asking = user(&site, Plan::Free).await;
        for _ in 0..3 {
            fetch(&state, &asking).await.unwrap();
        }
        let resets_at = exceeded(&fetch(&state, &asking).await).resets_at;
        let left = resets_at.since(hand.clock().now());
        hand.step(left - Duration::from_millis(1));
        exceeded(&fetch(&state, &asking).await);
        hand.step(Duration::from_millis(1));
        assert_eq!(quota::state(&state, asking.me.id).await.unwrap().used, 0);
        for _ in 0..3 {
            fetch(&state, &asking).await.unwrap();
        }
        assert_eq!(exceeded(&fetch(&state, &asking).await).resets_at, resets_at + Duration::from_secs(86_400));
    })
    .await;
}

/// A value as a reader of its JSON has it, who may lose a number's last bit.
fn as_read<T: serde::Serialize + serde::de::DeserializeOwned>(value: &T) -> T {
    serde_json::from_str(&serde_json::to_string(value).unwrap()).unwrap()
}

async fn what_was_fetched_is_shown_again_for_nothing(backend: Backend) {
    with_site(Site::new(backend).await, |site| async move {
        let hand = Hand::new();
        let state = replica(&site, &hand).await;
        publish::backfill(&state).await.unwrap();
        // Until the newest one is open.
        while publish::tick(&state).await.unwrap().signals == 0 {
            hand.step(Duration::from_secs(5));
        }
        let asking = user(&site, Plan::Free).await;
        let empty = signals::dashboard(&state, &asking, FeedFilter::default()).await.unwrap();
        assert!(empty.signals.is_empty() && !empty.is_paid && !empty.settled.is_empty());
        assert!(empty.settled.iter().all(|signal| signal.settled_at.is_some()));
        assert_eq!(signals::standing(&state, &asking).await.unwrap().brought, None);
        let brought = fetch(&state, &asking).await.unwrap();
        assert_eq!(signals::standing(&state, &asking).await.unwrap().brought, Some(3));
        let latest = signals::latest(&state, &asking).await.unwrap();
        assert_eq!(as_read(&latest), brought.signals[0]);
        for _ in 0..5 {
            let standing = signals::standing(&state, &asking).await.unwrap();
            assert_eq!((standing.quota.unwrap().used, standing.is_paid, standing.newest), (2, false, 0));
            assert_eq!(standing.brought, Some(0), "the newest was there already");
            let shown = signals::dashboard(&state, &asking, FeedFilter::default()).await.unwrap();
            let lines: Vec<_> = brought.signals.iter().map(|entry| SignalLine::from(&entry.judged)).collect();
            assert_eq!(as_read(&shown.signals), lines);
            assert_eq!(shown.symbols.len(), 4);
        }
        // Open ones that were not fetched stay closed, to others and to visitors.
        let open = brought.signals[0].judged.signal.clone();
        assert_eq!(signals::signal(&state, Some(&asking), open.id).await.unwrap().id, open.id);
        assert!(signals::detail(&state, Some(&asking), open.id).await.unwrap().candles.len() > 20);
        let stranger = user(&site, Plan::Free).await;
        for other in [None, Some(&stranger)] {
            assert!(matches!(signals::signal(&state, other, open.id).await, Err(ServiceError::PlanRequired)));
        }
        let settled = empty.settled[0].id;
        assert_eq!(signals::detail(&state, None, settled).await.unwrap().signal.id, settled);
        assert!(signals::signal(&state, Some(&user(&site, Plan::Pro).await), open.id).await.is_ok());
        // A page of who pays tells by the version that there is something else to show.
        let paying = user(&site, Plan::Pro).await;
        let before = signals::standing(&state, &paying).await.unwrap();
        let newest = signals::dashboard(&state, &paying, FeedFilter::default()).await.unwrap().signals[0].seq;
        assert_eq!((before.newest, before.is_paid, before.quota, before.brought), (newest, true, None, None));
        assert_eq!(signals::standing(&state, &paying).await.unwrap().version, before.version);
        while publish::tick(&state).await.unwrap().signals == 0 {
            hand.step(Duration::from_secs(5));
        }
        let after = signals::standing(&state, &paying).await.unwrap();
        assert!(after.newest > before.newest && after.version != before.version, "{after:?}");
    })
    .await;
}

async fn a_feed_that_cannot_be_read_costs_nothing(backend: Backend) {
    with_site(Site::new(backend).await, |site| async move {
        let hand = Hand::new();
        let state = replica(&site, &hand).await;
        publish::backfill(&state).await.unwrap();
        let asking = user(&site, Plan::Free).await;
        let database = sea_orm::Database::connect(&site.database.url).await.unwrap();
        let execute = |sql: &'static str| {
            let database = database.clone();
            async move { sea_orm::ConnectionTrait::execute_unprepared(&database, sql).await.unwrap() }
        };
        execute("ALTER TABLE signals RENAME TO signals_away").await;
        assert!(matches!(fetch(&state, &asking).await, Err(ServiceError::Internal { .. })));
        execute("ALTER TABLE signals_away RENAME TO signals").await;
        assert_eq!(quota::state(&state, asking.me.id).await.unwrap().used, 0);
        // And what was granted but could not be kept is not used up either.
        execute("ALTER TABLE feed_fetches RENAME TO feed_fetches_away").await;
        assert!(fetch(&state, &asking).await.is_err());
        execute("ALTER TABLE feed_fetches_away RENAME TO feed_fetches").await;
        assert_eq!(quota::state(&state, asking.me.id).await.unwrap().used, 0);
        for _ in 0..3 {
            fetch(&state, &asking).await.unwrap();
        }
        exceeded(&fetch(&state, &asking).await);
        database.close().await.unwrap();
    })
    .await;
}
