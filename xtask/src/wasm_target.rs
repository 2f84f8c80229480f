//! The compiler's standard library for the browser: there already, else from
//! rustup, else built from Debian's source package, else an error that says
//! what to install.

use std::env;
use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::debian;
use crate::error::{Doing, Error, Result};
use crate::process;
use crate::project::Project;

/// The target triple of the client.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// Makes sure that `cargo build --target wasm32-unknown-unknown` works.
///
/// # Errors
/// When no way works; the text says what was tried and what to install.
pub fn ensure(project: &Project) -> Result<()> {
    if present()? {
        return Ok(());
    }
    // Two checkouts may start at the same moment on one machine.
    let lock = project.cache.join("wasm-target.lock");
    let lock = File::create(&lock).doing(format!("creating {}", lock.display()))?;
    lock.lock().doing("waiting for another set-up of the wasm32 target")?;
    if present()? {
        return Ok(());
    }
    println!("The Rust target {TARGET} is not installed; asking rustup for it.");
    let from_rustup = process::run(Command::new("rustup").args(["target", "add", TARGET]));
    process::check_interrupted()?;
    if from_rustup.is_ok() && present()? {
        return Ok(());
    }
    println!("rustup did not help; building it from Debian's source package (about a minute).");
    let from_debian = from_source(project);
    process::check_interrupted()?;
    match from_debian {
        Ok(()) if present()? => Ok(()),
        Ok(()) => Err(missing("it was built, but the compiler does not find it")),
        Err(error) => Err(missing(&error.to_string())),
    }
}

fn missing(why: &str) -> Error {
    Error::Missing(format!(
        "The Rust target {TARGET} is needed to build the site's client, and could not be set \
         up.\n  rustup: `rustup target add {TARGET}` did not install it\n  Debian: {why}\n\
         Install it by `rustup target add {TARGET}`, or install the package of your \
         distribution that carries it (Debian: libstd-rust-dev-wasm32), or the source of \
         exactly this compiler's standard library below \
         `$(rustc --print sysroot)/lib/rustlib/src/rust`, and run this again."
    ))
}

fn present() -> Result<bool> {
    let folder = libraries()?;
    let Ok(entries) = fs::read_dir(folder) else {
        return Ok(false);
    };
    Ok(entries.flatten().any(|entry| {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        name.starts_with("libstd-") && name.ends_with(".rlib")
    }))
}

/// The folder that the compiler reads the target's libraries from.
fn libraries() -> Result<PathBuf> {
    Ok(sysroot()?.join("lib/rustlib").join(TARGET).join("lib"))
}

fn sysroot() -> Result<PathBuf> {
    rustc(&["--print", "sysroot"]).map(PathBuf::from)
}

fn rustc(arguments: &[&str]) -> Result<String> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    process::output(Command::new(rustc).args(arguments)).map(|text| text.trim().to_owned())
}

/// Builds the standard library in an empty crate and puts it where a
/// downloaded one would lie.
fn from_source(project: &Project) -> Result<()> {
    let version = rustc(&["--version"])?;
    let version = version.split_whitespace().nth(1).unwrap_or_default();
    let source = sysroot()?.join("lib/rustlib/src/rust");
    if !source.join("library/std/Cargo.toml").is_file() {
        let unpacked = debian::rust_source(&project.cache, version)?;
        link(&unpacked, &source)?;
    }
    let folder = project.cache.join(format!("wasm32-std-{version}"));
    let built = build_std(project, &folder)?;
    install(&built, &libraries()?)?;
    // The rlibs are where they belong; what else the build left is not needed.
    fs::remove_dir_all(&folder).doing(format!("removing {}", folder.display()))
}

fn link(unpacked: &Path, source: &Path) -> Result<()> {
    if let Some(parent) = source.parent() {
        fs::create_dir_all(parent).doing(format!("creating {}", parent.display()))?;
    }
    // A link that points nowhere, from a cache folder that was cleared.
    if source.is_symlink() {
        fs::remove_file(source).doing(format!("removing {}", source.display()))?;
    }
    symlink(unpacked, source).doing(format!("linking {}", source.display()))
}

fn build_std(project: &Project, folder: &Path) -> Result<PathBuf> {
    let source = folder.join("src");
    fs::create_dir_all(&source).doing(format!("creating {}", source.display()))?;
    fs::write(source.join("lib.rs"), "").doing("writing an empty crate")?;
    fs::write(folder.join("Cargo.toml"), "[package]\nname = \"empty\"\nedition = \"2024\"\n\n[workspace]\n")
        .doing("writing an empty crate")?;
    let target = folder.join("target");
    process::run(
        project
            .cargo("build")
            .args(["--release", "--target", TARGET])
            .arg("-Zbuild-std=std,panic_abort,panic_unwind,proc_macro,test")
            .current_dir(folder)
            // `-Z` on a stable compiler, for its own standard library only.
            .env("RUSTC_BOOTSTRAP", "1")
            .env("CARGO_TARGET_DIR", &target)
            .env_remove("RUSTFLAGS"),
    )?;
    Ok(target.join(TARGET).join("release/deps"))
}

/// Copies the libraries beside their place first, so that an interruption
/// leaves no half of them where the compiler looks.
fn install(built: &Path, libraries: &Path) -> Result<()> {
    let fresh = libraries.with_extension("new");
    fs::create_dir_all(&fresh).doing(format!("creating {}", fresh.display()))?;
    for entry in fs::read_dir(built).doing(format!("listing {}", built.display()))? {
        let path = entry.doing(format!("listing {}", built.display()))?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if name.ends_with(".rlib") && !name.starts_with("libempty-") {
            fs::copy(&path, fresh.join(&name)).doing(format!("copying {name}"))?;
        }
    }
    if libraries.exists() {
        fs::remove_dir_all(libraries).doing(format!("replacing {}", libraries.display()))?;
    }
    fs::rename(&fresh, libraries).doing(format!("creating {}", libraries.display()))
}
