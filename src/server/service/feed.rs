//! The signals feed, computed once and kept until the next publication.
//!
//! Three layers: this process' copy, looked at against the record's version in the database at most once a second;
//! the replicas' shared copy in the cache; the database. In each process one task renews a copy while the others wait
//! for it, and of all processes one computes.

use crate::{
    domain::{
        quota::{UNLIMITED, limit_label},
        signal::{FeedPage, FeedSignal, JudgedSignal, Outcome},
        time::Timestamp,
    },
    server::{
        error::ServiceError,
        service::verdicts::Verdicts,
        state::AppState,
        store::signals::{FeedQuery, OutcomeCount},
    },
};
use bytes::Bytes;
use std::{
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use uuid::Uuid;

/// Signals on a page of the feed.
pub const PAGE: u64 = 50;
/// Settled signals shown as proof.
const SETTLED: u64 = 8;
/// How long a copy is believed without a look at the record's version.
const BELIEVED: Duration = Duration::from_secs(1);
/// How long a replica may take to compute, before another does.
const LOCK: Duration = Duration::from_secs(5);
/// Between two looks at what another replica computes.
const POLL: Duration = Duration::from_millis(10);

/// The newest feed and record, ready to send.
#[derive(Default)]
pub struct FeedCache {
    free: Arc<Slot<Feed>>,
    paid: Arc<Slot<Feed>>,
    record: Arc<Slot<Record>>,
    /// How often this process computed a feed from the database.
    computed: AtomicU64,
}

/// A feed, written as JSON already, and what is in it.
#[derive(Debug)]
pub struct Feed {
    /// The record's version that it is of.
    pub version: i64,
    /// As it is sent.
    pub body: Bytes,
    /// Newest first.
    pub signals: Vec<JudgedSignal>,
}

/// The public record in short.
#[derive(Debug)]
pub struct Record {
    /// The record's version that it is of.
    pub version: i64,
    /// Not settled.
    pub open: OutcomeCount,
    /// At the target.
    pub target: OutcomeCount,
    /// At the stop.
    pub stop: OutcomeCount,
    /// In between.
    pub expired: OutcomeCount,
    /// The newest settled signals, losers too.
    pub settled: Vec<JudgedSignal>,
    /// Whether the strategies at work are proven.
    pub verdicts: Verdicts,
}

/// Whose feed.
#[derive(Clone, Copy, Debug)]
enum Reader {
    Free,
    Paid,
}

/// A value and how well it is known to be the newest.
pub(super) struct Slot<T> {
    kept: RwLock<Option<Kept<T>>>,
    /// Held by the task that renews.
    turn: tokio::sync::Mutex<()>,
}

struct Kept<T> {
    value: Arc<T>,
    version: i64,
    made_at: Timestamp,
    /// `None`: not to be believed without a look.
    checked_at: Option<Timestamp>,
}

impl FeedCache {
    /// The newest signals as a free user gets them in one fetch.
    pub async fn free(state: &AppState) -> Result<Arc<Feed>, ServiceError> {
        Slot::get(&state.feed.free, state, |state, version| shared(state, Reader::Free, version)).await
    }

    /// The first page of the feed.
    pub async fn paid(state: &AppState) -> Result<Arc<Feed>, ServiceError> {
        Slot::get(&state.feed.paid, state, |state, version| shared(state, Reader::Paid, version)).await
    }

    /// The public record in short.
    pub async fn record(state: &AppState) -> Result<Arc<Record>, ServiceError> {
        Slot::get(&state.feed.record, state, record).await
    }

    /// Has every copy looked at before it is next given out: something was published.
    pub fn drop_all(&self) {
        self.free.doubt();
        self.paid.doubt();
        self.record.doubt();
    }

    /// Drops the feed here and in the shared copy, and computes it anew.
    pub async fn refresh(state: &AppState) -> Result<Arc<Feed>, ServiceError> {
        let version = state.store.record_version().await?.unwrap_or(0);
        // Without the shared copy there is nothing to drop in it.
        drop(state.cache.delete(&key(Reader::Paid, version)).await);
        state.feed.paid.clear();
        Self::paid(state).await
    }

    /// How often this process computed a feed from the database.
    pub fn computed(&self) -> u64 {
        self.computed.load(Ordering::Relaxed)
    }
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self { kept: RwLock::new(None), turn: tokio::sync::Mutex::new(()) }
    }
}

