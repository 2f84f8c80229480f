//! Backtests on the server: for who is signed in, as many as their plan gives.

mod asked;
mod shared;

pub use crate::server::backtests::{Stage, view::BacktestResult};
pub use asked::{Asked, Candles, Examination};

use crate::{
    domain::{
        id::{BacktestId, UserId},
        plan::Feature,
        time::Timestamp,
    },
    server::{
        backtests::{Job, Place},
        error::ServiceError,
        service::{quota, sessions::CurrentUser},
        state::AppState,
    },
};
use std::{sync::Arc, time::Duration};
use tokio::time::Instant;

/// How often it is looked at how far one is that another replica runs, while somebody waits for its end.
const POLL: Duration = Duration::from_millis(500);

/// A backtest and how far it is.
#[derive(Debug)]
pub struct Standing {
    /// Names it.
    pub id: BacktestId,
    /// When it was asked for.
    pub created_at: Timestamp,
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

/// Has one run. It is counted against the plan once it is known to be sound; whatever becomes of it then, it was one,
/// unless the server is stopped before it is done.
///
/// # Errors
/// `Invalid` with the fields, `QuotaExceeded`; nothing is counted then.
pub async fn run(state: &AppState, user: &CurrentUser, place: Place, asked: Asked) -> Result<Standing, ServiceError> {
    let order = asked::order(state, asked).await?;
    let counted = quota::take_one(state, user.me.id, user.plan, Feature::Backtests).await?;
    let job = state.backtests.submit(place, order, counted, state.clock.now())?;
    let standing = Standing::of(&job);
    // Before it is told under which address: another replica may be asked for it at once.
    shared::tell(state, &job).await;
    shared::keep(state, job);
    Ok(standing)
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
    let until = Instant::now() + wait;
    if let Some(job) = here(state, user.me.id, id) {
        // Whether it ended or the time is over: where it stands then is told.
        drop(tokio::time::timeout_at(until, job.stage().wait_for(Stage::is_over)).await);
    }
    loop {
        let standing = find(state, user.me.id, id).await?;
        let now = Instant::now();
        if standing.stage.is_over() || now >= until {
            return Ok(standing);
        }
        tokio::time::sleep_until(until.min(now + POLL)).await;
    }
}

/// Ends the one of this person; one that is over is forgotten.
///
/// # Errors
/// As [`look`].
pub async fn remove(state: &AppState, user: &CurrentUser, id: BacktestId) -> Result<(), ServiceError> {
    if here(state, user.me.id, id).is_some_and(|job| job.cancel()) {
        return Ok(());
    }
    let standing = find(state, user.me.id, id).await?;
    if standing.stage.is_over() {
        state.backtests.forget(id);
    }
    shared::mark(state, &standing).await
}

/// Ends what runs or waits here, and gives back what was counted for it: by the one process that knows of it, so once.
pub async fn stop(state: &AppState) {
    for job in state.backtests.stop() {
        if let Some(window) = job.counted
            && let Err(error) = quota::give_back(state, job.owner, Feature::Backtests, window).await
        {
            tracing::error!(error = &error as &dyn std::error::Error, "a backtest that was not done stays counted");
        }
        shared::tell(state, &job).await;
    }
}

/// The one of this person, wherever it runs.
async fn find(state: &AppState, owner: UserId, id: BacktestId) -> Result<Standing, ServiceError> {
    let standing = match here(state, owner, id) {
        Some(job) => Some(Standing::of(&job)),
        None => shared::read(state, owner, id).await?,
    };
    let standing = standing.ok_or(ServiceError::NotFound("backtest"))?;
    // Ended by another replica when it was over already, and so to be forgotten.
    if standing.stage.is_over() && shared::is_marked(state, id).await {
        state.backtests.forget(id);
        return Err(ServiceError::NotFound("backtest"));
    }
    Ok(standing)
}

/// The one of this person that this process runs, or ran.
fn here(state: &AppState, owner: UserId, id: BacktestId) -> Option<Arc<Job>> {
    state.backtests.find(owner, id, state.clock.now())
}

impl Standing {
    fn of(job: &Job) -> Self {
        Self { id: job.id, created_at: job.created_at, stage: job.stage().borrow().clone() }
    }
}
