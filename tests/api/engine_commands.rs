//! What the command line computes over files: the engine's values, TA-Lib's, backtesting.py's trades. It needs nothing
//! but the program and the file.

use crate::harness::required;
use engine::{
    Candles, Timeframe,
    backtest::{self, Exits, Fill, Settings},
    figures,
    indicators::catalogue::{self, Line},
    strategy,
    sweep::{Axis, Sweep},
};
use serde_json::{Value, json, value::RawValue};
use std::{
    collections::BTreeMap,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};
use tempfile::TempDir;

/// How far a value may be off TA-Lib's, of itself or of the column's median size.
const PRECISION: f64 = 1e-9;

/// The program in an empty folder, without any variable.
fn program(folder: &TempDir, arguments: &[&str]) -> Command {
    let mut command = Command::new(required("SIGNALBOX_TEST_BIN"));
    command.args(arguments).current_dir(folder.path()).env_clear().stdin(Stdio::null());
    command
}

fn run(arguments: &[&str]) -> Output {
    let folder = TempDir::new().unwrap();
    let output = program(&folder, arguments).output().unwrap();
    let left = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, 0, "it makes no file and no folder");
    output
}

/// What it answers; it says nothing else, except of gaps.
fn answer(arguments: &[&str]) -> String {
    let output = run(arguments);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.lines().all(|line| line.starts_with("note: ") && line.contains(" missing ")), "{arguments:?}: {said}");
    assert_eq!(output.status.code(), Some(0), "{arguments:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Why it refuses; it answers nothing.
fn refusal(arguments: &[&str]) -> String {
    let output = run(arguments);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    assert!(output.stdout.is_empty(), "{arguments:?}");
    String::from_utf8(output.stderr).unwrap()
}

fn engine_file(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("engine").join(name)
}

fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap()
}

fn candles(name: &str) -> (String, Candles) {
    let path = engine_file(&format!("data/{name}.csv"));
    let timeframe = if name.ends_with("1h") { Timeframe::Hour } else { Timeframe::Day };
    (path.display().to_string(), Candles::parse_csv(&text(&path), timeframe).unwrap())
}

/// The cells of a CSV by column.
fn by_column(csv: &str) -> BTreeMap<String, Vec<String>> {
    let mut rows = csv.lines().map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>());
    let header = rows.next().unwrap();
    let mut columns: Vec<Vec<String>> = vec![Vec::new(); header.len()];
    for row in rows {
        assert_eq!(row.len(), header.len());
        columns.iter_mut().zip(row).for_each(|(column, cell)| column.push(cell));
    }
    header.into_iter().zip(columns).collect()
}

#[test]
fn every_indicator_is_the_engines_bit_for_bit_over_every_bundled_series() {
    let names: Vec<&str> = catalogue::ALL.iter().map(|entry| entry.name).collect();
    assert_eq!(names.len(), 22);
    for series in ["NIFTY_1d", "BANKNIFTY_1d", "BTCUSDT_1d", "BTCUSDT_1h", "ETHUSDT_1d"] {
        let (path, candles) = candles(series);
        let told = by_column(&answer(&["indicators", "--data", &path, "--show", &names.join(","), "--csv"]));
        let mut columns = 1;
        for name in &names {
            let spec: catalogue::Spec = name.parse().unwrap();
            for (header, values) in spec.columns().iter().zip(spec.over(candles.view())) {
                let cell = |value: &f64| if value.is_nan() { String::new() } else { value.to_string() };
                let told: Vec<Option<f64>> = told[header].iter().map(|cell| cell.parse().ok()).collect();
                let ours: Vec<Option<f64>> = values.iter().map(|value| cell(value).parse().ok()).collect();
                assert_eq!(told, ours, "{series} {header}");
                columns += 1;
            }
        }
        assert_eq!(told.len(), columns, "{series}");
        let times: Vec<String> = text(Path::new(&path)).lines().skip(1).map(|row| row[..20].to_owned()).collect();
        assert_eq!(told["timestamp"], times);
    }
}

