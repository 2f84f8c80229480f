//! Backtests in a Chromium without a window: how fast the engine is there, and how soon a slider is answered.

use std::process::Command;

use super::numbers::Numbers;
use super::server::Server;
use super::table::{Goal, Row};
use crate::error::Result;
use crate::npm;
use crate::process;
use crate::project::Project;
use crate::scratch::Scratch;
use crate::test::programs;

/// Candles a second of every strategy, figures included, over 18,000 real ones; and what the page itself
/// measures from a slider's move to the new figures, alone and while it goes on moving.
///
/// # Errors
/// When Node.js or Chromium is missing, or the page does not run.
pub fn run(project: &Project) -> Result<Vec<Row>> {
    npm::require_node()?;
    let packages = npm::installed(project, "end2end", "end2end")?;
    let chromium = programs::chromium()?;
    let scratch = Scratch::new("bench")?;
    let server = Server::start(project, scratch.path(), &[])?;
    // This process is bound to one core; a browser has more.
    let mut command = Command::new("taskset");
    command
        .args(["--cpu-list", "0,1", "node"])
        .arg(project.root.join("xtask/browser/measure.mjs"))
        .arg(packages)
        .arg(chromium)
        .arg(format!("http://{}", server.address));
    rows(&Numbers::parse(&process::output(&mut command)?)?)
}

fn rows(measured: &Numbers) -> Result<Vec<Row>> {
    let speed = |(strategy, speed): (&str, f64)| {
        Row::new(format!("backtest with its figures, {strategy}"), speed, "M/s", Goal::AtLeast(5.0))
    };
    let mut rows: Vec<Row> = measured.of("browser")?.into_iter().map(speed).collect();
    let waits =
        [("slider single", "a slider's move to the figures, median"), ("slider moving", "the same while it moves on")];
    for (name, what) in waits {
        rows.push(Row::new(what, measured.named(name)?, "ms", Goal::AtMost(16.0)));
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_measurement_is_missed() {
        let whole = "browser macd\t9.5\nslider single\t12\nslider moving\t15\n";
        assert_eq!(rows(&Numbers::parse(whole).unwrap()).unwrap().len(), 3);
        for lack in ["browser macd\t9.5\n", "slider single\t12\nslider moving\t15\n"] {
            assert!(rows(&Numbers::parse(lack).unwrap()).is_err(), "{lack}");
        }
    }
}
