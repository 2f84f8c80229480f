//! The engine beside its peers from PyPI, on one core: backtests, indicators, and what is made of them.

use std::process::Command;

use super::numbers::Numbers;
use super::table::{Goal, Row};
use crate::error::{Error, Result};
use crate::process;
use crate::project::Project;
use crate::python;

/// What is measured beside it.
const PEERS: [&str; 2] = ["TA-Lib==0.8.2", "backtesting==0.6.6"];

/// The hourly candles that strategies run over; indicators, over and over.
const CANDLES: &str = "engine/data/BTCUSDT_1h.csv";

/// The engine and its peers are measured by turns so many times, and the least time of each counts: on a machine that others
/// use too, a minute differs from the next by more than they do from each other.
const ROUNDS: usize = 5;

/// What is measured in each round, by the first words of the names: what has a goal.
const AGAIN: [&str; 5] = ["backtest", "sweep", "ledger", "batch", "stream"];

/// What backtesting.py did where the goal of 20 million candles a second was set, millions: beside it the goal holds on any
/// machine.
const PEER_THEN: f64 = 0.14;

/// Candles a second of every strategy; a sweep; honesty checks; every indicator as a multiple of
/// TA-Lib's time, and the slowest update of a streaming one.
///
/// # Errors
/// When the engine does not compile, or Python or a peer cannot be had.
pub fn run(project: &Project) -> Result<Vec<Row>> {
    let python = python::installed(&project.target.join("peers"), &PEERS)?.join("python");
    let ours = |words: &[&str]| {
        let mut cargo = project.cargo("bench");
        cargo.args(["--quiet", "--package", "engine", "--bench", "speed", "--"]).args(words);
        Numbers::parse(&process::output(&mut cargo)?)
    };
    let peers = || {
        let mut script = Command::new(&python);
        script.arg(project.root.join("xtask/peers/measure.py")).arg(project.root.join(CANDLES));
        Numbers::parse(&process::output(&mut script)?)
    };
    let mut both = (ours(&[])?, peers()?);
    for _ in 1..ROUNDS {
        both = (both.0.least(ours(&AGAIN)?), both.1.least(peers()?));
    }
    let (ours, peers) = both;
    let mut rows = backtests(&ours, &peers)?;
    rows.extend(judging(&ours)?);
    rows.extend(batch(&ours, &peers)?);
    rows.extend(streaming(&ours)?);
    Ok(rows)
}

fn backtests(ours: &Numbers, peers: &Numbers) -> Result<Vec<Row>> {
    let millions = |nanoseconds: f64| 1e3 / nanoseconds;
    let row =
        |(name, time): &(_, _)| Row::new(format!("backtest, {name}"), millions(*time), "M/s", Goal::AtLeast(20.0));
    let times = ours.of("backtest")?;
    let mut rows: Vec<Row> = times.iter().map(row).collect();
    let peer = peers.named("backtest sma-cross")?;
    rows.push(Row::new("backtest, sma-cross by backtesting.py", 1e3 * millions(peer), "k/s", Goal::None));
    let slowest = times.into_iter().max_by(|one, other| one.1.total_cmp(&other.1));
    rows.extend(slowest.map(|(name, time)| {
        let what = format!("the slowest, {name}, by backtesting.py's");
        Row::new(what, peer / time, "×", Goal::AtLeast(20.0 / PEER_THEN))
    }));
    Ok(rows)
}

fn judging(ours: &Numbers) -> Result<Vec<Row>> {
    let row = |what: &str, name: &str, goal| ours.named(name).map(|time| Row::new(what, time, "ms", goal));
    let mut rows = vec![
        row("100 combinations of 18,000 candles", "sweep", Goal::AtMost(150.0))?,
        row("figures of 18,000 candles", "figures", Goal::None)?,
        row("2,000 simulations of 18,000 candles", "significance", Goal::None)?,
        row("verifying a ledger of 100,000 entries", "ledger", Goal::AtMost(1_000.0))?,
    ];
    let examined = |(series, time): (&str, f64)| Row::new(format!("honesty report, {series}"), time, "ms", Goal::None);
    rows.extend(ours.of("examine")?.into_iter().map(examined));
    Ok(rows)
}

/// Of the indicators that TA-Lib has.
fn batch(ours: &Numbers, peers: &Numbers) -> Result<Vec<Row>> {
    let row = |(name, theirs): (&str, f64)| {
        let time = ours.get(&format!("batch {name}"))?;
        let what = format!("{name}, {time:.1} ns a candle, by TA-Lib's");
        Some(Row::new(what, time / theirs, "×", Goal::AtMost(1.5)))
    };
    Ok(peers.of("batch")?.into_iter().filter_map(row).collect())
}

/// CCI, whose update goes over its window, apart.
fn streaming(ours: &Numbers) -> Result<Vec<Row>> {
    let updates = ours.of("stream")?;
    let (windows, others): (Vec<_>, Vec<_>) = updates.into_iter().partition(|(name, _)| name.starts_with("cci"));
    let slowest = others.into_iter().max_by(|one, other| one.1.total_cmp(&other.1));
    let (name, time) = slowest.ok_or_else(|| Error::Check("no update was measured".to_owned()))?;
    let mut rows = vec![Row::new(format!("slowest streaming update, {name}"), time, "ns", Goal::AtMost(10.0))];
    rows.extend(
        windows.into_iter().map(|(name, time)| Row::new(format!("streaming update, {name}"), time, "ns", Goal::None)),
    );
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: &str = "backtest macd\t13.2\nbatch sma:20\t1.5\nbatch zscore:20\t4\nstream rsi\t5\nstream cci:20\t29\n";

    #[test]
    fn an_indicator_stands_beside_its_peer_and_alone_if_there_is_none() {
        let (ours, peers) =
            (Numbers::parse(OURS).unwrap(), Numbers::parse("batch sma:20\t1.0\nbacktest sma-cross\t9000\n").unwrap());
        let rows: Vec<Row> = batch(&ours, &peers).unwrap().into_iter().map(|row| row.of("engine")).collect();
        let text = super::super::table::shown(&rows);
        assert_eq!(text.lines().count(), 2, "{text}");
        assert!(text.contains("sma:20, 1.5 ns a candle, by TA-Lib's") && text.ends_with("met\n"), "{text}");
        assert_eq!(backtests(&ours, &peers).unwrap().len(), 3);
    }

    #[test]
    fn the_slowest_update_is_looked_for_without_cci() {
        let rows = streaming(&Numbers::parse(OURS).unwrap()).unwrap();
        let text = super::super::table::shown(&rows);
        assert!(text.contains("slowest streaming update, rsi"), "{text}");
    }
}
