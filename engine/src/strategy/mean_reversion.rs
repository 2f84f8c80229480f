//! Mean reversion: what has run far from its average is bet to come back to it.

use serde::{Deserialize, Serialize};

use super::bet::Bookmaker;
use super::columns::Columns;
use super::cross::{Zones, turns};
use super::rule::{Rule, Ruled};
use crate::indicators::{Atr, Rolling};
use crate::writing::Fixed;
use crate::{Candle, Side, Terms, Timeframe, words};

/// The strategy `mean-reversion`.
///
/// At the close of a candle, `z` is the distance of the close from the mean of the last `period`
/// closes, itself among them, in population standard deviations ([`crate::indicators::ZScore`]).
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
pub type MeanReversion = Ruled<MeanReversionRule>;

crate::parameters! {
    /// How [`MeanReversion`] is set.
    #[derive(Serialize, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    pub struct MeanReversionParameters {
        /// Candles in the mean
        period: usize = 20 in 5 to 200 by 1,
        /// Standard deviations from the mean
        threshold: f64 = 2.0 in 1.0 to 4.0 by 0.1,
        /// Candles in the average true range
        atr_period: usize = 14 in 2 to 100 by 1,
        /// Average true ranges from the close to the stop
        stop_atr: f64 = 1.5 in 0.25 to 10.0 by 0.25,
        /// Timeframes until expiry
        expiry: usize = 10 in 1 to 500 by 1,
        /// Least reward for a unit of risk
        min_risk_reward: f64 = 1.0 in 0.1 to 10.0 by 0.1,
    }
}

/// The rule of [`MeanReversion`].
pub struct MeanReversionRule {
    parameters: MeanReversionParameters,
    timeframe: Timeframe,
    closes: Rolling,
    atr: Atr,
    previous_z: Option<f64>,
}

/// The values that decide.
pub struct Reading {
    mean: f64,
    z: f64,
    atr: f64,
}

impl Rule for MeanReversionRule {
    const NAME: &'static str = "mean-reversion";
    const VERSION: u32 = 1;
    const ABOUT: &'static str = "A close that has run unusually far from its average is bet to come back to it. The \
                                 target is the average, the stop a multiple of the average true range beyond the close.";
    type Parameters = MeanReversionParameters;
    type Reading = Reading;

    fn warm_up(parameters: &MeanReversionParameters) -> usize {
        parameters.period.max(parameters.atr_period) + 1
    }

    fn start(parameters: &MeanReversionParameters, timeframe: Timeframe) -> Self {
        Self {
            parameters: *parameters,
            timeframe,
            closes: Rolling::new(parameters.period),
            atr: Atr::new(parameters.atr_period),
            previous_z: None,
        }
    }

    fn decide(&mut self, candle: &Candle) -> Option<(Terms, Reading)> {
        let moments = self.closes.next(candle.close);
        let atr = self.atr.next(candle.high, candle.low, candle.close);
        let z = moments.and_then(|moments| moments.z_score(candle.close));
        let previous = std::mem::replace(&mut self.previous_z, z);
        let z = z?;
        let side = zones(previous?, self.parameters.threshold).then(zones(z, self.parameters.threshold))?;
        let reading = Reading { mean: moments?.mean(), z, atr: atr? };
        Some((self.parameters.terms(side, candle, self.timeframe, &reading)?, reading))
    }

    fn bets(parameters: &MeanReversionParameters, columns: &Columns<'_>) -> Vec<(usize, Terms)> {
        let candles = columns.candles();
        let [means, z_scores] = Rolling::new(parameters.period).z_scores(candles);
        let ranges = Bookmaker::ranges(parameters.atr_period, columns);
        let terms = |(index, side): (usize, Side)| {
            let reading = Reading { mean: means[index], z: z_scores[index], atr: ranges[index] };
            Some((index, parameters.terms(side, &candles.get(index)?, candles.timeframe(), &reading)?))
        };
        let sides = turns(&z_scores, |z| zones(*z, parameters.threshold));
        // Earlier, the range is no average of as many as it should be.
        sides.into_iter().filter(|(index, _)| *index >= parameters.atr_period).filter_map(terms).collect()
    }

    fn rationale(&self, terms: &Terms, reading: &Reading) -> String {
        let parameters = &self.parameters;
        let unit = self.timeframe.unit();
        let (place, away) = match terms.side {
            Side::Buy => ("below", "under"),
            Side::Sell => ("above", "over"),
        };
        format!(
            "Close {close} is {z} standard deviations {place} its {period}-{unit} mean of {mean}; \
             the target is a return to that mean within {expiry}. \
             The stop at {stop} is {stop_atr} times the {atr_period}-{unit} average true range \
             of {atr} {away} the close, which makes {risk_reward} of reward for 1 of risk.",
            close = words::price(terms.price),
            z = Fixed(reading.z.abs(), 2),
            period = parameters.period,
            mean = words::price(reading.mean),
            expiry = words::count(parameters.expiry, unit),
            stop = words::price(terms.stop),
            stop_atr = Fixed(parameters.stop_atr, 2),
            atr_period = parameters.atr_period,
            atr = words::price(reading.atr),
            risk_reward = Fixed(terms.risk_reward(), 2),
        )
    }
}

impl MeanReversionParameters {
    fn terms(&self, side: Side, candle: &Candle, timeframe: Timeframe, reading: &Reading) -> Option<Terms> {
        let price = candle.close;
        let distance = self.stop_atr * reading.atr;
        let closed_at = candle.open_time.saturating_add(timeframe.seconds());
        let terms = Terms {
            side,
            price,
            target: reading.mean,
            stop: match side {
                Side::Buy => price - distance,
                Side::Sell => price + distance,
            },
            candle_closed_at: closed_at,
            expires_at: closed_at.saturating_add(self.expiry as i64 * timeframe.seconds()),
        };
        terms.check().ok()?;
        let risk_reward = terms.risk_reward();
        // Written so that an undefined ratio is refused too.
        (risk_reward.is_finite() && risk_reward >= self.min_risk_reward).then_some(terms)
    }
}

/// Where `z` stands that may come out of the band.
#[inline(always)]
fn zones(z: f64, threshold: f64) -> Zones {
    Zones::of([z > -threshold, z <= -threshold], [z < threshold, z >= threshold])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Candles, Strategy};

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
