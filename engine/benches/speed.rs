//! How fast the engine is: a line a measurement, `name<tab>number`, on one core. The least of many
//! runs counts, since nothing but the machine makes a run slower.
//!
//! `cargo bench -p engine --bench speed`; `cargo xtask bench engine` puts it beside its peers. With
//! words after `--` only what has one of them in its name is measured.

#[path = "../tests/book/mod.rs"]
#[expect(dead_code, reason = "the tests write more kinds of ledgers")]
mod book;

use std::hint::black_box;
use std::time::Instant;

use engine::backtest::{self, Settings};
use engine::honesty::{self, Checks};
use engine::indicators::catalogue::{self, Spec};
use engine::indicators::{
    Adx, Atr, Bollinger, Cci, Donchian, Ema, Indicator, Keltner, Macd, Mfi, Obv, ParabolicSar, Roc, Rsi, Sma,
    StandardDeviation, Stochastic, Supertrend, TrueRange, Vwap, WilliamsR, Wma, ZScore,
};
use engine::sweep::{Axis, Sweep};
use engine::{Candle, Candles, Strategy, Timeframe, figures, ledger, strategy};

/// The program's own: it keeps the memory of one column for the next.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// A series of real candles; the strategies run over it.
const HOURLY: &str = include_str!("../data/BTCUSDT_1h.csv");

const DAILY: [(&str, &str); 4] = [
    ("NIFTY_1d", include_str!("../data/NIFTY_1d.csv")),
    ("BANKNIFTY_1d", include_str!("../data/BANKNIFTY_1d.csv")),
    ("BTCUSDT_1d", include_str!("../data/BTCUSDT_1d.csv")),
    ("ETHUSDT_1d", include_str!("../data/ETHUSDT_1d.csv")),
];

/// How many candles indicators are measured on: the real ones, over and over.
const LONG: usize = 100_000;

fn main() {
    let bench = Bench { words: std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect() };
    let hourly = read(HOURLY, Timeframe::Hour);
    bench.strategies(&hourly);
    bench.judging(&hourly);
    bench.ledger();
    let long = repeated(&hourly);
    bench.batch(&long);
    bench.streaming(&long);
}

fn read(text: &str, timeframe: Timeframe) -> Candles {
    Candles::parse_csv(text, timeframe).expect("bundled candles keep the rules")
}

fn repeated(candles: &Candles) -> Candles {
    let again = std::iter::repeat_with(|| candles.view().iter()).flatten().take(LONG).enumerate();
    let rows = again.map(|(hour, candle)| Candle { open_time: hour as i64 * 3_600, ..candle });
    Candles::from_rows(Timeframe::Hour, rows).expect("the same candles at other times keep the rules")
}

/// What is to be measured.
struct Bench {
    words: Vec<String>,
}

impl Bench {
    fn wants(&self, name: &str) -> bool {
        self.words.is_empty() || self.words.iter().any(|word| name.contains(word.as_str()))
    }

    /// Measures in seconds and prints in what `unit` makes of them.
    fn measure<T>(&self, name: &str, times: usize, unit: impl Fn(f64) -> f64, mut run: impl FnMut() -> T) {
        if !self.wants(name) {
            return;
        }
        let mut least = f64::INFINITY;
        for _ in 0..times {
            let started = Instant::now();
            black_box(run());
            least = least.min(started.elapsed().as_secs_f64());
        }
        println!("{name}\t{}", unit(least));
    }

    /// Nanoseconds a candle: indicators, signals, trade list and equity.
    fn strategies(&self, candles: &Candles) {
        let count = candles.len() as f64;
        for strategy in strategy::all() {
            let run = || backtest::run(strategy.as_ref(), black_box(candles.view()), Settings::default());
            self.measure(&format!("backtest {}", strategy.name()), 200, |seconds| seconds * 1e9 / count, run);
        }
    }