#[test]
fn columns_are_headed_as_asked_and_equal_ta_libs() {
    for series in ["NIFTY_1d", "BTCUSDT_1d", "BTCUSDT_1h"] {
        let (path, candles) = candles(series);
        let table = text(&engine_file(&format!("tests/talib/{series}.csv")));
        let (_, asked) = table.lines().next().unwrap().split_once(',').unwrap();
        let csv = answer(&["indicators", "--data", &path, "--show", asked, "--csv"]);
        assert_eq!(csv.lines().next(), Some(format!("timestamp,{asked}").as_str()), "in the order asked");
        let (told, expected) = (by_column(&csv), by_column(&table));
        for name in asked.split(',') {
            assert_eq!(told[name].len(), candles.len());
            let theirs: Vec<f64> = expected[name].iter().filter_map(|cell| cell.parse().ok()).collect();
            let least = PRECISION * median_size(&theirs);
            for (row, theirs) in expected["index"].iter().zip(&expected[name]) {
                let ours = &told[name][row.parse::<usize>().unwrap()];
                assert_eq!(ours.is_empty(), theirs.is_empty(), "{series} {name} {row}");
                if let (Ok(ours), Ok(theirs)) = (ours.parse::<f64>(), theirs.parse::<f64>()) {
                    let off = (ours - theirs).abs();
                    assert!(off <= least.max(PRECISION * theirs.abs()), "{series} {name} {row}: {ours} {theirs}");
                }
            }
        }
    }
}

fn median_size(values: &[f64]) -> f64 {
    let mut sizes: Vec<f64> = values.iter().map(|value| value.abs()).collect();
    assert!(sizes.len() > 100);
    sizes.sort_by(f64::total_cmp);
    sizes[sizes.len() / 2]
}

#[test]
fn one_output_can_be_asked_for_alone() {
    let (path, candles) = candles("ETHUSDT_1d");
    let csv = answer(&["indicators", "--data", &path, "--show", "macd:12:26:9.hist, sma:20", "--csv"]);
    assert_eq!(csv.lines().next(), Some("timestamp,macd:12:26:9.hist,sma:20"));
    let line: Line = "macd:12:26:9.hist".parse().unwrap();
    let last = *line.spec().over(candles.view())[line.output()].last().unwrap();
    assert_eq!(by_column(&csv)[&line.spec().columns()[line.output()]].last(), Some(&last.to_string()));
    let table = answer(&["indicators", "--data", &path, "--show", "bbands"]);
    assert_eq!(table.lines().count(), 21, "the newest twenty, and a header: {table}");
    assert!(table.lines().next().unwrap().contains("bbands.upper"), "{table}");
}

/// The cross of `make.py`, by command.
fn cross(path: &str, fill: &str, more: &[&str]) -> Vec<String> {
    let plain = [
        "backtest",
        "--data",
        path,
        "--strategy",
        "sma-cross",
        "--param",
        "fast=10",
        "--param",
        "slow=30",
        "--size",
        "1",
        "--fee",
        "0.001",
        "--slippage",
        "0",
        "--fill",
        fill,
        "--exits",
        "opposite",
    ];
    plain.iter().chain(more).map(|word| (*word).to_owned()).collect()
}

fn words(arguments: &[String]) -> Vec<&str> {
    arguments.iter().map(String::as_str).collect()
}

