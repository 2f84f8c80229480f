//! Every strategy at work is examined once on each of its series, and its verdict is told wherever it speaks.

use crate::{
    by_hand::{Hand, replica, with_site},
    harness::{Backend, Site, TestApp},
    on_both, on_each,
};
use engine::{
    backtest::Settings,
    honesty::{self, Checks, Verdict},
};
use serde_json::Value;
use signalbox::{
    domain::signal::Signal,
    server::{
        application::build_state,
        service::{publish, strategies, verdicts},
        state::AppState,
        store::{
            signals::{FeedQuery, SeriesKey},
            verdicts::{Basis, StoredVerdict},
        },
    },
};
use std::{collections::HashSet, time::Duration};

/// The strategy that these tests look at closely; any others are examined too.
const RULE: &str = "mean-reversion";
/// Six hours of the market in a step.
const FAST: (&str, &str) = ("SIGNALBOX_MARKET__DAYS_PER_MINUTE", "3");
const STEP: Duration = Duration::from_secs(5);

async fn examine_all(state: &AppState) -> usize {
    let mut examined = 0;
    while verdicts::is_due(state).await.unwrap() {
        verdicts::examine_next(state).await.unwrap();
        examined += 1;
    }
    examined
}

async fn published(state: &AppState) -> Vec<Signal> {
    state.store.newest_signals(&FeedQuery { limit: 10_000, ..FeedQuery::default() }).await.unwrap()
}

async fn of_rule(state: &AppState) -> Vec<StoredVerdict> {
    let all = state.store.verdicts().await.unwrap();
    all.into_iter().filter(|verdict| verdict.series.strategy == RULE).collect()
}

on_each!(
    each_is_examined_once_and_to_what_the_engine_says,
    other_candles_are_another_examination,
    only_the_proven_are_published_where_the_operator_wants_it,
    every_signal_says_whether_its_strategy_is_proven,
);

async fn each_is_examined_once_and_to_what_the_engine_says(backend: Backend) {
    with_site(Site::new(backend).await, |site| async move {
        let hand = Hand::new();
        let state = replica(&site, &hand).await;
        for report in strategies::judged(&state).await.unwrap() {
            for verdict in report.verdicts {
                assert_eq!((verdict.verdict, verdict.examined_at), (Verdict::Unproven, None));
                assert!(verdict.reasons[0].starts_with("It has not been examined yet"), "{:?}", verdict.reasons);
            }
        }
        let series = state.desk.series(state.market.as_ref()).len();
        assert_eq!(examine_all(&state).await, series);
        assert_eq!(examine_all(&state).await, 0, "twice comes to the same");
        assert_eq!(examine_all(&replica(&site, &hand).await).await, 0, "for every process");

        let start = state.config.market.start - Duration::from_secs(60 * 86_400);
        let rule = engine::strategy::named(RULE).unwrap();
        let verdicts = of_rule(&state).await;
        assert_eq!(verdicts.len(), 5);
        for verdict in verdicts {
            let candles = state.market.series(&verdict.series.symbol, verdict.series.timeframe.parse().unwrap());
            let candles = candles.unwrap().unwrap();
            let candles = candles.upto(start.secs());
            let expected = Basis {
                candles: u32::try_from(candles.len()).unwrap(),
                until: start,
                simulations: 2_000,
                compared: u32::try_from(series).unwrap(),
            };
            assert_eq!(verdict.basis, expected);
            assert_eq!(verdict.examined_at, hand.clock().now());
            assert!(verdict.parameters.starts_with("period=20,"), "{}", verdict.parameters);
            if verdict.series.symbol == "BANKNIFTY" {
                let checks = Checks { compared: series, ..Checks::default() };
                let honesty = honesty::examine(rule.as_ref(), candles, Settings::default(), &checks).unwrap();
                assert_eq!((verdict.proven, &verdict.reasons), (honesty.verdict == Verdict::Proven, &honesty.reasons));
                assert_eq!(verdict.p_value, honesty.found.significance.map(|significance| significance.p_value));
            }
        }
    })
    .await;
}

