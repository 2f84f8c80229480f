//! Programs and libraries from PyPI.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{Doing, Result};
use crate::test::programs;
use crate::{debian, process};

/// The folder of programs, `python` among them, of a virtual environment with these packages, each
/// as `name==version`. Made once: what was installed whole is told by a file in it.
///
/// # Errors
/// When Python is missing and cannot be installed, or a package cannot be had.
pub fn installed(folder: &Path, packages: &[&str]) -> Result<PathBuf> {
    let (programs, whole) = (folder.join("bin"), folder.join("installed"));
    if fs::read_to_string(&whole).is_ok_and(|installed| installed == packages.join("\n")) {
        return Ok(programs);
    }
    process::check_interrupted()?;
    programs::find_or_install(|| programs::find("python3"), &["python3", "python3-venv"])?;
    let venv = || process::run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(folder));
    if venv().is_err() {
        process::check_interrupted()?;
        // Debian's python3 comes without the module.
        debian::install(&["python3-venv"])?;
        venv()?;
    }
    process::run(
        Command::new(programs.join("python"))
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
            .args(packages),
    )?;
    fs::write(&whole, packages.join("\n")).doing("noting what is installed")?;
    Ok(programs)
}
