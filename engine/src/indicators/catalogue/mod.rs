//! All indicators by name.
//!
//! A [`Spec`] is an indicator with its parameters set, as text has it: `sma:20`, `macd:12:26:9`.
//! Parameters stand in TA-Lib's order; those left out at the end take their defaults. The names of
//! its columns are the text itself for the main line, and the text with the output's name for the
//! others: `macd:12:26:9.signal`.

mod spec;

use std::fmt;

pub use spec::{Line, Spec, SpecError};

use super::{
    Adx, Atr, Bollinger, Cci, Donchian, Ema, Indicator, Keltner, Macd, Mfi, Obv, ParabolicSar, Roc, Rsi, Sma,
    StandardDeviation, Stochastic, Supertrend, TrueRange, Vwap, WilliamsR, Wma, ZScore,
};
use crate::parameter::{Kind, Parameter};
use crate::{Candle, CandleSlice};

/// The most outputs that an indicator has.
pub const MOST_OUTPUTS: usize = 3;

/// The longest window, TA-Lib's.
pub const LONGEST_PERIOD: f64 = 100_000.0;

/// The most standard deviations or average true ranges that a band may be wide.
const WIDEST: f64 = 1_000.0;

/// The largest factor of a parabolic stop.
const FASTEST: f64 = 10.0;

/// An indicator on its way through a series, whichever it is.
pub trait Running: Send {
    /// Takes the next closed candle; the outputs at its close, the main line first and `None`
    /// beyond the last. No value is infinite or `NaN`.
    fn feed(&mut self, candle: &Candle) -> [Option<f64>; MOST_OUTPUTS];

    /// The outputs over a series, as columns; `NaN` is empty.
    fn over(self: Box<Self>, candles: CandleSlice<'_>) -> Vec<Vec<f64>>;
}

/// An indicator that there is.
pub struct Entry {
    /// Its name in text, in lower case.
    pub name: &'static str,
    /// What it is called.
    pub title: &'static str,
    /// The names of its outputs after the main line.
    pub further_outputs: &'static [&'static str],
    parameters: fn() -> Vec<Parameter>,
    /// The index of the main line's first value.
    first: fn(Values<'_>) -> usize,
    start: fn(Values<'_>) -> Box<dyn Running>,
}

impl Entry {
    /// Its parameters in the order of text, at their defaults.
    #[must_use]
    pub fn parameters(&self) -> Vec<Parameter> {
        (self.parameters)()
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// The indicator of this name.
#[must_use]
pub fn named(name: &str) -> Option<&'static Entry> {
    ALL.iter().find(|entry| entry.name == name)
}

/// What the parameters of an [`Entry`] are set to, in its order, in its ranges.
#[derive(Clone, Copy)]
struct Values<'a>(&'a [f64]);

impl Values<'_> {
    fn number(self, index: usize) -> f64 {
        self.0[index]
    }

    fn count(self, index: usize) -> usize {
        self.0[index] as usize
    }
}

/// An [`Indicator`] whose type is forgotten.
struct Erased<I, const N: usize>(I);

impl<I: Indicator<N> + Send, const N: usize> Running for Erased<I, N> {
    fn feed(&mut self, candle: &Candle) -> [Option<f64>; MOST_OUTPUTS] {
        let mut outputs = [None; MOST_OUTPUTS];
        for (output, value) in outputs.iter_mut().zip(self.0.feed(candle)) {
            *output = value.filter(|value| value.is_finite());
        }
        outputs
    }

