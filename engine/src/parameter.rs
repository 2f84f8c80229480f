//! What a strategy or an indicator can be set to.

use std::fmt;

use serde::Serialize;

use crate::writing::{Plain, Quoted};

/// Whether a parameter counts something or measures it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Whole numbers only.
    Integer,
    /// Any number in the range.
    Number,
}

/// A parameter of a strategy or an indicator, for forms, sweeps and checks. Numbers of kind
/// [`Kind::Integer`] are whole.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Parameter {
    /// Its name, as in configuration.
    pub name: &'static str,
    /// What it does, in a few words.
    pub description: &'static str,
    /// Whole or not.
    pub kind: Kind,
    /// What it is set to.
    pub value: f64,
    /// What it is set to unless somebody says otherwise.
    pub default: f64,
    /// The least it may be.
    pub min: f64,
    /// The most it may be.
    pub max: f64,
    /// How far a slider moves at once. Values between are allowed too, whole ones where the
    /// parameter is whole.
    pub step: f64,
}

impl Parameter {
    /// Checks its value against its kind and range.
    ///
    /// # Errors
    /// If it is outside the range, not a number, or a fraction of what must be whole.
    pub fn check(&self) -> Result<(), ParameterError> {
        let whole = self.kind == Kind::Number || self.value.fract() == 0.0;
        if whole && (self.min..=self.max).contains(&self.value) {
            return Ok(());
        }
        Err(ParameterError { name: self.name, value: self.value, min: self.min, max: self.max })
    }
}

/// A parameter outside its range, or a fraction of what must be whole.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("the parameter {name} is {}{}", Plain(*value), Rule(self))]
pub struct ParameterError {
    /// The parameter.
    pub name: &'static str,
    /// What it was to be.
    pub value: f64,
    /// The least it may be.
    pub min: f64,
    /// The most it may be.
    pub max: f64,
}

/// What a parameter should have been, in words.
struct Rule<'a>(&'a ParameterError);

impl fmt::Display for Rule<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ParameterError { value, min, max, .. } = *self.0;
        if min == f64::MIN_POSITIVE {
            // In full it would be three hundred zeros, and nobody means more by it.
            return write!(f, ": it must be above 0 and at most {}", Plain(max));
        }
        // Within its range there is one reason only to refuse it.
        let is_fraction = (min..=max).contains(&value);
        let rule = if is_fraction { ", where a whole number is meant," } else { ", outside" };
        write!(f, "{rule} {} to {}", Plain(min), Plain(max))
    }
}

/// Why parameters cannot be set so.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SettingError {
    /// There is no such parameter.
    #[error("there is no parameter {}: there are {}", Quoted(name), there.join(", "))]
    Unknown {
        /// What was asked for, at most 40 characters.
        name: String,
        /// What there is.
        there: Vec<&'static str>,
    },
    /// A value is outside its range.
    #[error(transparent)]
    Range(#[from] ParameterError),
}

/// Parameters as a type: what [`crate::parameters!`] writes.
pub trait Parameters: Clone + Default + Send + Sync + 'static {
    /// Each with its value, in the order of the type.
    fn list(&self) -> Vec<Parameter>;

    /// Sets the one of that name to a value of its kind; whether there is one. Its range is not
    /// looked at here.
    fn assign(&mut self, name: &str, value: f64) -> bool;

    /// Checks each against its kind and range.
    ///
    /// # Errors
    /// The first that is outside.
    fn check(&self) -> Result<(), ParameterError> {
        self.list().iter().try_for_each(Parameter::check)
    }

    /// These with other values for the named ones.
    ///
    /// # Errors
    /// If there is no parameter of a name, or a value is outside its range.
    fn with(&self, settings: &[(&str, f64)]) -> Result<Self, SettingError> {
        let list = self.list();
        let mut set = self.clone();
        for (name, value) in settings {
            let unknown = || SettingError::Unknown {
                name: name.chars().take(40).collect(),
                there: list.iter().map(|parameter| parameter.name).collect(),
            };
            let parameter = list.iter().find(|parameter| parameter.name == *name).ok_or_else(unknown)?;
            Parameter { value: *value, ..*parameter }.check()?;
            set.assign(name, *value);
        }
        Ok(set)
    }
}

