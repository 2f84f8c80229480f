//! What every request and job works with.

use crate::{
    domain::time::Timestamp,
    server::{
        auth::{hasher::Hasher, tokens::TokenKeys},
        backtests::Backtests,
        cache::Cache,
        clock::Clock,
        config::Config,
        http::assets::Assets,
        mail::Mailer,
        market::MarketData,
        payments::Payments,
        service::{access::AccessCache, desk::Desk, feed::FeedCache, history::RecordCache, intake::Intake},
        store::Store,
    },
};
use metrics_exporter_prometheus::PrometheusHandle;
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};
use tokio::sync::Notify;

/// Shared by all; cheap to clone.
#[derive(Clone)]
pub struct AppState(Arc<Parts>);

/// The parts, each a capability of its own.
pub struct Parts {
    pub config: Config,
    pub clock: Clock,
    /// When this process began.
    pub started_at: Timestamp,
    pub store: Store,
    pub cache: Arc<dyn Cache>,
    pub market: Arc<dyn MarketData>,
    pub payments: Payments,
    /// Stripe's events on their way into the database.
    pub intake: Intake,
    pub mailer: Arc<dyn Mailer>,
    pub hasher: Hasher,
    pub tokens: TokenKeys,
    /// Signs the ledger's checkpoints.
    pub signer: engine::ledger::Signer,
    /// Who may do what, for at most a second.
    pub access: AccessCache,
    /// The newest feed, ready to send.
    pub feed: FeedCache,
    /// Every signal of the record, to be counted.
    pub record: RecordCache,
    /// The strategies at work, and this replica's name.
    pub desk: Desk,
    /// Backtests on their way, and what came of them.
    pub backtests: Backtests,
    pub assets: Assets,
    pub metrics: PrometheusHandle,
    pub readiness: Readiness,
    /// Woken when a stored row waits for a job, so that it need not wait for the next round.
    pub work: WorkBell,
}

/// Whether requests are welcome.
#[derive(Debug, Default)]
pub struct Readiness(AtomicBool);

/// Rung in the process that stored a row; the jobs of other processes find it in their next round.
#[derive(Debug, Default)]
pub struct WorkBell {
    /// A Stripe event was stored.
    pub events: Notify,
    /// A mail was asked for by an address.
    pub mail_requests: Notify,
    /// A mail was stored.
    pub mails: Notify,
    /// A user was stored whose Stripe customer is missing, or has another address.
    pub customers: Notify,
    /// A strategy is still to be examined.
    pub verdicts: Notify,
    /// The ledger has new entries, perhaps so many that they are to be signed.
    pub checkpoints: Notify,
}

impl AppState {
    /// From its parts.
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }
}

impl std::ops::Deref for AppState {
    type Target = Parts;
    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl Readiness {
    /// From now on, or no longer.
    pub fn set(&self, ready: bool) {
        self.0.store(ready, Ordering::Release);
    }

    /// Whether requests are welcome.
    pub fn get(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}