async fn other_candles_are_another_examination(backend: Backend) {
    let site = Site::new(backend).await;
    let earlier = ("SIGNALBOX_MARKET__START", "2024-03-01T00:00:00Z");
    with_site(site, |site| async move {
        let hand = Hand::new();
        let state = replica(&site, &hand).await;
        // Of one series, so that the others need not be examined for this.
        verdicts::examine_next(&state).await.unwrap();
        let stored = state.store.verdicts().await.unwrap();
        assert_eq!(stored.len(), 1);
        let mut variables = site.variables();
        variables.insert(earlier.0.to_owned(), earlier.1.to_owned());
        let config = signalbox::server::config::Config::from_variables(variables).unwrap();
        let moved = build_state(config, hand.clock()).await.unwrap();
        let told = strategies::judged(&moved).await.unwrap();
        let told = told.iter().flat_map(|strategy| &strategy.verdicts);
        assert!(told.clone().count() >= 5 && told.clone().all(|verdict| verdict.examined_at.is_none()));
        verdicts::examine_next(&moved).await.unwrap();
        let again = moved.store.verdicts().await.unwrap();
        assert_eq!(again.len(), 1, "in the place of the earlier one");
        assert!(again[0].series == stored[0].series && again[0].basis.candles < stored[0].basis.candles);
    })
    .await;
}

async fn only_the_proven_are_published_where_the_operator_wants_it(backend: Backend) {
    let settings = [("SIGNALBOX_SIGNALS__PUBLISH", "proven"), ("SIGNALBOX_MARKET__BACKFILL_DAYS", "20"), FAST];
    with_site(Site::with_settings(backend, &settings).await, |site| async move {
        let hand = Hand::new();
        let mut config = site.config();
        // Two, so that examining them takes no longer than it must.
        config.strategies.retain(|strategy| [RULE, "sma-cross"].contains(&strategy.name.as_str()));
        let state = build_state(config, hand.clock()).await.unwrap();
        // As if the one had passed on its hourly series; all others are still to be examined.
        verdicts::examine_next(&state).await.unwrap();
        let like = state.store.verdicts().await.unwrap().remove(0);
        let is_passed = |series: &SeriesKey| series.strategy == RULE && series.timeframe == "1h";
        for series in state.desk.series(state.market.as_ref()).into_iter().filter(is_passed) {
            let candles = state.market.series(&series.symbol, series.timeframe.parse().unwrap()).unwrap().unwrap();
            let candles = u32::try_from(candles.upto(like.basis.until.secs()).len()).unwrap();
            let rule = engine::strategy::named(&series.strategy).unwrap();
            let set = rule.parameters().iter().map(|set| format!("{}={}", set.name, set.value)).collect::<Vec<_>>();
            let basis = Basis { candles, ..like.basis };
            let verdict = StoredVerdict { series, proven: true, parameters: set.join(","), basis, ..like.clone() };
            state.store.set_verdict(&verdict).await.unwrap();
        }
        publish::backfill(&state).await.unwrap();
        assert!(!verdicts::is_due(&state).await.unwrap(), "all are examined before anything is published");
        let at_once = published(&state).await.len();
        assert!(at_once > 0, "the days before the start, by the verdicts");
        for _ in 0..80 {
            hand.step(STEP);
            publish::tick(&state).await.unwrap();
        }
        let signals = published(&state).await;
        assert!(signals.len() >= at_once + 5, "{} of {}", at_once, signals.len());
        let verdicts = state.store.verdicts().await.unwrap();
        let proven: Vec<_> =
            verdicts.into_iter().filter(|verdict| verdict.proven).map(|verdict| verdict.series).collect();
        assert!(proven.iter().any(is_passed) && proven.len() < 10, "{proven:?}");
        for signal in &signals {
            let its = (&signal.strategy, &signal.symbol, &signal.timeframe);
            let mut proven = proven.iter().map(|series| (&series.strategy, &series.symbol, &series.timeframe));
            assert!(proven.any(|series| series == its), "{signal:?}");
        }
        assert!(signals.iter().rev().enumerate().all(|(place, signal)| signal.seq == place as i64 + 1), "gaps");
        // What was not published counts for its confidence all the same.
        assert!(signals.iter().all(|signal| signal.confidence_n > 100), "{:?}", signals[0]);
    })
    .await;
}

