//! How each part of the program does.

use crate::{
    domain::{operation::Queues, signal::MarketNow, time::Timestamp},
    server::{
        error::{ServiceError, chain},
        service::{ledger::signing, market_clock},
        state::AppState,
    },
};
use serde::Serialize;
use std::time::Instant;
use utoipa::ToSchema;

/// Each part and how it does.
#[derive(Debug, Serialize, ToSchema)]
pub struct Report {
    /// `ok`, `degraded` (goes on with less) or `failed`.
    pub status: &'static str,
    /// Whether requests are welcome.
    pub ready: bool,
    /// The program's version.
    pub version: &'static str,
    /// The database; without it nothing works.
    pub database: Part,
    /// The cache; without it all is slower, and nothing is granted that is not owed.
    pub cache: Part,
    /// Whether the ledger can be signed: not with another key than it was signed with before.
    pub ledger: Part,
    /// The jobs that one replica does for all.
    pub jobs: Vec<Job>,
    /// Where the market clock stands; null when the database does not tell.
    pub market: Option<MarketNow>,
}

/// One part.
#[derive(Debug, Serialize, ToSchema)]
pub struct Part {
    /// Whether it answers.
    pub ok: bool,
    /// How long it took to answer, in milliseconds.
    pub millis: f64,
    /// What it said instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// One job.
#[derive(Debug, Serialize, ToSchema)]
pub struct Job {
    /// Its name.
    pub name: String,
    /// Whether some replica does it now.
    pub held: bool,
    /// When it last ran to its end.
    pub last_run_at: Option<Timestamp>,
    /// What it failed with since.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
}

impl Report {
    /// Whether the needed parts answer.
    pub fn is_well(&self) -> bool {
        self.status != "failed"
    }
}

/// Asks each part.
pub async fn report(state: &AppState) -> Report {
    let (database, cache, ledger) =
        tokio::join!(probe(state.store.ping()), probe(state.cache.ping()), probe(signing::last_of_ours(state)));
    // Both come from the database, whose own state tells why they are missing.
    let (jobs, market) = (jobs(state).await.unwrap_or_default(), market_clock::now(state).await.ok());
    let healthy_jobs = jobs.iter().all(|job| job.last_error.is_none());
    let status = match (database.ok, cache.ok && ledger.ok && healthy_jobs) {
        (true, true) => "ok",
        (true, false) => "degraded",
        (false, _) => "failed",
    };
    let (ready, version) = (state.readiness.get(), env!("CARGO_PKG_VERSION"));
    Report { status, ready, version, database, cache, ledger, jobs, market }
}

/// Whether requests are welcome and the database answers.
///
/// # Errors
/// `NotReady` while starting or stopping, `Unavailable` without the database.
pub async fn check(state: &AppState) -> Result<(), ServiceError> {
    if !state.readiness.get() {
        return Err(ServiceError::NotReady);
    }
    Ok(state.store.ping().await?)
}

/// Counts what waits.
///
/// # Errors
/// When the database does not answer.
pub async fn queues(state: &AppState) -> Result<Queues, ServiceError> {
    let waiting = state.store.waiting().await?;
    let now = state.clock.now();
    Ok(Queues {
        events: waiting.events,
        oldest_event_seconds: waiting.oldest_event_at.map(|at| now.since(Timestamp::from_millis(at)).as_secs()),
        poison_events: waiting.poison_events,
        mail_requests: waiting.mail_requests,
        mails: waiting.mails,
        failed_mails: waiting.failed_mails,
        customers: waiting.customers,
    })
}

async fn jobs(state: &AppState) -> Result<Vec<Job>, ServiceError> {
    let now = state.clock.now();
    let states = state.store.job_states().await?;
    let job = |job: crate::server::store::queues::JobState| Job {
        name: job.name,
        held: Timestamp::from_millis(job.until_at) > now,
        last_run_at: job.last_run_at.map(Timestamp::from_millis),
        last_error: job.last_error,
    };
    Ok(states.into_iter().map(job).collect())
}

async fn probe<T, E: std::error::Error>(question: impl Future<Output = Result<T, E>>) -> Part {
    let asked = Instant::now();
    let answer = question.await;
    let millis = asked.elapsed().as_secs_f64() * 1000.0;
    Part { ok: answer.is_ok(), millis, error: answer.err().map(|error| chain(&error)) }
}
