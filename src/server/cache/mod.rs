//! What may be forgotten at any time: cached values, rate limits, short locks. In process, or Redis.

#[cfg(test)]
mod contract;
mod limiter;
mod memory;
mod redis;
mod tries;

use crate::{
    domain::time::Timestamp,
    server::{config::RedisConfig, error::RateLimited},
};
use async_trait::async_trait;
use bytes::Bytes;
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

/// Why the cache did not answer. Nothing was changed, or it may have been; a caller goes on without it.
#[derive(Debug, thiserror::Error)]
#[error("cache: {0}")]
pub struct CacheError(pub String);

/// So many requests in a window, of which `burst` may come at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// Requests a window.
    pub limit: u32,
    /// The window.
    pub window: Duration,
    /// At once.
    pub burst: u32,
}

/// The waits after tries in a row that were not forgotten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackOff {
    /// Seconds after the first try, the second, and so on; the last one holds for all further.
    pub waits: &'static [u64],
    /// Without a further try all is forgotten after so long; longer than any wait.
    pub remembered: Duration,
}

impl BackOff {
    /// Tries in a row until there is a wait.
    pub fn free(&self) -> u32 {
        let without = self.waits.iter().take_while(|wait| **wait == 0).count();
        u32::try_from(without).unwrap_or(u32::MAX).saturating_add(1)
    }

    /// The wait after so many tries in a row.
    fn wait_after(&self, count: u32) -> Duration {
        let place = usize::try_from(count).unwrap_or(usize::MAX).saturating_sub(1);
        Duration::from_secs(self.waits.get(place).or(self.waits.last()).copied().unwrap_or_default())
    }
}

/// What a limit said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// Go on; so many more at once.
    Admitted {
        /// How many more may come at once.
        remaining: u32,
    },
    /// Not now.
    Refused(RateLimited),
}

/// A cache shared by all that should share it: one process, or every replica.
///
/// `Err` means that it did not answer in a fraction of a second; the call may be made again. Limits and tries always
/// answer: without Redis each process counts for itself, and that is told in the log once.
#[async_trait]
pub trait Cache: Send + Sync {
    /// Whether every replica has the same one.
    fn is_shared(&self) -> bool;
    /// The value kept under `key`.
    async fn get(&self, key: &str) -> Result<Option<Bytes>, CacheError>;
    /// Keeps a value for `ttl`.
    async fn set(&self, key: &str, value: Bytes, ttl: Duration) -> Result<(), CacheError>;
    /// Forgets a value.
    async fn delete(&self, key: &str) -> Result<(), CacheError>;
    /// Counts one request of `key` against `limit` (GCRA).
    async fn admit(&self, key: &str, limit: RateLimit) -> Admission;
    /// [`Cache::admit`] and, in the same call, whether a value is kept under `mark`.
    async fn admit_and_recall(&self, key: &str, limit: RateLimit, mark: &str) -> (Admission, bool);
    /// Counts one try of `key` at `now`, unless it has to wait; in one step, so that of many at once none slips through.
    async fn begin_try(&self, key: &str, backoff: &BackOff, now: Timestamp) -> Admission;
    /// Forgets the tries of `key`.
    async fn forget_tries(&self, key: &str);
    /// Takes the lock `key` for `ttl` if nobody holds it, under the name `token`.
    async fn lock(&self, key: &str, token: Uuid, ttl: Duration) -> Result<bool, CacheError>;
    /// Gives the lock back if `token` still holds it.
    async fn unlock(&self, key: &str, token: Uuid) -> Result<(), CacheError>;
    /// Whether it answers.
    async fn ping(&self) -> Result<(), CacheError>;
}

/// Redis where an address is given, which must answer; else this process.
///
/// # Errors
/// When Redis does not answer.
pub async fn connect(config: &RedisConfig) -> Result<Arc<dyn Cache>, CacheError> {
    match &config.url {
        Some(url) => Ok(Arc::new(redis::Redis::connect(url, &config.prefix).await?)),
        None => Ok(Arc::new(memory::Memory::default())),
    }
}