impl<T: Send + Sync + 'static> Slot<T> {
    /// The newest value, computed by `compute` from the record's version where it is not kept.
    pub(super) async fn get<F>(
        slot: &Arc<Self>,
        state: &AppState,
        compute: impl FnOnce(AppState, i64) -> F + Send + 'static,
    ) -> Result<Arc<T>, ServiceError>
    where
        F: Future<Output = Result<T, ServiceError>> + Send,
    {
        if let Some(value) = slot.believed(state) {
            return Ok(value);
        }
        let (slot, state) = (Arc::clone(slot), state.clone());
        // In a task of its own: a reader who hangs up does not leave the others waiting.
        let renewed = tokio::spawn(async move { slot.renew(&state, compute).await }).await;
        renewed.map_err(|error| ServiceError::internal("renewing the feed", error))?
    }

    /// The value, if it may be given out without a look.
    fn believed(&self, state: &AppState) -> Option<Arc<T>> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        let kept = kept.as_ref()?;
        let now = state.clock.now();
        let checked = now.since(kept.checked_at?) < BELIEVED;
        (checked && kept.is_fresh(state, now)).then(|| Arc::clone(&kept.value))
    }

    async fn renew<F>(&self, state: &AppState, compute: impl FnOnce(AppState, i64) -> F) -> Result<Arc<T>, ServiceError>
    where
        F: Future<Output = Result<T, ServiceError>>,
    {
        let _turn = self.turn.lock().await;
        if let Some(value) = self.believed(state) {
            return Ok(value);
        }
        let now = state.clock.now();
        let version = state.store.record_version().await;
        if let Some(value) = self.confirm(state, now, version.as_ref().ok().map(|version| version.unwrap_or(0))) {
            return Ok(value);
        }
        let version = version?.unwrap_or(0);
        let value = Arc::new(compute(state.clone(), version).await?);
        let kept = Kept { value: Arc::clone(&value), version, made_at: now, checked_at: Some(now) };
        *self.kept.write().unwrap_or_else(PoisonError::into_inner) = Some(kept);
        Ok(value)
    }

    /// The value, if it is of this version still. A database that does not tell leaves it as good as it was.
    fn confirm(&self, state: &AppState, now: Timestamp, version: Option<i64>) -> Option<Arc<T>> {
        let mut kept = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        let kept = kept.as_mut()?;
        if version.is_some_and(|version| version != kept.version) || !kept.is_fresh(state, now) {
            return None;
        }
        kept.checked_at = Some(now);
        Some(Arc::clone(&kept.value))
    }

    /// The value kept last, however old.
    pub(super) fn last(&self) -> Option<Arc<T>> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        kept.as_ref().map(|kept| Arc::clone(&kept.value))
    }

    fn doubt(&self) {
        if let Some(kept) = self.kept.write().unwrap_or_else(PoisonError::into_inner).as_mut() {
            kept.checked_at = None;
        }
    }

    fn clear(&self) {
        *self.kept.write().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl<T> Kept<T> {
    fn is_fresh(&self, state: &AppState, now: Timestamp) -> bool {
        now.since(self.made_at) < Duration::from_secs(state.config.market.feed_cache_seconds)
    }
}

fn key(reader: Reader, version: i64) -> String {
    match reader {
        Reader::Free => format!("feed:free:{version}"),
        Reader::Paid => format!("feed:paid:{version}"),
    }
}

/// The replicas' copy, else computed by whichever replica comes first.
async fn shared(state: AppState, reader: Reader, version: i64) -> Result<Feed, ServiceError> {
    let (key, token) = (key(reader, version), Uuid::new_v4());
    let lock = format!("lock:{key}");
    let polls = LOCK.as_millis() / POLL.as_millis();
    for _ in 0..polls {
        match state.cache.get(&key).await {
            Ok(Some(body)) => return read(body, version),
            Ok(None) => {}
            Err(_) => break,
        }
        match state.cache.lock(&lock, token, LOCK).await {
            Ok(true) => {
                let computed = compute_shared(&state, reader, version, &key).await;
                // Else it ends by itself.
                drop(state.cache.unlock(&lock, token).await);
                return computed;
            }
            Ok(false) => tokio::time::sleep(POLL).await,
            Err(_) => break,
        }
    }
    compute(&state, reader, version).await
}

async fn compute_shared(state: &AppState, reader: Reader, version: i64, key: &str) -> Result<Feed, ServiceError> {
    // Another replica may have finished between the look and the lock.
    if let Ok(Some(body)) = state.cache.get(key).await {
        return read(body, version);
    }
    let feed = compute(state, reader, version).await?;
    let ttl = Duration::from_secs(state.config.market.feed_cache_seconds);
    // Without the shared copy the others compute theirs.
    drop(state.cache.set(key, feed.body.clone(), ttl).await);
    Ok(feed)
}

async fn compute(state: &AppState, reader: Reader, version: i64) -> Result<Feed, ServiceError> {
    let quota = &state.config.quota;
    let (limit, user_limit) = match reader {
        Reader::Free => (u64::from(quota.free_signals_per_fetch), limit_label(quota.free_fetches_per_day)),
        Reader::Paid => (PAGE, UNLIMITED.to_owned()),
    };
    state.feed.computed.fetch_add(1, Ordering::Relaxed);
    metrics::counter!("signalbox_feed_computed_total").increment(1);
    let signals = state.store.newest_signals(&FeedQuery { limit, ..FeedQuery::default() }).await?;
    let signals = Verdicts::read(state).await?.judge_all(signals);
    let page = FeedPage { signals: signals.iter().cloned().map(FeedSignal::from).collect(), user_limit };
    let body = serde_json::to_vec(&page).map_err(|error| ServiceError::internal("writing the feed", error))?;
    Ok(Feed { version, body: body.into(), signals })
}

fn read(body: Bytes, version: i64) -> Result<Feed, ServiceError> {
    let page: FeedPage =
        serde_json::from_slice(&body).map_err(|error| ServiceError::internal("reading the shared feed", error))?;
    Ok(Feed { version, body, signals: page.signals.into_iter().map(|entry| entry.judged).collect() })
}

async fn record(state: AppState, version: i64) -> Result<Record, ServiceError> {
    let (store, verdicts) = (&state.store, Verdicts::read(&state).await?);
    Ok(Record {
        version,
        open: store.count_signals(Outcome::Open).await?,
        target: store.count_signals(Outcome::Target).await?,
        stop: store.count_signals(Outcome::Stop).await?,
        expired: store.count_signals(Outcome::Expired).await?,
        settled: verdicts.judge_all(store.newest_settled_signals(SETTLED).await?),
        verdicts,
    })
}
