//! What Debian's package archive can give when nothing else does: the source
//! of the Rust standard library, and programs that the tests need.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::{Doing, Error, Result};
use crate::process;

/// Suites that may carry a newer compiler's source than the installed one.
const SUITES: [&str; 7] =
    ["trixie-backports", "forky", "sid", "trixie", "forky-backports", "experimental", "bookworm-backports"];
const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// Downloads and unpacks the `rust-src` package of exactly `version`; returns
/// the folder that holds `library/`.
///
/// It reads the archive that this machine's own apt reads, with a sources
/// list of its own: the machine's package lists are left as they are.
///
/// # Errors
/// When this is no Debian, or no suite has that version.
pub fn rust_source(cache: &Path, version: &str) -> Result<PathBuf> {
    let folder = cache.join(format!("rust-src-{version}"));
    let source = folder.join(format!("usr/src/rustc-{version}"));
    if source.join("library/std/Cargo.toml").is_file() {
        return Ok(source);
    }
    for (program, package) in [("apt-get", "apt"), ("dpkg-deb", "dpkg")] {
        if process::output(Command::new(program).arg("--version")).is_err() {
            return Err(Error::Missing(format!("`{program}` (package {package}) is not on this machine")));
        }
    }
    let archives = archives()?;
    let apt = Apt::new(cache.join("apt"))?;
    for suite in SUITES {
        for archive in &archives {
            println!("Looking for rust-src {version} in {suite}");
            apt.name_source(archive, suite)?;
            // A suite that the archive does not have is no reason to stop.
            if apt.update().is_err() {
                process::check_interrupted()?;
                continue;
            }
            let Some(package) = apt.version_of("rust-src", version)? else {
                continue;
            };
            let file = apt.download("rust-src", &package)?;
            unpack(&file, &folder)?;
            fs::remove_file(&file).doing(format!("removing {}", file.display()))?;
            if source.join("library/std/Cargo.toml").is_file() {
                return Ok(source);
            }
            return Err(Error::Check(format!("rust-src {package} does not hold {}", source.display())));
        }
    }
    Err(Error::Missing(format!(
        "no suite of the Debian archive has rust-src {version} (looked in {})",
        SUITES.join(", ")
    )))
}

/// Installs packages on this machine, which only root can.
///
/// # Errors
/// When xtask is not run by root on a Debian, or apt fails.
pub fn install(packages: &[&str]) -> Result<()> {
    let wanted = packages.join(" ");
    let id = process::output(Command::new("id").arg("-u")).unwrap_or_default();
    if id.trim() != "0" {
        return Err(Error::Missing(format!(
            "missing on this machine: {wanted}. Install it (Debian: `sudo apt-get install {wanted}`)"
        )));
    }
    println!("Installing Debian's packages: {wanted}");
    let apt = |arguments: &[&str]| {
        process::run(Command::new("apt-get").args(arguments).env("DEBIAN_FRONTEND", "noninteractive"))
    };
    let install = [&["install", "-y", "--no-install-recommends"], packages].concat();
    if apt(&install).is_ok() {
        return Ok(());
    }
    process::check_interrupted()?;
    // The machine's package lists may be absent or old.
    apt(&["update"])?;
    apt(&install)
}

/// The addresses of the Debian archive that this machine is set up with.
fn archives() -> Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    let targets =
        process::output(Command::new("apt-get").args(["indextargets", "--format", "$(REPO_URI)"])).unwrap_or_default();
    found.extend(targets.lines().filter_map(archive));
    if found.is_empty() {
        let lists = fs::read_dir("/etc/apt/sources.list.d").into_iter().flatten();
        let files = lists.flatten().map(|entry| entry.path());
        for file in files.chain([PathBuf::from("/etc/apt/sources.list")]) {
            let text = fs::read_to_string(file).unwrap_or_default();
            found.extend(text.split_whitespace().filter_map(archive));
        }
    }
    if found.is_empty() {
        return Err(Error::Missing("apt names no Debian archive".into()));
    }
    Ok(found)
}

/// Debian's main archive, of the addresses that apt knows.
fn archive(address: &str) -> Option<String> {
    let address = address.trim().trim_end_matches('/');
    (address.contains("://") && address.ends_with("/debian")).then(|| address.to_owned())
}

