//! Mean reversion: what has run far from its average is bet to come back to it.

use serde::{Deserialize, Serialize};

use super::{Decider, Proposal, Side, Strategy, words};
use crate::indicators::{Atr, Rolling};
use crate::outcome::Terms;
use crate::parameter::{Kind, Parameter, ParameterError};
use crate::{Candle, Timeframe};

/// How [`MeanReversion`] is set.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MeanReversionParameters {
    /// Candles in the mean and the deviation, 5 to 200.
    pub period: usize,
    /// Standard deviations from the mean at which the zone begins, 1 to 4.
    pub threshold: f64,
    /// True ranges in the average true range, 2 to 100.
    pub atr_period: usize,
    /// Average true ranges from the close to the stop, 0.25 to 10.
    pub stop_atr: f64,
    /// Timeframes until expiry, 1 to 500.
    pub expiry: usize,
    /// The least reward for a unit of risk that is worth a signal, 0.1 to 10.
    pub min_risk_reward: f64,
}

impl Default for MeanReversionParameters {
    fn default() -> Self {
        Self { period: 20, threshold: 2.0, atr_period: 14, stop_atr: 1.5, expiry: 10, min_risk_reward: 1.0 }
    }
}

impl MeanReversionParameters {
    fn list(&self) -> Vec<Parameter> {
        let default = Self::default();
        let integer = |name, description, value: usize, default: usize, min, max| Parameter {
            name,
            description,
            kind: Kind::Integer,
            value: value as f64,
            default: default as f64,
            min,
            max,
        };
        let number = |name, description, value, default, min, max| Parameter {
            name,
            description,
            kind: Kind::Number,
            value,
            default,
            min,
            max,
        };
        vec![
            integer("period", "Candles in the mean", self.period, default.period, 5.0, 200.0),
            number("threshold", "Standard deviations from the mean", self.threshold, default.threshold, 1.0, 4.0),
            integer("atr_period", "Candles in the average true range", self.atr_period, default.atr_period, 2.0, 100.0),
            number(
                "stop_atr",
                "Average true ranges from the close to the stop",
                self.stop_atr,
                default.stop_atr,
                0.25,
                10.0,
            ),
            integer("expiry", "Timeframes until expiry", self.expiry, default.expiry, 1.0, 500.0),
            number(
                "min_risk_reward",
                "Least reward for a unit of risk",
                self.min_risk_reward,
                default.min_risk_reward,
                0.1,
                10.0,
            ),
        ]
    }
}

/// The strategy `mean-reversion`.
///
/// At the close of a candle, `z` is the distance of the close from the mean of the last `period`
/// closes, itself among them, in population standard deviations ([`crate::indicators::z_score`]).
/// Where `z` comes to or below `−threshold` from above it, BUY; where it comes to or above
/// `threshold` from below it, SELL. A close that is in the zone already says nothing again. The
/// target is the mean, the stop `stop_atr` average true ranges beyond the close, and the bet
/// expires `expiry` timeframes of market time after the close, whether the market was open or not.
///
/// The defaults are the customary ones (Bollinger's 20 and 2, Wilder's 14), with the stop and the
/// least reward set for how often signals come, not for what they earned: over the bundled daily
/// series 10 in the 60 days before 2024-06-01, 2 to 4 a symbol, and 1 to 8 in each 30 days after.
/// Their mean R over all of those series is about 0: the rule is sound, not proven profitable.
///
/// Nothing is proposed if the reward for a unit of risk is below `min_risk_reward`, if the stop
/// would be at or below zero, or if any value is empty.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct MeanReversion {
    parameters: MeanReversionParameters,
}

impl MeanReversion {
    /// The strategy with these parameters.
    ///
    /// # Errors
    /// The first parameter that is outside its range.
    pub fn new(parameters: MeanReversionParameters) -> Result<Self, ParameterError> {
        parameters.list().iter().try_for_each(Parameter::check)?;
        Ok(Self { parameters })
    }
}