#[test]
fn the_sma_cross_trades_as_backtesting_py_does() {
    let (path, candles) = candles("BTCUSDT_1h");
    for (name, fill) in [("next-open", Fill::NextOpen), ("close", Fill::Close)] {
        let json = answer(&words(&cross(&path, name, &["--json"])));
        let told: Value = serde_json::from_str(&json).unwrap();
        let trades = told["trades"].as_array().unwrap();
        let table = text(&engine_file(&format!("tests/backtesting/{name}.csv")));
        let rows: Vec<Vec<&str>> = table.lines().skip(1).map(|row| row.split(',').collect()).collect();
        assert_eq!(rows.len(), 741);
        assert_eq!(trades.len(), rows.len());
        for (trade, row) in trades.iter().zip(&rows) {
            let side = if row[0] == "BUY" { "long" } else { "short" };
            assert_eq!(trade["side"], side, "{row:?}");
            assert_eq!((&trade["entry_time"], trade["entry_price"].as_f64()), (&row[1].into(), row[2].parse().ok()));
            let exit = (!row[3].is_empty()).then_some(row[3]);
            assert_eq!((trade["exit_time"].as_str(), trade["exit_price"].as_f64()), (exit, row[4].parse().ok()));
        }
        let last = &trades[740];
        assert!(last["exit_time"].is_null() && last["exit_price"].is_null() && last["r_multiple"].is_null());
        // It is valued at the last close: the equity is what was there and what every trade brought.
        let equity = told["equity"].as_array().unwrap();
        assert_eq!(equity.len(), candles.len());
        let pnl: f64 = trades.iter().map(|trade| trade["pnl"].as_f64().unwrap()).sum();
        assert!((10_000.0 + pnl - equity.last().unwrap().as_f64().unwrap()).abs() < 1e-5);
        // Every number of the JSON is the engine's own, to the last bit.
        let settings = Settings { fill, exits: Exits::Opposite, ..Settings::default() };
        let strategy = strategy::named("sma-cross").unwrap().with(&[("fast", 10.0), ("slow", 30.0)]).unwrap();
        let report = backtest::run(strategy.as_ref(), candles.view(), settings).unwrap();
        let raw: BTreeMap<&str, &RawValue> = serde_json::from_str(&json).unwrap();
        assert_eq!(raw["equity"].get(), written(&report.equity));
        let summary = figures::summary(&report, candles.view(), &settings);
        assert_eq!(raw["figures"].get(), written(&summary.figures));
        assert_eq!(raw["drawdown"].get(), written(&summary.drawdown));
        assert_eq!(raw["distribution"].get(), written(&summary.distribution));
    }
}

/// A value as JSON text, so that bits are compared and no parser comes between.
fn written(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap()
}

#[test]
fn a_backtest_as_live_ends_by_its_signals_and_says_whether_to_believe_it() {
    let (path, _) = candles("ETHUSDT_1d");
    let told: Value =
        serde_json::from_str(&answer(&["backtest", "--data", &path, "--strategy", "macd", "--honesty", "--json"]))
            .unwrap();
    let trades = told["trades"].as_array().unwrap();
    let ended = |trade: &Value| ["target", "stop", "expired"].contains(&trade["outcome"].as_str().unwrap_or_default());
    assert!(trades.len() > 50 && trades.iter().filter(|trade| !trade["exit_time"].is_null()).all(ended));
    assert!(trades.iter().filter(|trade| ended(trade)).all(|trade| trade["r_multiple"].is_f64()));
    let settings = json!({"cash": 10_000.0, "size": 1.0, "risk": null, "fee": 0.001, "slippage": 0.0, "fill": "next-open",
        "exits": "signal"});
    assert_eq!((&told["settings"], &told["strategy"]["name"]), (&settings, &json!("macd")));
    assert_eq!(told["strategy"]["params"]["fast"], 12.0);
    assert_eq!((&told["series"]["candles"], &told["series"]["timeframe"]), (&json!(2_000), &json!("1d")));
    assert_eq!(told["distribution"]["unit"], "r");
    let verdict = told["honesty"]["verdict"].as_str().unwrap();
    assert_eq!(verdict == "proven", told["honesty"]["reasons"].as_array().unwrap().is_empty());
    assert_eq!(told["honesty"]["found"]["significance"]["simulations"], 2_000);
    let plain = answer(&["backtest", "--data", &path, "--strategy", "macd", "--honesty"]);
    for said in ["total return", "win rate", "The newest trades:", &format!("The verdict: {verdict}.")] {
        assert!(plain.contains(said), "{plain}");
    }
}

