//! What the browser computes with: backtests, charts, and the check of the ledger.

use serde::{Deserialize, Serialize};

/// The candles that there are, and the files that run backtests over them in a browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workbench {
    /// The symbols, in the operator's order.
    pub markets: Vec<Market>,
    /// The address of the page's script.
    pub script: String,
    /// The address of the worker's script.
    pub worker: String,
    /// The address of the charts' script.
    pub charts: String,
    /// The address of the engine as a module.
    pub module: String,
    /// What checks the ledger.
    pub checker: Checker,
}

/// The files that check the ledger in a browser.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checker {
    /// The address of the button's script.
    pub script: String,
    /// The address of the worker's script.
    pub worker: String,
    /// The address of the module.
    pub module: String,
}

/// The address of the script that draws the charts of a page, in the context of pages.
#[derive(Clone, Debug)]
pub struct ChartScript(pub String);

/// A symbol with candles.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Market {
    /// Such as `BTC/USDT`.
    pub symbol: String,
    /// As people call it.
    pub name: String,
    /// What its prices are counted in.
    pub quote: String,
    /// Timeframes (`1h`, `1d`), each with the address of all its candles as CSV, the finest first.
    pub series: Vec<(String, String)>,
}
