//! The signals feed over HTTP, and how seldom it is computed.

use crate::{
    by_hand::{Hand, replica, user, with_site},
    harness::{Account, Backend, Site, TestApp, free_port, required},
    on_both, on_each,
};
use futures::future::join_all;
use sea_orm::EntityTrait;
use serde_json::Value;
use signalbox::{
    domain::{
        plan::Plan,
        signal::{FeedFilter, FeedPage},
    },
    server::{
        service::{feed::FeedCache, publish, quota, signals, verdicts},
        store::entity::{subscription, user as users},
    },
};
use std::{collections::HashSet, process::Stdio, time::Duration};

/// Makes somebody a subscriber, as a worked-off event would.
async fn subscribe(app: &TestApp, account: &Account) {
    use sea_orm::{ColumnTrait, QueryFilter};
    let database = sea_orm::Database::connect(&app.site.database.url).await.unwrap();
    let found = users::Entity::find().filter(users::Column::Email.eq(&account.email)).one(&database).await.unwrap();
    let (now, month) = (app.state.clock.now().millis(), 30 * 86_400_000);
    let row = subscription::Model {
        id: format!("sub_{}", uuid::Uuid::now_v7().simple()),
        user_id: found.unwrap().id,
        customer_id: "cus_test".to_owned(),
        state: "active".to_owned(),
        plan: "pro".to_owned(),
        price_id: "price_test".to_owned(),
        current_period_start_at: Some(now),
        current_period_end_at: Some(now + month),
        cancel_at_period_end: false,
        trial_end_at: None,
        ended_at: None,
        created_at: now,
        updated_at: now,
        version: 1,
    };
    subscription::Entity::insert(subscription::ActiveModel::from(row)).exec_without_returning(&database).await.unwrap();
    database.close().await.unwrap();
    // Access is seen within a second wherever it was stored.
    let is_paid = || async {
        let me: Value = account.bearer(app.get("/auth/me")).send().await.unwrap().json().await.unwrap();
        me["is_paid"] == true
    };
    app.until("the subscription is seen", is_paid).await;
}

async fn status_and_body(request: reqwest::RequestBuilder) -> (u16, Value) {
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    (status, response.json().await.unwrap_or(Value::Null))
}

async fn used(app: &TestApp, account: &Account) -> Value {
    status_and_body(account.bearer(app.get("/api/v1/usage/signals"))).await.1["used"].clone()
}