#[test]
fn a_sweep_tries_every_combination_as_the_engine_does() {
    let (path, candles) = candles("ETHUSDT_1d");
    let grid = ["--sweep", "fast=5:15:5", "--sweep", "slow=10:50:10"];
    let plain = [&["backtest", "--data", &path, "--strategy", "sma-cross"], &grid[..]].concat();
    let json = answer(&[&plain[..], &["--json"]].concat());
    let axes = [("fast", vec![5.0, 10.0, 15.0]), ("slow", vec![10.0, 20.0, 30.0, 40.0, 50.0])];
    let axes = axes.map(|(name, values)| Axis { parameter: name.to_owned(), values });
    let sweep = Sweep::new(strategy::named("sma-cross").unwrap(), axes.to_vec()).unwrap();
    let cells = sweep.run(candles.view(), Settings::default(), 0..sweep.len()).unwrap();
    assert!(cells.len() == 15 && cells.iter().any(|cell| cell.result.is_none()), "a fast average slower than the slow");
    let raw: BTreeMap<&str, &RawValue> = serde_json::from_str(&json).unwrap();
    assert_eq!(raw["cells"].get(), written(&cells));
    let told: Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&told["settings"]["fee"], &told["strategy"]["name"]), (&json!(0.001), &json!("sma-cross")));
    let table = answer(&plain);
    assert!(table.contains("total return") && table.lines().count() > 10, "{table}");
    assert!(refusal(&[&plain[..3], &["--strategy", "macd", "--sweep", "speed=1:2:1"]].concat()).contains("speed"));
    for (second, said) in [("fast=20:30:5", "swept twice"), ("slow=2:4:1", "none of the combinations")] {
        let refused = refusal(&[&plain[..5], &["--sweep", "fast=5:15:5", "--sweep", second]].concat());
        assert!(refused.contains(said), "{refused}");
    }
}

#[test]
fn every_strategy_can_be_tried_on_a_part_of_a_series() {
    let (path, candles) = candles("NIFTY_1d");
    for strategy in strategy::all() {
        let part = ["--from", "2015-01-01", "--to", "2020-01-01T00:00:00Z", "--json"];
        let arguments = [&["backtest", "--data", &path, "--strategy", strategy.name()], &part[..]].concat();
        let json = answer(&arguments);
        let view = candles.view().since(1_420_070_400).upto(1_577_836_800);
        let report = backtest::run(strategy.as_ref(), view, Settings::default()).unwrap();
        let raw: BTreeMap<&str, &RawValue> = serde_json::from_str(&json).unwrap();
        assert_eq!(raw["equity"].get(), written(&report.equity), "{}", strategy.name());
    }
}

