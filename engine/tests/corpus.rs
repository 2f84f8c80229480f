//! The fuzzer's corpus once more.

mod fuzz_targets;

use std::fs;
use std::path::Path;

fn replay(name: &str, target: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(name);
    let files: Vec<_> = fs::read_dir(&folder).unwrap().map(|file| file.unwrap().path()).collect();
    assert!(files.len() > 5, "{}: {}", folder.display(), files.len());
    for file in files {
        println!("{}", file.display());
        target(&fs::read(&file).unwrap());
    }
}

#[test]
fn the_importer_takes_its_corpus() {
    replay("importer", fuzz_targets::importer);
}

#[test]
fn the_catalogue_takes_its_corpus() {
    replay("indicators", fuzz_targets::indicators);
}

#[test]
fn the_ledger_takes_its_corpus() {
    replay("ledger", fuzz_targets::ledger);
}
