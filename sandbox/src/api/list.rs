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
    let within = created_within(params)?;
    let all: Vec<&Value> = state.all(table).rev().filter(|object| within(object) && pass(object)).collect();
    cut(&all, params, url)
}

/// Refuses parameters that are neither every list's nor these.
pub fn only(params: &Params, more: &[&str]) -> Result<(), StripeError> {
    let known: Vec<&str> = PARAMETERS.iter().chain(more).copied().collect();
    params.only(&known)
}

/// The page of a list that `limit`, `starting_after` and `ending_before` name.
pub fn cut(all: &[&Value], params: &Params, url: &str) -> Answer {
    let limit = params.integer("limit")?.unwrap_or(10);
    if !(1..=100).contains(&limit) {
        return Err(StripeError::parameter(
            "limit",
            "parameter_invalid_integer",
            "This value must be between 1 and 100.",
        ));
    }
    let limit = usize::try_from(limit).unwrap_or(10);
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

fn created_within(params: &Params) -> Result<impl Fn(&Value) -> bool + use<>, StripeError> {
    let mut bounds = [i64::MIN, i64::MAX];
    if params.has("created") {
        if let Ok(Some(exact)) = params.integer("created") {
            bounds = [exact, exact];
        } else {
            let range = params.group("created")?;
            range.only(&["gt", "gte", "lt", "lte"])?;
            bounds[0] = range.integer("gte")?.or(range.integer("gt")?.map(|at| at + 1)).unwrap_or(i64::MIN);
            bounds[1] = range.integer("lte")?.or(range.integer("lt")?.map(|at| at - 1)).unwrap_or(i64::MAX);
        }
    }
    Ok(move |object: &Value| (bounds[0]..=bounds[1]).contains(&shape::number(object, "created")))
}
