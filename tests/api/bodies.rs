//! What requests carry: each field once, and a body within its time.

use crate::{
    harness::{Backend, TestApp},
    on_both,
};
use serde_json::Value;
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const FORM: &str = "application/x-www-form-urlencoded";

on_both! {
    async fn a_field_that_is_sent_twice_is_named(app: TestApp) {
        let post = |path: &str, kind: &'static str, body: &'static str| {
            app.client.post(app.url(path)).header("content-type", kind).body(body)
        };
        let account = app.sign_up().await;
        for (request, field) in [
            (post("/auth/login", FORM, "username=a%40example.com&username=b%40example.com&password=x"), "username"),
            (post("/auth/login", FORM, "grant_type=password&username=a&password=x&grant_type=password"), "grant_type"),
            (post("/auth/login", "application/json", r#"{"email":"a","password":"x","email":"b"}"#), "email"),
            (post("/auth/logout", "application/json", r#"{"refresh_token":"a","refresh_token":"b"}"#), "refresh_token"),
            (
                post("/api/v1/backtest/run", "application/json", r#"{"strategy":"macd","params":{"fast":5,"fast":6}}"#),
                "fast",
            ),
            (app.get("/api/v1/market/candles?symbol=NIFTY&timeframe=1d&symbol=BANKNIFTY"), "symbol"),
            (app.get("/api/v1/ledger?limit=5&limit=5"), "limit"),
        ] {
            let answer = account.bearer(request).send().await.unwrap();
            assert_eq!(answer.status(), 422, "{field}");
            let problem: Value = answer.json().await.unwrap();
            assert_eq!(problem["fields"][0]["field"], field, "{problem}");
            assert_eq!(problem["fields"][0]["message"], "Send this field once.", "{problem}");
        }
    }
}

/// Begins to send a body to `path`, and never sends the rest.
async fn dawdle(app: &TestApp, path: &str) -> TcpStream {
    let mut stream = TcpStream::connect(app.base.trim_start_matches("http://")).await.unwrap();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: same-origin\r\nStripe-Signature: none\r\n\
         Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{{"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_does_not_come_is_told_as_too_slow_wherever_it_is_sent() {
    let app = TestApp::spawn(Backend::Embedded).await;
    let mut slow = Vec::new();
    for path in ["/api/v1/auth/login", "/auth/logout", "/billing/webhook", "/fn/log_in"] {
        slow.push((path, dawdle(&app, path).await));
    }
    for (path, stream) in &mut slow {
        let mut answer = Vec::new();
        while !String::from_utf8_lossy(&answer).contains("\"too_slow\"") {
            let read = tokio::time::timeout(Duration::from_secs(20), stream.read_buf(&mut answer)).await;
            let read = read.unwrap_or_else(|_| panic!("{path}: no answer"));
            assert_ne!(read.unwrap(), 0, "{path}: {}", String::from_utf8_lossy(&answer));
        }
        let told = String::from_utf8_lossy(&answer);
        assert!(told.starts_with("HTTP/1.1 408 ") && told.contains("application/problem+json"), "{path}: {told}");
    }
    app.stop().await;
}
