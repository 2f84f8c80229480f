//! What computes in the browser: the engine in two modules of their own, one
//! for backtests and one that checks the ledger, with their workers, the pages'
//! scripts, and the charts.

use std::path::{Path, PathBuf};

use crate::client::{self, Generated};
use crate::error::Result;
use crate::npm::{self, Tools};
use crate::process;
use crate::project::{Profile, Project};
use crate::wasm_target::TARGET;

/// The scripts' folder, and what they need from npm.
const WEB: &str = "lab/web";

/// A crate that becomes a module, with the scripts around it.
struct Made {
    package: &'static str,
    /// What the server calls the module.
    module: &'static str,
    /// What the server calls each script, and its source.
    scripts: &'static [(&'static str, &'static str)],
}

const MADE: [Made; 2] = [
    Made {
        package: "lab",
        module: "module",
        scripts: &[("page", "page"), ("worker", "worker"), ("charts", "charts"), ("chart", "chart")],
    },
    Made { package: "verifier", module: "verifier", scripts: &[("verify", "verify"), ("checker", "checker")] },
];

/// The files that a browser loads, by what the server calls them.
pub struct Lab {
    pub files: Vec<(String, PathBuf)>,
}

/// Compiles the crates for the browser; returns the folder of the compiled
/// modules.
///
/// # Errors
/// When cargo fails.
pub fn compile(project: &Project, profile: Profile) -> Result<PathBuf> {
    let mut cargo = project.cargo("build");
    cargo.args(["--package", "lab", "--package", "verifier", "--lib", "--features", "lab/module", "--target", TARGET]);
    let folder = match profile {
        Profile::Release => {
            let profile = project.options.lib_profile_release.as_str();
            cargo.args(["--profile", profile]);
            profile
        }
        Profile::Dev => {
            cargo.args(["--config", "profile.dev.debug=false"]);
            profile.folder()
        }
    };
    process::run(&mut cargo)?;
    Ok(project.target.join(TARGET).join(folder))
}

/// Makes of the compiled modules and the scripts what the browser loads.
///
/// # Errors
/// When a tool fails.
pub fn bind(project: &Project, tools: &Tools, profile: Profile, modules: &Path) -> Result<Lab> {
    let packages = npm::installed(project, WEB, "web")?.join("node_modules");
    let (charts, canvas) = (packages.join("lightweight-charts"), packages.join("fancy-canvas"));
    let mut files = Vec::new();
    for Made { package, module, scripts } in MADE {
        let compiled = modules.join(format!("{package}.wasm"));
        let Generated { script, wasm } = client::generate(project, tools, profile, &compiled, &["--trap"], package)?;
        let wrapped = format!("signalbox-{package}");
        let named = [(wrapped.as_str(), script.as_path()), ("lightweight-charts", &charts), ("fancy-canvas", &canvas)];
        for (key, source) in scripts {
            let bundled = wasm.with_file_name(format!("{package}-{source}.js"));
            let source = project.root.join(WEB).join(format!("src/{source}.ts"));
            tools.bundle_with(&source, &bundled, &project.options.assets_dir, &named)?;
            files.push(((*key).to_owned(), bundled));
        }
        files.push((module.to_owned(), wasm));
    }
    Ok(Lab { files })
}
