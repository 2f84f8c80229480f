use std::ops::RangeInclusive;

use serde_json::{Value, json};

use super::Answer;
use crate::params::Params;
use crate::shape;
use crate::state::State;
use crate::stripe_error::StripeError;

/// The parameters that every list takes.
pub const PARAMETERS: [&str; 4] = ["limit", "starting_after", "ending_before", "created"];

/// A page of the objects that pass, newest first.
pub fn page(state: &State, params: &Params, table: &str, url: &str, pass: impl Fn(&Value) -> bool) -> Answer {
    let within = within(params, "created")?;
    let all: Vec<&Value> =
        state.all(table).rev().filter(|object| within(object["created"].as_i64()) && pass(object)).collect();
    cut(&all, params, url)
}

/// Refuses parameters that are neither every list's nor these.
pub fn only(params: &Params, more: &[&str]) -> Result<(), StripeError> {
    serves(params, more, &[])
}

/// As [`only`], with filters of Stripe's that the sandbox does not have: see [`Params::serves`].
pub fn serves(params: &Params, more: &[&str], unserved: &[&str]) -> Result<(), StripeError> {
    params.serves(&[&PARAMETERS[..], more].concat(), unserved)
}

/// A filter by the texts of fields: pairs of a parameter and the field's JSON pointer. What was not given
/// lets everything pass.
pub fn by(params: &Params, fields: &[(&str, &'static str)]) -> Result<impl Fn(&Value) -> bool + use<>, StripeError> {
    let mut wanted = Vec::new();
    for (name, field) in fields {
        wanted.extend(params.text(name)?.map(|value| (*field, value)));
    }
    Ok(move |object: &Value| {
        wanted.iter().all(|(field, value)| object.pointer(field).is_some_and(|found| found == value.as_str()))
    })
}

/// A filter by an instant, given as a number or by `gt`, `gte`, `lt` and `lte`. What was not given lets
/// everything pass.
pub fn within(params: &Params, name: &str) -> Result<impl Fn(Option<i64>) -> bool + use<>, StripeError> {
    let given = params.has(name);
    let bounds = match params.integer(name) {
        Ok(exact) => exact.map_or(i64::MIN..=i64::MAX, |exact| exact..=exact),
        Err(_) => range(&params.group(name)?)?,
    };
    Ok(move |at: Option<i64>| !given || at.is_some_and(|at| bounds.contains(&at)))
}

fn range(given: &Params) -> Result<RangeInclusive<i64>, StripeError> {
    given.only(&["gt", "gte", "lt", "lte"])?;
    let from = given.integer("gte")?.max(given.integer("gt")?.map(|at| at.saturating_add(1)));
    let below = given.integer("lt")?.map(|at| at.saturating_sub(1)).unwrap_or(i64::MAX);
    Ok(from.unwrap_or(i64::MIN)..=given.integer("lte")?.unwrap_or(i64::MAX).min(below))
}

/// The page of a list that `limit`, `starting_after` and `ending_before` name.
pub fn cut(all: &[&Value], params: &Params, url: &str) -> Answer {
    let limit = usize::try_from(params.integer_in("limit", 1..=100)?.unwrap_or(10)).unwrap_or(10);
    let place = |name: &str| -> Result<Option<usize>, StripeError> {
        let Some(id) = params.text(name)? else {
            return Ok(None);
        };
        let found = all.iter().position(|object| shape::text(object, "id") == id);
        found.map(Some).ok_or_else(|| StripeError::no_such_parameter("object", &id, name))
    };
    let (rest, from_end) = match (place("starting_after")?, place("ending_before")?) {
        (Some(_), Some(_)) => {
            return Err(StripeError::invalid("You cannot use both ending_before and starting_after."));
        }
        (Some(after), None) => (&all[after + 1..], false),
        (None, Some(before)) => (&all[..before], true),
        (None, None) => (all, false),
    };
    let start = if from_end { rest.len().saturating_sub(limit) } else { 0 };
    let data: Vec<Value> = rest[start..].iter().take(limit).map(|object| (*object).clone()).collect();
    let has_more = data.len() < rest.len();
    Ok(json!({"object": "list", "url": url, "has_more": has_more, "data": data}))
}
