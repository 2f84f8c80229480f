use serde_json::{Value, json};

use super::Answer;
use crate::params::Params;

/// Where somebody is; `Null` when it was given empty, which takes it away.
pub fn address(params: &Params) -> Answer {
    const PARTS: [&str; 6] = ["city", "country", "line1", "line2", "postal_code", "state"];
    let given = params.group("address")?;
    given.only(&PARTS)?;
    if given.is_empty() {
        return Ok(Value::Null);
    }
    let mut address = json!({});
    for part in PARTS {
        address[part] = json!(given.text(part)?);
    }
    Ok(address)
}

/// Where something is sent to; `Null` when it was given empty.
pub fn shipping(params: &Params) -> Answer {
    let given = params.group("shipping")?;
    given.only(&["name", "phone", "address", "carrier", "tracking_number"])?;
    if given.is_empty() {
        return Ok(Value::Null);
    }
    let mut shipping = json!({
        "name": given.required("name")?, "phone": given.text("phone")?, "address": address(&given)?,
    });
    for part in ["carrier", "tracking_number"] {
        if let Some(text) = given.text(part)? {
            shipping[part] = json!(text);
        }
    }
    Ok(shipping)
}