impl Strategy for MeanReversion {
    fn name(&self) -> &'static str {
        "mean-reversion"
    }

    fn version(&self) -> u32 {
        1
    }

    fn parameters(&self) -> Vec<Parameter> {
        self.parameters.list()
    }

    fn warm_up(&self) -> usize {
        self.parameters.period.max(self.parameters.atr_period) + 1
    }

    fn start(&self, timeframe: Timeframe) -> Box<dyn Decider> {
        Box::new(Run {
            parameters: self.parameters,
            timeframe,
            closes: Rolling::new(self.parameters.period),
            atr: Atr::new(self.parameters.atr_period),
            previous_z: None,
        })
    }
}

struct Run {
    parameters: MeanReversionParameters,
    timeframe: Timeframe,
    closes: Rolling,
    atr: Atr,
    previous_z: Option<f64>,
}

/// The values that decide.
struct Reading {
    close: f64,
    mean: f64,
    z: f64,
    atr: f64,
}

impl Decider for Run {
    fn next(&mut self, candle: &Candle) -> Option<Proposal> {
        let moments = self.closes.next(candle.close);
        let atr = self.atr.next(candle.high, candle.low, candle.close);
        let z = moments.and_then(|moments| moments.z_score(candle.close));
        let previous = std::mem::replace(&mut self.previous_z, z);
        let z = z?;
        let side = crossing(previous?, z, self.parameters.threshold)?;
        let reading = Reading { close: candle.close, mean: moments?.mean(), z, atr: atr? };
        let closed_at = candle.open_time.saturating_add(self.timeframe.seconds());
        self.propose(side, &reading, closed_at)
    }
}

/// The side, if `z` has just come into a zone.
fn crossing(previous: f64, z: f64, threshold: f64) -> Option<Side> {
    if z <= -threshold && previous > -threshold {
        Some(Side::Buy)
    } else if z >= threshold && previous < threshold {
        Some(Side::Sell)
    } else {
        None
    }
}

impl Run {
    fn propose(&self, side: Side, reading: &Reading, closed_at: i64) -> Option<Proposal> {
        let distance = self.parameters.stop_atr * reading.atr;
        let stop = match side {
            Side::Buy => reading.close - distance,
            Side::Sell => reading.close + distance,
        };
        let terms = Terms {
            side,
            price: reading.close,
            target: reading.mean,
            stop,
            candle_closed_at: closed_at,
            expires_at: closed_at.saturating_add(self.parameters.expiry as i64 * self.timeframe.seconds()),
        };
        terms.check().ok()?;
        let risk_reward = terms.risk_reward();
        // Written so that an undefined ratio is refused too.
        if !(risk_reward.is_finite() && risk_reward >= self.parameters.min_risk_reward) {
            return None;
        }
        Some(Proposal {
            side,
            price: terms.price,
            target: terms.target,
            stop,
            risk_reward,
            candle_closed_at: closed_at,
            expires_at: terms.expires_at,
            rationale: self.rationale(side, reading, stop, risk_reward),
        })
    }

