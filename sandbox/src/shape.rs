use std::collections::HashMap;
use std::sync::LazyLock;

use serde_json::{Map, Value, json};

/// An example of each kind of object with its unused fields empty, made from Stripe's own fixtures
/// (see `shape/LICENSE`).
static SHAPES: LazyLock<HashMap<String, Value>> =
    LazyLock::new(|| serde_json::from_str(include_str!("shape/objects.json")).expect("the bundled shapes are JSON"));

/// A new object of a kind, with these fields over its empty ones.
pub fn object(kind: &str, fields: Value) -> Value {
    let mut object = SHAPES.get(kind).cloned().unwrap_or_else(|| json!({}));
    merge(&mut object, fields);
    object
}

/// Sets fields of an object.
pub fn merge(object: &mut Value, fields: Value) {
    if let (Value::Object(into), Value::Object(from)) = (object, fields) {
        into.extend(from);
    }
}

/// A list as Stripe answers it.
pub fn list(url: &str, data: Vec<Value>) -> Value {
    json!({"object": "list", "url": url, "has_more": false, "total_count": data.len(), "data": data})
}

/// A text field; empty when it is not there.
pub fn text<'a>(object: &'a Value, field: &str) -> &'a str {
    object[field].as_str().unwrap_or_default()
}

/// A text field as one would keep it, `None` when it is not there or empty.
pub fn owned(object: &Value, field: &str) -> Option<String> {
    object[field].as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

/// A whole number; 0 when it is not there.
pub fn number(object: &Value, field: &str) -> i64 {
    object[field].as_i64().unwrap_or_default()
}

/// What leaves the sandbox of a stored object: all but its private part.
pub fn public(object: &Value) -> Value {
    match object {
        Value::Object(fields) => {
            let kept: Map<String, Value> = fields
                .iter()
                .filter(|(name, _)| *name != "_private")
                .map(|(name, value)| (name.clone(), public(value)))
                .collect();
            Value::Object(kept)
        }
        Value::Array(values) => values.iter().map(public).collect(),
        other => other.clone(),
    }
}
