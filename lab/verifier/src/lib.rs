//! Checks a ledger in a browser: the engine's verifier as a WebAssembly module of its own, with its report as text.
//! Compiled apart from the module that runs backtests, since neither needs what the other brings along.

use std::sync::Arc;

use engine::Candles;
use engine::ledger::{Markets, PublicKey, Report, Verifier};
use maud::{Markup, html};
use wasm_bindgen::prelude::wasm_bindgen;

/// A ledger on its way through the checks. The candles come first, then the export in pieces.
#[wasm_bindgen]
#[derive(Default)]
pub struct Check {
    markets: Markets,
    trusted: Vec<PublicKey>,
    demands_signatures: bool,
    verifier: Option<Verifier>,
}

#[wasm_bindgen]
impl Check {
    /// Before anything was checked.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Holds outcomes of a symbol against these candles, a CSV.
    ///
    /// # Errors
    /// Why they cannot be read.
    pub fn candles(&mut self, symbol: &str, timeframe: &str, csv: &[u8]) -> Result<(), String> {
        let timeframe = timeframe.parse().map_err(|error: engine::UnknownTimeframe| error.to_string())?;
        let text = std::str::from_utf8(csv).map_err(|error| error.to_string())?;
        let candles = Candles::parse_csv(text, timeframe).map_err(|error| error.to_string())?;
        self.markets.insert(symbol, Arc::new(candles));
        Ok(())
    }

    /// Takes checkpoints by this public key only, in hex. `has_signed`: whether it has signed anything yet; then an export
    /// that is not signed up to its newest entries is not taken either.
    ///
    /// # Errors
    /// If it is no key.
    pub fn trust(&mut self, key: &str, has_signed: bool) -> Result<(), String> {
        self.trusted.push(PublicKey::parse(key).ok_or("This is no public key in hex.")?);
        self.demands_signatures = has_signed;
        Ok(())
    }

    /// Takes the next piece of the export, wherever it was cut; how many entries were checked so far.
    pub fn feed(&mut self, piece: &[u8]) -> u64 {
        let (markets, trusted) = (&mut self.markets, &mut self.trusted);
        let demands_signatures = self.demands_signatures;
        let begin = || {
            let verifier = Verifier::new(std::mem::take(markets)).trusting(std::mem::take(trusted));
            if demands_signatures { verifier.demanding_signatures() } else { verifier }
        };
        let verifier = self.verifier.get_or_insert_with(begin);
        verifier.feed(piece);
        verifier.entries()
    }

    /// Says that this was all: the report.
    #[must_use]
    pub fn finish(mut self) -> String {
        // An export without a byte is checked too: it has no header.
        self.feed(&[]);
        self.verifier.map(|verifier| report(&verifier.finish()).into_string()).unwrap_or_default()
    }
}

/// What came of the check, in a sentence, and in figures.
#[must_use]
pub fn report(report: &Report) -> Markup {
    let (class, said) = match &report.fault {
        None if report.signed == 0 && report.entries > 0 => (
            "notice",
            format!(
                "All {} entries hold, but they are not signed yet. A site signs soon after its start.",
                report.entries
            ),
        ),
        None => ("notice notice-good", format!("The record holds: all {} entries.", report.entries)),
        Some(fault) if report.is_no_ledger() => {
            ("notice notice-warning", format!("This is no export of the record: {fault}."))
        }
        Some(fault) => ("notice notice-warning", format!("The record does not hold. {fault}.")),
    };
    html! {
        div class=(class) data-holds=(report.holds()) {
            div class="notice-text" { p class="notice-title" { (said) } }
        }
        @if !report.is_no_ledger() { (details(report)) }
    }
}

