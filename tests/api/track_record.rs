//! The public record over HTTP: its figures are those of the signals in it, whole and in every part.

use crate::{
    by_hand::{Hand, replica, with_site},
    harness::{Backend, Site, TestApp},
    on_both, on_each,
};
use engine::{
    ledger::{Hash, Markets, verify},
    record::{Figures, Settled},
};
use serde_json::Value;
use signalbox::{
    domain::{
        id::SignalId,
        record::RecordFilter,
        signal::{Outcome, Signal},
        time::Timestamp,
    },
    server::{
        service::{publish, track_record},
        state::AppState,
        store::signals::FeedQuery,
    },
};
use std::{collections::BTreeMap, time::Duration};
use uuid::Uuid;

const RECORD: &str = "/api/v1/track-record";

async fn json(app: &TestApp, path: &str) -> Value {
    let response = app.get(path).send().await.unwrap();
    assert_eq!(response.status(), 200, "{path}: {:?}", response.text().await);
    response.json().await.unwrap()
}

/// Every published signal, as the database has it.
async fn all(state: &AppState) -> Vec<Signal> {
    let all = FeedQuery { limit: 10_000, ..FeedQuery::default() };
    state.store.newest_signals(&all).await.unwrap()
}

/// Counted from the signals themselves, the newest first; those settled at one moment count in the order of their numbers.
fn counted(signals: &[Signal]) -> Figures {
    let settled = signals.iter().rev().filter(|signal| signal.outcome != Outcome::Open);
    let settled: Vec<Settled> = settled
        .map(|signal| Settled {
            outcome: signal.outcome,
            r_multiple: signal.r_multiple.unwrap(),
            confidence: signal.confidence,
            settled_at: signal.settled_at.unwrap().secs(),
        })
        .collect();
    let open = signals.len() - settled.len();
    Figures::of(&settled, open)
}

fn same(told: &Value, expected: &Figures, what: &str) {
    for (definition, value) in expected.table() {
        let told = told[definition.name].as_f64();
        let close = match (told, value) {
            (Some(told), Some(value)) => (told - value).abs() < 1e-9,
            (told, value) => told.is_none() && value.is_none(),
        };
        assert!(close, "{what}: {} is {told:?}, not {value:?}", definition.name);
    }
}

/// What a query says to these signals.
fn is_in(query: &[(&str, &str)], signal: &Signal) -> bool {
    query.iter().all(|(name, value)| match *name {
        "strategy" => signal.strategy == *value,
        "symbol" => signal.symbol == *value,
        "timeframe" => signal.timeframe == *value,
        _ => signal.candle_closed_at.to_string().starts_with(value),
    })
}

/// A site whose market stands still, with sixty days of record.
async fn still(backend: Backend) -> TestApp {
    TestApp::spawn_with(backend, &[("SIGNALBOX_MARKET__DAYS_PER_MINUTE", "0.0001")]).await
}

on_each!(
    every_part_comes_to_what_its_signals_do,
    a_file_has_every_signal_and_so_have_the_pages,
    what_a_check_of_the_ledger_comes_to_is_the_same,
    a_record_of_thousands_is_told_in_short,
    what_is_settled_later_is_counted_then,
);

