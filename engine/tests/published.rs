//! What has been published stays so: a strategy's signals over the bundled series, by checksum.
//!
//! A strategy whose checksum changes says something else than it did under its version: raise the
//! version, then the checksum.

mod series;

use std::fmt::Write;

use engine::strategy::MeanReversion;
use engine::{Candles, Strategy};

#[test]
fn mean_reversion_says_what_it_always_said() {
    let strategy = MeanReversion::default();
    let sums: Vec<_> = series::all().map(|(_, candles)| checksum(&strategy, &candles)).collect();
    let published = [
        (220, 8_181_613_368_055_883_102),
        (33, 688_681_125_694_152_431),
        (130, 13_960_715_497_831_906_703),
        (97, 4_837_373_242_704_056_744),
        (802, 8_391_457_651_752_406_602),
    ];
    assert_eq!((strategy.version(), &sums[..]), (1, &published[..]));
}

/// How many proposals there are, and the FNV-1a hash of all that is in them: two floats that print
/// alike are the same bits.
fn checksum(strategy: &dyn Strategy, candles: &Candles) -> (usize, u64) {
    let proposals = strategy.decide_all(candles.view());
    let mut written = String::new();
    for proposal in &proposals {
        writeln!(written, "{proposal:?}").unwrap();
    }
    let hash = written
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    (proposals.len(), hash)
}
