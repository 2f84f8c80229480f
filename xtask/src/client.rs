//! The browser's half of the crate: cargo → wasm-bindgen → wasm-opt.

use std::fs;
use std::path::{Path, PathBuf};

use crate::digest;
use crate::error::{Doing, Error, Result};
use crate::npm::Tools;
use crate::process;
use crate::project::{Profile, Project};
use crate::wasm_target::TARGET;

/// The source of `xtask-bundle`: with other options it makes other files.
const BUNDLER: &str = concat!(include_str!("bundle/main.rs"), include_str!("bundle/trim.rs"));

/// What the browser is to load, before hashing and compression.
pub struct Client {
    pub js: PathBuf,
    pub wasm: PathBuf,
    /// The name by which the JavaScript refers to the module.
    pub wasm_name: String,
}

/// Compiles the library for the browser; returns the compiled module.
///
/// # Errors
/// When cargo fails.
pub fn compile(project: &Project, profile: Profile) -> Result<PathBuf> {
    let options = &project.options;
    let mut cargo = project.cargo("build");
    cargo
        .args(["--package", &options.package, "--lib", "--target", TARGET])
        .args(["--features", &options.lib.list.join(",")]);
    if !options.lib.default {
        cargo.arg("--no-default-features");
    }
    let folder = match profile {
        Profile::Release => {
            cargo.args(["--profile", &options.lib_profile_release]);
            options.lib_profile_release.as_str()
        }
        Profile::Dev => {
            // Nobody reads line tables out of a module in the browser, and
            // they make wasm-bindgen slow.
            cargo.args(["--config", "profile.dev.debug=false"]);
            profile.folder()
        }
    };
    process::run(&mut cargo)?;
    let name = format!("{}.wasm", options.package.replace('-', "_"));
    Ok(project.target.join(TARGET).join(folder).join(name))
}

/// Makes of the compiled module what the browser loads.
///
/// # Errors
/// When a tool fails.
pub fn bind(project: &Project, tools: &Tools, profile: Profile, module: &Path) -> Result<Client> {
    let name = &project.options.output_name;
    let Generated { script, wasm } = generate(project, tools, profile, module, &["--trim"], name)?;
    let js = wasm.with_file_name(format!("{name}.js"));
    tools.bundle(&script, &js, &project.options.assets_dir)?;
    Ok(Client { js, wasm, wasm_name: format!("{name}_bg.wasm") })
}

/// What wasm-bindgen makes of a module.
pub struct Generated {
    /// The JavaScript around it, not bundled.
    pub script: PathBuf,
    /// The module, in a release without what is superfluous.
    pub wasm: PathBuf,
}

/// wasm-bindgen and wasm-opt over a compiled module, with more arguments for
/// `xtask-bundle`. What did not change since the last time is not made again.
///
/// # Errors
/// When a tool fails.
pub fn generate(
    project: &Project,
    tools: &Tools,
    profile: Profile,
    module: &Path,
    more: &[&str],
    name: &str,
) -> Result<Generated> {
    let work = project.built(profile).join(format!("{name}-work"));
    let raw = work.join("wasm-bindgen");
    let wasm_name = format!("{name}_bg.wasm");
    let generated = Generated { script: raw.join(format!("{name}.js")), wasm: work.join(&wasm_name) };
    let content = fs::read(module).doing(format!("reading {}", module.display()))?;
    let key =
        [digest::short(&content), bindgen_version(project)?, tools.version.clone(), digest::short(BUNDLER.as_bytes())]
            .join(" ");
    let key_file = work.join("key");
    if fs::read_to_string(&key_file).is_ok_and(|made| made == key) {
        return Ok(generated);
    }
    if work.exists() {
        fs::remove_dir_all(&work).doing(format!("clearing {}", work.display()))?;
    }
    fs::create_dir_all(&raw).doing(format!("creating {}", raw.display()))?;
    process::run(std::process::Command::new(build_bundler(project)?).args([module, &raw]).arg(name).args(more))?;
    match profile {
        Profile::Release => tools.optimise(&raw.join(&wasm_name), &generated.wasm)?,
        Profile::Dev => {
            fs::rename(raw.join(&wasm_name), &generated.wasm).doing("moving the module")?;
        }
    }
    fs::write(&key_file, key).doing(format!("writing {}", key_file.display()))?;
    Ok(generated)
}

/// Builds `xtask-bundle`, optimised: unoptimised it takes longer over one
/// module than its own build does.
fn build_bundler(project: &Project) -> Result<PathBuf> {
    process::run(project.cargo("build").args([
        "--release",
        "--package",
        "xtask",
        "--bin",
        "xtask-bundle",
        "--features",
        "bundle",
    ]))?;
    Ok(project.built(Profile::Release).join("xtask-bundle"))
}

/// The version of wasm-bindgen, which the module and the tool must share.
fn bindgen_version(project: &Project) -> Result<String> {
    let path = project.root.join("Cargo.lock");
    let lock = fs::read_to_string(&path).doing(format!("reading {}", path.display()))?;
    let locked = |name: &str| {
        locked_version(&lock, name).ok_or_else(|| Error::Check(format!("Cargo.lock has no package `{name}`")))
    };
    let module = locked("wasm-bindgen")?;
    let tool = locked("wasm-bindgen-cli-support")?;
    if module != tool {
        return Err(Error::Check(format!(
            "Cargo.lock has wasm-bindgen {module} but wasm-bindgen-cli-support {tool}; they must \
             be equal: run `cargo update --package wasm-bindgen-cli-support --precise {module}`"
        )));
    }
    Ok(module.to_owned())
}

fn locked_version<'lock>(lock: &'lock str, package: &str) -> Option<&'lock str> {
    let heading = format!("name = \"{package}\"\nversion = \"");
    let (_, rest) = lock.split_once(&heading)?;
    rest.split('"').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = "[[package]]\nname = \"wasm-bindgen-shared\"\nversion = \"0.2.1\"\n\n\
                        [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";

    #[test]
    fn a_version_is_found_by_the_whole_name() {
        assert_eq!(locked_version(LOCK, "wasm-bindgen"), Some("0.2.130"));
        assert_eq!(locked_version(LOCK, "wasm-bindgen-shared"), Some("0.2.1"));
        assert_eq!(locked_version(LOCK, "wasm"), None);
    }
}
