//! How the client reads what the server tells its pages: with `miniserde`, whose code for a type is a fraction of
//! `serde`'s. What is written as text and is no plain string is read here.

use serde::{Deserialize, Serialize};
use std::{ops::Deref, str::FromStr};

/// Lets a type that is written as text be read from it.
macro_rules! read_as_text {
    ($type:ty, $parse:expr) => {
        const _: () = {
            miniserde::make_place!(Place);

            impl miniserde::de::Visitor for Place<$type> {
                fn string(&mut self, text: &str) -> miniserde::Result<()> {
                    self.out = Some($parse(text).map_err(|_| miniserde::Error)?);
                    Ok(())
                }
            }

            impl miniserde::Deserialize for $type {
                fn begin(out: &mut Option<Self>) -> &mut dyn miniserde::de::Visitor {
                    Place::new(out)
                }
            }
        };
    };
}

pub(super) use read_as_text;

/// A name of the engine's, such as a side's, as it is written in text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Named<T>(pub T);

impl<T> Deref for Named<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

miniserde::make_place!(Place);

impl<T: FromStr> miniserde::de::Visitor for Place<Named<T>> {
    fn string(&mut self, text: &str) -> miniserde::Result<()> {
        self.out = Some(Named(text.parse().map_err(|_| miniserde::Error)?));
        Ok(())
    }
}

impl<T: FromStr> miniserde::Deserialize for Named<T> {
    fn begin(out: &mut Option<Self>) -> &mut dyn miniserde::de::Visitor {
        Place::new(out)
    }
}
