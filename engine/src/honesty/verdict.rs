//! Proven or not.

use serde::{Deserialize, Serialize};

use super::{Checks, Examination};
use crate::writing::{Fixed, Plain};

/// What an [`Examination`] comes to. Written in lower case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It passed every check.
    Proven,
    /// It failed one, or could not be checked.
    Unproven,
}

impl Verdict {
    /// Its name: `proven` or `unproven`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Proven => "proven",
            Self::Unproven => "unproven",
        }
    }
}

/// The fewest closed trades that anything is concluded from.
pub const FEWEST_TRADES: usize = 30;

/// The share of neighbours that must gain.
const NEIGHBOURS: f64 = 0.5;

/// Everything that speaks against a strategy, in plain English, the gravest first; nothing if it
/// is proven. The Monte Carlo bands are shown and decide nothing: what they add to the significance
/// is how bad it can get.
pub(super) fn objections(found: &Examination, checks: &Checks) -> Vec<String> {
    let all = [
        looks_ahead(found),
        remembers(found),
        is_rare(found),
        loses(found),
        is_chance(found, checks),
        fails_later(found),
        is_fitted(found),
    ];
    all.into_iter().flatten().collect()
}

fn looks_ahead(found: &Examination) -> Option<String> {
    let leak = found.look_ahead.leak?;
    Some(format!("It looks ahead: later candles change what it says up to candle {}.", leak + 1))
}

fn remembers(found: &Examination) -> Option<String> {
    let warm_up = &found.warm_up;
    (!warm_up.settles).then(|| {
        format!("Its signals still depend on where the series begins after {} candles, a quarter of it.", warm_up.limit)
    })
}

fn is_rare(found: &Examination) -> Option<String> {
    (found.trades < FEWEST_TRADES).then(|| {
        format!("It has {} closed trades; nothing is concluded from fewer than {FEWEST_TRADES}.", found.trades)
    })
}

fn loses(found: &Examination) -> Option<String> {
    let total_return = found.sensitivity.total_return;
    (total_return <= 0.0).then(|| format!("It returned {} % after costs.", Fixed(total_return * 100.0, 1)))
}

fn is_chance(found: &Examination, checks: &Checks) -> Option<String> {
    let Some(significance) = &found.significance else {
        return Some("It does not trade, so that there is nothing to compare with chance.".to_owned());
    };
    let level = checks.level / checks.compared.max(1) as f64;
    let among = match checks.compared {
        0 | 1 => String::new(),
        compared => format!(", {} shared among {compared} comparisons", Plain(checks.level)),
    };
    (significance.p_value > level)
        .then(|| format!("Chance may explain it. {} It takes {}{among}.", significance.words, Fixed(level, 4)))
}

fn fails_later(found: &Examination) -> Option<String> {
    let Some(walk) = &found.walk_forward else {
        return Some("The series is too short to walk forward through.".to_owned());
    };
    if walk.trades == 0 {
        return Some("It does not trade out of sample.".to_owned());
    }
    (walk.out_of_sample <= 0.0).then(|| {
        format!(
            "Out of sample, with parameters chosen before, it returned {} % after costs in {} trades.",
            Fixed(walk.out_of_sample * 100.0, 1),
            walk.trades
        )
    })
}

fn is_fitted(found: &Examination) -> Option<String> {
    let gaining = found.sensitivity.gaining;
    (gaining < NEIGHBOURS && found.sensitivity.total_return > 0.0).then(|| {
        format!("Only {} % of neighbouring parameters gain: it is fitted to its own.", Fixed(gaining * 100.0, 0))
    })
}