on_both! {
    async fn signals_free_user(app: TestApp) {
        let account = app.sign_up().await;
        let requests = (0..64).map(|number| {
            let path = if number % 2 == 0 { "/signals" } else { "/api/v1/signals" };
            status_and_body(account.bearer(app.get(path)))
        });
        let answers = join_all(requests).await;
        let (granted, refused): (Vec<_>, Vec<_>) = answers.into_iter().partition(|(status, _)| *status == 200);
        assert_eq!((granted.len(), refused.len()), (3, 61));
        for (_, page) in granted {
            assert_eq!(page["user_limit"], "3/day (upgrade for unlimited)");
            assert_eq!(page["signals"].as_array().unwrap().len(), 3);
            for signal in page["signals"].as_array().unwrap() {
                assert_eq!(signal["type"], signal["side"]);
                assert_eq!(signal["timestamp"], signal["published_at"]);
                assert_eq!(signal["replay"], true);
                assert!(signal["rationale"].as_str().unwrap().len() > 40);
            }
        }
        for (status, problem) in refused {
            assert_eq!((status, problem["code"].as_str().unwrap()), (403, "quota_exceeded"));
            assert_eq!(problem["title"], "Daily limit exceeded");
            assert_eq!((problem["limit"].as_u64(), problem["used"].as_u64()), (Some(3), Some(3)));
            // Midnight in India.
            assert!(problem["resets_at"].as_str().unwrap().ends_with("T18:30:00Z"), "{problem}");
        }
        assert_eq!(status_and_body(account.bearer(app.get("/signals/latest"))).await.0, 403);
        assert_eq!(used(&app, &account).await, 3);
        for path in ["/signals?limit=2", "/signals?before=5", "/signals?side=BUY"] {
            let (status, problem) = status_and_body(account.bearer(app.get(path))).await;
            assert_eq!((status, problem["code"].as_str()), (403, Some("plan_required")), "{path}");
        }
        let refresh = account.bearer(app.client.post(app.url("/signals/refresh")));
        assert_eq!(status_and_body(refresh).await.1["code"], "plan_required");
    }

    async fn signals_paid_user(app: TestApp) {
        let account = app.sign_up().await;
        subscribe(&app, &account).await;
        for _ in 0..5 {
            let response = account.bearer(app.get("/signals")).send().await.unwrap();
            assert_eq!(response.status(), 200);
            assert_eq!(response.headers()["cache-control"], "private, no-store");
            assert_eq!(response.headers()["content-type"], "application/json");
            let page: Value = response.json().await.unwrap();
            assert_eq!(page["user_limit"], "unlimited");
            assert!(page["signals"].as_array().unwrap().len() > 3);
        }
        // Page by page, every signal once, down to the first.
        let (mut before, mut all) = (String::new(), Vec::new());
        loop {
            let (status, page) = status_and_body(account.bearer(app.get(&format!("/signals?limit=7{before}")))).await;
            assert_eq!(status, 200, "{page}");
            let page = page["signals"].as_array().unwrap().clone();
            let Some(last) = page.last() else { break };
            before = format!("&before={}", last["seq"]);
            all.extend(page);
        }
        let seqs: Vec<_> = all.iter().map(|signal| signal["seq"].as_i64().unwrap()).collect();
        assert!(seqs.iter().rev().enumerate().all(|(index, seq)| *seq == index as i64 + 1), "{seqs:?}");
        let (_, buys) = status_and_body(account.bearer(app.get("/signals?symbol=BTC/USDT&side=BUY"))).await;
        let buys = buys["signals"].as_array().unwrap();
        assert!(!buys.is_empty() && buys.iter().all(|buy| buy["symbol"] == "BTC/USDT" && buy["side"] == "BUY"));
        // What is open is found however old it is, on the dashboard too.
        let ids = |signals: &[Value]| signals.iter().map(|signal| signal["id"].clone()).collect::<Vec<_>>();
        let open: Vec<_> = all.iter().filter(|signal| signal["outcome"] == "open").cloned().collect();
        assert!(all.iter().position(|signal| Some(signal) == open.last()) >= Some(50), "none is old");
        for (path, most) in [("/signals?outcome=open", 50), ("/fn/dashboard?outcome=open", open.len())] {
            let (status, page) = status_and_body(account.bearer(app.get(path))).await;
            assert_eq!(status, 200, "{path}: {page}");
            assert_eq!(ids(page["signals"].as_array().unwrap()), ids(&open[..open.len().min(most)]), "{path}");
        }
        for path in ["/signals?limit=0", "/signals?limit=51", "/signals?before=0", "/signals?side=HOLD", "/signals?outcome=won", "/signals?page=2", "/signals?symbol=%00", "/fn/dashboard?symbol=%00"] {
            assert_eq!(status_and_body(account.bearer(app.get(path))).await.0, 422, "{path}");
        }
        let (status, latest) = status_and_body(account.bearer(app.get("/signals/latest"))).await;
        assert_eq!((status, latest["seq"].as_i64()), (200, seqs.first().copied()));
        let refresh = account.bearer(app.client.post(app.url("/signals/refresh")));
        assert_eq!(status_and_body(refresh).await.1["user_limit"], "unlimited");
        let (_, usage) = status_and_body(account.bearer(app.get("/api/v1/usage"))).await;
        assert_eq!((&usage[0]["feature"], &usage[0]["limit"]), (&Value::from("signals"), &Value::Null));
        // What is not there yet is not told as paid for.
        let included = |feature: &str| usage.as_array().unwrap().iter().find(|one| one["feature"] == feature).unwrap()["included"].clone();
        assert_eq!(["signals", "backtests", "alerts", "api_calls"].map(included), [true, true, false, false]);
    }

    async fn signals_without_auth(app: TestApp) {
        for path in ["/signals", "/api/v1/signals", "/signals/latest", "/api/v1/usage", "/api/v1/usage/signals"] {
            let response = app.get(path).send().await.unwrap();
            assert_eq!(response.status(), 401, "{path}");
            assert!(response.headers().contains_key("www-authenticate"));
            assert_eq!(response.headers()["content-type"], "application/problem+json");
            let forged = app.get(path).bearer_auth("not.a.token").send().await.unwrap();
            assert_eq!(forged.status(), 401, "{path}");
        }
        assert_eq!(app.client.post(app.url("/signals/refresh")).send().await.unwrap().status(), 401);
        for id in ["00000000-0000-0000-0000-000000000000", "nonsense"] {
            assert_eq!(app.get(&format!("/signals/{id}")).send().await.unwrap().status(), 404);
        }
        let settled = signals::proof(&app.state).await.unwrap().settled[0].id;
        let (status, signal) = status_and_body(app.get(&format!("/signals/{settled}"))).await;
        assert_eq!(status, 200);
        assert_ne!(signal["outcome"], "open");
    }

    async fn a_look_at_the_headers_burns_nothing(app: TestApp) {
        let account = app.sign_up().await;
        for path in ["/signals", "/signals/latest"] {
            let head = account.bearer(app.client.head(app.url(path))).send().await.unwrap();
            assert_eq!(head.status(), 405, "{path}");
            assert_eq!(head.headers()["allow"], "GET");
        }
        assert_eq!(used(&app, &account).await, 0);
    }

    async fn a_link_from_elsewhere_burns_nothing(app: TestApp) {
        let account = app.sign_up().await;
        let form = [("email", account.email.as_str()), ("password", account.password.as_str())];
        let login = app.client.post(app.url("/fn/log_in")).header("Origin", &app.base).header("Sec-Fetch-Site", "same-origin");
        let login = login.header("Accept", "text/html").form(&form).send().await.unwrap();
        let cookies: Vec<String> = login.headers().get_all("set-cookie").iter()
            .map(|cookie| cookie.to_str().unwrap().split(';').next().unwrap().to_owned()).collect();
        assert!(!cookies.is_empty(), "{login:?}");
        let by_cookie = |path: &str| app.get(path).header("Cookie", cookies.join("; "));
        for path in ["/signals", "/signals/latest"] {
            for site in ["cross-site", "same-site", "none"] {
                let (status, problem) = status_and_body(by_cookie(path).header("Sec-Fetch-Site", site)).await;
                assert_eq!((status, problem["code"].as_str()), (403, Some("cross_site")), "{path} {site}");
            }
            assert_eq!(status_and_body(by_cookie(path)).await.0, 403, "{path}");
        }
        assert_eq!(used(&app, &account).await, 0);
        assert_eq!(status_and_body(by_cookie("/signals").header("Sec-Fetch-Site", "same-origin")).await.0, 200);
        assert_eq!(used(&app, &account).await, 1);
    }
}

