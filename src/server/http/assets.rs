//! The built site folder: where it is, and the hashed names in it.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The site folder and the names of its entry files.
#[derive(Clone, Debug)]
pub struct Assets {
    /// The folder.
    pub root: PathBuf,
    /// The entry files.
    pub entry: Entry,
}

/// `assets.json` in the site folder: addresses with the content's hash in them.
#[derive(Clone, Debug, Deserialize)]
pub struct Entry {
    /// The script that loads the client.
    pub js: String,
    /// The client.
    pub wasm: String,
    /// The stylesheet.
    pub css: String,
    /// What runs backtests and checks the ledger.
    pub lab: LabFiles,
    /// The bundled candles, by symbol without its slash and timeframe: `BTCUSDT_1h`.
    pub series: BTreeMap<String, String>,
}

/// What a page loads whose browser computes.
#[derive(Clone, Debug, Deserialize)]
pub struct LabFiles {
    /// The page's script.
    pub page: String,
    /// The worker's.
    pub worker: String,
    /// The charts of a backtest.
    pub charts: String,
    /// The script of a page with a chart.
    pub chart: String,
    /// The engine as a module.
    pub module: String,
    /// The script of the button that checks the ledger.
    pub verify: String,
    /// Its worker's.
    pub checker: String,
    /// What checks the ledger, as a module.
    pub verifier: String,
}

/// Why there is no site to serve.
#[derive(Debug, thiserror::Error)]
pub enum AssetsError {
    /// No folder was found.
    #[error("no site folder beside the program; build it with `cargo xtask build`, or name one in SIGNALBOX_SITE_DIR")]
    Missing,
    /// `assets.json` cannot be read.
    #[error("{path}: {source}")]
    Unreadable {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl Assets {
    /// The named folder, else `site` beside the program, or beside the folder it is in, as
    /// test programs are.
    ///
    /// # Errors
    /// When there is none, or its `assets.json` cannot be read.
    pub fn find(named: Option<&Path>) -> Result<Self, AssetsError> {
        if let Some(named) = named {
            return Self::open(named);
        }
        let program = std::env::current_exe().ok();
        let beside =
            program.iter().flat_map(|program| program.ancestors().skip(1).take(2).map(|folder| folder.join("site")));
        let found = beside.into_iter().find(|folder| folder.join("assets.json").is_file());
        Self::open(&found.ok_or(AssetsError::Missing)?)
    }

    fn open(root: &Path) -> Result<Self, AssetsError> {
        let path = root.join("assets.json");
        let unreadable = |source| AssetsError::Unreadable { path: path.clone(), source };
        let text = std::fs::read(&path).map_err(unreadable)?;
        let entry = serde_json::from_slice(&text).map_err(|error| unreadable(error.into()))?;
        Ok(Self { root: root.to_owned(), entry })
    }
}