fn details(report: &Report) -> Markup {
    let facts = [
        ("Signals published", report.publications.to_string()),
        ("of them ended and revealed", report.reveals.to_string()),
        ("They came to", report.outcomes()),
        ("All together", report.together()),
        ("Corrections", report.corrections.to_string()),
        ("Outcomes held against the candles", report.outcomes_checked.to_string()),
        ("Outcomes without candles", report.outcomes_unchecked.to_string()),
        ("Signatures", report.checkpoints.to_string()),
        ("Newest entry that is signed", report.signed.to_string()),
        ("Entries after it, not signed yet", report.unsigned().to_string()),
    ];
    html! {
        dl class="facts" {
            @for (name, value) in facts {
                div class="fact" {
                    dt { (name) }
                    dd class="figure" { (value) }
                }
            }
        }
        p class="muted small" { "Hash of the newest entry: " code { (report.head) } }
        @for key in &report.keys {
            p class="muted small" { "Signed with the key " code { (key) } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use engine::ledger::{
        Entry, Event, Hash, Instant, Publication, Signer, canonical, checkpoint_line, end_line, entry_line, header_line,
    };

    /// What is told of an export that comes in these pieces.
    fn told(mut check: Check, pieces: &[&str]) -> String {
        for piece in pieces {
            check.feed(piece.as_bytes());
        }
        check.finish()
    }

    fn signer() -> Signer {
        Signer::from_secret(&[7; 32])
    }

    /// A check that trusts the signer, who has signed something or not yet.
    fn trusting(has_signed: bool) -> Check {
        let mut check = Check::new();
        check.trust(&signer().public_key().to_string(), has_signed).unwrap();
        check
    }

    /// An export with one entry, and the checkpoint on it.
    fn export() -> (String, String) {
        let (seq, at) = (1, Instant::from_secs(1_717_200_000));
        let event = Event::Publication(Publication { commitment: Hash::of("x"), signal_id: "signal-1".to_owned() });
        let entry = canonical(&Entry { at, event, prev_hash: Hash::NONE, seq }).unwrap();
        let hash = Hash::of(&entry);
        let (checkpoint, signature) = signer().sign(seq, hash, at).unwrap();
        let signed = checkpoint_line(&checkpoint, &signature).unwrap();
        (header_line() + &entry_line(&entry, &hash) + &signed + &end_line(seq, hash).unwrap(), signed)
    }

    #[test]
    fn a_changed_byte_is_found_and_named() {
        let empty = "{\"ledger\":{\"version\":1}}\n";
        let told = |pieces: &[&str]| told(Check::new(), pieces);
        let zeros = "0".repeat(64);
        let end = format!("{{\"end\":{{\"entries\":0,\"hash\":\"{zeros}\"}}}}\n");
        assert!(told(&[empty, &end]).contains("The record holds: all 0 entries."));
        assert!(
            told(&[empty, &end.replace("\"entries\":0", "\"entries\":1")])
                .contains("The record does not hold. line 2: ")
        );
        for other in [&empty.replace('1', "2"), "<!doctype html>", ""] {
            let told = told(&[other]);
            assert!(told.contains("This is no export of the record: line 1: ") && !told.contains("<dl"), "{told}");
        }
    }

    #[test]
    fn what_is_stripped_of_its_signatures_does_not_hold() {
        let (export, signed) = export();
        let stripped = export.replace(&signed, "");
        let whole = told(trusting(true), &[&export]);
        assert!(whole.contains("The record holds: all 1 entries."), "{whole}");
        let lacking = told(trusting(true), &[&stripped]);
        assert!(lacking.contains("The record does not hold. line 3: none of the 1 entries is signed"), "{lacking}");
    }

    #[test]
    fn a_site_that_has_not_signed_yet_is_told_so() {
        let (export, signed) = export();
        let young = told(trusting(false), &[&export.replace(&signed, "")]);
        assert!(young.contains("they are not signed yet") && !young.contains("notice-good"), "{young}");
        assert!(young.contains("data-holds"), "{young}");
        // It may sign between two questions.
        assert!(told(trusting(false), &[&export]).contains("The record holds: all 1 entries."));
    }
}