mod caching {
    use super::*;

    on_each!(
        many_at_once_have_it_computed_once,
        many_at_once_from_one_address_all_get_it,
        a_publication_is_seen_at_once_here_and_within_a_second_elsewhere,
        a_verdict_is_seen_at_once_here_and_within_a_second_elsewhere,
        a_dead_replicas_lock_holds_nobody_up,
    );

    async fn many_at_once_have_it_computed_once(backend: Backend) {
        with_site(Site::new(backend).await, |site| async move {
            let hand = Hand::new();
            let (one, other) = (replica(&site, &hand).await, replica(&site, &hand).await);
            publish::backfill(&one).await.unwrap();
            let tasks = (0..500).map(|number| {
                let state = if number % 2 == 0 { &one } else { &other }.clone();
                tokio::spawn(async move { FeedCache::paid(&state).await.unwrap().body.clone() })
            });
            let bodies: Vec<_> = join_all(tasks).await.into_iter().map(Result::unwrap).collect();
            assert!(bodies.iter().all(|body| *body == bodies[0]));
            // Replicas share their copy where there is Redis.
            let shared = u64::from(backend == Backend::Embedded) + 1;
            assert_eq!(one.feed.computed() + other.feed.computed(), shared);
            hand.step(Duration::from_secs(299));
            FeedCache::paid(&one).await.unwrap();
            assert_eq!(one.feed.computed() + other.feed.computed(), shared);
        })
        .await;
    }

