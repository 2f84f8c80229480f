//! What every page says of the site and of who runs it.

use serde::{Deserialize, Serialize};

/// The site, as every page shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteView {
    /// The site's name.
    pub name: String,
    /// Who runs it.
    pub operator: OperatorView,
    /// Fetches of the feed that a free account has a day.
    pub free_fetches: u32,
    /// Signals in each of them.
    pub free_signals: u32,
    /// What the paid plan costs, such as `₹499 a month`; null while none is sold.
    pub price: Option<String>,
    /// Whether mails are kept in an outbox that a page lists.
    pub development: bool,
}

/// Who runs the site: in every footer and on the legal pages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperatorView {
    /// The business's name.
    pub name: String,
    /// Its registration, as its regulator writes it.
    pub registration: String,
    /// Where to write to.
    pub email: String,
    /// Where it is.
    pub address: String,
    /// In which a day of the free plan begins and ends, such as `Asia/Kolkata`.
    pub time_zone: String,
}
