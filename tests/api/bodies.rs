//! What requests carry: each field once.

use crate::{harness::TestApp, on_both};
use serde_json::Value;

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