async fn every_part_comes_to_what_its_signals_do(backend: Backend) {
    let app = still(backend).await;
    let signals = all(&app.state).await;
    let parts: [&[(&str, &str)]; 8] = [
        &[],
        &[("strategy", "mean-reversion")],
        &[("symbol", "BTC/USDT")],
        &[("timeframe", "1h")],
        &[("symbol", "BTC/USDT"), ("timeframe", "1d")],
        &[("period", "2024")],
        &[("period", "2024-05")],
        &[("strategy", "no-such-rule")],
    ];
    for part in parts {
        let query = serde_urlencoded(part);
        let record = json(&app, &format!("{RECORD}?{query}")).await;
        let within: Vec<Signal> = signals.iter().filter(|signal| is_in(part, signal)).cloned().collect();
        same(&record["figures"], &counted(&within), &query);
        assert_eq!(record["caution"].is_string(), counted(&within).settled < 30, "{query}");
        assert_eq!(record["replay"], !within.is_empty(), "{query}");
        let curve = record["curve"].as_array().unwrap();
        let settled = counted(&within).settled;
        assert_eq!(curve.len(), if settled > 480 { 481 } else { settled }, "{query}");
        let last = curve.last().map(|point| point["total_r"].as_f64().unwrap());
        let month = record["months"].as_array().unwrap().last().map(|month| month["total_r"].as_f64().unwrap());
        assert_eq!(last, month, "{query}");
        for (by, name) in [("by_strategy", "strategy"), ("by_symbol", "symbol"), ("by_period", "period")] {
            let mut open_and_settled = 0;
            for line in record[by].as_array().unwrap() {
                let value = line["name"].as_str().unwrap();
                let here: Vec<Signal> =
                    within.iter().filter(|signal| is_in(&[(name, value)], signal)).cloned().collect();
                same(&line["figures"], &counted(&here), &format!("{query} {by} {value}"));
                open_and_settled += here.len();
            }
            assert_eq!(open_and_settled, within.len(), "{query}: {by} leaves out a signal");
        }
    }
    let whole = json(&app, RECORD).await;
    assert_eq!(whole["begins_at"], signals.last().unwrap().candle_closed_at.to_string());
    assert_eq!(whole["first_published_at"], signals.last().unwrap().published_at.to_string());
    let calibration = &whole["calibration"];
    let told = signals.iter().filter(|signal| signal.outcome != Outcome::Open && signal.confidence.is_some());
    assert_eq!(calibration["count"].as_u64().unwrap(), told.count() as u64);
    let tenths: u64 = calibration["table"].as_array().unwrap().iter().map(|row| row["count"].as_u64().unwrap()).sum();
    assert_eq!(tenths, calibration["count"].as_u64().unwrap());
    app.site.database.remove().await;
}

