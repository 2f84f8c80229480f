//! Fields that hold an object's id, or where it was expanded the object itself.

use super::error::PaymentsError;
use serde::{Deserialize, Deserializer};

#[derive(Deserialize)]
#[serde(untagged)]
enum Reference {
    Id(String),
    Object { id: String },
}

impl From<Reference> for String {
    fn from(reference: Reference) -> Self {
        match reference {
            Reference::Id(id) | Reference::Object { id } => id,
        }
    }
}

/// The id in a field that may be null or missing (with `#[serde(default)]`).
pub(super) fn optional<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(Option::<Reference>::deserialize(deserializer)?.map(String::from))
}

/// The id in a field that is always there.
pub(super) fn required<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Reference::deserialize(deserializer).map(String::from)
}

/// Whether an expanded field holds an object that was deleted.
pub(super) fn is_deleted<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    Ok(serde_json::Value::deserialize(deserializer)?["deleted"] == true)
}

/// An id that may stand in an address. What is none names nothing.
pub(super) fn plain(id: &str) -> Result<&str, PaymentsError> {
    let sound = (1..=255).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if sound {
        Ok(id)
    } else {
        Err(PaymentsError::Refused {
            status: 404,
            code: "resource_missing".to_owned(),
            param: "id".to_owned(),
            message: "there is nothing with such an id".to_owned(),
        })
    }
}
