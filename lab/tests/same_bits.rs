//! WebAssembly says what the native code says, bit for bit: signals, what became of them, trades, equity and figures, over
//! every bundled series, for every strategy, at once and candle by candle. It is the built module in its built worker that
//! is asked, by Node.js.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use engine::{Candles, Timeframe, strategy};
use lab::checksum::checksums;

/// The bundled series: their files and timeframes.
fn series() -> Vec<(PathBuf, Timeframe)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../engine/data");
    let mut found: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "csv"))
        .map(|path| {
            let timeframe = path.file_stem().unwrap().to_str().unwrap().rsplit_once('_').unwrap().1.parse().unwrap();
            (path, timeframe)
        })
        .collect();
    found.sort();
    assert_eq!(found.len(), 5);
    found
}

/// What the native code says.
fn natively() -> String {
    let mut said = String::new();
    for (path, timeframe) in series() {
        let candles = Candles::parse_csv(&std::fs::read_to_string(&path).unwrap(), timeframe).unwrap();
        for strategy in strategy::all() {
            let sums = checksums(strategy.as_ref(), candles.view()).unwrap();
            write!(said, "{} {}\n{sums}", path.display(), strategy.name()).unwrap();
        }
    }
    said
}

/// What the built module says.
fn in_webassembly() -> String {
    let site = match std::env::var_os("SIGNALBOX_TEST_SITE") {
        Some(named) => PathBuf::from(named),
        None => std::env::current_exe().unwrap().ancestors().nth(2).unwrap().join("site"),
    };
    let assets = std::fs::read_to_string(site.join("assets.json"))
        .unwrap_or_else(|error| panic!("{}: {error}: build it with `cargo xtask build --dev`", site.display()));
    let assets: serde_json::Value = serde_json::from_str(&assets).unwrap();
    let file = |name: &str| site.join(assets["lab"][name].as_str().unwrap().trim_start_matches('/'));
    let mut node = Command::new("node")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/same_bits.mjs"))
        .args([file("worker"), file("module")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let names: Vec<_> = strategy::all().iter().map(|strategy| strategy.name()).collect();
    let mut asked = names.join(" ");
    for (path, timeframe) in series() {
        write!(asked, "\n{} {timeframe}", path.display()).unwrap();
    }
    node.stdin.take().unwrap().write_all(asked.as_bytes()).unwrap();
    let answered = node.wait_with_output().unwrap();
    assert!(answered.status.success());
    String::from_utf8(answered.stdout).unwrap()
}

#[test]
fn webassembly_says_what_the_native_code_says_bit_for_bit() {
    let (native, module) = (natively(), in_webassembly());
    assert_eq!(native.lines().filter(|line| line.starts_with("signals ")).count(), 5 * strategy::all().len());
    for (one, other) in native.lines().zip(module.lines()) {
        assert_eq!(one, other);
    }
    assert_eq!(native, module);
}

#[test]
fn candle_by_candle_is_the_whole_series_bit_for_bit() {
    let mut compared = 0;
    for line in natively().lines() {
        let parts: Vec<&str> = line.split(' ').collect();
        if let [what, count, whole, single] = parts[..] {
            assert_eq!(whole, single, "{what}");
            compared += usize::from(count != "0");
        }
    }
    assert_eq!(compared, 5 * strategy::all().len() * 4);
}