async fn every_signal_says_whether_its_strategy_is_proven(backend: Backend) {
    let app = TestApp::spawn_with(backend, &[("SIGNALBOX_MARKET__DAYS_PER_MINUTE", "0.0001")]).await;
    let json = async |path: &str| app.get(path).send().await.unwrap().json::<Value>().await.unwrap();
    app.until("all are examined", || async { !verdicts::is_due(&app.state).await.unwrap() }).await;
    app.until("the record tells it", || async {
        json("/api/v1/track-record?limit=200").await["signals"]
            .as_array()
            .unwrap()
            .iter()
            .all(|signal| signal["verdict"].is_string())
    })
    .await;
    let strategies = json("/api/v1/market/strategies").await;
    let verdict = |signal: &Value| {
        let mut strategies = strategies.as_array().unwrap().iter();
        let strategy = strategies.find(|strategy| strategy["name"] == signal["strategy"]).unwrap();
        let mut verdicts = strategy["verdicts"].as_array().unwrap().iter();
        verdicts
            .find(|verdict| verdict["symbol"] == signal["symbol"] && verdict["timeframe"] == signal["timeframe"])
            .unwrap()["verdict"]
            .clone()
    };
    let table = app.get("/api/v1/track-record?format=csv").send().await.unwrap().text().await.unwrap();
    let record = json("/api/v1/track-record?limit=200").await["signals"].as_array().unwrap().clone();
    for (place, signal) in record.iter().enumerate() {
        assert_eq!(signal["verdict"], verdict(signal), "{signal}");
        let cells: Vec<&str> = table.lines().nth(place + 1).unwrap().split(',').collect();
        assert_eq!((cells[1], cells[6]), (signal["id"].as_str().unwrap(), signal["verdict"].as_str().unwrap()));
    }
    let alone = json(&format!("/api/v1/signals/{}", record[0]["id"].as_str().unwrap())).await;
    assert_eq!((&alone["id"], &alone["verdict"]), (&record[0]["id"], &record[0]["verdict"]));
    // What is examined and fails says so in the row.
    let page = app.get("/track-record").header("accept", "text/html").send().await.unwrap().text().await.unwrap();
    let unproven = record.iter().take(20).filter(|signal| signal["verdict"] == "unproven").count();
    assert!(unproven > 0);
    assert_eq!(page.matches("class=\"unproven\"").count(), unproven);
    let document = json("/api/v1/openapi.json").await.to_string();
    assert!(document.contains("^(proven|unproven)$") && document.contains("JudgedSignal"));
    app.site.database.remove().await;
}

mod over_http {
    use super::*;

    on_both! {
        async fn a_job_examines_and_everybody_is_told(app: TestApp) {
            let strategies = || async {
                let answer = app.get("/api/v1/market/strategies").send().await.unwrap();
                answer.json::<Value>().await.unwrap()
            };
            let is_examined = |verdict: &Value| verdict["examined_at"].is_string();
            app.until("a strategy is examined", || async {
                strategies().await[0]["verdicts"].as_array().unwrap().iter().any(is_examined)
            }).await;
            let told = strategies().await;
            let mut series = HashSet::new();
            for strategy in told.as_array().unwrap() {
                for verdict in strategy["verdicts"].as_array().unwrap() {
                    series.insert((strategy["name"].clone(), verdict["symbol"].clone(), verdict["timeframe"].clone()));
                    let proven = verdict["verdict"] == "proven";
                    assert!(proven || verdict["verdict"] == "unproven");
                    assert_eq!(verdict["reasons"].as_array().unwrap().is_empty(), proven, "{verdict}");
                }
            }
            assert_eq!(series.len(), app.state.desk.series(app.state.market.as_ref()).len());
        }
    }
}