    fn rationale(&self, side: Side, reading: &Reading, stop: f64, risk_reward: f64) -> String {
        let parameters = &self.parameters;
        let unit = self.timeframe.unit();
        let (place, away) = match side {
            Side::Buy => ("below", "under"),
            Side::Sell => ("above", "over"),
        };
        format!(
            "Close {close} is {z:.2} standard deviations {place} its {period}-{unit} mean of {mean}; \
             the target is a return to that mean within {expiry}. \
             The stop at {stop} is {stop_atr:.2} times the {atr_period}-{unit} average true range \
             of {atr} {away} the close, which makes {risk_reward:.2} of reward for 1 of risk.",
            close = words::price(reading.close),
            z = reading.z.abs(),
            period = parameters.period,
            mean = words::price(reading.mean),
            expiry = words::count(parameters.expiry, unit),
            stop = words::price(stop),
            stop_atr = parameters.stop_atr,
            atr_period = parameters.atr_period,
            atr = words::price(reading.atr),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Candles;

    /// Daily candles with these closes, each opening at the close before and half a unit wide.
    fn series(closes: &[f64]) -> Candles {
        let mut previous = closes[0];
        let rows = closes.iter().enumerate().map(|(index, close)| {
            let open = std::mem::replace(&mut previous, *close);
            Candle {
                open_time: index as i64 * 86_400,
                open,
                high: open.max(*close) + 0.25,
                low: (open.min(*close) - 0.25).max(0.0),
                close: *close,
                volume: 0.0,
            }
        });
        Candles::from_rows(Timeframe::Day, rows).unwrap()
    }

    fn wave() -> Vec<f64> {
        (0..40).map(|i| 100.0 + f64::from(i % 2)).collect()
    }

    #[test]
    fn a_fall_out_of_the_band_buys_once() {
        let mut closes = wave();
        closes.extend([96.0, 94.0, 92.0]);
        let proposals = MeanReversion::default().decide_all(series(&closes).view());
        assert_eq!(proposals.len(), 1, "{proposals:?}");
        let (index, proposal) = &proposals[0];
        assert_eq!(*index, 40);
        assert_eq!(proposal.side, Side::Buy);
        assert_eq!(proposal.price, 96.0);
        assert!(proposal.stop < 96.0 && 96.0 < proposal.target);
        assert_eq!(proposal.candle_closed_at, 41 * 86_400);
        assert_eq!(proposal.expires_at, 51 * 86_400);
        assert_eq!(
            proposal.rationale,
            "Close 96.00 is 3.91 standard deviations below its 20-day mean of 100.30; \
             the target is a return to that mean within 10 days. \
             The stop at 93.32 is 1.50 times the 14-day average true range of 1.79 under the \
             close, which makes 1.61 of reward for 1 of risk."
        );
    }

    #[test]
    fn a_rise_out_of_the_band_sells() {
        let mut closes = wave();
        closes.push(105.0);
        let proposal = MeanReversion::default().decide(series(&closes).view()).unwrap();
        assert_eq!(proposal.side, Side::Sell);
        assert!(proposal.target < 105.0 && 105.0 < proposal.stop);
        assert!(proposal.rationale.contains("above its 20-day mean"));
    }

    #[test]
    fn a_poor_reward_is_refused() {
        let mut closes = wave();
        closes.push(96.0);
        let wide = MeanReversion::new(MeanReversionParameters { stop_atr: 10.0, ..Default::default() });
        assert_eq!(wide.unwrap().decide(series(&closes).view()), None);
    }

    #[test]
    fn flat_zero_and_short_series_say_nothing() {
        let strategy = MeanReversion::default();
        for closes in [vec![0.0; 60], vec![7.0; 60], vec![7.0, 8.0]] {
            assert!(strategy.decide_all(series(&closes).view()).is_empty());
        }
        let mut to_zero = vec![0.5; 40];
        to_zero.extend([0.6, 0.0]);
        assert!(strategy.decide_all(series(&to_zero).view()).is_empty());
        assert_eq!(strategy.decide(Candles::new(Timeframe::Day).view()), None);
    }

    #[test]
    fn parameters_are_kept_in_range() {
        let of = |parameters| MeanReversion::new(parameters).map(|_| ());
        let default = MeanReversionParameters::default();
        assert_eq!(of(default), Ok(()));
        let error = of(MeanReversionParameters { period: 0, ..default }).unwrap_err();
        assert_eq!(error.to_string(), "the parameter period is 0, outside 5 to 200");
        assert!(of(MeanReversionParameters { threshold: f64::NAN, ..default }).is_err());
        assert!(of(MeanReversionParameters { expiry: 501, ..default }).is_err());
        let json = r#"{"period": 30, "typo": 1}"#;
        assert!(serde_json::from_str::<MeanReversionParameters>(json).is_err());
    }
}
