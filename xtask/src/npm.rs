//! The build tools that come from npm: wasm-opt and esbuild. They are
//! installed once, into the cache folder, exactly as the lock file says.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::digest;
use crate::error::{Doing, Error, Result};
use crate::process;
use crate::project::Project;

/// Installed build tools.
pub struct Tools {
    folder: PathBuf,
    compress: PathBuf,
    /// Changes whenever a tool's version does.
    pub version: String,
}

impl Tools {
    /// Finds the tools in the cache folder, or installs them there.
    ///
    /// # Errors
    /// When Node.js or npm is missing, or the installation fails.
    pub fn ready(project: &Project) -> Result<Self> {
        let source = "xtask/npm";
        let version = version(project, source)?;
        let folder = installed(project, source, "npm")?;
        Ok(Self { folder, compress: project.root.join(source).join("compress.mjs"), version })
    }

    /// What of wasm-opt makes the compressed module smaller. `-Oz` makes the
    /// module smaller, but of code that compresses worse: a tenth more is
    /// sent. These passes were found by trying each after the others. Features are those that browsers agree on: with more it writes
    /// modules that Chromium refuses.
    ///
    /// # Errors
    /// When wasm-opt fails.
    pub fn optimise(&self, input: &Path, output: &Path) -> Result<()> {
        process::run(
            Command::new("node")
                .arg(self.program("wasm-opt"))
                .args(["--vacuum", "--dae-optimizing", "--simplify-locals-nostructure", "--optimize-instructions"])
                .args(["--coalesce-locals-learning", "--reorder-locals", "--vacuum"])
                .args(["--rse", "--coalesce-locals-learning", "--reorder-locals", "--vacuum"])
                .args(["--duplicate-function-elimination", "--remove-unused-module-elements"])
                .args(["--enable-bulk-memory", "--enable-nontrapping-float-to-int"])
                .args(["--enable-sign-ext", "--enable-mutable-globals"])
                .args(["--enable-reference-types", "--enable-multivalue"])
                .arg(input)
                .arg("-o")
                .arg(output),
        )
    }

    /// Bundles and minifies a stylesheet or a JavaScript module into one file.
    /// `public` is the folder of files served as they are: addresses of what is
    /// in it stay, other addresses must be files to bundle.
    ///
    /// # Errors
    /// When esbuild finds a mistake, or warns: a warning in a stylesheet is a
    /// rule that the browser would drop.
    pub fn bundle(&self, input: &Path, output: &Path, public: &Path) -> Result<()> {
        self.bundle_with(input, output, public, &[])
    }

    /// As [`Tools::bundle`], with packages that the files import by name: each
    /// a name and the file or folder that it stands for.
    ///
    /// # Errors
    /// As [`Tools::bundle`].
    pub fn bundle_with(&self, input: &Path, output: &Path, public: &Path, packages: &[(&str, &Path)]) -> Result<()> {
        let mut outfile = std::ffi::OsString::from("--outfile=");
        outfile.push(output);
        let mut command = Command::new(self.program("esbuild"));
        command
            .arg(input)
            .arg(outfile)
            .args(["--bundle", "--minify", "--format=esm", "--target=es2022"])
            .args(["--log-level=warning", "--charset=utf8"]);
        for (name, path) in packages {
            command.arg(format!("--alias:{name}={}", path.display()));
        }
        for entry in fs::read_dir(public).into_iter().flatten().flatten() {
            let below = if entry.path().is_dir() { "/*" } else { "" };
            let name = entry.file_name();
            command.arg(format!("--external:/{}{below}", name.to_string_lossy()));
        }
        let (status, lines) = process::run_and_read(&mut command)?;
        process::succeed(&command, status)?;
        if lines.iter().any(|line| line.contains("[WARNING]")) {
            return Err(Error::Check(format!("{} has warnings", input.display())));
        }
        Ok(())
    }

    /// Writes `.br` and `.gz` beside each file.
    ///
    /// # Errors
    /// When Node.js fails.
    pub fn compress(&self, files: &[PathBuf]) -> Result<()> {
        process::run(Command::new("node").arg(&self.compress).args(files))
    }

    fn program(&self, name: &str) -> PathBuf {
        self.folder.join("node_modules/.bin").join(name)
    }
}

/// The npm packages of the folder `source` of the checkout, installed below
/// the cache folder exactly as the lock file says; `name` begins its name there.
///
/// # Errors
/// When Node.js or npm is missing, or the installation fails.
pub fn installed(project: &Project, source: &str, name: &str) -> Result<PathBuf> {
    let folder = project.cache.join(format!("{name}-{}", version(project, source)?));
    if !folder.join("complete").is_file() {
        require_node()?;
        fs::create_dir_all(&folder).doing(format!("creating {}", folder.display()))?;
        for file in ["package.json", "package-lock.json", ".npmrc"] {
            fs::copy(project.root.join(source).join(file), folder.join(file))
                .doing(format!("copying {file} to {}", folder.display()))?;
        }
        process::run(Command::new("npm").args(["ci", "--loglevel=error"]).current_dir(&folder))?;
        fs::write(folder.join("complete"), "").doing("marking the packages as complete")?;
    }
    Ok(folder)
}

/// Changes whenever a package's version does.
fn version(project: &Project, source: &str) -> Result<String> {
    let lock = project.root.join(source).join("package-lock.json");
    Ok(digest::short(&fs::read(&lock).doing(format!("reading {}", lock.display()))?))
}

/// Says what to install when Node.js or npm is missing.
///
/// # Errors
/// [`Error::Missing`].
pub fn require_node() -> Result<()> {
    let works = |program: &str| process::output(Command::new(program).arg("--version")).is_ok();
    if works("node") && works("npm") {
        return Ok(());
    }
    Err(Error::Missing(
        "Node.js 20 or later with npm is needed to build the site: install it (Debian: \
         `apt-get install nodejs npm`) and run this again"
            .into(),
    ))
}