/// A type of which parameters can be.
pub trait Value: Copy {
    /// Whole or not.
    const KIND: Kind;

    /// As a number.
    fn number(self) -> f64;

    /// From a number of its kind.
    fn of(number: f64) -> Self;
}

impl Value for usize {
    const KIND: Kind = Kind::Integer;

    fn number(self) -> f64 {
        self as f64
    }

    fn of(number: f64) -> Self {
        number as Self
    }
}

impl Value for f64 {
    const KIND: Kind = Kind::Number;

    fn number(self) -> f64 {
        self
    }

    fn of(number: f64) -> Self {
        number
    }
}

/// Declares the parameters of a strategy: a struct of public fields, its `Default`, and
/// [`Parameters`]. A field is `usize`, for what is counted, or `f64`; its one line of
/// documentation is the parameter's description. Other parameters may follow after `..`.
///
/// ```
/// engine::parameters! {
///     /// How a rule is set.
///     pub struct Settings {
///         /// Candles in the average
///         period: usize = 20 in 2 to 200 by 1,
///         /// How far is far
///         distance: f64 = 2.0 in 0.5 to 4.0 by 0.25,
///     }
/// }
/// use engine::parameter::Parameters;
///
/// let settings = Settings::default().with(&[("period", 30.0)]).unwrap();
/// assert_eq!((settings.period, settings.distance), (30, 2.0));
/// let error = settings.with(&[("distance", 9.0)]).unwrap_err();
/// assert_eq!(error.to_string(), "the parameter distance is 9, outside 0.5 to 4");
/// assert!(settings.with(&[("perod", 30.0)]).is_err());
/// ```
#[macro_export]
macro_rules! parameters {
    (
        $(#[$meta:meta])*
        pub struct $name:ident {
            $(
                #[doc = $doc:literal]
                $field:ident: $type:ty = $default:literal in $min:literal to $max:literal by $step:literal,
            )*
            $(..$rest:ident: $rest_type:ty)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq)]
        pub struct $name {
            $(
                #[doc = concat!($doc, ", ", stringify!($min), " to ", stringify!($max), ".")]
                pub $field: $type,
            )*
            $(
                #[doc = "What else there is to set."]
                pub $rest: $rest_type,
            )?
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $default,)* $($rest: Default::default(),)? }
            }
        }

        impl $crate::parameter::Parameters for $name {
            fn list(&self) -> Vec<$crate::parameter::Parameter> {
                use $crate::parameter::Value;
                let own = [$(
                    $crate::parameter::Parameter {
                        name: stringify!($field),
                        description: $doc.trim_ascii_start(),
                        kind: <$type>::KIND,
                        value: self.$field.number(),
                        default: <$type as Value>::number($default),
                        min: <$type as Value>::number($min),
                        max: <$type as Value>::number($max),
                        step: <$type as Value>::number($step),
                    },
                )*];
                let list = Vec::from(own);
                $(
                    let mut list = list;
                    list.extend(self.$rest.list());
                )?
                list
            }

            fn assign(&mut self, name: &str, value: f64) -> bool {
                $(
                    if name == stringify!($field) {
                        self.$field = <$type as $crate::parameter::Value>::of(value);
                        return true;
                    }
                )*
                $(
                    if self.$rest.assign(name, value) {
                        return true;
                    }
                )?
                false
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_meant_is_said() {
        let said = |value, min, max| ParameterError { name: "size", value, min, max }.to_string();
        assert_eq!(said(9.0, 0.5, 4.0), "the parameter size is 9, outside 0.5 to 4");
        assert_eq!(said(1.5, 1.0, 4.0), "the parameter size is 1.5, where a whole number is meant, 1 to 4");
        assert_eq!(said(0.5, 1.0, 4.0), "the parameter size is 0.5, outside 1 to 4");
        assert_eq!(said(0.0, f64::MIN_POSITIVE, 1.0), "the parameter size is 0: it must be above 0 and at most 1",);
    }
}
