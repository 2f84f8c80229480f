//! Backtests as every replica knows them, where the cache is shared.
//!
//! The replica that runs one keeps its record in the cache and renews it once a second until it is over; the others read
//! it there. A record that is no longer renewed is that of a replica that died. What another replica is told to end it
//! marks, and the one that runs it looks for the mark; a mark on what is over says that it is to be forgotten.
//!
//! The cache keeps what the processes keep ([`Backtests`](crate::server::backtests::Backtests)), since the replica that ran
//! one removes its record when it forgets it; after an hour it goes by itself.

use super::{Stage, Standing};
use crate::{
    domain::{
        id::{BacktestId, UserId},
        time::Timestamp,
    },
    server::{
        backtests::{Job, KEPT},
        cache::{Cache, CacheError},
        clock::Clock,
        error::ServiceError,
        state::AppState,
    },
};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::{sync::Arc, time::Duration};

/// How often a record is renewed while it is not over, and the mark is looked for.
const BEAT: Duration = Duration::from_secs(1);

/// A record that was not renewed for so long is that of a replica that died.
const DEAD: Duration = Duration::from_secs(30);

/// Told of a backtest whose replica died.
const DIED: &str = "The server that ran it stopped unexpectedly. Ask for it again.";

/// What the others are told of one.
#[derive(Serialize, Deserialize)]
struct Record<R> {
    owner: UserId,
    created_at: Timestamp,
    /// When this was said.
    renewed_at: Timestamp,
    state: State,
    progress: f64,
    result: Option<R>,
    detail: Option<String>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
enum State {
    Queued,
    Running,
    Done,
    Failed,
    Cancelled,
}

/// Keeps the record of one.
struct Keeper {
    cache: Arc<dyn Cache>,
    clock: Clock,
}

/// Lets the other replicas know of one that runs here, as long as it is known here.
pub(super) fn keep(state: &AppState, job: Arc<Job>) {
    if state.cache.is_shared() {
        tokio::spawn(Keeper::of(state).keep(job));
    }
}

/// Tells the other replicas where one stands.
pub(super) async fn tell(state: &AppState, job: &Job) {
    if state.cache.is_shared() {
        let stage = job.stage().borrow().clone();
        // A cache that does not answer is told at the next beat, or finds the record too old.
        drop(Keeper::of(state).tell(job, &stage).await);
    }
}

/// What another replica tells of one of this person's.
pub(super) async fn read(state: &AppState, owner: UserId, id: BacktestId) -> Result<Option<Standing>, ServiceError> {
    if !state.cache.is_shared() {
        return Ok(None);
    }
    let Some(text) = state.cache.get(&record_key(id)).await.map_err(unavailable)? else { return Ok(None) };
    let record: Record<Box<RawValue>> =
        serde_json::from_slice(&text).map_err(|error| ServiceError::internal("reading a backtest", error))?;
    if record.owner != owner {
        return Ok(None);
    }
    Ok(Some(Standing { id, created_at: record.created_at, stage: record.stage(state.clock.now()) }))
}

/// Has the replica that runs this one end it; of one that is over nobody tells any more.
pub(super) async fn mark(state: &AppState, standing: &Standing) -> Result<(), ServiceError> {
    if !state.cache.is_shared() {
        return Ok(());
    }
    let marked = state.cache.set(&mark_key(standing.id), Bytes::from_static(b"1"), KEPT).await;
    marked.map_err(unavailable)?;
    if standing.stage.is_over() {
        state.cache.delete(&record_key(standing.id)).await.map_err(unavailable)?;
    }
    Ok(())
}

/// Whether one is to be ended, or forgotten, as far as the cache answers.
pub(super) async fn is_marked(state: &AppState, id: BacktestId) -> bool {
    state.cache.is_shared() && matches!(state.cache.get(&mark_key(id)).await, Ok(Some(_)))
}

impl Keeper {
    fn of(state: &AppState) -> Self {
        Self { cache: Arc::clone(&state.cache), clock: state.clock.clone() }
    }

    async fn keep(self, job: Arc<Job>) {
        let (id, forgotten) = (job.id, job.forgotten());
        self.until_over(job).await;
        if tokio::time::timeout(KEPT, forgotten.cancelled()).await.is_ok() {
            // Else, and without an answer, it goes when its hour is over.
            let mut pause = BEAT;
            while self.cache.delete(&record_key(id)).await.is_err() && pause < KEPT {
                tokio::time::sleep(pause).await;
                pause *= 2;
            }
        }
    }

    /// Renews the record until it says how the backtest ended, or the backtest is forgotten here, so that nothing that the
    /// pool let go of is held. A cache that does not answer is tried again at the next beat; one that does not take a
    /// result, which may be long, after ever longer pauses.
    async fn until_over(&self, job: Arc<Job>) {
        let (mut stage, forgotten, mut pause) = (job.stage(), job.forgotten(), BEAT);
        while !forgotten.is_cancelled() && self.clock.now().since(job.created_at) < KEPT {
            let now = stage.borrow_and_update().clone();
            let told = self.tell(&job, &now).await;
            if now.is_over() {
                if told.is_ok() {
                    return;
                }
                drop(tokio::time::timeout(pause, forgotten.cancelled()).await);
                pause *= 2;
                continue;
            }
            let mark = mark_key(job.id);
            // The mark goes first: on what is over it says that it is to be forgotten.
            if matches!(self.cache.get(&mark).await, Ok(Some(_))) && self.cache.delete(&mark).await.is_ok() {
                job.cancel();
                continue;
            }
            drop(tokio::time::timeout(BEAT, stage.wait_for(Stage::is_over)).await);
        }
    }

    async fn tell(&self, job: &Job, stage: &Stage) -> Result<(), CacheError> {
        let (state, progress, result, detail) = match stage {
            Stage::Queued => (State::Queued, 0.0, None, None),
            Stage::Running(done) => (State::Running, *done, None, None),
            Stage::Done(result) => (State::Done, 1.0, Some(&**result), None),
            Stage::Failed(detail) => (State::Failed, 0.0, None, Some(detail.clone())),
            Stage::Cancelled => (State::Cancelled, 0.0, None, None),
        };
        let (owner, created_at, renewed_at) = (job.owner, job.created_at, self.clock.now());
        let record = Record { owner, created_at, renewed_at, state, progress, result, detail };
        let text = serde_json::to_vec(&record).map_err(|error| CacheError(error.to_string()))?;
        self.cache.set(&record_key(job.id), text.into(), KEPT).await
    }
}

impl Record<Box<RawValue>> {
    /// Where it stands at `now`.
    fn stage(self, now: Timestamp) -> Stage {
        let is_late = now.since(self.renewed_at) > DEAD;
        match self.state {
            State::Queued | State::Running if is_late => Stage::Failed(DIED.to_owned()),
            State::Queued => Stage::Queued,
            State::Running => Stage::Running(self.progress),
            State::Done => {
                self.result.map_or_else(|| Stage::Failed(DIED.to_owned()), |result| Stage::Done(result.into()))
            }
            State::Failed => Stage::Failed(self.detail.unwrap_or_default()),
            State::Cancelled => Stage::Cancelled,
        }
    }
}

fn unavailable(error: CacheError) -> ServiceError {
    ServiceError::unavailable("redis", error)
}

fn record_key(id: BacktestId) -> String {
    format!("backtest:{id}")
}

fn mark_key(id: BacktestId) -> String {
    format!("backtest:{id}:end")
}
