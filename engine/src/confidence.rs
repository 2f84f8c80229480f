//! How often signals like this one were right: measured, never invented.
//!
//! What counts at the close of a deciding candle:
//! - signals of the **same strategy and version**, settled at or before that close, by market time.
//!   A settlement on the deciding candle itself counts: it was known at the close.
//!   So is one on another symbol whose time was over then, though its market was closed: tell
//!   [`crate::OpenSignal::expire`] the time before measuring.
//! - A signal that reached its target before its stop counts as a hit. One that was stopped or
//!   **expired** counts as none, whatever its gain; an open one does not count.
//! - *Own*: those on the same symbol and timeframe. *Everywhere*: those on every symbol and
//!   timeframe, own ones among them: the strategy's own rate.
//!
//! `value = (own hits + 20 · everywhere rate) / (own settled + 20)`: the mean of a Beta posterior
//! whose prior is worth 20 signals at the strategy's rate. Below 5 own settled signals there is
//! none.

use serde::{Deserialize, Serialize};

use crate::{Outcome, Settlement};

/// How many signals the strategy's overall rate is worth.
pub const PRIOR_WEIGHT: f64 = 20.0;

/// The fewest settled signals of one's own from which a rate is told.
pub const FEWEST: u32 = 5;

/// Settled signals, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Those that reached the target before the stop.
    pub hits: u32,
    /// All that are settled.
    pub settled: u32,
}

impl Tally {
    /// Counts what was settled at or before `time` (Unix seconds, market time).
    pub fn at<'a>(time: i64, settlements: impl IntoIterator<Item = &'a Settlement>) -> Self {
        let mut tally = Self::default();
        for settlement in settlements {
            if settlement.settled_at <= time {
                tally.count(settlement.outcome);
            }
        }
        tally
    }

    /// Counts one more; an open one changes nothing.
    pub fn count(&mut self, outcome: Outcome) {
        if outcome != Outcome::Open {
            self.settled += 1;
            self.hits += u32::from(outcome == Outcome::Target);
        }
    }

    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self { hits: self.hits + other.hits, settled: self.settled + other.settled }
    }

    /// The share of hits; `None` of nothing.
    #[must_use]
    pub fn rate(self) -> Option<f64> {
        (self.settled > 0).then(|| f64::from(self.hits) / f64::from(self.settled))
    }
}

/// A measured rate of hits.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Confidence {
    /// The rate, 0 to 1, shrunk towards the strategy's.
    pub value: f64,
    /// How many own settled signals it rests on.
    pub n: u32,
}

/// Why there is no [`Confidence`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("only {n} earlier signals of this strategy on this symbol are settled; it takes {FEWEST}")]
pub struct NoConfidence {
    /// How many own settled signals there are.
    pub n: u32,
}

/// The rate of hits to expect, from the `own` settled signals and those `everywhere`, the own ones
/// among them. See the module for what counts.
///
/// # Errors
/// If fewer than [`FEWEST`] own ones are settled.
pub fn measure(own: Tally, everywhere: Tally) -> Result<Confidence, NoConfidence> {
    let n = own.settled;
    let (Some(own_rate), true) = (own.rate(), n >= FEWEST) else {
        return Err(NoConfidence { n });
    };
    let prior = everywhere.rate().unwrap_or(own_rate);
    let hits = f64::from(own.hits) + PRIOR_WEIGHT * prior;
    Ok(Confidence { value: hits / (f64::from(n) + PRIOR_WEIGHT), n })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn settled(outcome: Outcome, settled_at: i64) -> Settlement {
        Settlement { outcome, exit_price: 1.0, r_multiple: 0.0, settled_at }
    }

    #[test]
    fn only_what_was_known_counts_and_only_targets_hit() {
        let all = [
            settled(Outcome::Target, 10),
            settled(Outcome::Stop, 20),
            settled(Outcome::Expired, 30),
            settled(Outcome::Target, 31),
        ];
        assert_eq!(Tally::at(30, &all), Tally { hits: 1, settled: 3 });
        assert_eq!(Tally::at(9, &all), Tally::default());
        assert_eq!(Tally::default().rate(), None);
    }

    #[test]
    fn too_few_give_a_reason() {
        let everywhere = Tally { hits: 50, settled: 100 };
        let refused = measure(Tally { hits: 4, settled: 4 }, everywhere).unwrap_err();
        assert_eq!(refused, NoConfidence { n: 4 });
        assert!(refused.to_string().contains("only 4 earlier"));
        assert!(measure(Tally::default(), Tally::default()).is_err());
    }

    #[test]
    fn the_rate_is_shrunk_by_a_prior_of_twenty() {
        let own = Tally { hits: 4, settled: 5 };
        let everywhere = Tally { hits: 40, settled: 100 };
        let confidence = measure(own, everywhere).unwrap();
        assert_eq!(confidence.value, (4.0 + 8.0) / 25.0);
        assert_eq!(confidence.n, 5);
    }

    proptest! {
        #[test]
        fn it_lies_between_the_two_rates(own in (0u32..50, 5u32..50), more in (0u32..500, 0u32..500)) {
            let own = Tally { hits: own.0.min(own.1), settled: own.1 };
            let everywhere = own.plus(Tally { hits: more.0.min(more.1), settled: more.1 });
            let (a, b) = (own.rate().unwrap(), everywhere.rate().unwrap());
            let value = measure(own, everywhere).unwrap().value;
            prop_assert!(a.min(b) - 1e-12 <= value && value <= a.max(b) + 1e-12);
        }
    }
}
