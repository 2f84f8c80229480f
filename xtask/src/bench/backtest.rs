//! Backtests by HTTP, and what others notice of them.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::fetch;
use super::load::{Load, Pace, Report};
use super::median::median;
use super::server::Server;
use super::subscriber::Subscriber;
use super::table::{Goal, Row};
use crate::error::{Error, Result};
use crate::project::Project;
use crate::scratch::Scratch;

const RUNS: usize = 9;
const LOAD_FOR: Duration = Duration::from_secs(10);
/// How long a backtest may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// From asking for a backtest of a million synthetic candles to its result; then how long others wait at 200 a second
/// while one examination after the other runs, on the one core that both have.
///
/// # Errors
/// When a backtest fails, or others are answered with something else than 200.
pub fn run(project: &Project) -> Result<Vec<Row>> {
    let scratch = Scratch::new("bench")?;
    let server = Server::start(project, scratch.path(), &[])?;
    let subscriber = Subscriber::sign_up(&server)?;
    let mut rows = Vec::new();
    for strategy in ["sma-cross", "mean-reversion"] {
        let asked = json!({"synthetic": {"candles": 1_000_000, "seed": 7}, "strategy": strategy});
        let times = (0..RUNS).map(|_| whole(&server, &subscriber, &asked)).collect::<Result<Vec<_>>>()?;
        let time = median(times.iter().map(|time| time.as_secs_f64() * 1e3));
        rows.push(Row::new(format!("1,000,000 candles, {strategy}, median"), time, "ms", Goal::AtMost(250.0)));
    }
    let (beside, runs) = beside(&server, &subscriber)?;
    rows.push(Row::new(
        "p99 of others at 200 a second meanwhile",
        beside.percentile_ms(0.99),
        "ms",
        Goal::AtMost(50.0),
    ));
    rows.push(Row::new("examinations in those 10 s", f64::from(runs), "", Goal::None));
    Ok(rows)
}

/// From the question to the whole answer.
fn whole(server: &Server, subscriber: &Subscriber, asked: &Value) -> Result<Duration> {
    let started = Instant::now();
    let bearer = &subscriber.bearer;
    let id =
        fetch::post_json(server.address, "/api/v1/backtest/run", bearer, &asked.to_string(), 202)?.json_text("id")?;
    loop {
        let status = fetch::get(server.address, &format!("/api/v1/backtest/{id}?wait=20"), bearer)?;
        let time = started.elapsed();
        let state = status.json_text("state")?;
        match state.as_str() {
            "done" => return Ok(time),
            "queued" | "running" if time < PATIENCE => {}
            _ => return Err(Error::Check(format!("the backtest is {state} after {time:?}"))),
        }
    }
}

/// The feed at a steady pace while examinations run, and how many did.
fn beside(server: &Server, subscriber: &Subscriber) -> Result<(Report, u32)> {
    let asked = json!({"symbol": "BTC/USDT", "timeframe": "1h", "strategy": "sma-cross", "honesty": {}});
    let over = AtomicBool::new(false);
    let load = Load { address: server.address, connections: 32, pace: Pace::Rate(200.0), duration: LOAD_FOR };
    thread::scope(|scope| {
        let examine = || -> Result<u32> {
            let mut runs = 0;
            while !over.load(Ordering::Relaxed) {
                whole(server, subscriber, &asked)?;
                runs += 1;
            }
            Ok(runs)
        };
        let examinations = scope.spawn(examine);
        let report = load.run(|_| server.get("/api/v1/signals", &subscriber.bearer));
        over.store(true, Ordering::Relaxed);
        let runs = examinations.join().map_err(|_| Error::Check("an examination panicked".to_owned()))??;
        Ok((report?.only(200)?, runs))
    })
}
