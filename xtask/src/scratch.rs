//! A folder that is gone when the test run is.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Doing, Result};

/// A new folder below the system's temporary folder; removed on drop.
pub struct Scratch {
    path: PathBuf,
}

impl Scratch {
    /// `name` tells a reader of the folder what it is for.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn new(name: &str) -> Result<Self> {
        let base = std::env::temp_dir();
        let path = base.join(format!("signalbox-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).doing(format!("creating {}", path.display()))?;
        Ok(Self { path })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.path) {
            eprintln!("{} stays behind: {error}", self.path.display());
        }
    }
}
