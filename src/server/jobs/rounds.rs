//! When a job's rounds are due: at intervals, and sooner when a bell rings. To apalis, a source of tasks.

use super::Job;
use crate::server::state::AppState;
use apalis::prelude::{BackendBuilder, CustomBackend, Task, TaskBuilder};
use futures::{
    StreamExt,
    sink::{self, Drain},
    stream::{self, BoxStream},
};
use std::{convert::Infallible, time::Duration};
use tokio::time::{Instant, Interval, MissedTickBehavior};

/// Between the beginnings of two rounds of a job at least. Whoever waits for what a bell announced, waits for less than
/// anybody notices.
const REST: Duration = Duration::from_millis(40);

/// One round of a job; what is to be done stands in the database.
#[derive(Clone, Copy, Debug)]
pub struct Round;

/// What apalis takes from a source at a time.
type Due = Result<Option<Task<Round>>, Infallible>;

/// Where a job's rounds come from.
pub type Rounds = CustomBackend<Round, (), BoxStream<'static, Due>, Drain<Task<Round>>>;

/// The rounds of `job`: one at once, then at intervals and at its bell.
pub fn rounds(state: &AppState, job: &'static Job) -> Rounds {
    let state = state.clone();
    BackendBuilder::new()
        .database(())
        .fetcher(move |(), (), _| due(state.clone(), job))
        // Nothing is pushed: a bell is rung instead.
        .sink(|(), ()| sink::drain())
        .build()
        .expect("a database, a fetcher and a sink are given")
}

fn due(state: AppState, job: &'static Job) -> BoxStream<'static, Due> {
    let mut interval = tokio::time::interval(job.every);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let next = move |(state, mut interval, earliest): (AppState, Interval, Instant)| async move {
        wait(&state, job, &mut interval).await;
        // What comes in a burst is worked off in a few rounds.
        tokio::time::sleep_until(earliest).await;
        Some((Ok(Some(TaskBuilder::new(Round).build())), (state, interval, Instant::now() + REST)))
    };
    stream::unfold((state, interval, Instant::now()), next).boxed()
}

async fn wait(state: &AppState, job: &Job, interval: &mut Interval) {
    let Some(bell) = job.bell else {
        interval.tick().await;
        return;
    };
    tokio::select! {
        _ = interval.tick() => {}
        () = bell(state).notified() => {}
    }
}
