//! What came of checking a ledger.

use super::{Ending, Fault, Hash, PublicKey};
use crate::Outcome;
use crate::writing::Fixed;
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
    /// Signals revealed that reached their target.
    pub won: u64,
    /// Signals revealed that reached their stop.
    pub lost: u64,
    /// Signals revealed that reached neither in their time.
    pub expired: u64,
    /// The R of all signals together, as they were revealed: a correction changes nothing that was written.
    pub total_r: f64,
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
    /// Counts what was revealed of a signal.
    pub(super) fn count(&mut self, ending: &Ending) {
        self.reveals += 1;
        self.total_r += ending.r_multiple.get();
        match ending.outcome {
            Outcome::Target => self.won += 1,
            Outcome::Stop => self.lost += 1,
            Outcome::Expired => self.expired += 1,
            Outcome::Open => {}
        }
    }

    /// How the signals ended, as a track record tells it: `3 won, 2 lost, 1 expired; 4 open`.
    #[must_use]
    pub fn outcomes(&self) -> String {
        let open = self.publications - self.reveals;
        format!("{} won, {} lost, {} expired; {open} open", self.won, self.lost, self.expired)
    }

    /// All R together, as a track record tells it: `+12.34 R`, and a dash before the first.
    #[must_use]
    pub fn together(&self) -> String {
        if self.reveals == 0 {
            return "–".to_owned();
        }
        let text = Fixed(self.total_r.abs(), 2).to_string();
        let sign = match text.as_str() {
            "0.00" => "",
            _ if self.total_r < 0.0 => "−",
            _ => "+",
        };
        let whole = text.find('.').unwrap_or(text.len());
        let mut written = sign.to_owned();
        for (at, digit) in text.char_indices() {
            if at > 0 && at < whole && (whole - at).is_multiple_of(3) {
                written.push(',');
            }
            written.push(digit);
        }
        written + " R"
    }

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
