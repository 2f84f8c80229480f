//! Backtests over HTTP: the engine's figures, for who asked and nobody else, as many as the plan gives.

mod replicas;

use crate::{
    harness::{Account, Backend, TestApp},
    on_both,
};
use engine::{
    CandleSlice, Candles, Timeframe,
    backtest::{self, Exits, Fill, Settings, Sizing},
    figures, honesty, strategy, synthetic,
};
use futures::future::join_all;
use serde::Serialize;
use serde_json::{Value, json, value::RawValue};
use signalbox::server::backtests::Stage;
use std::{collections::BTreeMap, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const BTC_HOURS: &str = include_str!("../../engine/data/BTCUSDT_1h.csv");
const BTC_DAYS: &str = include_str!("../../engine/data/BTCUSDT_1d.csv");

/// The status, the `Location` and the body of an answer.
struct Answer {
    status: u16,
    location: Option<String>,
    text: String,
}

impl Answer {
    async fn of(request: reqwest::RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        let status = response.status().as_u16();
        let private = response.headers().get("cache-control").is_some_and(|value| value == "private, no-store");
        assert!(private || ![200, 202].contains(&status), "{status}");
        let location = response.headers().get("location").map(|value| value.to_str().unwrap().to_owned());
        Self { status, location, text: response.text().await.unwrap() }
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or(Value::Null)
    }

    /// The parts of the result as they were written, so that bits are compared.
    fn result(&self) -> BTreeMap<String, Box<RawValue>> {
        let parts: BTreeMap<String, Box<RawValue>> = serde_json::from_str(&self.text).unwrap();
        serde_json::from_str(parts["result"].get()).unwrap()
    }
}

async fn ask(app: &TestApp, account: &Account, body: &Value) -> Answer {
    Answer::of(account.bearer(app.post("/api/v1/backtest/run", body))).await
}

/// Where a started one is told of.
async fn start(app: &TestApp, account: &Account, body: &Value) -> String {
    let answer = ask(app, account, body).await;
    assert_eq!(answer.status, 202, "{}", answer.text);
    let path = answer.location.clone().unwrap();
    assert_eq!(path, format!("/api/v1/backtest/{}", answer.json()["id"].as_str().unwrap()));
    path
}

/// Runs one to its end.
async fn run(app: &TestApp, account: &Account, body: &Value) -> Answer {
    let path = start(app, account, body).await;
    let answer = Answer::of(account.bearer(app.get(&format!("{path}?wait=20")))).await;
    assert_eq!((answer.status, &answer.json()["state"]), (200, &Value::from("done")), "{}", answer.text);
    answer
}

/// How many of today's are used.
async fn used(app: &TestApp, account: &Account) -> Value {
    let usage = account.bearer(app.get("/api/v1/usage/backtests")).send().await.unwrap();
    usage.json::<Value>().await.unwrap()["used"].take()
}

fn written(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap()
}

/// Takes half a minute, which is as long as any may, if nobody ends it.
fn endless() -> Value {
    json!({"synthetic": {"candles": 700_000}, "strategy": "ensemble", "honesty": {"simulations": 100}})
}

fn short() -> Value {
    json!({"synthetic": {"candles": 500}, "strategy": "sma-cross"})
}

/// That the answer has the engine's figures and equity.
fn is_the_engines(answer: &Answer, name: &str, params: &[(&str, f64)], candles: CandleSlice<'_>, settings: Settings) {
    let strategy = strategy::named(name).unwrap().with(params).unwrap();
    let report = backtest::run(strategy.as_ref(), candles, settings).unwrap();
    let summary = figures::summary(&report, candles, &settings);
    let result = answer.result();
    assert_eq!(result["figures"].get(), written(&summary.figures));
    assert_eq!(result["equity"].get(), written(&report.equity));
    assert_eq!(result["drawdown"].get(), written(&summary.drawdown));
    assert_eq!(result["distribution"].get(), written(&summary.distribution));
    assert_eq!(result["months"].get(), written(&summary.months));
    let told = &answer.json()["result"];
    assert_eq!(told["trades"].as_array().unwrap().len(), report.trades.len());
    for (trade, run) in told["trades"].as_array().unwrap().iter().zip(&summary.excursions) {
        let is = |name: &str, value: f64| (trade[name].as_f64().unwrap() - value).abs() < 1e-12;
        assert!(is("mae", run.adverse) && is("mfe", run.favourable), "{trade}");
    }
    assert_eq!((told["equity_step"].as_u64(), told["trades_left_out"].as_u64()), (Some(1), Some(0)));
    assert_eq!(told["series"]["candles"].as_u64(), Some(candles.len() as u64));
    assert_eq!(told["strategy"]["name"], name);
}

on_both! {
    async fn what_comes_of_it_is_what_the_engine_says(app: TestApp) {
        let account = app.sign_up().await;
        let hours = Candles::parse_csv(BTC_HOURS, Timeframe::Hour).unwrap();
        let cross = [("fast", 10.0), ("slow", 30.0)];
        for (name, fill) in [("next-open", Fill::NextOpen), ("close", Fill::Close)] {
            let asked = json!({
                "csv": BTC_HOURS, "strategy": "sma-cross", "params": {"fast": 10, "slow": 30}, "size": 1, "fee": 0.001,
                "slippage": 0, "fill": name, "exits": "opposite",
            });
            let answer = run(&app, &account, &asked).await;
            let settings = Settings { fill, exits: Exits::Opposite, ..Settings::default() };
            is_the_engines(&answer, "sma-cross", &cross, hours.view(), settings);
            let told = &answer.json()["result"];
            assert_eq!(told["trades"].as_array().unwrap().len(), 741);
            assert_eq!((&told["series"]["source"], &told["series"]["timeframe"]), (&json!("uploaded"), &json!("1h")));
            assert_eq!(told["settings"]["fill"], name);
        }
        let asked = json!({
            "symbol": "BTC/USDT", "timeframe": "1d", "from": "2020-01-01T00:00:00Z", "to": "2024-01-01T00:00:00Z",
            "strategy": "donchian-breakout", "risk": 0.02, "cash": 500,
        });
        let answer = run(&app, &account, &asked).await;
        let days = Candles::parse_csv(BTC_DAYS, Timeframe::Day).unwrap();
        let settings = Settings { cash: 500.0, sizing: Sizing::Risk(0.02), ..Settings::default() };
        let years = days.view().since(1_577_836_800).upto(1_704_067_200);
        is_the_engines(&answer, "donchian-breakout", &[], years, settings);
        let series = &answer.json()["result"]["series"];
        assert_eq!((&series["source"], &series["from"]), (&json!("recorded"), &json!("2020-01-01T00:00:00Z")));
    }

    async fn a_report_of_honesty_is_the_engines_too(app: TestApp) {
        let account = app.sign_up().await;
        let asked = json!({
            "synthetic": {"candles": 3_000, "seed": 5}, "timeframe": "1d", "strategy": "rsi-reversal",
            "honesty": {"simulations": 200, "compared": 8},
        });
        let answer = run(&app, &account, &asked).await;
        let candles = synthetic::candles(3_000, 5, Timeframe::Day);
        let strategy = strategy::named("rsi-reversal").unwrap();
        let checks = honesty::Checks { simulations: 200, compared: 8, ..honesty::Checks::default() };
        let honesty = honesty::examine(strategy.as_ref(), candles.view(), Settings::default(), &checks).unwrap();
        assert_eq!(answer.result()["honesty"].get(), written(&honesty));
    }

    async fn a_long_series_is_told_in_fewer_points(app: TestApp) {
        let account = app.sign_up().await;
        let asked = json!({"synthetic": {"candles": 1_000_000, "seed": 7}, "strategy": "sma-cross",
            "params": {"fast": 10, "slow": 30}, "exits": "opposite"});
        let answer = run(&app, &account, &asked).await;
        let told = answer.json()["result"].take();
        assert_eq!((told["series"]["candles"].as_u64(), told["equity_step"].as_u64()), (Some(1_000_000), Some(50)));
        let equity = told["equity"].as_array().unwrap();
        assert_eq!((equity.len(), equity.last()), (20_000, Some(&told["figures"]["final_equity"])));
        let drawdown = told["drawdown"].as_array().unwrap();
        assert_eq!((drawdown.len(), drawdown.last()), (20_000, Some(&told["figures"]["current_drawdown"])));
        assert_eq!(told["distribution"]["unit"], "return", "no stop ends a trade");
        let trades = told["trades"].as_array().unwrap();
        let all = told["figures"]["trades"].as_u64().unwrap() + told["figures"]["open_trades"].as_u64().unwrap();
        assert_eq!((trades.len(), told["trades_left_out"].as_u64()), (20_000, Some(all - 20_000)));
        assert!(trades[19_999]["exit_time"].is_null(), "the newest are told");
    }

    async fn bad_rows_are_left_out_where_that_is_asked_for(app: TestApp) {
        let account = app.sign_up().await;
        let nulls = include_str!("../../engine/tests/robustness/nifty_with_null_rows.csv");
        let asked = |csv: &str| json!({"csv": csv, "strategy": "macd", "skip_bad_rows": true});
        let answer = run(&app, &account, &asked(nulls)).await;
        let import = Candles::import_csv(nulls, Timeframe::Day).unwrap();
        is_the_engines(&answer, "macd", &[], import.candles.view(), Settings::default());
        let put_aside = answer.json()["result"]["series"]["put_aside"].take();
        assert_eq!((&put_aside["count"], put_aside["rows"].as_array().unwrap().len()), (&json!(35), 35));
        assert_eq!(put_aside["rows"][0], json!({"row": 297, "reason": "the open is missing"}));
        let rows = |count: i64, bad: usize| {
            let row = |day| format!("{},2,4,1,3,1\n", 1_717_200_000 + day * 86_400);
            let good: String = (0..count).map(row).collect();
            format!("timestamp,open,high,low,close,volume\n{good}{}", "soon,2,4,1,3,1\n".repeat(bad))
        };
        let answer = run(&app, &account, &asked(&rows(60, 60))).await;
        let put_aside = answer.json()["result"]["series"]["put_aside"].take();
        assert_eq!((&put_aside["count"], put_aside["rows"].as_array().unwrap().len()), (&json!(60), 50));
        let most = ask(&app, &account, &asked(&rows(60, 61))).await;
        assert_eq!((most.status, most.json()["fields"][0]["field"].as_str()), (422, Some("csv")));
        let detail = "61 of 121 rows break a rule. Row 62: the time \"soon\" cannot be read.";
        assert_eq!(most.json()["detail"], detail);
        let strict = ask(&app, &account, &json!({"csv": nulls, "strategy": "macd"})).await;
        assert_eq!(strict.json()["detail"], "Row 297: the open is missing.");
    }

    async fn the_market_is_told_as_far_as_it_has_come(app: TestApp) {
        let account = app.sign_up().await;
        let asked = json!({"symbol": "NIFTY", "timeframe": "1d", "strategy": "macd"});
        let answer = run(&app, &account, &asked).await;
        let now = signalbox::server::service::market_clock::now(&app.state).await.unwrap().now;
        let to = answer.json()["result"]["series"]["to"].as_str().unwrap().to_owned();
        assert!(signalbox::domain::time::Timestamp::parse(&to).unwrap() <= now && to.starts_with("2024-0"), "{to}");
    }

    async fn nobody_else_knows_of_it(app: TestApp) {
        let (owner, other) = (app.sign_up().await, app.sign_up().await);
        let path = start(&app, &owner, &short()).await;
        for look in [app.get(&path), app.client.delete(app.url(&path))] {
            let visitor = Answer::of(look.try_clone().unwrap()).await;
            assert_eq!(visitor.status, 401);
            let stranger = Answer::of(other.bearer(look)).await;
            assert_eq!((stranger.status, stranger.json()["code"].as_str()), (404, Some("not_found")));
        }
        let nothing = Answer::of(app.post("/api/v1/backtest/run", &short())).await;
        assert_eq!(nothing.status, 401);
        let unknown = "/api/v1/backtest/00000000-0000-4000-8000-000000000000";
        assert_eq!(Answer::of(owner.bearer(app.get(unknown))).await.status, 404);
        assert_eq!(Answer::of(owner.bearer(app.get("/api/v1/backtest/nonsense"))).await.status, 404);
        assert_eq!(Answer::of(owner.bearer(app.get(&format!("{path}?wait=20")))).await.json()["state"], "done");
        assert_eq!(Answer::of(owner.bearer(app.client.delete(app.url(&path)))).await.status, 204);
        assert_eq!(Answer::of(owner.bearer(app.get(&path))).await.status, 404, "it is forgotten");
        assert_eq!(Answer::of(owner.bearer(app.client.delete(app.url(&path)))).await.status, 404);
    }

    async fn the_eleventh_of_a_day_is_refused_in_words(app: TestApp) {
        let account = app.sign_up().await;
        for _ in 0..10 {
            run(&app, &account, &short()).await;
        }
        let refused = ask(&app, &account, &short()).await;
        let problem = refused.json();
        assert_eq!((refused.status, &problem["code"]), (403, &json!("quota_exceeded")));
        assert_eq!((&problem["limit"], &problem["used"]), (&json!(10), &json!(10)));
        assert!(problem["detail"].as_str().unwrap().starts_with("All 10 free backtests of today are used."));
        assert_eq!(used(&app, &account).await, 10);
    }

    async fn a_full_queue_is_told_and_an_end_makes_room(app: TestApp) {
        let mut started = Vec::new();
        for places in [3, 3, 2] {
            let account = app.sign_up().await;
            for _ in 0..places {
                started.push((start(&app, &account, &endless()).await, account.clone()));
            }
            if places == 3 {
                let fourth = account.bearer(app.post("/api/v1/backtest/run", &short())).send().await.unwrap();
                assert_eq!(fourth.status(), 503, "three of one person");
            }
        }
        let late = app.sign_up().await;
        let full = late.bearer(app.post("/api/v1/backtest/run", &short())).send().await.unwrap();
        assert_eq!((full.status().as_u16(), full.headers()["retry-after"].to_str().unwrap()), (503, "5"));
        let (running, waiting) = (&started[0], &started[1]);
        let state = |of: &(String, Account)| Answer::of(of.1.bearer(app.get(&of.0)));
        app.until("the first one runs", || async { state(running).await.json()["state"] == "running" }).await;
        assert_eq!(state(waiting).await.json()["state"], "queued");
        // Whoever waits for the end of one is told when it is ended.
        let waits = Answer::of(waiting.1.bearer(app.get(&format!("{}?wait=20", waiting.0))));
        let ends = async {
            for (path, account) in started.iter().rev() {
                assert_eq!(Answer::of(account.bearer(app.client.delete(app.url(path)))).await.status, 204);
            }
        };
        let (told, ()) = tokio::join!(waits, ends);
        assert_eq!(told.json()["state"], "cancelled", "{}", told.text);
        for (path, account) in &started {
            let look = || Answer::of(account.bearer(app.get(path)));
            let forget = || Answer::of(account.bearer(app.client.delete(app.url(path))));
            assert_eq!(look().await.json()["state"], "cancelled");
            assert_eq!((forget().await.status, look().await.status, forget().await.status), (204, 404, 404));
        }
        // Each of them would have kept this one waiting for longer than it waits.
        run(&app, &late, &short()).await;
        assert_eq!(used(&app, &late).await, 1, "what was refused costs nothing");
    }

    async fn it_goes_on_when_nobody_asks_and_tells_how_far_it_is(app: TestApp) {
        let account = app.sign_up().await;
        let asked = json!({"csv": BTC_HOURS, "strategy": "sma-cross", "honesty": {"simulations": 2_000}});
        let path = start(&app, &account, &asked).await;
        let me: Value = account.bearer(app.get("/auth/me")).send().await.unwrap().json().await.unwrap();
        let (owner, id) = (me["id"].as_str().unwrap().parse().unwrap(), path.rsplit('/').next().unwrap().parse().unwrap());
        let job = app.state.backtests.find(owner, id, app.state.clock.now()).unwrap();
        // A reader who hangs up.
        let impatient = account.bearer(app.get(&format!("{path}?wait=20"))).send();
        assert!(tokio::time::timeout(Duration::from_millis(50), impatient).await.is_err());
        let (mut stage, mut told) = (job.stage(), Vec::new());
        loop {
            let now = stage.borrow_and_update().clone();
            match now {
                Stage::Running(done) => told.push(done),
                Stage::Queued => {}
                over => break assert!(matches!(over, Stage::Done(_)), "{over:?}"),
            }
            stage.changed().await.unwrap();
        }
        assert!(told.is_sorted() && told.iter().all(|done| *done < 1.0), "{told:?}");
        let between = |from: f64, to: f64| told.iter().any(|done| (from..to).contains(done));
        assert!(between(0.1, 0.4) && between(0.5, 1.0), "{told:?}");
        let status = Answer::of(account.bearer(app.get(&path))).await.json();
        assert_eq!((&status["state"], &status["progress"]), (&json!("done"), &json!(1.0)));
        assert!(status["detail"].is_null());
    }

    async fn what_cannot_be_run_is_refused_at_its_field_and_costs_nothing(app: TestApp) {
        let account = app.sign_up().await;
        let made = json!({"candles": 100});
        let sound = json!({"synthetic": made, "strategy": "sma-cross"});
        let with = |name: &str, value: Value| {
            let mut body = sound.clone();
            body[name] = value;
            body
        };
        let bad_row = "timestamp,open,high,low,close,volume\n2024-06-01,2,4,1,3,1\n2024-06-02,2,,1,3,1\n";
        let csv = |text: &str| json!({"csv": text, "strategy": "sma-cross"});
        let examined = |candles: usize, honesty: Value| {
            json!({"synthetic": {"candles": candles}, "strategy": "macd", "honesty": honesty})
        };
        for (body, field) in [
            (json!({"strategy": "sma-cross"}), "symbol"),
            (with("symbol", json!("NIFTY")), "symbol"),
            (json!({"symbol": "GOLD", "timeframe": "1d", "strategy": "sma-cross"}), "symbol"),
            (json!({"symbol": "NIFTY", "strategy": "sma-cross"}), "timeframe"),
            (with("timeframe", json!("5m")), "timeframe"),
            (json!({"symbol": "NIFTY", "timeframe": "1d", "from": "2090-01-01T00:00:00Z", "strategy": "macd"}), "from"),
            (with("to", json!("yesterday")), "to"),
            (csv(bad_row), "csv"),
            (csv(""), "csv"),
            (csv("timestamp,open,high,low,close,volume\n"), "csv"),
            (json!({"synthetic": {"candles": 0}, "strategy": "macd"}), "synthetic.candles"),
            (json!({"synthetic": {"candles": 1_000_001}, "strategy": "macd"}), "synthetic.candles"),
            (json!({"synthetic": made}), "strategy"),
            (json!({"synthetic": made, "strategy": "astrology"}), "strategy"),
            (with("params", json!({"fast": 100_000})), "params.fast"),
            (with("params", json!({"fast": 2.5})), "params.fast"),
            (with("params", json!({"speed": 1})), "params.speed"),
            (with("params", json!({"fast": "quick"})), "params.fast"),
            (with("fee", json!(0.2)), "fee"),
            (with("slippage", json!(-0.1)), "slippage"),
            (with("size", json!(1.5)), "size"),
            (with("risk", json!(0)), "risk"),
            (with("cash", json!(0)), "cash"),
            (with("fill", json!("yesterday")), "fill"),
            (with("exits", json!("never")), "exits"),
            (with("honesty", json!({"simulations": 99})), "honesty.simulations"),
            (with("honesty", json!({"simulations": 2_001})), "honesty.simulations"),
            (with("honesty", json!({"compared": 0})), "honesty.compared"),
            (with("honesty", json!({"folds": 21})), "honesty.folds"),
            (with("honesty", json!({"level": 1})), "level"),
            (examined(250_000, json!({})), "honesty.simulations"),
            (examined(1_000_000, json!({"simulations": 100, "draws": 100, "folds": 1})), "honesty.simulations"),
            (examined(200_000, json!({"draws": 10_000, "folds": 20, "parameters": 3})), "honesty.simulations"),
            (with("honesty", json!([100])), "honesty"),
            (with("honesty", json!([100, 100, 1, 1, 2, 5])), "honesty"),
            (with("synthetic", json!([200, 1])), "synthetic"),
            (with("colour", json!("red")), "colour"),
        ] {
            let answer = ask(&app, &account, &body).await;
            let problem = answer.json();
            assert_eq!((answer.status, problem["fields"][0]["field"].as_str()), (422, Some(field)), "{}", answer.text);
        }
        let row = ask(&app, &account, &csv(bad_row)).await.json();
        assert_eq!(row["detail"], "Row 3: the high is missing.");
        let both = ask(&app, &account, &json!({"synthetic": made, "strategy": "macd", "size": 1, "risk": 0.1})).await;
        assert_eq!(both.json()["fields"][0]["field"], "risk");
        for body in [json!([]), json!(null), json!("sma-cross"), json!([null, null, made])] {
            let problem = ask(&app, &account, &body).await.json();
            assert_eq!((&problem["code"], &problem["detail"]), (&json!("unreadable"), &json!("Send a JSON object.")));
        }
        let path = start(&app, &account, &sound).await;
        assert_eq!(Answer::of(account.bearer(app.get(&format!("{path}?wait=21")))).await.status, 422);
        assert_eq!(used(&app, &account).await, 1, "only the sound one");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_has_a_size_of_its_own() {
    let app = TestApp::spawn_with(Backend::Embedded, &[("SIGNALBOX_LIMITS__BACKTEST_BODY_BYTES", "100000")]).await;
    let account = app.sign_up().await;
    let of = |bytes: usize| json!({"csv": "x".repeat(bytes), "strategy": "macd"});
    // Larger than what a connection holds unread.
    let large = ask(&app, &account, &of(8_000_000)).await;
    assert_eq!((large.status, large.json()["code"].as_str()), (413, Some("too_large")));
    let allowed = ask(&app, &account, &of(90_000)).await;
    assert_eq!((allowed.status, allowed.json()["fields"][0]["field"].as_str()), (422, Some("csv")));
    app.stop().await;
}

/// Begins to ask for one, and never sends the rest.
async fn dawdle(app: &TestApp, account: &Account) -> TcpStream {
    let mut stream = TcpStream::connect(app.base.trim_start_matches("http://")).await.unwrap();
    let head = format!(
        "POST /api/v1/backtest/run HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{{",
        account.access_token
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_sends_slowly_keeps_nobody_else_waiting() {
    let app = TestApp::spawn(Backend::Embedded).await;
    let accounts = join_all((0..5).map(|_| app.sign_up())).await;
    let (quick, dawdling) = accounts.split_first().unwrap();
    // Together as many as there are places in the queue.
    let mut slow = Vec::new();
    for account in dawdling {
        for _ in 0..2 {
            slow.push((dawdle(&app, account).await, account));
        }
        // Faulty, so that it costs nothing.
        app.until("two of one person are read", || async { ask(&app, account, &json!({})).await.status == 503 }).await;
    }
    run(&app, quick, &short()).await;
    for (stream, account) in &mut slow {
        let mut answer = Vec::new();
        while !String::from_utf8_lossy(&answer).contains("\"too_slow\"") {
            let read = tokio::time::timeout(Duration::from_secs(20), stream.read_buf(&mut answer)).await;
            assert_ne!(read.unwrap().unwrap(), 0, "{}", String::from_utf8_lossy(&answer));
        }
        assert!(answer.starts_with(b"HTTP/1.1 408 "), "{}", String::from_utf8_lossy(&answer));
        assert_eq!(used(&app, account).await, 0);
    }
    run(&app, &dawdling[0], &short()).await;
    app.stop().await;
}
