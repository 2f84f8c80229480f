//! What came of checking a ledger.

use super::{Fault, Hash, PublicKey};
use serde::Serialize;

/// What a ledger holds up to its end, or up to its first fault.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// Entries in order.
    pub entries: u64,
    /// Signals published.
    pub publications: u64,
    /// Signals revealed; the others are still open.
    pub reveals: u64,
    /// Corrections of market data.
    pub corrections: u64,
    /// Checkpoints whose signature fits.
    pub checkpoints: u64,
    /// The number of the newest entry that a checkpoint covers; 0 without any.
    pub signed: u64,
    /// Outcomes that were held against candles, and fit.
    pub outcomes_checked: u64,
    /// Outcomes for which no candles were given.
    pub outcomes_unchecked: u64,
    /// The hash of the newest entry, [`Hash::NONE`] without any.
    pub head: Hash,
    /// The keys that signed, in the order of their first checkpoint.
    pub keys: Vec<PublicKey>,
    /// The first fault; `None` when everything holds.
    pub fault: Option<Fault>,
}

impl Report {
    /// Whether everything holds.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.fault.is_none()
    }

    /// Whether what was read is no ledger at all: not even its first line is one's.
    #[must_use]
    pub fn is_no_ledger(&self) -> bool {
        self.fault.as_ref().is_some_and(|fault| fault.line == 1)
    }

    /// Entries after the last checkpoint: nobody has signed that these are all.
    #[must_use]
    pub fn unsigned(&self) -> u64 {
        self.entries - self.signed
    }
}
