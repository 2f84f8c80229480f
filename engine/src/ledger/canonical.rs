//! Canonical JSON: one text for one value.

use serde::Serialize;

/// The canonical text of a part of the ledger, by RFC 8785.
///
/// The scheme sorts an object's members, writes no space, and has rules for text and numbers. The types of
/// this module declare their members in that order and hold text, truth and whole numbers below 2^53 only,
/// whose form `serde_json` and the scheme share; so nothing need be sorted, and no number formatted as
/// ECMAScript does. `tests/ledger_text.rs` holds this against an implementation of the whole scheme.
///
/// # Errors
/// Never for the types of this module.
pub fn canonical<T: Serialize>(part: &T) -> Result<String, serde_json::Error> {
    serde_json::to_string(part)
}

/// Texts to and from values, for types that are one string in JSON.
pub(super) mod text {
    use serde::{Deserializer, de};
    use std::{fmt, marker::PhantomData};

    /// A value that is written as text and read back from it.
    pub(crate) trait Text: Sized {
        /// What is expected, for whoever wrote something else.
        const EXPECTED: &'static str;
        /// Reads it.
        fn parse(text: &str) -> Option<Self>;
    }

    struct Reader<T>(PhantomData<T>);

    impl<T: Text> de::Visitor<'_> for Reader<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(T::EXPECTED)
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
            T::parse(text).ok_or_else(|| E::invalid_value(de::Unexpected::Str(text), &self))
        }
    }

    pub(crate) fn read<'de, T: Text, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
        deserializer.deserialize_str(Reader(PhantomData))
    }
}

/// Serialises a type by its `Display` and reads it by its [`text::Text`].
macro_rules! as_text {
    ($type:ident $(<const $n:ident: $kind:ty>)?) => {
        impl $(<const $n: $kind>)? ::serde::Serialize for $type $(<$n>)? {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de $(, const $n: $kind)?> ::serde::Deserialize<'de> for $type $(<$n>)? {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::ledger::canonical::text::read(deserializer)
            }
        }
    };
}

pub(super) use as_text;