    /// By HTTP and under the limits that are shipped: nobody is told to wait.
    async fn many_at_once_from_one_address_all_get_it(backend: Backend) {
        allow_many_sockets();
        // The market all but stands still: nothing is published meanwhile.
        let site = Site::with_settings(backend, &[("SIGNALBOX_MARKET__DAYS_PER_MINUTE", "0.001")]).await;
        with_site(site, |site| async move {
            let app = TestApp::on(site).await;
            let account = app.sign_up().await;
            subscribe(&app, &account).await;
            let version = async || app.state.store.record_version().await.unwrap().unwrap_or(0);
            let before = version().await;
            let asked = (0..500).map(|_| status_and_body(account.bearer(app.get("/signals"))));
            let answers = join_all(asked).await;
            let refused: Vec<_> = answers.iter().filter(|(status, _)| *status != 200).collect();
            assert!(refused.is_empty(), "{} of {}: {:?}", refused.len(), answers.len(), refused[0]);
            // Once for each version of the record: strategies are examined meanwhile, and a verdict makes another one.
            let versions = u64::try_from(version().await - before).unwrap() + 1;
            let told = answers.iter().map(|(_, body)| body.to_string()).collect::<HashSet<_>>().len() as u64;
            let computed = app.state.feed.computed();
            assert!(told <= computed && computed <= versions, "{told} told, {computed} computed, {versions} versions");
            app.stop().await;
        })
        .await;
    }

    /// Both ends of each connection are this process'.
    fn allow_many_sockets() {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
        // Where the system refuses, what it allows by itself may do.
        let _ = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
    }

    async fn a_publication_is_seen_at_once_here_and_within_a_second_elsewhere(backend: Backend) {
        with_site(Site::new(backend).await, |site| async move {
            let hand = Hand::new();
            let (one, other) = (replica(&site, &hand).await, replica(&site, &hand).await);
            publish::backfill(&one).await.unwrap();
            let newest = FeedCache::paid(&one).await.unwrap().signals[0].signal.seq;
            assert_eq!(FeedCache::paid(&other).await.unwrap().signals[0].signal.seq, newest);
            let mut published = 0;
            while published == 0 {
                hand.step(Duration::from_secs(5));
                FeedCache::paid(&other).await.unwrap();
                published = publish::tick(&one).await.unwrap().signals as i64;
            }
            let page: FeedPage = serde_json::from_slice(&FeedCache::paid(&one).await.unwrap().body).unwrap();
            assert_eq!(page.signals[0].judged.signal.seq, newest + published);
            hand.step(Duration::from_secs(1));
            assert_eq!(FeedCache::paid(&other).await.unwrap().signals[0].signal.seq, newest + published);
            assert_eq!(FeedCache::record(&other).await.unwrap().settled.len(), 8);
        })
        .await;
    }

    async fn a_verdict_is_seen_at_once_here_and_within_a_second_elsewhere(backend: Backend) {
        with_site(Site::new(backend).await, |site| async move {
            let hand = Hand::new();
            let (one, other) = (replica(&site, &hand).await, replica(&site, &hand).await);
            publish::backfill(&one).await.unwrap();
            let (paying, free) = (user(&site, Plan::Pro).await, user(&site, Plan::Free).await);
            signals::feed(&one, &free).await.unwrap();
            let mut versions = HashSet::new();
            for state in [&one, &other] {
                let feed = FeedCache::paid(state).await.unwrap();
                assert!(feed.signals.iter().all(|judged| judged.verdict.is_none()), "not examined yet");
                versions.insert(signals::standing(state, &paying).await.unwrap().version);
            }
            while verdicts::is_due(&one).await.unwrap() {
                verdicts::examine_next(&one).await.unwrap();
                let version = signals::standing(&one, &paying).await.unwrap().version;
                assert!(versions.insert(version), "whatever was examined, open dashboards ask anew");
            }
            hand.step(Duration::from_secs(1));
            for state in [&one, &other] {
                let page: FeedPage = serde_json::from_slice(&signals::feed(state, &paying).await.unwrap()).unwrap();
                assert!(page.signals.iter().all(|entry| entry.judged.verdict.is_some()));
                for reader in [&paying, &free] {
                    let shown = signals::dashboard(state, reader, FeedFilter::default()).await.unwrap();
                    assert!(shown.signals.iter().chain(&shown.settled).all(|line| line.verdict.is_some()));
                }
                assert!(signals::proof(state).await.unwrap().settled.iter().all(|line| line.verdict.is_some()));
            }
        })
        .await;
    }

