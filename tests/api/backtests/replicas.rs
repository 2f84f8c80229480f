//! Backtests where there are several replicas: counted once, told by all, ended by any.

use super::{Answer, endless, run, short, start, used};
use crate::{
    by_hand::{Hand, replica, user, with_site},
    harness::{Account, Backend, Site, TestApp},
    on_each,
    quota::exceeded,
};
use engine::backtest::Settings;
use futures::future::join_all;
use serde_json::{Value, json};
use signalbox::{
    domain::plan::Plan,
    server::{
        backtests::Place,
        service::{
            backtests::{self, Asked},
            sessions::CurrentUser,
        },
        state::AppState,
    },
};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

on_each!(of_32_at_once_over_two_processes_ten_are_run);

async fn of_32_at_once_over_two_processes_ten_are_run(backend: Backend) {
    with_site(Site::new(backend).await, |site| async move {
        let hand = Hand::new();
        let (one, other) = (replica(&site, &hand).await, replica(&site, &hand).await);
        let asking = user(&site, Plan::Free).await;
        let tasks = (0..32).map(|number| {
            let (state, asking) = (if number % 2 == 0 { &one } else { &other }.clone(), asking.clone());
            tokio::spawn(async move {
                let place = reserve(&state, &asking).await;
                backtests::run(&state, &asking, place, small()).await.map(|standing| standing.id)
            })
        });
        let answers: Vec<_> = join_all(tasks).await.into_iter().map(Result::unwrap).collect();
        let (run, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.is_ok());
        assert_eq!((run.len(), refused.len()), (10, 22));
        for answer in refused {
            let quota = exceeded(answer);
            assert_eq!((quota.limit, quota.used), (10, 10));
        }
        // Whoever pays has no limit, and a new day begins anew.
        let paying = user(&site, Plan::Pro).await;
        for _ in 0..11 {
            backtests::run(&one, &paying, reserve(&one, &paying).await, small()).await.unwrap();
        }
        hand.step(Duration::from_secs(86_400));
        backtests::run(&one, &asking, reserve(&one, &asking).await, small()).await.unwrap();
    })
    .await;
}

/// A place, as soon as there is one: a full queue costs nothing.
async fn reserve(state: &AppState, user: &CurrentUser) -> Place {
    loop {
        match backtests::reserve(state, user) {
            Ok(place) => return place,
            Err(_) => tokio::task::yield_now().await,
        }
    }
}

fn small() -> Asked {
    Asked {
        candles: backtests::Candles::Synthetic { candles: 100, seed: 1 },
        timeframe: None,
        from: None,
        to: None,
        strategy: "macd".to_owned(),
        params: BTreeMap::new(),
        settings: Settings::default(),
        examination: None,
    }
}

/// Two replicas, and somebody who pays nothing.
async fn two_replicas() -> (TestApp, TestApp, Account) {
    // Two cannot have the same sandbox; without one they never call themselves ready, and answer all the same.
    let site = Site::with_settings(Backend::ScaleOut, &[("STRIPE_API_BASE", "http://127.0.0.1:9")]).await;
    let site = Arc::new(site);
    let one = TestApp::on_unready(Arc::clone(&site)).await;
    let other = TestApp::on_unready(site).await;
    let account = one.sign_up().await;
    (one, other, account)
}

/// Where the one under this path stands, as this replica says.
async fn state(app: &TestApp, account: &Account, path: &str) -> Value {
    Answer::of(account.bearer(app.get(path))).await.json()["state"].take()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_replica_tells_of_what_another_one_runs() {
    let (one, other, account) = two_replicas().await;
    let path = start(&one, &account, &short()).await;
    let stranger = other.sign_up().await;
    assert_eq!(Answer::of(stranger.bearer(other.get(&path))).await.status, 404);
    let there = Answer::of(account.bearer(other.get(&format!("{path}?wait=20")))).await;
    assert_eq!(there.json()["state"], "done", "{}", there.text);
    let here = Answer::of(account.bearer(one.get(&path))).await;
    assert_eq!((&there.text, there.result().len() > 5), (&here.text, true));
    let forget = |app: &TestApp| Answer::of(account.bearer(app.client.delete(app.url(&path))));
    assert_eq!(forget(&other).await.status, 204);
    for app in [&one, &other] {
        assert_eq!(Answer::of(account.bearer(app.get(&path))).await.status, 404, "it is forgotten everywhere");
        assert_eq!(forget(app).await.status, 404);
    }
    one.stop().await;
    other.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_replica_ends_what_another_one_runs() {
    let (one, other, account) = two_replicas().await;
    let path = start(&one, &account, &endless()).await;
    other.until("it runs", || async { state(&other, &account, &path).await == "running" }).await;
    let waits = account.bearer(other.get(&format!("{path}?wait=20"))).send();
    let (waits, ended) = tokio::join!(waits, account.bearer(other.client.delete(other.url(&path))).send());
    assert_eq!(ended.unwrap().status(), 204);
    assert_eq!(waits.unwrap().json::<Value>().await.unwrap()["state"], "cancelled");
    for app in [&one, &other] {
        assert_eq!(state(app, &account, &path).await, "cancelled");
    }
    // There is room at once, though it would have run for half a minute.
    run(&one, &account, &short()).await;
    let forgotten = account.bearer(one.client.delete(one.url(&path))).send().await.unwrap();
    assert_eq!(forgotten.status(), 204);
    assert_eq!(Answer::of(account.bearer(other.get(&path))).await.status, 404);
    one.stop().await;
    other.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_replica_did_not_end_is_told_as_failed() {
    let (one, other, account) = two_replicas().await;
    let path = start(&one, &account, &endless()).await;
    let waiting = start(&one, &account, &short()).await;
    other.until("it runs", || async { state(&other, &account, &path).await == "running" }).await;
    assert_eq!(used(&other, &account).await, 2);
    one.stop().await;
    for path in [&path, &waiting] {
        let told = Answer::of(account.bearer(other.get(path))).await.json();
        let detail = "The server was stopped before it was done. Ask for it again.";
        assert_eq!((&told["state"], &told["detail"]), (&json!("failed"), &json!(detail)));
    }
    assert_eq!(used(&other, &account).await, 0, "it does not count");
    // As another sees it whose record is not renewed: by its clock, half a minute is over.
    let one = TestApp::on_unready(Arc::clone(&other.site)).await;
    let path = start(&one, &account, &endless()).await;
    other.until("it runs", || async { state(&other, &account, &path).await == "running" }).await;
    other.clock.advance(Duration::from_secs(40));
    let told = Answer::of(account.bearer(other.get(&path))).await.json();
    let detail = "The server that ran it stopped unexpectedly. Ask for it again.";
    assert_eq!((&told["state"], &told["detail"]), (&json!("failed"), &json!(detail)));
    one.stop().await;
    other.stop().await;
}
