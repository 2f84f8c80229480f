//! JSON whose structs are objects, at every depth: serde would take an array for a struct's fields in their order.

use serde::{
    Deserializer,
    de::{
        Error as _, IntoDeserializer, Visitor,
        value::{MapDeserializer, SeqDeserializer},
    },
    forward_to_deserialize_any,
};
use serde_json::{Error, Value};

/// A JSON value, read as `Value` reads itself but for structs.
pub(super) struct ByName(pub Value);

impl<'de> Deserializer<'de> for ByName {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Array(items) => {
                let mut items = SeqDeserializer::new(items.into_iter().map(Self));
                let read = visitor.visit_seq(&mut items)?;
                items.end().map(|()| read)
            }
            Value::Object(fields) => {
                let mut fields = MapDeserializer::new(fields.into_iter().map(|(name, value)| (name, Self(value))));
                let read = visitor.visit_map(&mut fields)?;
                fields.end().map(|()| read)
            }
            plain => plain.deserialize_any(visitor),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        if self.0.is_object() {
            return self.deserialize_any(visitor);
        }
        Err(Error::custom("send a JSON object, with the fields by their names"))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _name: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.0.deserialize_enum(name, variants, visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map identifier ignored_any
    }
}

impl IntoDeserializer<'_, Error> for ByName {
    type Deserializer = Self;
    fn into_deserializer(self) -> Self {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use serde_json::json;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Outer {
        inner: Option<Inner>,
        list: Vec<Inner>,
        pair: (u8, f64),
        kind: Kind,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Inner {
        count: usize,
        seed: Option<u64>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Kind {
        Plain,
    }

    fn read(inner: Value, list: Value, pair: Value) -> Result<Outer, String> {
        let value = json!({"inner": inner, "list": list, "pair": pair, "kind": "plain"});
        Outer::deserialize(ByName(value)).map_err(|error| error.to_string())
    }

    #[test]
    fn a_struct_is_an_object_at_every_depth() {
        let inner = |count| Inner { count, seed: None };
        let sound = read(json!({"count": 5}), json!([{"count": 6, "seed": null}]), json!([7, 8]));
        assert_eq!(sound, Ok(Outer { inner: Some(inner(5)), list: vec![inner(6)], pair: (7, 8.0), kind: Kind::Plain }));
        assert_eq!(read(json!(null), json!([]), json!([7, 8.5])).map(|outer| outer.inner), Ok(None));
        for (part, list) in [
            (json!([5, 1]), json!([])),
            (json!([]), json!([])),
            (json!(null), json!([[6, 1]])),
            (json!("x"), json!([])),
        ] {
            let refused = read(part.clone(), list, json!([7, 8])).unwrap_err();
            assert_eq!(refused, "send a JSON object, with the fields by their names", "{part}");
        }
        assert!(read(json!(null), json!([]), json!([7, 8, 9])).is_err(), "an array has no more than is taken");
    }
}
