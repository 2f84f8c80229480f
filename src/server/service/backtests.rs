//! Backtests on the server: for who is signed in, as many as their plan gives.

mod asked;

pub use crate::server::backtests::{Stage, view::BacktestResult};
pub use asked::{Asked, Candles, Examination};

use crate::{
    domain::{
        id::{BacktestId, UserId},
        plan::Feature,
    },
    server::{
        backtests::{Job, Place},
        error::ServiceError,
        service::{quota, sessions::CurrentUser},
        state::AppState,
    },
};
use std::{sync::Arc, time::Duration};

/// A backtest and how far it is.
pub struct Standing {
    /// Who and when.
    pub job: Arc<Job>,
    /// How far.
    pub stage: Stage,
}

/// A place among the requests that are read, while it is held.
///
/// # Errors
/// `Busy` when too many are read, of all or of this person.
pub fn admit(state: &AppState, user: &CurrentUser) -> Result<Place, ServiceError> {
    state.backtests.admit(user.me.id)
}

/// A place in the queue, once the body of the request has been read.
///
/// # Errors
/// `Busy` when the queue is full, or this person has as many in it as one may.
pub fn reserve(state: &AppState, user: &CurrentUser) -> Result<Place, ServiceError> {
    state.backtests.reserve(user.me.id)
}

/// Has one run. It is counted against the plan once it is known to be sound; whatever becomes of it then, it was one.
///
/// # Errors
/// `Invalid` with the fields, `QuotaExceeded`; nothing is counted then.
pub async fn run(state: &AppState, user: &CurrentUser, place: Place, asked: Asked) -> Result<Standing, ServiceError> {
    let order = asked::order(state, asked).await?;
    quota::take_one(state, user.me.id, user.plan, Feature::Backtests).await?;
    let job = state.backtests.submit(place, order, state.clock.now())?;
    Ok(standing(job))
}

/// How far the one of this person is; waits so long for its end, if it is not over.
///
/// # Errors
/// `NotFound`: there is none, no longer, or it is somebody else's.
pub async fn look(
    state: &AppState,
    user: &CurrentUser,
    id: BacktestId,
    wait: Duration,
) -> Result<Standing, ServiceError> {
    let job = find(state, user.me.id, id)?;
    let mut stage = job.stage();
    // Whether it ended or the time is over: where it stands then is told.
    drop(tokio::time::timeout(wait, stage.wait_for(Stage::is_over)).await);
    Ok(standing(job))
}

/// Ends the one of this person, and forgets what came of it.
///
/// # Errors
/// As [`look`].
pub fn remove(state: &AppState, user: &CurrentUser, id: BacktestId) -> Result<(), ServiceError> {
    let removed = state.backtests.remove(user.me.id, id, state.clock.now());
    if removed { Ok(()) } else { Err(ServiceError::NotFound("backtest")) }
}

fn find(state: &AppState, owner: UserId, id: BacktestId) -> Result<Arc<Job>, ServiceError> {
    state.backtests.find(owner, id, state.clock.now()).ok_or(ServiceError::NotFound("backtest"))
}

fn standing(job: Arc<Job>) -> Standing {
    let stage = job.stage().borrow().clone();
    Standing { job, stage }
}
