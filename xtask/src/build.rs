//! `cargo xtask build`: server, sandbox, client and site of one profile.

use std::path::PathBuf;

use crate::client;
use crate::error::Result;
use crate::npm::Tools;
use crate::process;
use crate::progress::Steps;
use crate::project::{Profile, Project};
use crate::{disk, lab, site, wasm_target};

/// How many steps [`build`] announces.
pub const STEPS: usize = 5;

/// How long a build takes where nothing was built before; shown beforehand.
pub const FIRST_BUILD: &str = "A first build takes about 15 to 25 minutes on 2 cores, later ones a few.";

/// Builds everything of a profile into the target folder.
///
/// # Errors
/// When a tool is missing or a compiler refuses.
pub fn build(project: &Project, profile: Profile, steps: &mut Steps) -> Result<()> {
    if !project.server(profile).exists() {
        println!("{FIRST_BUILD}");
    }
    disk::warn_when_full(project);
    steps.begin("Tools: the wasm32 target, wasm-opt, the stylesheet bundler");
    wasm_target::ensure(project)?;
    let tools = Tools::ready(project)?;
    steps.begin("Server");
    server(project, profile)?;
    steps.begin("Client");
    let client = client::compile(project, profile)?;
    steps.begin("The engine for the browser");
    let lab = lab::compile(project, profile)?;
    steps.begin("Site");
    assemble(project, &tools, profile, &Modules { client, lab })
}

/// What is compiled for the browser.
pub struct Modules {
    /// The client.
    pub client: PathBuf,
    /// The folder of the modules that run backtests and check the ledger.
    pub lab: PathBuf,
}

/// From the compiled modules to the site folder.
///
/// # Errors
/// When a tool fails.
pub fn assemble(project: &Project, tools: &Tools, profile: Profile, modules: &Modules) -> Result<()> {
    let client = client::bind(project, tools, profile, &modules.client)?;
    let lab = lab::bind(project, tools, profile, &modules.lab)?;
    let site = site::assemble(project, tools, profile, &client, &lab)?;
    println!("Site: {}", site.display());
    Ok(())
}

/// The programs of the server and the sandbox, of both at once, so that the features of what they share, and with
/// them the builds, are the same each time.
fn server(project: &Project, profile: Profile) -> Result<()> {
    let options = &project.options;
    let mut cargo = project.cargo("build");
    cargo.args(["--bins", "--package", &options.package, "--package", "sandbox"]);
    let features = options.bin.list.iter();
    let features: Vec<String> = features.map(|feature| format!("{}/{feature}", options.package)).collect();
    cargo.args(["--features", &features.join(",")]);
    if !options.bin.default {
        cargo.arg("--no-default-features");
    }
    if profile == Profile::Release {
        cargo.arg("--release");
    }
    process::run(&mut cargo)
}
