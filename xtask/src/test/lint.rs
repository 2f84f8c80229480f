//! Formatting and clippy, both sides of the crate.

use crate::error::Result;
use crate::process;
use crate::project::Project;
use crate::wasm_target::{self, TARGET};

/// `cargo fmt --check` over the whole workspace.
///
/// # Errors
/// When a file is not formatted.
pub fn formatting(project: &Project) -> Result<()> {
    process::run(project.cargo("fmt").args(["--all", "--check"]))
}

/// Clippy with warnings as errors: everything natively, and both libraries as
/// the browser gets them.
///
/// # Errors
/// When there is a warning.
pub fn clippy(project: &Project) -> Result<()> {
    let strict = ["--", "--deny", "warnings"];
    process::run(
        project.cargo("clippy").args(["--workspace", "--all-targets", "--features", "xtask/bundle"]).args(strict),
    )?;
    wasm_target::ensure(project)?;
    process::run(
        project
            .cargo("clippy")
            .args([
                "--package",
                "lab",
                "--package",
                "verifier",
                "--lib",
                "--features",
                "lab/module",
                "--target",
                TARGET,
            ])
            .args(strict),
    )?;
    let lib = &project.options.lib;
    process::run(
        project
            .cargo("clippy")
            .args(["--package", &project.options.package, "--lib", "--no-default-features"])
            .args(["--features", &lib.list.join(","), "--target", TARGET])
            // As the client is built, so that nothing is checked twice.
            .args(strict),
    )
}
