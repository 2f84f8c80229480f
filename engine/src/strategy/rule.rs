//! From a rule and its parameters to a [`Strategy`].

use std::fmt;

use super::{Columns, Decider, Proposal, Strategy};
use crate::parameter::{Parameter, ParameterError, Parameters, SettingError};
use crate::writing::Plain;
use crate::{Candle, Terms, Timeframe};

/// A rule on its way through a series, and what is known of it beforehand. Implementing this is
/// all that a strategy takes: [`Ruled`] makes the [`Strategy`] of it.
pub trait Rule: Send + Sized + 'static {
    /// Its stable name, in lower case with hyphens.
    const NAME: &'static str;

    /// Raised by one whenever the same candles and parameters may give other proposals.
    const VERSION: u32;

    /// What it bets on, in a sentence or two for somebody who might pay for it.
    const ABOUT: &'static str;

    /// What it can be set to; see [`crate::parameters!`].
    type Parameters: Parameters;

    /// The values that decided, for the rationale.
    type Reading;

    /// Checks what the parameters' own ranges do not say.
    ///
    /// # Errors
    /// A parameter that the others leave no room for.
    fn check(_: &Self::Parameters) -> Result<(), ParameterError> {
        Ok(())
    }

    /// How many candles it needs before it can propose anything, the deciding one among them.
    fn warm_up(parameters: &Self::Parameters) -> usize;

    /// The rule at the beginning of a series.
    fn start(parameters: &Self::Parameters, timeframe: Timeframe) -> Self;

    /// Takes the next closed candle and decides at its close. What is returned passes
    /// [`Terms::check`].
    fn decide(&mut self, candle: &Candle) -> Option<(Terms, Self::Reading)>;

    /// The terms of everything it decides over a series, with the index of the deciding candle: what
    /// [`Rule::decide`] gives candle by candle, bit for bit. Worth writing only where whole columns
    /// are faster.
    fn bets(parameters: &Self::Parameters, columns: &Columns<'_>) -> Vec<(usize, Terms)> {
        let candles = columns.candles();
        let mut rule = Self::start(parameters, candles.timeframe());
        candles.iter().enumerate().filter_map(|(index, candle)| Some((index, rule.decide(&candle)?.0))).collect()
    }

    /// Why, in plain English, with the numbers that decided. Called right after that decision, and
    /// only where somebody reads it.
    fn rationale(&self, terms: &Terms, reading: &Self::Reading) -> String;
}

/// A [`Rule`] with its parameters set: the [`Strategy`] that there is of it.
pub struct Ruled<R: Rule> {
    parameters: R::Parameters,
}

impl<R: Rule> Ruled<R> {
    /// The strategy with these parameters.
    ///
    /// # Errors
    /// The first parameter that is outside its range.
    pub fn new(parameters: R::Parameters) -> Result<Self, ParameterError> {
        parameters.check()?;
        R::check(&parameters)?;
        Ok(Self { parameters })
    }
}

impl<R: Rule> Default for Ruled<R> {
    fn default() -> Self {
        Self { parameters: R::Parameters::default() }
    }
}

impl<R: Rule> Clone for Ruled<R> {
    fn clone(&self) -> Self {
        Self { parameters: self.parameters.clone() }
    }
}

impl<R: Rule> fmt::Debug for Ruled<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(R::NAME)?;
        self.parameters.list().iter().try_for_each(|set| write!(f, " {}={}", set.name, Plain(set.value)))
    }
}

impl<R: Rule> Strategy for Ruled<R> {
    fn name(&self) -> &'static str {
        R::NAME
    }

    fn version(&self) -> u32 {
        R::VERSION
    }

    fn about(&self) -> &'static str {
        R::ABOUT
    }

    fn parameters(&self) -> Vec<Parameter> {
        self.parameters.list()
    }

    fn with(&self, settings: &[(&str, f64)]) -> Result<Box<dyn Strategy>, SettingError> {
        Ok(Box::new(Self::new(self.parameters.with(settings)?)?))
    }

    fn warm_up(&self) -> usize {
        R::warm_up(&self.parameters)
    }

    fn start(&self, timeframe: Timeframe) -> Box<dyn Decider> {
        Box::new(Run(R::start(&self.parameters, timeframe)))
    }

    fn bets(&self, columns: &Columns<'_>) -> Vec<(usize, Terms)> {
        R::bets(&self.parameters, columns)
    }
}

/// A [`Rule`] as a [`Decider`].
struct Run<R>(R);

impl<R: Rule> Decider for Run<R> {
    fn next(&mut self, candle: &Candle) -> Option<Proposal> {
        let (terms, reading) = self.0.decide(candle)?;
        Some(Proposal::new(terms, self.0.rationale(&terms, &reading)))
    }

    fn bet(&mut self, candle: &Candle) -> Option<Terms> {
        self.0.decide(candle).map(|(terms, _)| terms)
    }
}