    fn over(self: Box<Self>, candles: CandleSlice<'_>) -> Vec<Vec<f64>> {
        self.0.over(candles).into()
    }
}

fn boxed<const N: usize>(indicator: impl Indicator<N> + Send + 'static) -> Box<dyn Running> {
    Box::new(Erased(indicator))
}

fn integer(name: &'static str, description: &'static str, default: u32, min: u32) -> Parameter {
    let (value, min) = (f64::from(default), f64::from(min));
    Parameter { name, description, kind: Kind::Integer, value, default: value, min, max: LONGEST_PERIOD, step: 1.0 }
}

fn number(name: &'static str, description: &'static str, default: f64, max: f64) -> Parameter {
    Parameter { name, description, kind: Kind::Number, value: default, default, min: 0.0, max, step: 0.1 }
}

fn period(default: u32, min: u32) -> Parameter {
    integer("period", "Candles in the window", default, min)
}

fn multiplier(default: f64) -> Parameter {
    number("multiplier", "Average true ranges from the middle", default, WIDEST)
}

/// Every indicator there is. Defaults and least periods are TA-Lib's.
pub static ALL: &[Entry] = &[
    Entry {
        name: "sma",
        title: "Simple moving average",
        further_outputs: &[],
        parameters: || vec![period(30, 1)],
        first: |v| v.count(0) - 1,
        start: |v| boxed(Sma::new(v.count(0))),
    },
    Entry {
        name: "ema",
        title: "Exponential moving average",
        further_outputs: &[],
        parameters: || vec![period(30, 1)],
        first: |v| v.count(0) - 1,
        start: |v| boxed(Ema::new(v.count(0))),
    },
    Entry {
        name: "wma",
        title: "Weighted moving average",
        further_outputs: &[],
        parameters: || vec![period(30, 1)],
        first: |v| v.count(0) - 1,
        start: |v| boxed(Wma::new(v.count(0))),
    },
    Entry {
        name: "rsi",
        title: "Relative strength index",
        further_outputs: &[],
        parameters: || vec![period(14, 2)],
        first: |v| v.count(0),
        start: |v| boxed(Rsi::new(v.count(0))),
    },
    Entry {
        name: "macd",
        title: "Moving average convergence and divergence",
        further_outputs: &["signal", "hist"],
        parameters: || {
            vec![
                integer("fast", "Candles in the fast average", 12, 2),
                integer("slow", "Candles in the slow average", 26, 2),
                integer("signal", "Values in the signal's average", 9, 1),
            ]
        },
        first: |v| v.count(0).max(v.count(1)) + v.count(2) - 2,
        start: |v| boxed(Macd::new(v.count(0), v.count(1), v.count(2))),
    },
    Entry {
        name: "bbands",
        title: "Bollinger bands",
        further_outputs: &["upper", "lower"],
        parameters: || {
            vec![
                period(20, 2),
                number("up", "Standard deviations to the upper band", 2.0, WIDEST),
                number("down", "Standard deviations to the lower band", 2.0, WIDEST),
            ]
        },
        first: |v| v.count(0) - 1,
        start: |v| boxed(Bollinger::new(v.count(0), v.number(1), v.number(2))),
    },
    Entry {
        name: "atr",
        title: "Average true range",
        further_outputs: &[],
        parameters: || vec![period(14, 1)],
        first: |v| v.count(0),
        start: |v| boxed(Atr::new(v.count(0))),
    },
    Entry {
        name: "adx",
        title: "Average directional movement index",
        further_outputs: &["plus_di", "minus_di"],
        parameters: || vec![period(14, 2)],
        first: |v| 2 * v.count(0) - 1,
        start: |v| boxed(Adx::new(v.count(0))),
    },
    Entry {
        name: "stoch",
        title: "Stochastic oscillator",
        further_outputs: &["d"],
        parameters: || {
            vec![
                integer("fast_k", "Candles in the range", 5, 1),
                integer("slow_k", "Values in the average %K", 3, 1),
                integer("slow_d", "Values in the average %D", 3, 1),
            ]
        },
        first: |v| v.count(0) + v.count(1) + v.count(2) - 3,
        start: |v| boxed(Stochastic::new(v.count(0), v.count(1), v.count(2))),
    },
    Entry {
        name: "cci",
        title: "Commodity channel index",
        further_outputs: &[],
        parameters: || vec![period(14, 2)],
        first: |v| v.count(0) - 1,
        start: |v| boxed(Cci::new(v.count(0))),
    },
    Entry {
        name: "willr",
        title: "Williams %R",
        further_outputs: &[],
        parameters: || vec![period(14, 2)],
        first: |v| v.count(0) - 1,
        start: |v| boxed(WilliamsR::new(v.count(0))),
    },
    Entry {
        name: "obv",
        title: "On-balance volume",
        further_outputs: &[],
        parameters: || vec![],
        first: |_| 0,
        start: |_| boxed(Obv::new()),
    },
    Entry {
        name: "mfi",
        title: "Money flow index",
        further_outputs: &[],
        parameters: || vec![period(14, 2)],
        first: |v| v.count(0),
        start: |v| boxed(Mfi::new(v.count(0))),
    },
    Entry {
        name: "roc",
        title: "Rate of change",
        further_outputs: &[],
        parameters: || vec![period(10, 1)],
        first: |v| v.count(0),
        start: |v| boxed(Roc::new(v.count(0))),
    },
    Entry {
        name: "stddev",
        title: "Standard deviation",
        further_outputs: &[],
        parameters: || vec![period(5, 2), number("deviations", "Standard deviations", 1.0, WIDEST)],
        first: |v| v.count(0) - 1,
        start: |v| boxed(StandardDeviation::new(v.count(0), v.number(1))),
    },
    Entry {
        name: "trange",
        title: "True range",
        further_outputs: &[],
        parameters: || vec![],
        first: |_| 1,
        start: |_| boxed(TrueRange::new()),
    },
    Entry {
        name: "sar",
        title: "Parabolic stop and reverse",
        further_outputs: &[],
        parameters: || {
            vec![
                Parameter { step: 0.01, ..number("acceleration", "First factor, and its step", 0.02, FASTEST) },
                Parameter { step: 0.01, ..number("maximum", "Largest factor", 0.2, FASTEST) },
            ]
        },
        first: |_| 1,
        start: |v| boxed(ParabolicSar::new(v.number(0), v.number(1))),
    },
    Entry {
        name: "vwap",
        title: "Volume weighted average price",
        further_outputs: &[],
        parameters: || vec![],
        first: |_| 0,
        start: |_| boxed(Vwap::new()),
    },
    Entry {
        name: "donchian",
        title: "Donchian channel",
        further_outputs: &["upper", "lower"],
        parameters: || vec![period(20, 2)],
        first: |v| v.count(0) - 1,
        start: |v| boxed(Donchian::new(v.count(0))),
    },
    Entry {
        name: "keltner",
        title: "Keltner channel",
        further_outputs: &["upper", "lower"],
        parameters: || {
            vec![period(20, 2), integer("atr_period", "Candles in the average true range", 10, 1), multiplier(2.0)]
        },
        first: |v| v.count(1).max(v.count(0) - 1),
        start: |v| boxed(Keltner::new(v.count(0), v.count(1), v.number(2))),
    },
    Entry {
        name: "supertrend",
        title: "Supertrend",
        further_outputs: &["direction"],
        parameters: || vec![period(10, 2), multiplier(3.0)],
        first: |v| v.count(0),
        start: |v| boxed(Supertrend::new(v.count(0), v.number(1))),
    },
    Entry {
        name: "zscore",
        title: "Z-score",
        further_outputs: &[],
        parameters: || vec![period(20, 2)],
        first: |v| v.count(0) - 1,
        start: |v| boxed(ZScore::new(v.count(0))),
    },
];
