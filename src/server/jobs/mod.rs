//! Work that no request waits for. Every job is idempotent and calls a service.
//!
//! What is to be done is a row of ours, written in the transaction that made it due; a round works off what it finds.
//! apalis runs the rounds: one worker a job, one round at a time, stopped between rounds.

mod billing;
mod ledger;
mod mails;
mod market;
mod rounds;
mod turn;
mod upkeep;
mod verdicts;

use crate::server::{error::ServiceError, state::AppState};
use apalis::prelude::{Monitor, WorkerBuilder, WorkerBuilderExt};
use futures::future::BoxFuture;
use rounds::{Round, rounds};
use std::time::Duration;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// A kind of work and when it is due.
struct Job {
    /// Names it in logs and metrics.
    name: &'static str,
    /// The longest pause between two rounds.
    every: Duration,
    /// Rung when there is something to do sooner.
    bell: Option<fn(&AppState) -> &Notify>,
    /// A round: works off what is there.
    work: fn(AppState) -> BoxFuture<'static, Result<(), ServiceError>>,
}

const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3600);

/// All jobs.
static JOBS: [Job; 13] = [
    Job { name: "market", every: SECOND, bell: None, work: |state| Box::pin(market::tick(state)) },
    Job {
        name: "ledger-checkpoints",
        every: SECOND.saturating_mul(10),
        bell: Some(|state| &state.work.checkpoints),
        work: |state| Box::pin(ledger::sign(state)),
    },
    Job { name: "ledger-corrections", every: HOUR, bell: None, work: |state| Box::pin(ledger::correct(state)) },
    Job {
        name: "mail-requests",
        every: SECOND.saturating_mul(5),
        bell: Some(|state| &state.work.mail_requests),
        work: |state| Box::pin(mails::answer_requests(state)),
    },
    Job {
        name: "mails",
        every: SECOND.saturating_mul(5),
        bell: Some(|state| &state.work.mails),
        work: |state| Box::pin(mails::send(state)),
    },
    Job {
        name: "stripe-events",
        every: SECOND,
        bell: Some(|state| &state.work.events),
        work: |state| Box::pin(billing::work_off_events(state)),
    },
    Job {
        name: "stripe-events-waiting",
        every: SECOND.saturating_mul(5),
        bell: None,
        work: |state| Box::pin(billing::measure_events(state)),
    },
    Job {
        name: "customers",
        every: SECOND.saturating_mul(30),
        bell: Some(|state| &state.work.customers),
        work: |state| Box::pin(billing::keep_customers(state)),
    },
    Job {
        name: "stripe-price",
        every: SECOND.saturating_mul(60),
        bell: None,
        work: |state| Box::pin(billing::check_price(state)),
    },
    Job { name: "reconcile", every: HOUR, bell: None, work: |state| Box::pin(billing::reconcile(state)) },
    Job {
        name: "verdicts",
        every: SECOND.saturating_mul(60),
        bell: Some(|state| &state.work.verdicts),
        work: |state| Box::pin(verdicts::examine(state)),
    },
    Job { name: "metrics", every: SECOND.saturating_mul(5), bell: None, work: |state| Box::pin(upkeep::sum_up(state)) },
    Job { name: "clean-up", every: HOUR, bell: None, work: |state| Box::pin(upkeep::clean_up(state)) },
];

/// Runs all jobs until `stop`, then lets the rounds under way end.
pub async fn run(state: AppState, stop: CancellationToken) {
    let mut monitor = Monitor::new().should_restart(|_, _| true);
    for job in &JOBS {
        monitor = register(monitor, &state, job);
    }
    let stopped = async move {
        stop.cancelled().await;
        Ok(())
    };
    if let Err(error) = monitor.run_with_signal(stopped).await {
        tracing::error!(error = &error as &dyn std::error::Error, "the jobs ended badly");
    }
    if let Err(error) = market::hand_over(&state).await {
        tracing::warn!(error = &error as &dyn std::error::Error, "the market's lease was not given back");
    }
}

fn register(monitor: Monitor, state: &AppState, job: &'static Job) -> Monitor {
    let state = state.clone();
    monitor.register(move |_restarts| {
        let source = rounds(&state, job);
        let state = state.clone();
        let round = move |_: Round| run_round(state.clone(), job);
        WorkerBuilder::new(job.name).backend(source).concurrency(1).build(round)
    })
}

/// One round; the next one tries again what went wrong.
async fn run_round(state: AppState, job: &'static Job) {
    let outcome = outcome(job.name, (job.work)(state)).await;
    metrics::counter!("signalbox_job_rounds_total", "job" => job.name, "outcome" => outcome).increment(1);
}

/// Does a round's work; what goes wrong, panics too, is told here.
async fn outcome(job: &'static str, work: BoxFuture<'static, Result<(), ServiceError>>) -> &'static str {
    // In a task of its own, so that a long or panicking round does not hold up those of other jobs.
    match tokio::spawn(work).await {
        Ok(Ok(())) => "done",
        Ok(Err(error)) => {
            tracing::warn!(job, error = &error as &dyn std::error::Error, "a job's round failed");
            "failed"
        }
        Err(panic) => {
            tracing::error!(job, error = &panic as &dyn std::error::Error, "a job's round panicked");
            "panicked"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_goes_wrong_in_a_round_ends_there() {
        assert_eq!(outcome("test", Box::pin(async { Ok(()) })).await, "done");
        assert_eq!(outcome("test", Box::pin(async { Err(ServiceError::Busy("it")) })).await, "failed");
        assert_eq!(outcome("test", Box::pin(async { panic!("on purpose") })).await, "panicked");
    }
}
