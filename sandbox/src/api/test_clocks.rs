use serde_json::json;

use super::{Answer, find, list};
use crate::billing::due;
use crate::params::Params;
use crate::state::State;
use crate::stripe_error::StripeError;
use crate::{clock, ids, shape};

const TABLE: &str = "test_helpers.test_clock";
/// The farthest that a clock goes ahead, in seconds.
const FARTHEST: i64 = 100 * 366 * 86_400;

/// `/v1/test_helpers/test_clocks…`
pub fn call(state: &mut State, method: &str, rest: &[&str], params: &Params) -> Option<Answer> {
    Some(match (method, rest) {
        ("POST", []) => create(state, params),
        ("GET", []) => list::only(params, &[])
            .and_then(|()| list::page(state, params, TABLE, "/v1/test_helpers/test_clocks", |_| true)),
        ("GET", [id]) => params.only(&[]).and_then(|()| find(state, TABLE, "test clock", id)),
        ("POST", [id, "advance"]) => advance(state, id, params),
        _ => return None,
    })
}

/// Moves the sandbox's clock to an instant and does what becomes due until then; how much. The error
/// says in words what is wrong with the instant.
pub fn move_to(state: &mut State, target: i64) -> Result<usize, &'static str> {
    if target < state.now() {
        return Err("the clock only goes ahead");
    }
    if target - clock::real_seconds() > FARTHEST {
        return Err("the clock goes at most a hundred years ahead");
    }
    let done = due::run_until(state, target);
    state.set_ahead(target - clock::real_seconds());
    Ok(done)
}

fn create(state: &mut State, params: &Params) -> Answer {
    params.serves(&["frozen_time", "name"], &["customer"])?;
    let time = frozen_time(state, params)?;
    let clock = shape::object(
        "test_clock",
        json!({
            "id": ids::new("clock"), "created": state.now(), "frozen_time": time, "name": params.text("name")?,
            "deletes_after": state.now() + 30 * 86_400,
        }),
    );
    Ok(state.insert(TABLE, clock))
}

fn advance(state: &mut State, id: &str, params: &Params) -> Answer {
    params.only(&["frozen_time"])?;
    find(state, TABLE, "test clock", id)?;
    let time = frozen_time(state, params)?;
    Ok(state.set(TABLE, id, json!({"frozen_time": time})))
}

fn frozen_time(state: &mut State, params: &Params) -> Result<i64, StripeError> {
    let time = params.integer("frozen_time")?.ok_or_else(|| StripeError::missing("frozen_time"))?;
    // A clock that was made for the present is a second late by the time it is read.
    if (state.now() - 60..state.now()).contains(&time) {
        return Ok(time);
    }
    move_to(state, time).map_err(|problem| StripeError::invalid(problem).with("param", "frozen_time"))?;
    Ok(time)
}
