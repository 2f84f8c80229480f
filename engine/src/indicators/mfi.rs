//! Money flow index.

use super::window::{Run, Window};
use super::{Indicator, LEAST_DIFFERENCE, typical_price};
use crate::Candle;

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
        let (change, money) = (price - previous, price * volume);
        let flow = if change.abs() <= LEAST_DIFFERENCE * (price + previous) {
            Flow { up: 0.0, down: 0.0 }
        } else if change > 0.0 {
            Flow { up: money, down: 0.0 }
        } else {
            Flow { up: 0.0, down: money }
        };
        let Flow { up, down } = self.window.next(flow)?;
        let total = up + down;
        Some(if total > 0.0 { 100.0 * (up / total) } else { 0.0 })
    }
}

impl Indicator<1> for Mfi {
    #[inline]
    fn feed(&mut self, candle: &Candle) -> [Option<f64>; 1] {
        [self.next(typical_price(candle), candle.volume)]
    }
}

/// Money that flowed while the price rose, and while it fell.
#[derive(Clone, Copy, Debug)]
struct Flow {
    up: f64,
    down: f64,
}

impl Run for Flow {
    #[inline]
    fn join(self, later: Self) -> Self {
        Self { up: self.up + later.up, down: self.down + later.down }
    }
}
