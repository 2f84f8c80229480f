//! Browser tests: Playwright with a Chromium of this machine.

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::Command;

use super::summary::Counts;
use super::{programs, unit};
use crate::digest;
use crate::error::{Doing, Error, Result};
use crate::npm;
use crate::process;
use crate::project::Project;

/// Runs the specs of `end2end/`, or those that `filter` names; they start the
/// servers that they need.
///
/// # Errors
/// When Node.js, Chromium or the specs are missing, or they do not run to
/// their end.
pub fn run(project: &Project, filter: &[OsString]) -> Result<Counts> {
    npm::require_node()?;
    let chromium = programs::chromium()?;
    let folder = project.root.join("end2end");
    install(&folder)?;
    let mut command = Command::new(folder.join("node_modules/.bin/playwright"));
    command
        .args(["test", "--reporter=list"])
        .args(filter)
        .current_dir(&folder)
        .env("CHROMIUM_PATH", chromium)
        .env("SIGNALBOX_TEST_CACHE", project.cache.join("test"));
    unit::environment(&mut command, project);
    let counts = unit::counted(&mut command)?;
    if counts == Counts::default() {
        return Err(Error::Check("no browser test ran".into()));
    }
    Ok(counts)
}

/// `npm ci`, unless the packages are those of the lock file already.
fn install(folder: &Path) -> Result<()> {
    let lock = folder.join("package-lock.json");
    let lock = fs::read(&lock).doing(format!("reading {}", lock.display()))?;
    let mark = folder.join("node_modules/.installed");
    let wanted = digest::short(&lock);
    if fs::read_to_string(&mark).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    process::run(
        Command::new("npm")
            .args(["ci", "--no-audit", "--no-fund", "--loglevel=error"])
            .current_dir(folder)
            .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1"),
    )?;
    fs::write(&mark, wanted).doing(format!("writing {}", mark.display()))
}
