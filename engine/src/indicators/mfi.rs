//! Money flow index.

use super::window::{Run, Window};
use super::{Indicator, LEAST_DIFFERENCE, empty, only_if, typical_price};
use crate::{Candle, CandleSlice};

/// Money flow index, TA-Lib's MFI: of the money `typical price · volume` of the last `period`
/// candles, the share that flowed while the typical price rose, in percent. 0 to 100; 0 where
/// nothing flowed. First value at index `period`.
///
/// G. Quong and A. Soudack, "Volume-weighted RSI: Money Flow" (1989).
#[derive(Clone, Debug)]
pub struct Mfi {
    previous: Option<f64>,
    window: Window<Flow>,
}

impl Mfi {
    /// An empty window of `period` moves.
    #[must_use]
    pub fn new(period: usize) -> Self {
        Self { previous: None, window: Window::new(period) }
    }

    /// Takes the next candle's typical price and volume; the index once there are `period` moves.
    #[inline]
    pub fn next(&mut self, price: f64, volume: f64) -> Option<f64> {
        let previous = self.previous.replace(price)?;
        self.window.next(Flow::of(previous, price, volume)).map(Flow::percent)
    }
}

impl Indicator<1> for Mfi {
    #[inline]
    fn feed(&mut self, candle: &Candle) -> [Option<f64>; 1] {
        [self.next(typical_price(candle), candle.volume)]
    }

    fn over(mut self, candles: CandleSlice<'_>) -> [Vec<f64>; 1] {
        let prices: Vec<f64> = candles.iter().map(|candle| typical_price(&candle)).collect();
        let (Some(first), mut column) = (candles.get(0), empty(candles)) else {
            return [Vec::new()];
        };
        column[0] = self.next(prices[0], first.volume).unwrap_or(f64::NAN);
        let after = prices.iter().zip(&prices[1..]).zip(&candles.volumes()[1..]);
        let flows: Vec<Flow> = after.map(|((before, price), volume)| Flow::of(*before, *price, *volume)).collect();
        self.window.over(
            flows.len(),
            |part| flows[part].iter().copied(),
            |flow| flow,
            |from, flows| {
                for (value, flow) in column[1 + from..].iter_mut().zip(flows) {
                    *value = flow.percent();
                }
            },
        );
        [column]
    }
}

/// Money that flowed while the price rose, and while it fell.
#[derive(Clone, Copy, Debug)]
struct Flow {
    up: f64,
    down: f64,
}

impl Flow {
    /// At a price after another.
    #[inline]
    fn of(previous: f64, price: f64, volume: f64) -> Self {
        let (change, money) = (price - previous, price * volume);
        let counts = change.abs() > LEAST_DIFFERENCE * (price + previous);
        Self { up: only_if(counts & (change > 0.0), money), down: only_if(counts & (change < 0.0), money) }
    }

    /// The share that flowed up.
    #[inline]
    fn percent(self) -> f64 {
        let total = self.up + self.down;
        if total > 0.0 { 100.0 * (self.up / total) } else { 0.0 }
    }
}

impl Run for Flow {
    type Lengths = ();

    fn lengths(_: f64, _: f64) {}

    #[inline]
    fn join(self, later: Self, (): ()) -> Self {
        Self { up: self.up + later.up, down: self.down + later.down }
    }
}