    async fn a_dead_replicas_lock_holds_nobody_up(backend: Backend) {
        with_site(Site::new(backend).await, |site| async move {
            let state = replica(&site, &Hand::new()).await;
            publish::backfill(&state).await.unwrap();
            let version = state.store.record_version().await.unwrap().unwrap();
            let (lock, dead) = (format!("lock:feed:paid:{version}"), uuid::Uuid::now_v7());
            assert!(state.cache.lock(&lock, dead, Duration::from_millis(200)).await.unwrap());
            let feed = tokio::time::timeout(Duration::from_secs(3), FeedCache::paid(&state)).await.unwrap().unwrap();
            assert!(!feed.signals.is_empty());
        })
        .await;
    }
}

/// A Redis of one's own, which can be stopped.
pub struct OwnRedis(tokio::process::Child);

impl OwnRedis {
    pub async fn start(port: u16) -> Self {
        let mut command = tokio::process::Command::new("redis-server");
        command.args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]);
        let server = Self(command.stdout(Stdio::null()).kill_on_drop(true).spawn().unwrap());
        while tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        server
    }

    pub async fn stop(mut self) {
        self.0.kill().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_redis_costs_nobody_a_fetch_and_gives_nobody_one() {
    let port = free_port();
    let redis = OwnRedis::start(port).await;
    drop(required("SIGNALBOX_TEST_REDIS_URL"));
    let address = format!("redis://127.0.0.1:{port}");
    let site = Site::with_settings(Backend::ScaleOut, &[("REDIS_URL", &address)]).await;
    with_site(site, |site| async move {
        let hand = Hand::new();
        let (one, other) = (replica(&site, &hand).await, replica(&site, &hand).await);
        publish::backfill(&one).await.unwrap();
        let (spent, fresh) = (user(&site, Plan::Free).await, user(&site, Plan::Free).await);
        for _ in 0..3 {
            signals::feed(&one, &spent).await.unwrap();
        }
        assert!(signals::feed(&one, &spent).await.is_err());
        signals::feed(&one, &fresh).await.unwrap();
        redis.stop().await;
        let states = [one.clone(), other.clone()];
        let asked = (0..64).map(|number| {
            let (state, fresh, spent) = (states[number % 2].clone(), fresh.clone(), spent.clone());
            tokio::spawn(async move {
                (signals::feed(&state, &fresh).await.is_ok(), signals::feed(&state, &spent).await.is_ok())
            })
        });
        let answers: Vec<_> = join_all(asked).await.into_iter().map(Result::unwrap).collect();
        assert_eq!(answers.iter().filter(|(fresh, _)| *fresh).count(), 2, "one of three was used before");
        assert!(answers.iter().all(|(_, spent)| !spent));
        assert!(one.cache.ping().await.is_err());
        hand.step(Duration::from_secs(5));
        assert!(publish::tick(&one).await.is_ok());
        assert!(!signals::feed(&other, &user(&site, Plan::Pro).await).await.unwrap().is_empty());
        let again = OwnRedis::start(port).await;
        let back = async {
            while one.cache.ping().await.is_err() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), back).await.unwrap();
        assert_eq!(quota::state(&one, fresh.me.id).await.unwrap().left(), 0);
        assert!(signals::feed(&one, &fresh).await.is_err());
        again.stop().await;
    })
    .await;
}
