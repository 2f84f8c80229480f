//! Parabolic stop and reverse.

use super::Indicator;
use crate::Candle;

/// Wilder's parabolic stop and reverse, TA-Lib's SAR. First value at index 1.
///
/// Seed, as TA-Lib does: the second candle is in a fall if it moved further down than up, else in
/// a rise; its stop is the first candle's high or low, its extreme point its own.
#[derive(Clone, Debug)]
pub struct ParabolicSar {
    acceleration: f64,
    maximum: f64,
    previous: Option<(f64, f64)>,
    state: Option<State>,
}

#[derive(Clone, Copy, Debug)]
struct State {
    rising: bool,
    stop: f64,
    /// The farthest price of the trend.
    extreme: f64,
    factor: f64,
}

impl ParabolicSar {
    /// A stop that has seen no candle. `acceleration` is the factor's beginning and its step,
    /// `maximum` the most that it grows to; a larger beginning is cut to that.
    #[must_use]
    pub fn new(acceleration: f64, maximum: f64) -> Self {
        Self { acceleration: acceleration.min(maximum), maximum, previous: None, state: None }
    }

    /// Takes the next candle's prices; the stop from the second candle on.
    #[inline]
    pub fn next(&mut self, high: f64, low: f64) -> Option<f64> {
        let previous = self.previous.replace((high, low));
        let (previous_high, previous_low) = previous?;
        let (state, floor, ceiling) = match self.state {
            Some(state) => (state, previous_low.min(low), previous_high.max(high)),
            // The first candle gives the stop and bounds nothing.
            None => (self.seed((previous_high, previous_low), (high, low)), low, high),
        };
        let reversed = if state.rising { low <= state.stop } else { high >= state.stop };
        // Where the trend leads: a rise along highs, kept below the lows, and the other way round.
        let rising = state.rising != reversed;
        let bound = |stop: f64| if rising { stop.min(floor) } else { stop.max(ceiling) };
        let reach = if rising { high } else { low };
        let farther = if rising { reach > state.extreme } else { reach < state.extreme };
        let (stop, extreme, factor) = if reversed {
            (bound(state.extreme), reach, self.acceleration)
        } else if farther {
            (state.stop, reach, (state.factor + self.acceleration).min(self.maximum))
        } else {
            (state.stop, state.extreme, state.factor)
        };
        self.state = Some(State { rising, stop: bound(stop + factor * (extreme - stop)), extreme, factor });
        Some(stop)
    }

    fn seed(&self, (first_high, first_low): (f64, f64), (high, low): (f64, f64)) -> State {
        let (up, down) = (high - first_high, first_low - low);
        let rising = !(down > 0.0 && down > up);
        let (stop, extreme) = if rising { (first_low, high) } else { (first_high, low) };
        State { rising, stop, extreme, factor: self.acceleration }
    }
}

impl Indicator<1> for ParabolicSar {
    #[inline]
    fn feed(&mut self, candle: &Candle) -> [Option<f64>; 1] {
        [self.next(candle.high, candle.low)]
    }
}
