//! Whether a rule looks ahead.

use serde::Serialize;

use super::Watch;
use crate::backtest::{self, Settings};
use crate::parameter::ParameterError;
use crate::{Candle, CandleSlice, Candles, Proposal, Strategy};

/// What cutting a series off, and changing what follows, did to what came before: nothing, if the
/// rule is sound.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct LookAhead {
    /// At how many closes it was tried.
    pub tried: usize,
    /// The first close, as an index, up to which something moved; `None`: none did.
    pub leak: Option<usize>,
}

/// How many closes of each kind are tried.
const CUTS: usize = 8;

/// Runs a strategy over a series; then, for closes evenly spread over it and for those of signals
/// evenly spread among them, over the series up to there alone, and with every later candle changed.
/// The signals up to there, with everything in them, and the equity, bit for bit, must be the same
/// all three times.
///
/// # Errors
/// The first setting that is outside its range.
pub fn look_ahead(
    strategy: &dyn Strategy,
    candles: CandleSlice<'_>,
    settings: Settings,
) -> Result<LookAhead, ParameterError> {
    watched(strategy, candles, settings, &mut |_| Ok(()))
}

/// As [`look_ahead`], under a watch.
pub(super) fn watched<E: From<ParameterError>>(
    strategy: &dyn Strategy,
    candles: CandleSlice<'_>,
    settings: Settings,
    watch: &mut Watch<'_, E>,
) -> Result<LookAhead, E> {
    watch(0.0)?;
    let whole = Known::of(strategy, candles, settings)?;
    let cuts = whole.cuts();
    for (tried, cut) in cuts.iter().enumerate() {
        let of_all = |done: f64| (tried as f64 + done) / cuts.len() as f64;
        watch(of_all(0.0))?;
        let short = Known::of(strategy, candles.prefix(*cut), settings)?;
        watch(of_all(0.5))?;
        let changed = Known::of(strategy, changed(candles, *cut).view(), settings)?;
        if !(whole.agrees(&short, *cut) && whole.agrees(&changed, *cut)) {
            return Ok(LookAhead { tried: cuts.len(), leak: Some(cut - 1) });
        }
    }
    Ok(LookAhead { tried: cuts.len(), leak: None })
}

/// What a strategy said and earned over a series.
struct Known {
    proposals: Vec<(usize, Proposal)>,
    equity: Vec<f64>,
}

impl Known {
    fn of(strategy: &dyn Strategy, candles: CandleSlice<'_>, settings: Settings) -> Result<Self, ParameterError> {
        let report = backtest::run(strategy, candles, settings)?;
        Ok(Self { proposals: strategy.decide_all(candles), equity: report.equity })
    }

    /// How many candles come before each close that is tried, itself among them.
    fn cuts(&self) -> Vec<usize> {
        let even = (1..=CUTS).map(|part| self.equity.len() * part / (CUTS + 1));
        let signals = self.proposals.iter().map(|(index, _)| index + 1);
        let spread = signals.step_by(self.proposals.len().div_ceil(CUTS).max(1));
        let mut cuts = Vec::new();
        for cut in even.chain(spread).filter(|cut| *cut > 0) {
            if let Err(place) = cuts.binary_search(&cut) {
                cuts.insert(place, cut);
            }
        }
        cuts
    }

    /// Whether both say the same of the first candles.
    fn agrees(&self, other: &Self, candles: usize) -> bool {
        let said = |known: &Self| known.proposals.partition_point(|(index, _)| *index < candles);
        let pairs = self.equity.iter().zip(&other.equity).take(candles);
        self.proposals[..said(self)] == other.proposals[..said(other)]
            && pairs.fold(true, |same, (one, other)| same && one.to_bits() == other.to_bits())
    }
}

/// The series with other candles from an index on.
fn changed(candles: CandleSlice<'_>, from: usize) -> Candles {
    let mut changed = Candles::new(candles.timeframe());
    for (index, candle) in candles.iter().enumerate() {
        let by = [0.5, 0.8, 0.6][index % 3];
        let Candle { open, high, low, close, .. } = candle;
        let fallen = Candle { open: open * by, high: high * by, low: low * by, close: close * by, ..candle };
        // Scaling keeps every rule, so nothing is refused.
        let pushed = changed.push(if index < from { candle } else { fallen });
        debug_assert_eq!(pushed, Ok(()));
    }
    changed
}
