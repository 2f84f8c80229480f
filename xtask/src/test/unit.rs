//! Unit and integration tests of every crate, with a PostgreSQL and a Redis
//! of their own.

use std::ffi::OsString;
use std::process::{Command, Stdio};

use super::postgres::{Commits, Postgres};
use super::redis::Redis;
use super::summary::{self, Counts};
use crate::error::{Doing, Error, Result};
use crate::process;
use crate::project::{Profile, Project};
use crate::settings;

/// Runs them all, or those that `filter` names, by cargo-nextest where it is installed.
///
/// # Errors
/// When a database is missing, the tests do not run to their end, or there is none of that name.
pub fn run(project: &Project, filter: &[OsString]) -> Result<Counts> {
    let postgres = Postgres::start(Commits::ToMemory)?;
    let redis = Redis::start()?;
    let packages = project.cache.join("test");
    std::fs::create_dir_all(&packages).doing(format!("creating {}", packages.display()))?;
    let mut total = Counts::default();
    for mut command in runners(project, filter) {
        environment(&mut command, project);
        command
            .env("SIGNALBOX_TEST_DATABASE_URL", postgres.url())
            .env("SIGNALBOX_TEST_REDIS_URL", redis.url())
            .env("SIGNALBOX_TEST_CACHE", &packages);
        total = total.and(counted(&mut command)?);
    }
    if total == Counts::default() {
        return Err(Error::Check("no test ran".into()));
    }
    Ok(total)
}

/// Runs a test runner and reads its counts. One that fails without a failed
/// test is an error of its own.
///
/// # Errors
/// When it does not run to its end.
pub fn counted(command: &mut Command) -> Result<Counts> {
    let (status, lines) = process::run_and_read(command)?;
    process::check_interrupted()?;
    let counts = summary::read(&lines);
    if counts.failed == 0 {
        process::succeed(command, status)?;
    }
    Ok(counts)
}

/// Tells a test process where the built server and site are, and keeps the
/// settings of whoever runs the tests out of it.
pub fn environment(command: &mut Command, project: &Project) {
    settings::forget(command);
    command
        .env("SIGNALBOX_TEST_BIN", project.server(Profile::Dev))
        .env("SIGNALBOX_TEST_SITE", project.site(Profile::Dev))
        .env("SIGNALBOX_TEST_SANDBOX_BIN", project.built(Profile::Dev).join("stripe-sandbox"));
}

/// cargo-nextest where it is installed, which leaves the examples in the
/// documentation to cargo; else cargo alone. The examples have no names, so
/// that a filter leaves them out.
fn runners(project: &Project, filter: &[OsString]) -> Vec<Command> {
    let nextest = process::output(project.cargo("nextest").arg("--version").stderr(Stdio::null()));
    let mut examples = project.cargo("test");
    examples.args(["--workspace", "--doc", "--no-fail-fast"]);
    let mut tests = project.cargo(if nextest.is_ok() { "nextest" } else { "test" });
    if nextest.is_ok() {
        tests.args(["run", "--workspace", "--no-fail-fast", "--show-progress=none"]);
    } else {
        tests.args(["--workspace", "--lib", "--bins", "--tests", "--no-fail-fast"]);
    }
    tests.args(filter);
    if filter.is_empty() { vec![tests, examples] } else { vec![tests] }
}