fn serde_urlencoded(pairs: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

async fn a_file_has_every_signal_and_so_have_the_pages(backend: Backend) {
    let app = still(backend).await;
    let mut settled: Vec<Signal> =
        all(&app.state).await.into_iter().filter(|signal| signal.outcome != Outcome::Open).collect();
    settled.sort_by_key(|signal| std::cmp::Reverse((signal.settled_at, signal.seq)));
    // Read from text as the answers are, so that figures are the same to the last bit.
    let text = serde_json::to_string(&settled).unwrap();
    let expected: Vec<Value> = serde_json::from_str(&text).unwrap();

    let (mut paged, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = json(&app, &format!("{RECORD}?limit=7{cursor}")).await;
        let signals = page["signals"].as_array().unwrap();
        assert!(signals.len() == 7 || page["next_cursor"].is_null());
        paged.extend(signals.iter().cloned().map(without_verdict));
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert!(paged == expected, "losers included, the last settled first");
    assert!(expected.iter().any(|signal| signal["r_multiple"].as_f64().unwrap() < 0.0));

    let answer = app.get(&format!("{RECORD}?format=json")).send().await.unwrap();
    assert_eq!(answer.headers()["content-disposition"], "attachment; filename=\"track-record.json\"");
    let file: Vec<Value> = answer.json().await.unwrap();
    let file: Vec<Value> = file.into_iter().map(without_verdict).collect();
    assert!(file == expected, "the file has every signal");

    let answer = app.get(&format!("{RECORD}?format=csv&symbol=BTC/USDT")).send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "text/csv; charset=utf-8");
    assert_eq!(answer.headers()["content-disposition"], "attachment; filename=\"track-record.csv\"");
    let table = answer.text().await.unwrap();
    let lines: Vec<&str> = table.split_terminator("\r\n").collect();
    let bitcoins: Vec<&Signal> = settled.iter().filter(|signal| signal.symbol == "BTC/USDT").collect();
    assert_eq!(lines.len(), bitcoins.len() + 1);
    assert!(lines[0].starts_with("seq,id,symbol,"));
    for (line, signal) in lines[1..].iter().zip(bitcoins) {
        let place = format!(",{},{}", signal.prev_hash.as_ref().unwrap(), signal.hash.as_ref().unwrap());
        assert!(line.ends_with(&place), "{line}");
        assert!(line.starts_with(&format!("{},{},BTC/USDT,", signal.seq, signal.id)), "{line}");
        assert!(line.contains(&format!(",{},", signal.r_multiple.unwrap())), "{line}");
    }
    let none = app.get(&format!("{RECORD}?format=json&symbol=GOLD")).send().await.unwrap();
    assert_eq!(none.json::<Vec<Value>>().await.unwrap(), Vec::<Value>::new());
    app.site.database.remove().await;
}

/// A signal of an answer but for its strategy's verdict, which may be made at any moment.
fn without_verdict(mut signal: Value) -> Value {
    let verdict = signal.as_object_mut().unwrap().remove("verdict").expect("told, if only as null");
    assert!(verdict.is_null() || verdict == "proven" || verdict == "unproven", "{verdict}");
    signal
}

async fn what_a_check_of_the_ledger_comes_to_is_the_same(backend: Backend) {
    let app = still(backend).await;
    let ledger = app.get("/api/v1/ledger/export").send().await.unwrap().bytes().await.unwrap();
    let report = verify(&ledger, Markets::default());
    assert_eq!(report.fault, None);
    let figures = &json(&app, RECORD).await["figures"];
    for (name, count) in [
        ("won", report.won),
        ("lost", report.lost),
        ("expired", report.expired),
        ("settled", report.reveals),
        ("open", report.publications - report.reveals),
    ] {
        assert_eq!(figures[name], count, "{name}");
    }
    assert!(report.won > 0 && report.lost > 0);
    assert!((figures["total_r"].as_f64().unwrap() - report.total_r).abs() < 1e-9);
    // And in the same words.
    let page = app.get("/track-record").header("accept", "text/html").send().await.unwrap().text().await.unwrap();
    for words in [report.outcomes(), report.together()] {
        assert!(page.contains(&words), "{words}");
    }
    app.site.database.remove().await;
}

/// Settled signals of long ago, each with a number, a moment and an ending of its own.
async fn thousands(state: &AppState, count: i64) {
    let like = all(state).await[0].clone();
    let ends = [(Outcome::Target, 1.8), (Outcome::Stop, -1.0), (Outcome::Expired, 0.2)];
    let signal = |number: i64| {
        let (outcome, r_multiple) = ends[usize::try_from(number).unwrap() % ends.len()];
        let decided_at = Timestamp::from_secs(1_000_000_800 + number * 3600);
        Signal {
            id: SignalId(Uuid::now_v7()),
            seq: like.seq + number,
            strategy: format!("rule-{}", number % 8),
            candle_closed_at: decided_at,
            settled_at: Some(decided_at + Duration::from_secs(86_400)),
            outcome,
            exit_price: Some(like.price),
            r_multiple: Some(r_multiple),
            ..like.clone()
        }
    };
    let txn = state.store.begin().await.unwrap();
    txn.insert_signals(&(1..=count).map(|number| (signal(number), Hash::NONE)).collect::<Vec<_>>()).await.unwrap();
    txn.commit().await.unwrap();
}

async fn a_record_of_thousands_is_told_in_short(backend: Backend) {
    with_site(Site::new(backend).await, |site| async move {
        let state = replica(&site, &Hand::new()).await;
        publish::backfill(&state).await.unwrap();
        let before = all(&state).await.len() as u64;
        thousands(&state, 10_000).await;
        let read = || async { track_record::read(&state, &RecordFilter::default(), None, 50).await.unwrap() };
        let first = read().await;
        assert_eq!(first.figures.settled + first.figures.open, before + 10_000);
        assert_eq!((first.curve.len(), first.signals.len()), (481, 50));
    })
    .await;
}

async fn what_is_settled_later_is_counted_then(backend: Backend) {
    with_site(Site::with_settings(backend, &[("SIGNALBOX_MARKET__DAYS_PER_MINUTE", "2")]).await, |site| async move {
        let hand = Hand::new();
        let (one, other) = (replica(&site, &hand).await, replica(&site, &hand).await);
        publish::backfill(&one).await.unwrap();
        let read = |state: AppState| async move {
            track_record::read(&state, &RecordFilter::default(), None, 50).await.unwrap()
        };
        let mut settled = read(other.clone()).await.figures.settled;
        let begun = settled;
        for _ in 0..30 {
            hand.step(Duration::from_secs(5));
            publish::tick(&one).await.unwrap();
            let record = read(other.clone()).await;
            let expected = counted(&all(&one).await);
            same(&serde_json::to_value(record.figures).unwrap(), &expected, "after a round");
            assert!(record.figures.settled >= settled);
            settled = record.figures.settled;
        }
        assert!(settled > begun, "nothing was settled in five days");
    })
    .await;
}

mod over_http {
    use super::*;

    on_both! {
        async fn what_cannot_be_asked_for_is_refused_by_its_field(app: TestApp) {
            for (query, field) in [
                ("period=soon", "period"),
                ("period=2024-13", "period"),
                ("cursor=first", "cursor"),
                ("limit=0", "limit"),
                ("limit=201", "limit"),
                ("format=xml", "format"),
                ("format=csv&cursor=1_1", "cursor"),
                ("format=json&limit=5", "limit"),
                ("page=2", "page"),
            ] {
                let answer = app.get(&format!("{RECORD}?{query}")).send().await.unwrap();
                assert_eq!(answer.status(), 422, "{query}");
                let problem: Value = answer.json().await.unwrap();
                assert_eq!(problem["fields"][0]["field"], field, "{query}: {problem}");
            }
            let long = "x".repeat(65);
            assert_eq!(app.get(&format!("{RECORD}?strategy={long}")).send().await.unwrap().status(), 422);
            // A form that was sent untouched.
            assert_eq!(app.get(&format!("{RECORD}?strategy=&symbol=&timeframe=&period=")).send().await.unwrap().status(), 200);
        }

        async fn no_open_signal_is_told_by_the_record(app: TestApp) {
            let open: Vec<Signal> = all(&app.state).await.into_iter().filter(|signal| signal.outcome == Outcome::Open).collect();
            assert!(!open.is_empty());
            for path in [RECORD.to_owned(), format!("{RECORD}?format=csv"), format!("{RECORD}?format=json")] {
                let text = app.get(&path).send().await.unwrap().text().await.unwrap();
                for signal in &open {
                    // It may be settled by now.
                    let still = app.state.store.signal(signal.id).await.unwrap().unwrap().outcome == Outcome::Open;
                    assert!(!(still && text.contains(&signal.id.to_string())), "{path} tells of an open signal");
                }
            }
        }

        async fn the_backtest_beside_the_record_is_of_what_was_before_it(app: TestApp) {
            let drift = json(&app, RECORD).await["drift"].clone();
            let mut begins: BTreeMap<(String, String), Timestamp> = BTreeMap::new();
            let signals = all(&app.state).await;
            for signal in signals.iter().rev().filter(|signal| signal.strategy == "mean-reversion") {
                begins.entry((signal.symbol.clone(), signal.timeframe.clone())).or_insert(signal.candle_closed_at);
            }
            let mut before = Vec::new();
            for ((symbol, timeframe), begins_at) in &begins {
                let candles = app.state.market.series(symbol, timeframe.parse().unwrap()).unwrap().unwrap();
                let rule = engine::strategy::named("mean-reversion").unwrap();
                // The signals decided before the first published one, settled by candles before it too.
                let entries = engine::history::run(rule.as_ref(), candles.upto(begins_at.secs() - 1));
                before.extend(entries.into_iter().filter_map(|entry| entry.settlement).map(|settlement| {
                    assert!(settlement.settled_at < begins_at.secs());
                    Settled { outcome: settlement.outcome, r_multiple: settlement.r_multiple, confidence: None, settled_at: settlement.settled_at }
                }));
            }
            let line = drift.as_array().unwrap().iter().find(|line| line["strategy"] == "mean-reversion").unwrap();
            same(&line["backtest"], &Figures::of(&before, 0), "the backtest");
            assert!(before.len() > 500 && line["words"].as_str().unwrap().len() > 20, "{}", before.len());
            assert!(line["live"]["settled"].as_u64().unwrap() >= 20);
            assert!(line["expectancy_r"]["low"].as_f64() < line["expectancy_r"]["high"].as_f64());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn before_the_first_signal_the_record_is_empty_and_says_so() {
    let app = TestApp::spawn_with(
        Backend::Embedded,
        &[("SIGNALBOX_MARKET__BACKFILL_DAYS", "0"), ("SIGNALBOX_MARKET__DAYS_PER_MINUTE", "0.0001")],
    )
    .await;
    let record = json(&app, RECORD).await;
    assert_eq!(
        (&record["begins_at"], &record["calibration"], &record["replay"]),
        (&Value::Null, &Value::Null, &Value::Bool(false))
    );
    assert!(record["caution"].as_str().unwrap().starts_with("No signal here is settled yet"));
    let table = app.get(&format!("{RECORD}?format=csv")).send().await.unwrap().text().await.unwrap();
    assert_eq!(table.lines().count(), 1);
}
