#![no_main]

#[path = "../../engine/tests/fuzz_targets/mod.rs"]
#[allow(dead_code, reason = "each target is a program of its own")]
mod fuzz_targets;

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz_targets::importer(data));