    /// Milliseconds for what is made of backtests.
    fn judging(&self, candles: &Candles) {
        let milliseconds = |seconds: f64| seconds * 1e3;
        let settings = Settings::default();
        let cross = || strategy::named("sma-cross").expect("there is such a strategy");
        let report = backtest::run(cross().as_ref(), candles.view(), settings).expect("defaults are in range");
        self.measure("figures", 30, milliseconds, || figures::summary(&report, candles.view(), &settings));
        let axis = |parameter: &str, values: std::ops::Range<usize>| Axis {
            parameter: parameter.to_owned(),
            values: values.map(|value| (5 * value) as f64).collect(),
        };
        let sweep = Sweep::new(cross(), vec![axis("fast", 1..11), axis("slow", 11..21)]).expect("values are in range");
        self.measure("sweep", 20, milliseconds, || sweep.run(black_box(candles.view()), settings, 0..100));
        let checks = Checks::default();
        let simulate = || honesty::significance(cross().as_ref(), candles.view(), settings, checks.simulations, 1);
        self.measure("significance", 3, milliseconds, simulate);
        let examine = |strategy: &dyn Strategy, candles: &Candles| {
            honesty::examine(strategy, candles.view(), settings, &checks).map(|honesty| honesty.verdict)
        };
        let mut series: Vec<_> = DAILY.map(|(name, text)| (name, read(text, Timeframe::Day))).into();
        series.push(("BTCUSDT_1h", candles.clone()));
        for (name, candles) in &series {
            let run = || examine(cross().as_ref(), candles);
            self.measure(&format!("examine {name}"), 2, milliseconds, run);
        }
    }

    /// Milliseconds for a ledger of 100,000 entries, all outcomes beside their candles.
    fn ledger(&self) {
        if !self.wants("ledger") {
            return;
        }
        let ended = book::ended();
        let signal = |number: usize| {
            let (mut content, ending) = ended[number % ended.len()].clone();
            content.id = format!("signal-{number}");
            (content, ending)
        };
        let text = book::sound(&(0..50_000).map(signal).collect::<Vec<_>>());
        let verify = || {
            let report = ledger::verify(text.as_bytes(), book::markets());
            assert!(report.holds() && report.entries == 100_000, "{:?}", report.fault);
        };
        self.measure("ledger", 3, |seconds| seconds * 1e3, verify);
    }

    /// Nanoseconds a candle, a whole series at once.
    fn batch(&self, candles: &Candles) {
        for entry in catalogue::ALL {
            let text = match entry.name {
                name @ ("sma" | "ema" | "wma" | "bbands" | "cci" | "stddev" | "zscore" | "donchian") => {
                    format!("{name}:20")
                }
                "stoch" => "stoch:14:3:3".to_owned(),
                name => name.to_owned(),
            };
            let spec: Spec = text.parse().expect("the catalogue's own names are read");
            let run = || spec.over(black_box(candles.view()));
            self.measure(&format!("batch {text}"), 60, |seconds| seconds * 1e9 / LONG as f64, run);
        }
    }

    /// Nanoseconds an update, a candle at a time.
    fn streaming(&self, candles: &Candles) {
        let rows: Vec<Candle> = candles.view().iter().collect();
        self.stream("sma:20", &rows, || Sma::new(20));
        self.stream("ema:20", &rows, || Ema::new(20));
        self.stream("wma:20", &rows, || Wma::new(20));
        self.stream("rsi", &rows, || Rsi::new(14));
        self.stream("macd", &rows, || Macd::new(12, 26, 9));
        self.stream("bbands:20", &rows, || Bollinger::new(20, 2.0, 2.0));
        self.stream("atr", &rows, || Atr::new(14));
        self.stream("adx", &rows, || Adx::new(14));
        self.stream("stoch:14:3:3", &rows, || Stochastic::new(14, 3, 3));
        self.stream("cci:20", &rows, || Cci::new(20));
        self.stream("willr", &rows, || WilliamsR::new(14));
        self.stream("obv", &rows, Obv::new);
        self.stream("mfi", &rows, || Mfi::new(14));
        self.stream("roc", &rows, || Roc::new(10));
        self.stream("stddev:20", &rows, || StandardDeviation::new(20, 1.0));
        self.stream("trange", &rows, TrueRange::new);
        self.stream("sar", &rows, || ParabolicSar::new(0.02, 0.2));
        self.stream("vwap", &rows, Vwap::new);
        self.stream("donchian:20", &rows, || Donchian::new(20));
        self.stream("keltner", &rows, || Keltner::new(20, 10, 2.0));
        self.stream("supertrend", &rows, || Supertrend::new(10, 3.0));
        self.stream("zscore:20", &rows, || ZScore::new(20));
    }

    /// The newest main line is kept, so that each update must be done.
    fn stream<I: Indicator<N>, const N: usize>(&self, name: &str, candles: &[Candle], start: impl Fn() -> I) {
        self.measure(
            &format!("stream {name}"),
            60,
            |seconds| seconds * 1e9 / LONG as f64,
            || {
                let mut indicator = start();
                let update = |_, candle: &Candle| black_box(indicator.feed(black_box(candle))[0]);
                candles.iter().fold(None, update)
            },
        );
    }
}
