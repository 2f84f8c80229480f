//! What has been published stays so: a strategy's signals over the bundled series, by checksum.
//!
//! A strategy whose checksum changes says something else than it did under its version: raise the
//! version, then the checksum.

mod series;

use std::fmt::Write;

use engine::{Candles, Strategy, strategy};

/// How many signals there are, and the checksum of all that is in them.
type Said = (usize, u64);

/// By name and version, over each series.
const PUBLISHED: &[(&str, u32, [Said; 5])] = &[
    (
        "mean-reversion",
        1,
        [
            (220, 8_181_613_368_055_883_102),
            (33, 688_681_125_694_152_431),
            (130, 13_960_715_497_831_906_703),
            (97, 4_837_373_242_704_056_744),
            (802, 8_391_457_651_752_406_602),
        ],
    ),
    (
        "sma-cross",
        1,
        [
            (168, 6_538_896_221_500_645_692),
            (30, 4_150_024_327_601_011_787),
            (106, 16_474_221_652_437_529_137),
            (61, 10_682_499_224_779_679_054),
            (741, 12_629_150_927_923_780_060),
        ],
    ),
    (
        "ema-cross",
        1,
        [
            (124, 6_584_184_214_150_553_309),
            (24, 1_855_129_927_683_202_800),
            (75, 16_004_731_160_919_480_809),
            (67, 4_163_548_260_135_034_223),
            (613, 14_387_420_352_296_532_166),
        ],
    ),
    (
        "macd",
        1,
        [
            (340, 7_620_346_699_434_866_926),
            (50, 12_070_173_421_275_250_075),
            (203, 13_989_168_403_875_229_274),
            (154, 16_362_097_355_473_713_610),
            (1_371, 12_804_478_632_072_506_610),
        ],
    ),
    (
        "rsi-reversal",
        1,
        [
            (160, 3_459_239_312_131_643_193),
            (22, 8_600_498_591_598_423_167),
            (104, 10_969_950_565_475_686_864),
            (66, 5_152_427_942_834_484_990),
            (536, 13_332_883_417_082_079_992),
        ],
    ),
    (
        "donchian-breakout",
        1,
        [
            (452, 12_060_336_089_768_801_389),
            (51, 6_521_156_531_807_683_002),
            (209, 9_398_926_059_119_287_380),
            (139, 13_617_917_222_315_401_563),
            (1_026, 16_829_352_944_874_293_081),
        ],
    ),
    (
        "supertrend",
        1,
        [
            (147, 768_106_201_325_724_804),
            (26, 14_887_888_335_717_651_100),
            (69, 733_952_848_526_138_632),
            (43, 3_582_051_129_956_529_391),
            (383, 1_047_365_619_327_456_446),
        ],
    ),
    (
        "ensemble",
        1,
        [
            (101, 18_280_972_534_624_744_028),
            (13, 1_799_329_047_658_995_120),
            (76, 5_807_602_980_277_271_176),
            (43, 12_418_197_689_383_751_492),
            (410, 6_156_123_447_090_103_147),
        ],
    ),
];

#[test]
fn every_strategy_says_what_it_always_said() {
    let candles: Vec<Candles> = series::all().map(|(_, candles)| candles).collect();
    let said = strategy::all().into_iter().map(|strategy| {
        let sums: Vec<_> = candles.iter().map(|candles| checksum(strategy.as_ref(), candles)).collect();
        (strategy.name(), strategy.version(), sums.try_into().unwrap())
    });
    assert_eq!(said.collect::<Vec<_>>(), PUBLISHED);
}

/// How many proposals there are, and the FNV-1a hash of all that is in them: two floats that print
/// alike are the same bits.
fn checksum(strategy: &dyn Strategy, candles: &Candles) -> Said {
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
