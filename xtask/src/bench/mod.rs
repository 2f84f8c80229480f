//! `cargo xtask bench`: named measurements of a release build, one table.
//!
//! The server is pinned to core 0 with one worker thread; the load comes from
//! this process on core 1. Numbers are comparable within one run only.

mod answer;
mod backtest;
mod browser;
mod dashboard;
mod engine;
pub mod fetch;
mod floor;
mod landing;
mod lighthouse;
mod load;
mod logins;
mod machine;
mod median;
mod numbers;
mod page;
mod references;
mod server;
mod side;
mod signals;
mod size;
mod startup;
mod stores;
pub mod subscriber;
mod table;
mod usage;
mod webhooks;

use std::process::{Command, Stdio};

use crate::build;
use crate::error::{Error, Result};
use crate::process;
use crate::progress::Steps;
use crate::project::{Profile, Project};
use machine::Machine;
use table::Row;

/// A measurement by its name on the command line.
struct Bench {
    name: &'static str,
    /// Whether it measures the server, which is built for it.
    server: bool,
    run: fn(&Project) -> Result<Vec<Row>>,
}

const ALL: [Bench; 11] = [
    Bench { name: "engine", server: false, run: engine::run },
    Bench { name: "size", server: true, run: size::run },
    Bench { name: "startup", server: true, run: startup::run },
    Bench { name: "signals", server: true, run: signals::run },
    Bench { name: "landing", server: true, run: landing::run },
    Bench { name: "dashboard", server: true, run: dashboard::run },
    Bench { name: "backtest", server: true, run: backtest::run },
    Bench { name: "webhooks", server: true, run: webhooks::run },
    Bench { name: "logins", server: true, run: logins::run },
    Bench { name: "browser", server: true, run: browser::run },
    Bench { name: "lighthouse", server: true, run: lighthouse::run },
];

/// Builds the release, where one of them measures it, and runs the named
/// benches, all when none is named. The table is text, or `markdown` with the machine and the date.
///
/// # Errors
/// When there is no such bench, the build fails, or one cannot be measured.
/// A goal that is missed is shown in the table and is no error: the numbers
/// depend on the machine.
pub fn bench(project: &Project, names: &[String], markdown: bool) -> Result<()> {
    if let Some(unknown) = names.iter().find(|name| !ALL.iter().any(|bench| bench.name == **name)) {
        let known: Vec<_> = ALL.iter().map(|bench| bench.name).collect();
        return Err(Error::Usage(format!("no bench `{unknown}`; there are: {}", known.join(", "))));
    }
    let asked = |bench: &&Bench| names.is_empty() || names.iter().any(|name| name == bench.name);
    if ALL.iter().filter(asked).any(|bench| bench.server) {
        build::build(project, Profile::Release, &mut Steps::new(build::STEPS))?;
    }
    let machine = Machine::read()?;
    pin_to_load_core()?;
    let mut rows = Vec::new();
    for bench in ALL.iter().filter(asked) {
        println!("Measuring: {}", bench.name);
        rows.extend((bench.run)(project)?.into_iter().map(|row| row.of(bench.name)));
    }
    let table = if markdown { table::markdown(&rows, &machine) } else { table::shown(&rows) };
    print!("\n{table}");
    Ok(())
}

/// Moves this process to core 1, away from the server's.
fn pin_to_load_core() -> Result<()> {
    process::run(
        Command::new("taskset")
            .args(["--all-tasks", "--cpu-list", "--pid", "1", &std::process::id().to_string()])
            .stdout(Stdio::null()),
    )
    .map_err(|error| Error::Missing(format!("benches want two cores and `taskset` (util-linux): {error}")))
}
