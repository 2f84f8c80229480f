//! The workspace: where it is, where it builds to, and the build options that
//! Cargo.toml holds under `[package.metadata.leptos]`.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::error::{Doing, Error, Result};
use crate::process;

/// The folders of a checkout and the options of its build.
pub struct Project {
    /// The workspace's root folder.
    pub root: PathBuf,
    /// `CARGO_TARGET_DIR`, else one in the user's cache folder, so that a
    /// fresh clone does not build everything again.
    pub target: PathBuf,
    /// Tools and downloads that outlive a checkout.
    pub cache: PathBuf,
    /// What Cargo.toml says about the build.
    pub options: Options,
}

/// The part of `[package.metadata.leptos]` that xtask follows.
pub struct Options {
    pub package: String,
    pub output_name: String,
    pub pkg_dir: String,
    pub style_file: PathBuf,
    pub assets_dir: PathBuf,
    pub bin: Features,
    pub lib: Features,
    pub lib_profile_release: String,
}

/// The features of one side of the crate.
pub struct Features {
    pub list: Vec<String>,
    pub default: bool,
}

/// How a build is optimised.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    Dev,
    Release,
}

impl Profile {
    /// The folder below the target folder.
    pub fn folder(self) -> &'static str {
        match self {
            Self::Dev => "debug",
            Self::Release => "release",
        }
    }
}

impl Project {
    /// Reads the workspace that xtask was started in.
    ///
    /// # Errors
    /// When there is none, or its metadata lacks an option.
    pub fn open() -> Result<Self> {
        let root = root()?;
        let cache = cache()?;
        let target = match env::var_os("CARGO_TARGET_DIR").filter(|dir| !dir.is_empty()) {
            Some(dir) => root.join(dir),
            None => cache.join("target"),
        };
        std::fs::create_dir_all(&cache).doing(format!("creating {}", cache.display()))?;
        let mut project = Self { options: Options::empty(), root, target, cache };
        let metadata = process::output(project.cargo("metadata").args(["--no-deps", "--format-version", "1"]))?;
        project.options = Options::read(&metadata, &project.root)?;
        Ok(project)
    }

    /// A cargo command that builds to the target folder of this project.
    ///
    /// What `cargo run` set for xtask itself is taken out of the environment:
    /// build scripts watch some of it and would run anew for nothing.
    pub fn cargo(&self, subcommand: &str) -> Command {
        let mut command = Command::new(cargo_program());
        command.arg(subcommand).current_dir(&self.root);
        self.clean(&mut command);
        command.env("CARGO_TARGET_DIR", &self.target);
        command
    }

    /// The folder of built programs of a profile; the site lies in it too.
    pub fn built(&self, profile: Profile) -> PathBuf {
        self.target.join(profile.folder())
    }

    /// The server's program.
    pub fn server(&self, profile: Profile) -> PathBuf {
        self.built(profile).join(&self.options.package)
    }

    /// The site folder, beside the program because that is where it looks.
    pub fn site(&self, profile: Profile) -> PathBuf {
        self.built(profile).join("site")
    }

    fn clean(&self, command: &mut Command) {
        for (name, _) in env::vars_os() {
            let text = name.to_string_lossy();
            let ours = text.starts_with("CARGO_PKG_")
                || text.starts_with("CARGO_MANIFEST_")
                || text.starts_with("CARGO_BIN_")
                || matches!(&*text, "CARGO" | "CARGO_CRATE_NAME" | "CARGO_PRIMARY_PACKAGE");
            if ours || text == "LD_LIBRARY_PATH" {
                command.env_remove(&name);
            }
        }
    }
}

impl Options {
    fn empty() -> Self {
        let features = || Features { list: Vec::new(), default: false };
        Self {
            package: String::new(),
            output_name: String::new(),
            pkg_dir: String::new(),
            style_file: PathBuf::new(),
            assets_dir: PathBuf::new(),
            bin: features(),
            lib: features(),
            lib_profile_release: String::new(),
        }
    }

    fn read(metadata: &str, root: &Path) -> Result<Self> {
        let metadata: Value = serde_json::from_str(metadata)
            .map_err(|error| Error::Check(format!("cargo metadata is no JSON: {error}")))?;
        let manifest = root.join("Cargo.toml");
        let package = metadata["packages"]
            .as_array()
            .into_iter()
            .flatten()
            .find(|package| package["manifest_path"].as_str().map(Path::new) == Some(&manifest))
            .ok_or_else(|| Error::Check(format!("{} has no package", manifest.display())))?;
        let leptos = &package["metadata"]["leptos"];
        let text = |key: &str| {
            leptos[key]
                .as_str()
                .map(str::to_owned)
                .ok_or_else(|| Error::Check(format!("Cargo.toml: [package.metadata.leptos] lacks `{key}`")))
        };
        let features = |side: &str| Features {
            list: leptos[format!("{side}-features")]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|feature| feature.as_str().map(str::to_owned))
                .collect(),
            default: leptos[format!("{side}-default-features")].as_bool().unwrap_or(true),
        };
        Ok(Self {
            package: package["name"].as_str().unwrap_or_default().to_owned(),
            output_name: text("output-name")?,
            pkg_dir: text("site-pkg-dir")?,
            style_file: root.join(text("style-file")?),
            assets_dir: root.join(text("assets-dir")?),
            bin: features("bin"),
            lib: features("lib"),
            lib_profile_release: text("lib-profile-release")?,
        })
    }
}

fn cargo_program() -> OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

fn root() -> Result<PathBuf> {
    // Set by `cargo run`, which is how the alias starts xtask.
    if let Some(manifest) = env::var_os("CARGO_MANIFEST_DIR")
        && let Some(root) = Path::new(&manifest).parent()
    {
        return Ok(root.to_owned());
    }
    let here = env::current_dir().doing("finding the working folder")?;
    here.ancestors()
        .find(|folder| folder.join("xtask/Cargo.toml").is_file())
        .map(Path::to_owned)
        .ok_or_else(|| Error::Usage("run `cargo xtask` inside the checkout".into()))
}

fn cache() -> Result<PathBuf> {
    let base = match env::var_os("XDG_CACHE_HOME").filter(|dir| Path::new(dir).is_absolute()) {
        Some(dir) => PathBuf::from(dir),
        None => env::home_dir()
            .ok_or_else(|| Error::Missing("no home folder: set CARGO_TARGET_DIR and HOME".into()))?
            .join(".cache"),
    };
    Ok(base.join("signalbox"))
}
