//! Whether a measured confidence can be taken at its word.
//!
//! Of all signals with a confidence of 0.6, six of ten should have reached their target.

use serde::{Deserialize, Serialize};

use crate::figures::wilson;

/// A signal's confidence when it was published, and whether it reached its target.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Forecast {
    /// The confidence, 0 to 1.
    pub confidence: f64,
    /// Whether the target came before the stop and the expiry.
    pub hit: bool,
}

/// How forecasts and endings go together.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Calibration {
    /// How many forecasts.
    pub count: usize,
    /// The share of them that hit.
    pub base_rate: f64,
    /// The mean of `(confidence − hit)²`, with 1 for a hit and 0 for none; 0 is perfect.
    /// G. Brier, "Verification of Forecasts Expressed in Terms of Probability" (1950).
    pub brier: f64,
    /// What the base rate would have scored in the place of every confidence:
    /// `base rate · (1 − base rate)`.
    pub brier_of_base_rate: f64,
    /// `1 − brier / brier of base rate`: above 0 where the confidences told more than the base
    /// rate; `None` where all ended alike.
    pub skill: Option<f64>,
    /// The reliability table: tenths of confidence that there are forecasts of, in order.
    pub table: Vec<Tenth>,
}

/// The forecasts of a tenth of the scale of confidence.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Tenth {
    /// The least confidence in it.
    pub from: f64,
    /// What they are below; the last tenth has 1 itself in it.
    pub to: f64,
    /// How many forecasts.
    pub count: usize,
    /// Their mean confidence.
    pub forecast: f64,
    /// The share of them that hit.
    pub observed: f64,
    /// The lower end of the 95 % interval of the rate of hits.
    pub low: f64,
    /// The upper end of it.
    pub high: f64,
}

/// How well these forecasts are calibrated; `None` of none. A confidence outside 0 to 1, or that
/// is not a number, is left out.
#[must_use]
pub fn measure(forecasts: &[Forecast]) -> Option<Calibration> {
    let sound: Vec<Forecast> =
        forecasts.iter().filter(|forecast| (0.0..=1.0).contains(&forecast.confidence)).copied().collect();
    let base_rate = Group::of(&sound)?.observed;
    let misses = sound.iter().map(|forecast| {
        let miss = forecast.confidence - f64::from(u8::from(forecast.hit));
        miss * miss
    });
    let brier = misses.sum::<f64>() / sound.len() as f64;
    let brier_of_base_rate = base_rate * (1.0 - base_rate);
    Some(Calibration {
        count: sound.len(),
        base_rate,
        brier,
        brier_of_base_rate,
        skill: (brier_of_base_rate > 0.0).then(|| 1.0 - brier / brier_of_base_rate),
        table: (0..10).filter_map(|tenth| Tenth::of(&sound, tenth)).collect(),
    })
}

/// The place of a confidence on the scale, 0 to 9.
fn tenth(confidence: f64) -> usize {
    ((confidence * 10.0) as usize).min(9)
}

impl Tenth {
    fn of(forecasts: &[Forecast], place: usize) -> Option<Self> {
        let here: Vec<Forecast> =
            forecasts.iter().filter(|forecast| tenth(forecast.confidence) == place).copied().collect();
        let Group { forecast, observed, hits } = Group::of(&here)?;
        let (low, high) = wilson(hits, here.len())?;
        let (from, to) = (place as f64 / 10.0, (place + 1) as f64 / 10.0);
        Some(Self { from, to, count: here.len(), forecast, observed, low, high })
    }
}

/// Some forecasts together.
struct Group {
    forecast: f64,
    observed: f64,
    hits: usize,
}

impl Group {
    fn of(forecasts: &[Forecast]) -> Option<Self> {
        let count = forecasts.len() as f64;
        let hits = forecasts.iter().filter(|forecast| forecast.hit).count();
        let sum: f64 = forecasts.iter().map(|forecast| forecast.confidence).sum();
        (count > 0.0).then(|| Self { forecast: sum / count, observed: hits as f64 / count, hits })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forecasts(of: &[(f64, bool)]) -> Vec<Forecast> {
        of.iter().map(|(confidence, hit)| Forecast { confidence: *confidence, hit: *hit }).collect()
    }

    #[test]
    fn five_forecasts_by_hand() {
        let five = [(0.3, true), (0.35, false), (0.8, true), (1.0, true), (0.3, false), (f64::NAN, true), (1.5, true)];
        let found = measure(&forecasts(&five)).unwrap();
        assert_eq!((found.count, found.base_rate), (5, 0.6));
        let brier = (0.49 + 0.1225 + 0.04 + 0.0 + 0.09) / 5.0;
        assert!((found.brier - brier).abs() < 1e-15 && (found.brier_of_base_rate - 0.24).abs() < 1e-15);
        assert!((found.skill.unwrap() - (1.0 - brier / 0.24)).abs() < 1e-12);
        let table: Vec<_> = found.table.iter().map(|row| (row.from, row.to, row.count, row.observed)).collect();
        assert_eq!(table, [(0.3, 0.4, 3, 1.0 / 3.0), (0.8, 0.9, 1, 1.0), (0.9, 1.0, 1, 1.0)]);
        assert!((found.table[0].forecast - 0.95 / 3.0).abs() < 1e-15);
        assert!(found.table.iter().all(|row| row.low <= row.observed && row.observed <= row.high));
    }

    #[test]
    fn the_base_rate_itself_has_no_skill_and_the_truth_has_all() {
        let at_base = measure(&forecasts(&[(0.5, true), (0.5, false)])).unwrap();
        assert_eq!((at_base.brier, at_base.skill), (0.25, Some(0.0)));
        let truth = measure(&forecasts(&[(1.0, true), (0.0, false)])).unwrap();
        assert_eq!((truth.brier, truth.skill), (0.0, Some(1.0)));
        assert_eq!(measure(&forecasts(&[(0.7, true)])).unwrap().skill, None);
        assert_eq!(measure(&[]), None);
    }
}
