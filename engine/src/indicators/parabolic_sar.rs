//! Parabolic stop and reverse.

use super::{Indicator, empty, lesser};
use crate::{Candle, CandleSlice};

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

/// A trend. One down is kept as the trend up that it is when prices are turned over: all of them
/// negative, high for low.
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
        let previous = previous?;
        let (state, stop) = match self.state {
            Some(state) => state.then(self.acceleration, self.maximum, previous, (high, low)),
            // The first candle gives the stop and bounds nothing.
            None => self.seed(previous, (high, low)).then(self.acceleration, self.maximum, (high, low), (high, low)),
        };
        self.state = Some(state);
        Some(stop)
    }

    fn seed(&self, first: (f64, f64), second: (f64, f64)) -> State {
        let (up, down) = (second.0 - first.0, first.1 - second.1);
        let rising = !(down > 0.0 && down > up);
        let (_, stop) = along(rising, first);
        let (extreme, _) = along(rising, second);
        State { rising, stop, extreme, factor: self.acceleration }
    }
}

/// High and low of a candle, as they are in a rise, turned over in a fall.
#[inline]
fn along(rising: bool, (high, low): (f64, f64)) -> (f64, f64) {
    if rising { (high, low) } else { (-low, -high) }
}

impl State {
    /// The state after a candle, and the stop at it.
    #[inline]
    fn then(self, acceleration: f64, maximum: f64, previous: (f64, f64), candle: (f64, f64)) -> (Self, f64) {
        let (reach, back) = along(self.rising, candle);
        let state = if back <= self.stop {
            let rising = !self.rising;
            // The other way round, the farthest price of the old trend is the first stop of the new.
            let stop = lesser(-self.extreme, floor(rising, previous, candle));
            Self { rising, stop, extreme: -back, factor: acceleration }
        } else {
            let farther = reach > self.extreme;
            let factor = if farther { lesser(self.factor + acceleration, maximum) } else { self.factor };
            Self { extreme: if farther { reach } else { self.extreme }, factor, ..self }
        };
        let Self { rising, stop, extreme, factor } = state;
        let next = lesser(stop + factor * (extreme - stop), floor(rising, previous, candle));
        // Subtracted, so that no zero comes out negative.
        (Self { stop: next, ..state }, if rising { stop } else { 0.0 - stop })
    }
}

/// Where a rise's stop is kept below: the lower low of two candles.
#[inline]
fn floor(rising: bool, previous: (f64, f64), candle: (f64, f64)) -> f64 {
    lesser(along(rising, previous).1, along(rising, candle).1)
}

impl Indicator<1> for ParabolicSar {
    #[inline]
    fn feed(&mut self, candle: &Candle) -> [Option<f64>; 1] {
        [self.next(candle.high, candle.low)]
    }

    fn over(mut self, candles: CandleSlice<'_>) -> [Vec<f64>; 1] {
        let mut column = empty(candles);
        let mut prices = column.iter_mut().zip(candles.highs().iter().zip(candles.lows()));
        // Until there is a trend.
        for (value, (high, low)) in prices.by_ref().take(2) {
            *value = self.next(*high, *low).unwrap_or(f64::NAN);
        }
        if let (Some(mut previous), Some(mut state)) = (self.previous, self.state) {
            for (value, (high, low)) in prices {
                (state, *value) = state.then(self.acceleration, self.maximum, previous, (*high, *low));
                previous = (*high, *low);
            }
        }
        [column]
    }
}
