//! How long it takes to check a ledger of 100,000 entries: `cargo run --release -p engine --example verify_ledger`.

#[path = "../tests/book/mod.rs"]
#[expect(dead_code, reason = "the tests write more kinds of ledgers")]
mod book;

use engine::ledger::verify;
use std::time::Instant;

const SIGNALS: usize = 50_000;
const ROUNDS: usize = 5;

fn main() {
    let found = book::ended();
    let mut signals = Vec::with_capacity(SIGNALS);
    for number in 0..SIGNALS {
        let (mut content, ending) = found[number % found.len()].clone();
        content.id = format!("signal-{number}");
        signals.push((content, ending));
    }
    let (ledger, markets) = (book::sound(&signals), book::markets());
    println!("{} bytes, {} different signals", ledger.len(), found.len());
    for _ in 0..ROUNDS {
        let markets = markets.clone();
        let begun = Instant::now();
        let report = verify(ledger.as_bytes(), markets);
        let taken = begun.elapsed();
        assert!(report.holds(), "{:?}", report.fault);
        println!(
            "{} entries, {} outcomes by candles, {} signatures: {} ms",
            report.entries,
            report.outcomes_checked,
            report.checkpoints,
            taken.as_millis()
        );
    }
}
