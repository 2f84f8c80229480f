//! What runs backtests in the browser: the engine in a module of its own, its
//! worker, the page's script, and the charts.

use std::path::{Path, PathBuf};

use crate::client::{self, Generated};
use crate::error::Result;
use crate::npm::{self, Tools};
use crate::process;
use crate::project::{Profile, Project};
use crate::wasm_target::TARGET;

/// The scripts' folder, and what they need from npm.
const WEB: &str = "lab/web";

/// The crate, and the name of its module.
const PACKAGE: &str = "lab";

/// The profile of a release: the client's, but for a module that computes.
const RELEASE: &str = "lab-release";

/// The scripts, each bundled into one file.
const SCRIPTS: [&str; 3] = ["page", "worker", "charts"];

/// The files that a browser loads, by what the server calls them.
pub struct Lab {
    pub files: Vec<(String, PathBuf)>,
}

/// Compiles the crate for the browser; returns the compiled module.
///
/// # Errors
/// When cargo fails.
pub fn compile(project: &Project, profile: Profile) -> Result<PathBuf> {
    let mut cargo = project.cargo("build");
    cargo.args(["--package", PACKAGE, "--lib", "--features", "module", "--target", TARGET]);
    let folder = match profile {
        Profile::Release => {
            cargo.args(["--profile", RELEASE]);
            RELEASE
        }
        Profile::Dev => {
            cargo.args(["--config", "profile.dev.debug=false"]);
            profile.folder()
        }
    };
    process::run(&mut cargo)?;
    Ok(project.target.join(TARGET).join(folder).join(format!("{PACKAGE}.wasm")))
}

/// Makes of the compiled module and the scripts what the browser loads.
///
/// # Errors
/// When a tool fails.
pub fn bind(project: &Project, tools: &Tools, profile: Profile, module: &Path) -> Result<Lab> {
    let Generated { script, wasm } = client::generate(project, tools, profile, module, &[], PACKAGE)?;
    let packages = npm::installed(project, WEB, "web")?.join("node_modules");
    let (charts, canvas) = (packages.join("lightweight-charts"), packages.join("fancy-canvas"));
    let aliases =
        [("signalbox-lab", script.as_path()), ("lightweight-charts", charts.as_path()), ("fancy-canvas", &canvas)];
    let mut files = Vec::new();
    for name in SCRIPTS {
        let bundled = wasm.with_file_name(format!("lab-{name}.js"));
        let source = project.root.join(WEB).join(format!("src/{name}.ts"));
        tools.bundle_with(&source, &bundled, &project.options.assets_dir, &aliases)?;
        files.push((name.to_owned(), bundled));
    }
    files.push(("module".to_owned(), wasm));
    Ok(Lab { files })
}
