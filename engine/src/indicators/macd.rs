//! Moving average convergence and divergence.

use super::{Ema, Indicator, empty};
use crate::{Candle, CandleSlice};

/// The values of a [`Macd`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MacdLines {
    /// Fast average less slow average.
    pub line: f64,
    /// The line's own average.
    pub signal: f64,
    /// Line less signal.
    pub histogram: f64,
}

/// Gerald Appel's MACD, TA-Lib's; of closes: a fast EMA less a slow one, and the EMA of that as
/// its signal. All first at index `slow + signal − 2`. Periods in the wrong order are swapped.
///
/// Seed: as [`Ema`], but the fast one begins `slow − fast` values late, so that both seeds end on
/// the same candle.
#[derive(Clone, Debug)]
pub struct Macd {
    fast: Ema,
    slow: Ema,
    signal: Ema,
    /// Values that the fast average still leaves out.
    late: usize,
}

impl Macd {
    /// Averages of these periods, not seeded yet.
    #[must_use]
    pub fn new(fast: usize, slow: usize, signal: usize) -> Self {
        let (fast, slow) = (fast.min(slow), fast.max(slow));
        Self { fast: Ema::new(fast), slow: Ema::new(slow), signal: Ema::new(signal), late: slow - fast }
    }

    /// Takes the next value; the lines once the signal has its seed.
    #[inline]
    pub fn next(&mut self, x: f64) -> Option<MacdLines> {
        let slow = self.slow.next(x);
        if self.late > 0 {
            self.late -= 1;
            return None;
        }
        let line = self.fast.next(x)? - slow?;
        let signal = self.signal.next(line)?;
        Some(MacdLines { line, signal, histogram: line - signal })
    }
}

impl Macd {
    /// Takes all closes of a series: line and signal at each; the line is there first.
    pub(crate) fn lines(mut self, candles: CandleSlice<'_>) -> [Vec<f64>; 2] {
        let (closes, mut line, mut slow) = (candles.closes(), empty(candles), empty(candles));
        let late = self.late.min(closes.len());
        self.fast.of(&closes[late..], &mut line[late..]);
        self.slow.of(closes, &mut slow);
        subtract(&mut line, &slow);
        let known = line.iter().take_while(|line| line.is_nan()).count();
        let mut signal = slow;
        signal.fill(f64::NAN);
        self.signal.of(&line[known..], &mut signal[known..]);
        [line, signal]
    }
}

fn subtract(column: &mut [f64], other: &[f64]) {
    for (value, other) in column.iter_mut().zip(other) {
        *value -= other;
    }
}

impl Indicator<3> for Macd {
    #[inline]
    fn feed(&mut self, candle: &Candle) -> [Option<f64>; 3] {
        let lines = self.next(candle.close);
        lines.map_or([None; 3], |lines| [Some(lines.line), Some(lines.signal), Some(lines.histogram)])
    }

    fn over(self, candles: CandleSlice<'_>) -> [Vec<f64>; 3] {
        let [mut line, signal] = self.lines(candles);
        let known = signal.iter().take_while(|signal| signal.is_nan()).count();
        line[..known].fill(f64::NAN);
        let mut histogram = line.clone();
        subtract(&mut histogram, &signal);
        [line, signal, histogram]
    }
}