#[test]
fn what_cannot_be_worked_with_is_refused_with_its_reason() {
    let (path, _) = candles("NIFTY_1d");
    let backtest = |more: &[&str]| refusal(&[&["backtest", "--data", &path, "--strategy", "sma-cross"], more].concat());
    for (more, reason) in [
        (&["--param", "slow=100000"][..], "slow is 100000, outside"),
        (&["--param", "fast=2.5"], "fast is 2.5, where a whole number is meant, "),
        (&["--param", "speed=3"], "there is no parameter \"speed\": there are fast, slow"),
        (&["--param", "fast"], "write it as NAME=VALUE"),
        (&["--param", "fast=quick"], "\"quick\" is no number"),
        (&["--param", "fast=NaN"], "fast is NaN"),
        (&["--size", "1.5"], "size is 1.5: it must be above 0 and at most 1"),
        (&["--fee", "0.2"], "fee is 0.2, outside 0 to 0.1"),
        (&["--cash", "0"], "cash is 0: it must be above 0 and at most 1000000000000000"),
        (&["--fill", "yesterday"], "next-open, close"),
        (&["--exits", "never"], "signal, opposite"),
        (&["--timeframe", "5m"], "expected 1h or 1d"),
        (&["--from", "soon"], "such as 2024-06-01T00:00:00Z"),
        (&["--from", "2090-01-01"], "no candles between --from and --to"),
    ] {
        let said = backtest(more);
        assert!(said.contains(reason), "{more:?}: {said}");
    }
    let unknown = refusal(&["backtest", "--data", &path, "--strategy", "astrology"]);
    assert!(unknown.contains("no strategy \"astrology\"") && unknown.contains("ensemble"), "{unknown}");
    for (show, reason) in [
        ("sma:0", "sma: the parameter period is 0, outside 1"),
        ("moon:3", "there is no indicator \"moon\""),
        ("sma:20:30", "sma takes 1 parameters at most"),
        ("rsi:14.mood", "rsi has no output \"mood\""),
        ("", "there is no indicator \"\""),
    ] {
        let said = refusal(&["indicators", "--data", &path, "--show", show]);
        assert!(said.contains(reason), "{show}: {said}");
    }
}

#[test]
fn bad_rows_are_told_and_can_be_left_out() {
    let file = |name: &str| engine_file(&format!("tests/robustness/{name}.csv")).display().to_string();
    let show = |name: &str, more: &[&str]| -> Vec<String> {
        let plain = ["indicators", "--data", &file(name), "--show", "sma:5", "--csv"].map(str::to_owned);
        plain.into_iter().chain(more.iter().map(|word| (*word).to_owned())).collect()
    };
    let nulls = refusal(&words(&show("nifty_with_null_rows", &[])));
    assert!(nulls.contains("nifty_with_null_rows.csv: row ") && nulls.contains("the open is missing"), "{nulls}");
    assert!(nulls.lines().count() == 12 && nulls.contains(" more rows break a rule"), "{nulls}");
    let output = run(&words(&show("nifty_with_null_rows", &["--skip-bad-rows"])));
    assert_eq!(output.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&output.stderr).contains("the open is missing"));
    let expected = Candles::import_csv(&text(Path::new(&file("nifty_with_null_rows"))), Timeframe::Day).unwrap();
    assert_eq!(output.stdout.iter().filter(|byte| **byte == b'\n').count(), expected.candles.len() + 1);
    let bad = file("nifty_with_null_rows");
    let output = run(&["backtest", "--data", &bad, "--strategy", "macd", "--skip-bad-rows", "--json"]);
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(told["series"]["put_aside"]["rows"][0], json!({"row": 297, "reason": "the open is missing"}));
    // Odd, but breaking no rule: prices of 0, and near 4e13.
    for name in ["zeros", "toobig"] {
        assert!(answer(&words(&show(name, &[]))).lines().count() > 100, "{name}");
        let json = answer(&["backtest", "--data", &file(name), "--strategy", "ensemble", "--json"]);
        serde_json::from_str::<Value>(&json).unwrap();
    }
}

/// A CSV in this folder of candles that open at these hours of June 2024, a Saturday's midnight being the first.
fn hourly(folder: &TempDir, hours: impl Iterator<Item = i64>) -> String {
    let path = folder.path().join("hourly.csv");
    let rows = hours.map(|hour| format!("{},2,4,1,3,1\n", 1_717_200_000 + hour * 3_600));
    let text = ["timestamp,open,high,low,close,volume\n".to_owned()].into_iter().chain(rows).collect::<String>();
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}