fn unpack(package: &Path, folder: &Path) -> Result<()> {
    let fresh = folder.with_extension("new");
    if fresh.exists() {
        fs::remove_dir_all(&fresh).doing(format!("clearing {}", fresh.display()))?;
    }
    process::run(Command::new("dpkg-deb").arg("-x").args([package, &fresh]))?;
    if folder.exists() {
        fs::remove_dir_all(folder).doing(format!("clearing {}", folder.display()))?;
    }
    fs::rename(&fresh, folder).doing(format!("creating {}", folder.display()))
}

/// apt with every folder of its own.
struct Apt {
    folder: PathBuf,
}

impl Apt {
    fn new(folder: PathBuf) -> Result<Self> {
        for part in ["lists/partial", "cache/archives/partial", "empty"] {
            let path = folder.join(part);
            fs::create_dir_all(&path).doing(format!("creating {}", path.display()))?;
        }
        Ok(Self { folder })
    }

    fn name_source(&self, archive: &str, suite: &str) -> Result<()> {
        let line = format!("deb [signed-by={KEYRING}] {archive} {suite} main\n");
        fs::write(self.folder.join("sources.list"), line).doing("writing a sources list")
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        let folder = self.folder.display();
        for option in [
            format!("Dir::Etc::sourcelist={folder}/sources.list"),
            format!("Dir::Etc::sourceparts={folder}/empty"),
            format!("Dir::Etc::preferencesparts={folder}/empty"),
            format!("Dir::Etc::preferences={folder}/none"),
            format!("Dir::State::lists={folder}/lists"),
            format!("Dir::Cache={folder}/cache"),
            // Only package names and versions are wanted of a suite.
            "Acquire::Languages=none".to_owned(),
            "APT::Sandbox::User=root".to_owned(),
            "Acquire::Retries=2".to_owned(),
        ] {
            command.args(["-o", &option]);
        }
        command.current_dir(&self.folder);
        command
    }

    fn update(&self) -> Result<()> {
        process::run(self.command("apt-get").args(["-q", "update", "--error-on=any"]))
    }

    fn version_of(&self, package: &str, upstream: &str) -> Result<Option<String>> {
        let table = process::output(self.command("apt-cache").args(["madison", package]))?;
        Ok(matching_version(&table, upstream))
    }

    fn download(&self, package: &str, version: &str) -> Result<PathBuf> {
        process::run(self.command("apt-get").args(["-q", "download", &format!("{package}={version}")]))?;
        let listing = fs::read_dir(&self.folder).doing("listing the downloads")?;
        listing
            .flatten()
            .map(|entry| entry.path())
            .find(|path| path.extension().is_some_and(|extension| extension == "deb"))
            .ok_or_else(|| Error::Check(format!("apt downloaded no {package}")))
    }
}

/// The Debian version of an upstream version in the table of `apt-cache
/// madison`: `1.95.0` is the upstream version of `1.95.0+dfsg1-1`, not of
/// `1.95.01-1`.
fn matching_version(table: &str, upstream: &str) -> Option<String> {
    table
        .lines()
        .filter_map(|line| line.split('|').nth(1))
        .map(str::trim)
        .find(|version| version.strip_prefix(upstream).is_some_and(|rest| rest.starts_with(['+', '-', '~'])))
        .map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_upstream_version_must_match_whole() {
        let table = "  rust-src | 1.95.01-1 | x sid/main amd64 Packages\n  \
                     rust-src | 1.95.0+dfsg1-1~bpo13+1 | x trixie-backports/main amd64 Packages\n";
        assert_eq!(matching_version(table, "1.95.0").as_deref(), Some("1.95.0+dfsg1-1~bpo13+1"));
        assert_eq!(matching_version(table, "1.95"), None);
        assert_eq!(matching_version("", "1.95.0"), None);
    }

    #[test]
    fn only_the_main_archive_counts() {
        assert_eq!(archive("https://mirror.example/debian/").as_deref(), Some("https://mirror.example/debian"));
        assert_eq!(archive("https://mirror.example/debian-security/"), None);
        assert_eq!(archive("/debian"), None);
    }
}
