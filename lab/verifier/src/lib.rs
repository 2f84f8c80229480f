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

    /// Takes checkpoints by this public key only, in hex.
    ///
    /// # Errors
    /// If it is no key.
    pub fn trust(&mut self, key: &str) -> Result<(), String> {
        self.trusted.push(PublicKey::parse(key).ok_or("This is no public key in hex.")?);
        Ok(())
    }

    /// Takes the next piece of the export, wherever it was cut; how many entries were checked so far.
    pub fn feed(&mut self, piece: &[u8]) -> u64 {
        let (markets, trusted) = (&mut self.markets, &mut self.trusted);
        let begin = || Verifier::new(std::mem::take(markets)).trusting(std::mem::take(trusted));
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
        ("Signals published", report.publications),
        ("of them ended and revealed", report.reveals),
        ("Corrections", report.corrections),
        ("Outcomes held against the candles", report.outcomes_checked),
        ("Outcomes without candles", report.outcomes_unchecked),
        ("Signatures", report.checkpoints),
        ("Newest entry that is signed", report.signed),
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

    #[test]
    fn a_changed_byte_is_found_and_named() {
        let empty = "{\"ledger\":{\"version\":1}}\n";
        let told = |pieces: &[&str]| {
            let mut check = Check::new();
            for piece in pieces {
                check.feed(piece.as_bytes());
            }
            check.finish()
        };
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
}