#[test]
fn gaps_are_told_unless_the_market_closes() {
    let folder = TempDir::new().unwrap();
    let said = |hours: &mut dyn Iterator<Item = i64>, more: &[&str]| {
        let path = hourly(&folder, hours);
        let output = run(&[&["indicators", "--data", &path, "--show", "sma:5"], more].concat());
        assert_eq!(output.status.code(), Some(0));
        String::from_utf8(output.stderr).unwrap()
    };
    let missing = |hour: &i64| !(140..145).contains(hour) && *hour != 200;
    let both = "note: 5 candles are missing between 2024-06-06T19:00:00Z and 2024-06-07T01:00:00Z\n\
        note: 1 candle is missing between 2024-06-09T07:00:00Z and 2024-06-09T09:00:00Z\n";
    assert_eq!(said(&mut (0..500).filter(missing), &[]), both);
    assert_eq!(
        said(&mut (0..500).filter(missing), &["--from", "2024-06-08"]),
        both.split_inclusive('\n').next_back().unwrap()
    );
    let often = said(&mut (0..500).filter(|hour| hour % 100 != 50), &[]);
    assert!(often.lines().count() == 4 && often.ends_with("note: 2 candles are missing in 2 more gaps\n"), "{often}");
    // Open from Monday to Friday, six hours a day.
    let is_open = |hour: &i64| hour / 24 % 7 > 1 && (4..10).contains(&(hour % 24));
    assert_eq!(said(&mut (0..1_000).filter(is_open), &[]), "");
    let (nifty, _) = candles("NIFTY_1d");
    assert!(run(&["backtest", "--data", &nifty, "--strategy", "macd"]).stderr.is_empty());
}

#[test]
fn a_file_of_which_most_is_left_out_is_refused() {
    let folder = TempDir::new().unwrap();
    let newest_first = hourly(&folder, (0..500).rev());
    let show = ["indicators", "--data", &newest_first, "--show", "sma:5"];
    let said = refusal(&[&show[..], &["--skip-bad-rows"]].concat());
    assert!(said.contains("since 499 of 500 rows break a rule: are the newest first? Sort them ascending"), "{said}");
    assert!(refusal(&show).contains("Nothing was computed: are the newest first?"));
}

#[test]
fn what_is_no_file_of_candles_is_refused() {
    let folder = TempDir::new().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path.display().to_string()
    };
    let header = b"timestamp,open,high,low,close,volume\n";
    let every_four_hours: String = (0..6).map(|at| format!("2024-06-01T{:02}:00:00Z,2,4,1,3,1\n", at * 4)).collect();
    for (path, reason) in [
        (folder.path().join("none.csv").display().to_string(), "No such file"),
        (folder.path().display().to_string(), "Is a directory"),
        (file("empty.csv", b""), "row 1: there is no header"),
        (file("header.csv", header), "no candles"),
        (file("other.csv", b"name,age\nAsha,30\n"), "row 1: the header has no time column"),
        (file("binary.csv", &[&header[..], b"\xff\xfe"].concat()), "row 2: this is no text"),
        (
            file("seconds.csv", &[&header[..], b"2024-06-01T00:15:30Z,2,4,1,3,1\n"].concat()),
            "row 2: the time 2024-06-01T00:15:30Z is not the start of a 1h candle",
        ),
        (
            file("four.csv", &[&header[..], every_four_hours.as_bytes()].concat()),
            "row 3: these are candles of 4 hours; candles of 1 hour and of 1 day can be used",
        ),
    ] {
        for arguments in [&["indicators", "--show", "sma:5", "--csv"][..], &["backtest", "--strategy", "macd"]] {
            let said = refusal(&[arguments, &["--data", &path]].concat());
            assert!(said.contains(reason), "{path}: {said}");
        }
    }
}

#[test]
fn candles_can_come_by_standard_input_and_a_reader_may_leave() {
    let (path, _) = candles("ETHUSDT_1d");
    let folder = TempDir::new().unwrap();
    let arguments = ["indicators", "--data", "-", "--show", "sma:20", "--csv"];
    let mut child = program(&folder, &arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Nobody reads: every write fails from the start.
    drop(child.stdout.take());
    child.stdin.take().unwrap().write_all(text(Path::new(&path)).as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""));
}
