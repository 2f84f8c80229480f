//! Starting, health, metrics, stopping.

use crate::harness::{Backend, PASSWORD, Process, Site, TestApp, free_port, said};
use crate::on_both;
use serde_json::{Value, json};
use signalbox::server::{
    application::Application,
    clock::Clock,
    config::{Config, Variables},
};
use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

on_both! {
    async fn health_tells_of_each_part(app: TestApp) {
        for path in ["/health", "/health/live", "/health/ready", "/api/v1/health", "/api/v1/health/ready"] {
            let response = app.get(path).send().await.unwrap();
            assert_eq!(response.status(), 200, "{path}");
            assert_eq!(response.json::<Value>().await.unwrap()["status"], "ok");
        }
        let report: Value = app.get("/health/detailed").send().await.unwrap().json().await.unwrap();
        assert_eq!(report["status"], "ok", "{report}");
        assert_eq!(report["database"]["ok"], true);
        assert_eq!(report["cache"]["ok"], true);
        assert!(report["market"]["now"].as_str().unwrap() >= "2024-06-01", "{report}");
        // The sandbox tells of the price that was made at the start.
        let is_worked_off = || async {
            let queues: Value = app.get("/health/queues").send().await.unwrap().json().await.unwrap();
            queues["events"] == 0
        };
        app.until("the events are worked off", is_worked_off).await;
    }

    async fn metrics_count_requests_by_route(app: TestApp) {
        app.get("/api/v1/signals/no-such-id").send().await.unwrap();
        let response = app.get("/metrics").send().await.unwrap();
        assert_eq!(response.headers()["content-type"], "text/plain; version=0.0.4");
        let text = response.text().await.unwrap();
        let line = text.lines().find(|line| line.starts_with("signalbox_http_requests_total") && line.contains("/api/v1/signals/{id}"));
        assert!(line.is_some(), "{text}");
    }

    async fn a_stop_lets_requests_finish_and_takes_no_more(app: TestApp) {
        let slow = Slow::begin(&app.base).await;
        let base = app.base.clone();
        let stopping = tokio::spawn(app.stop());
        takes_no_more(&base).await;
        // Time enough for all else to end.
        tokio::time::sleep(Duration::from_secs(1)).await;
        assert!(!stopping.is_finished(), "it waits for the request");
        assert_eq!(slow.finish().await, "HTTP/1.1 201 Created");
        stopping.await.unwrap();
    }
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn what_outlasts_the_deadline_of_a_stop_is_cut_off() {
    let deadline = Duration::from_secs(3);
    let site = Site::with_settings(Backend::Embedded, &[("SIGNALBOX_SITE__STOP_DEADLINE_SECONDS", "3")]).await;
    let process = Process::start(&site).await;
    let (slow, slower) = (Slow::begin(&process.base).await, Slow::begin(&process.base).await);
    let told = Instant::now();
    process.tell_to_stop().await;
    takes_no_more(&process.base).await;
    assert_eq!(slow.finish().await, "HTTP/1.1 201 Created");
    let ended = process.ended_within(deadline * 3).await;
    let took = told.elapsed();
    assert!(ended.success(), "{ended}: {}", said(&site));
    // What still runs then has a second to let go.
    assert!(took >= deadline && took < deadline + Duration::from_secs(2), "{took:?}");
    assert_eq!(slower.cut_off().await, "", "it was answered");
    let log = said(&site);
    assert!(log.lines().any(|line| line.contains("cut off") && line.contains("requests")), "{log}");
}

/// A request that the program has begun to read, and whose body is only half sent.
struct Slow {
    stream: TcpStream,
    rest: Vec<u8>,
}

impl Slow {
    async fn begin(base: &str) -> Self {
        const GO_ON: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";
        let email = format!("trader-{}@example.com", uuid::Uuid::now_v7());
        let body = json!({"email": email, "password": PASSWORD}).to_string();
        let (first, rest) = body.as_bytes().split_at(body.len() / 2);
        let (host, length) = (base.trim_start_matches("http://"), body.len());
        let mut stream = TcpStream::connect(host).await.unwrap();
        let head = format!(
            "POST /auth/signup HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\nExpect: 100-continue\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut told = vec![0; GO_ON.len()];
        stream.read_exact(&mut told).await.unwrap();
        assert_eq!(told, GO_ON);
        stream.write_all(first).await.unwrap();
        Self { stream, rest: rest.to_vec() }
    }

    /// Sends the other half; the first line of the answer, after which the connection ends.
    async fn finish(mut self) -> String {
        self.stream.write_all(&self.rest).await.unwrap();
        let mut answer = String::new();
        self.stream.read_to_string(&mut answer).await.unwrap();
        answer.lines().next().unwrap_or_default().to_owned()
    }

    /// What was answered all the same, up to the connection's end.
    async fn cut_off(mut self) -> String {
        let mut answer = Vec::new();
        drop(self.stream.read_to_end(&mut answer).await);
        String::from_utf8(answer).unwrap()
    }
}

/// Waits until nobody can connect any more.
async fn takes_no_more(base: &str) {
    let host = base.trim_start_matches("http://");
    let begun = Instant::now();
    while TcpStream::connect(host).await.is_ok() {
        assert!(begun.elapsed() < Duration::from_secs(10), "it still takes connections");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopping_program_is_first_no_longer_ready() {
    let app = TestApp::spawn_with(Backend::Embedded, &[("SIGNALBOX_SITE__DRAIN_SECONDS", "2")]).await;
    let (base, client) = (app.base.clone(), app.client.clone());
    let stopping = tokio::spawn(app.stop());
    let status = |path: &'static str| {
        let request = client.get(format!("{base}{path}"));
        async move { request.send().await.unwrap().status().as_u16() }
    };
    let mut seen = 200;
    for _ in 0..100 {
        seen = status("/health/ready").await;
        if seen == 503 {
            break;
        }
    }
    assert_eq!((seen, status("/health/live").await), (503, 200));
    let problem: Value = client.get(format!("{base}/health/ready")).send().await.unwrap().json().await.unwrap();
    assert_eq!(problem["code"], "not_ready");
    stopping.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn health_checks_during_a_start_are_no_news() {
    let site = Site::with_settings(Backend::Embedded, &[("RUST_LOG", "info")]).await;
    // Asks from the first moment on, again and again until it is ready.
    let process = Process::start(&site).await;
    process.kill().await;
    let log = said(&site);
    assert!(!log.is_empty(), "nothing is logged at all");
    assert!(!log.contains("WARN") && !log.contains("/health"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_there_is_there_at_the_next_start() {
    let site = Arc::new(Site::new(Backend::Embedded).await);
    let app = TestApp::on(Arc::clone(&site)).await;
    let account = app.sign_up().await;
    let seen = app.state.store.waiting().await.unwrap();
    app.stop().await;
    let again = TestApp::on(site).await;
    let me = account.bearer(again.get("/auth/me")).send().await.unwrap();
    assert_eq!(me.status(), 200, "the key that signed the token was kept");
    assert_eq!(me.json::<Value>().await.unwrap()["email"], account.email.as_str());
    assert_eq!(seen.poison_events, 0);
    again.stop().await;
}

#[tokio::test]
async fn production_refuses_what_is_unsafe() {
    let folder = tempfile::tempdir().unwrap();
    let sound = [
        ("SIGNALBOX_ENV", "production"),
        ("SIGNALBOX_DATA_DIR", folder.path().to_str().unwrap()),
        ("FRONTEND_URL", "https://signals.example"),
        ("SECRET_KEY", "5f1c0b7e9a3d4286b1f0c9d8e7a6b5c4"),
        ("LEDGER_KEY", "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"),
        ("STRIPE_SECRET_KEY", "sk_live_51Signals"),
        ("STRIPE_WEBHOOK_SECRET", "whsec_9f8e7d6c5b4a"),
        ("SMTP_URL", "smtps://user:password@mail.example"),
    ];
    let config = |name: &str, value: &str| {
        let mut variables: Variables = sound.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        variables.insert(name.to_owned(), value.to_owned());
        Config::from_variables(variables).map(|_| ()).map_err(|error| error.to_string())
    };
    assert_eq!(config("RUST_LOG", "info"), Ok(()));
    for (name, value) in [
        ("SECRET_KEY", ""),
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", "change-me-change-me-change-me-change-me"),
        ("SECRET_KEY", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
        ("FRONTEND_URL", "http://signals.example"),
        ("LEDGER_KEY", "a key of mine"),
        ("STRIPE_SECRET_KEY", ""),
        ("STRIPE_WEBHOOK_SECRET", ""),
        ("SMTP_URL", ""),
    ] {
        let refusal = config(name, value).expect_err(name);
        assert!(refusal.contains(name), "{refusal}");
    }
}

#[tokio::test]
async fn a_mistyped_setting_is_refused_by_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let refusal = |name: &str, value: &str| {
        let variables = HashMap::from([
            ("SIGNALBOX_DATA_DIR".to_owned(), folder.path().display().to_string()),
            (name.to_owned(), value.to_owned()),
        ]);
        Config::from_variables(variables).err().map(|error| error.to_string()).unwrap_or_default()
    };
    assert_eq!(refusal("SIGNALBOX_LIMITS__AUTH_PER_MINUTE", "20"), "");
    let unknown = refusal("SIGNALBOX_LIMITS__AUTH_PER_MINUT", "20");
    assert!(unknown.contains("auth_per_minut"), "{unknown}");
    let section = refusal("SIGNALBOX_LIMIT__AUTH_PER_MINUTE", "20");
    assert!(section.contains("limit"), "{section}");
    let none = refusal("SIGNALBOX_DATABASE__MAX_CONNECTIONS", "0");
    assert!(none.contains("max_connections"), "{none}");
}

#[tokio::test]
async fn a_redis_that_does_not_answer_is_an_error_at_start() {
    let redis = format!("redis://127.0.0.1:{}", free_port());
    let site = Site::with_settings(Backend::Embedded, &[("REDIS_URL", &redis)]).await;
    let building = Application::build(site.config(), Clock::system());
    let started = tokio::time::timeout(Duration::from_secs(30), building).await.unwrap();
    let error = started.err().expect("it started without Redis").to_string();
    assert!(error.starts_with("redis"), "{error}");
}
