//! An indicator with its parameters set, as text.

use std::fmt;
use std::str::FromStr;

use super::{ALL, Entry, Running, Values, named};
use crate::CandleSlice;
use crate::parameter::{Parameter, ParameterError};

/// An indicator with its parameters set.
#[derive(Clone, Debug)]
pub struct Spec {
    entry: &'static Entry,
    /// As they were written, `macd` or `macd:12:26:9`.
    text: String,
    /// All of them, in order and in range.
    values: Vec<f64>,
}

/// Why a text names no [`Spec`].
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SpecError {
    /// There is no such indicator.
    #[error("there is no indicator {0:?}: there are {names}", names = names())]
    Name(String),
    /// There are more parameters than the indicator has.
    #[error("{name} takes {most} parameters at most, not {given}")]
    Count {
        /// The indicator.
        name: &'static str,
        /// How many it has.
        most: usize,
        /// How many there are.
        given: usize,
    },
    /// There is no such output.
    #[error("{name} has no output {output:?}")]
    Output {
        /// The indicator.
        name: &'static str,
        /// What was asked for, at most 40 characters.
        output: String,
    },
    /// A parameter is no number.
    #[error("the parameter {parameter} of {name} is {text:?}, which is no number")]
    Number {
        /// The indicator.
        name: &'static str,
        /// The parameter.
        parameter: &'static str,
        /// What stands there, at most 40 characters.
        text: String,
    },
    /// A parameter is out of its range.
    #[error("{name}: {error}")]
    Range {
        /// The indicator.
        name: &'static str,
        /// The parameter, and what it may be.
        error: ParameterError,
    },
}

impl Spec {
    /// The indicator.
    #[must_use]
    pub fn entry(&self) -> &'static Entry {
        self.entry
    }

    /// Its parameters as they are set.
    #[must_use]
    pub fn parameters(&self) -> Vec<Parameter> {
        let set = |(parameter, value): (Parameter, &f64)| Parameter { value: *value, ..parameter };
        self.entry.parameters().into_iter().zip(&self.values).map(set).collect()
    }

    /// The names of its outputs, the main line first: the text that it was read from, then that
    /// with `.` and the output's name.
    #[must_use]
    pub fn columns(&self) -> Vec<String> {
        let further = self.entry.further_outputs.iter().map(|output| format!("{}.{output}", self.text));
        std::iter::once(self.text.clone()).chain(further).collect()
    }

    /// The index of the candle at which the main line can have its first value. What is not
    /// defined there has it later: `vwap` without volume, `zscore` of equal prices.
    #[must_use]
    pub fn first(&self) -> usize {
        (self.entry.first)(Values(&self.values))
    }

    /// The indicator at the beginning of a series.
    #[must_use]
    pub fn start(&self) -> Box<dyn Running> {
        (self.entry.start)(Values(&self.values))
    }

    /// All outputs over a series, in the order of [`Spec::columns`], as long as it is; `NaN` is
    /// empty.
    #[must_use]
    pub fn over(&self, candles: CandleSlice<'_>) -> Vec<Vec<f64>> {
        self.start().over(candles)
    }
}

impl fmt::Display for Spec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl FromStr for Spec {
    type Err = SpecError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.split(':');
        let name = parts.next().unwrap_or_default();
        let entry = named(name).ok_or_else(|| SpecError::Name(shortened(name)))?;
        let given: Vec<&str> = parts.collect();
        let mut parameters = entry.parameters();
        if given.len() > parameters.len() {
            return Err(SpecError::Count { name: entry.name, most: parameters.len(), given: given.len() });
        }
        for (parameter, text) in parameters.iter_mut().zip(&given) {
            let number = || SpecError::Number { name: entry.name, parameter: parameter.name, text: shortened(text) };
            parameter.value = text.parse().map_err(|_| number())?;
            parameter.check().map_err(|error| SpecError::Range { name: entry.name, error })?;
        }
        let mut values: Vec<f64> = parameters.iter().map(|parameter| parameter.value).collect();
        // Bands are drawn alike on both sides unless somebody says otherwise.
        if entry.name == "bbands" && given.len() == 2 {
            values[2] = values[1];
        }
        Ok(Self { entry, text: text.to_owned(), values })
    }
}

/// One output of an indicator, as text asks for it: `macd:12:26:9` is the main line,
/// `macd:12:26:9.signal` another.
#[derive(Clone, Debug)]
pub struct Line {
    spec: Spec,
    /// Its place among [`Spec::columns`].
    output: usize,
}

impl Line {
    /// The indicator that it is of.
    #[must_use]
    pub fn spec(&self) -> &Spec {
        &self.spec
    }

    /// Its place among [`Spec::columns`] and in what [`Spec::over`] and [`Running::feed`] give.
    #[must_use]
    pub fn output(&self) -> usize {
        self.output
    }
}

impl FromStr for Line {
    type Err = SpecError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // A dot before digits is a decimal point.
        let (spec, output) = match text.rsplit_once('.') {
            Some((spec, output)) if output.starts_with(|c: char| !c.is_ascii_digit()) => (spec, Some(output)),
            _ => (text, None),
        };
        let spec: Spec = spec.parse()?;
        let Some(output) = output else {
            return Ok(Self { spec, output: 0 });
        };
        let place = spec.entry.further_outputs.iter().position(|name| *name == output);
        let unknown = || SpecError::Output { name: spec.entry.name, output: shortened(output) };
        let output = place.ok_or_else(unknown)? + 1;
        Ok(Self { spec, output })
    }
}

fn names() -> String {
    ALL.iter().map(|entry| entry.name).collect::<Vec<_>>().join(", ")
}

fn shortened(text: &str) -> String {
    text.chars().take(40).collect()
}
