//! The market over HTTP: nothing that has not closed, and an end that is told.

use crate::{
    harness::{Backend, TestApp},
    on_both,
};
use serde_json::Value;
use signalbox::server::service::market_clock;

async fn json(app: &TestApp, path: &str) -> Value {
    let response = app.get(path).send().await.unwrap();
    assert_eq!(response.status(), 200, "{path}");
    response.json().await.unwrap()
}

on_both! {
    async fn symbols_stand_where_the_market_clock_does(app: TestApp) {
        let symbols = json(&app, "/api/v1/market/symbols").await;
        let names: Vec<_> = symbols.as_array().unwrap().iter().map(|symbol| symbol["symbol"].as_str().unwrap()).collect();
        assert_eq!(names, ["NIFTY", "BANKNIFTY", "BTC/USDT", "ETH/USDT"]);
        for symbol in symbols.as_array().unwrap() {
            assert_eq!(symbol["closes"].as_array().unwrap().len(), 60);
            assert_eq!(symbol["ended"], false);
            assert_eq!(symbol["last_close"], symbol["closes"][59]);
            let change = symbol["closes"][59].as_f64().unwrap() / symbol["closes"][58].as_f64().unwrap() - 1.0;
            assert!((symbol["change"].as_f64().unwrap() - change).abs() < 1e-12);
        }
    }

    async fn no_candle_is_shown_before_it_closes(app: TestApp) {
        for (timeframe, seconds) in [("1h", 3600), ("1d", 86_400)] {
            let page = json(&app, &format!("/api/v1/market/candles?symbol=BTC/USDT&timeframe={timeframe}&limit=10")).await;
            let now = market_clock::now(&app.state).await.unwrap().now;
            let candles = page["candles"].as_array().unwrap();
            assert_eq!((candles.len(), &page["replay"], &page["ended"]), (10, &Value::Bool(true), &Value::Bool(false)));
            let opened = |candle: &Value| signalbox::domain::time::Timestamp::parse(candle["opened_at"].as_str().unwrap()).unwrap();
            assert!(opened(&candles[9]).secs() + seconds <= now.secs());
            assert!(candles.is_sorted_by_key(opened));
            let before = candles[0]["opened_at"].as_str().unwrap();
            let earlier = json(&app, &format!("/api/v1/market/candles?symbol=BTC/USDT&timeframe={timeframe}&before={before}&limit=3")).await;
            let earlier = earlier["candles"].as_array().unwrap();
            assert_eq!(earlier.len(), 3);
            assert_eq!(opened(&earlier[2]).secs() + seconds, opened(&candles[0]).secs());
        }
    }

    async fn what_there_is_not_is_refused(app: TestApp) {
        let cases = [
            ("symbol=GOLD&timeframe=1d", 404),
            ("symbol=NIFTY&timeframe=1h", 404),
            ("symbol=NIFTY&timeframe=5m", 422),
            ("symbol=NIFTY&timeframe=1d&limit=0", 422),
            ("symbol=NIFTY&timeframe=1d&limit=501", 422),
            ("symbol=NIFTY&timeframe=1d&before=yesterday", 422),
            ("timeframe=1d", 422),
            ("symbol=NIFTY&timeframe=1d&future=true", 422),
        ];
        for (query, status) in cases {
            let answer = app.get(&format!("/api/v1/market/candles?{query}")).send().await.unwrap();
            assert_eq!(answer.status(), status, "{query}");
            assert_eq!(answer.headers()["content-type"], "application/problem+json", "{query}");
        }
    }

    async fn strategies_tell_how_they_are_set(app: TestApp) {
        let strategies = json(&app, "/api/v1/market/strategies").await;
        let names: Vec<&str> = strategies.as_array().unwrap().iter().map(|strategy| strategy["name"].as_str().unwrap()).collect();
        let all: Vec<&str> = engine::strategy::all().iter().map(|strategy| strategy.name()).collect();
        assert_eq!(names, all, "every strategy there is, is at work");
        for strategy in strategies.as_array().unwrap() {
            assert!(strategy["description"].as_str().unwrap().len() > 50, "{strategy}");
            assert_eq!(strategy["timeframes"], serde_json::json!(["1d", "1h"]));
            let named = engine::strategy::named(strategy["name"].as_str().unwrap()).unwrap();
            // Written alike, but for the order of the fields.
            let parameters = serde_json::to_value(named.parameters()).unwrap();
            assert_eq!(strategy["parameters"], parameters);
        }
        let strategy = &strategies[0];
        assert_eq!((&strategy["name"], &strategy["version"]), (&Value::from("mean-reversion"), &Value::from(1)));
        assert_eq!(strategy["parameters"][0]["name"], "period");
        assert_eq!(strategy["parameters"][0]["value"], 20.0);
        assert_eq!((&strategy["parameters"][0]["kind"], &strategy["parameters"][0]["step"]), (&"integer".into(), &1.0.into()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_series_that_ends_says_so() {
    let app = TestApp::spawn_with(Backend::Embedded, &[("SIGNALBOX_MARKET__START", "2025-03-01T00:00:00Z")]).await;
    let ended = |page: &Value| page["ended"].as_bool().unwrap();
    let hourly = json(&app, "/api/v1/market/candles?symbol=BTC/USDT&timeframe=1h&limit=1").await;
    assert!(ended(&hourly));
    assert_eq!(hourly["candles"][0]["opened_at"], "2025-01-20T00:00:00Z");
    assert!(!ended(&json(&app, "/api/v1/market/candles?symbol=BTC/USDT&timeframe=1d").await));
    let symbols = json(&app, "/api/v1/market/symbols").await;
    assert!(!ended(&symbols[2]), "its days go on");
}
