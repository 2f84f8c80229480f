//! What a figure is.

use serde::Serialize;

/// What a figure counts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    /// The currency of the prices.
    Money,
    /// A part of 1: 0.12 is 12 %.
    Fraction,
    /// A bare number.
    Ratio,
    /// How many.
    Count,
    /// Days of 24 hours.
    Days,
    /// Units of the risk at the fill.
    R,
}

/// What a figure is called and means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Definition {
    /// Its name in JSON.
    pub name: &'static str,
    /// What it counts in.
    pub unit: Unit,
    /// How it is computed.
    pub meaning: &'static str,
    /// Where that is from.
    pub source: &'static str,
}

/// A type of which figures can be.
pub(crate) trait Figure {
    /// As a number; `None` where it is not defined.
    fn number(&self) -> Option<f64>;
}

impl Figure for usize {
    fn number(&self) -> Option<f64> {
        Some(*self as f64)
    }
}

impl Figure for f64 {
    fn number(&self) -> Option<f64> {
        Some(*self)
    }
}

impl Figure for Option<f64> {
    fn number(&self) -> Option<f64> {
        *self
    }
}

/// Declares figures that belong together: a struct, its definitions, and its values in their
/// order. A figure's documentation is its meaning.
macro_rules! figures {
    (
        $(#[$meta:meta])*
        pub struct $name:ident {
            $(
                $(#[doc = $doc:literal])+
                $field:ident: $type:ty = $unit:ident, $source:literal;
            )*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
        pub struct $name {
            $(
                $(#[doc = $doc])+
                #[doc = ""]
                #[doc = concat!("Source: ", $source)]
                pub $field: $type,
            )*
        }

        impl $name {
            pub(super) const DEFINITIONS: &[$crate::figures::Definition] = &[$(
                $crate::figures::Definition {
                    name: stringify!($field),
                    unit: $crate::figures::Unit::$unit,
                    meaning: concat!($($doc),+),
                    source: $source,
                },
            )*];

            pub(super) fn values(&self) -> Vec<Option<f64>> {
                use $crate::figures::definition::Figure;
                vec![$(self.$field.number()),*]
            }
        }
    };
}

pub(crate) use figures;
