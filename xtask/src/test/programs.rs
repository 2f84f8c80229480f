//! Programs of this machine that the tests need.

use std::env;
use std::path::{Path, PathBuf};

use crate::debian;
use crate::error::{Error, Result};

/// A program of the search path.
pub fn find(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// Finds something, or installs Debian's packages and looks again.
///
/// # Errors
/// When it is neither here nor can be installed.
pub fn find_or_install<T>(find: impl Fn() -> Option<T>, packages: &[&str]) -> Result<T> {
    if let Some(found) = find() {
        return Ok(found);
    }
    debian::install(packages)?;
    find().ok_or_else(|| Error::Missing(format!("{} was installed but is not found", packages.join(" "))))
}

/// The browser: Chromium or Chrome.
///
/// # Errors
/// When there is none and none can be installed.
pub fn chromium() -> Result<PathBuf> {
    let look = || {
        if let Some(named) = env::var_os("CHROMIUM_PATH").map(PathBuf::from)
            && named.is_file()
        {
            return Some(named);
        }
        let usual = Path::new("/usr/bin/chromium");
        if usual.is_file() {
            return Some(usual.to_owned());
        }
        ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"].iter().find_map(|name| find(name))
    };
    find_or_install(look, &["chromium"])
}
