//! In this process.

use super::{Admission, BackOff, Cache, CacheError, RateLimit, limiter::Limiter, tries::Tries};
use crate::domain::time::Timestamp;
use async_trait::async_trait;
use bytes::Bytes;
use moka::{Expiry, sync::Cache as Values};
use std::time::{Duration, Instant};
use uuid::Uuid;

/// Values that are kept at most; the least used go first.
const CAPACITY: u64 = 10_000;

/// A cache that goes with the process.
pub struct Memory {
    values: Values<String, Kept>,
    limiter: Limiter,
    tries: Tries,
}

#[derive(Clone)]
struct Kept {
    value: Bytes,
    ttl: Duration,
}

/// Each value has a lifetime of its own.
struct OwnLifetime;

impl Expiry<String, Kept> for OwnLifetime {
    fn expire_after_create(&self, _key: &String, kept: &Kept, _now: Instant) -> Option<Duration> {
        Some(kept.ttl)
    }

    fn expire_after_update(
        &self,
        _key: &String,
        kept: &Kept,
        _now: Instant,
        _left: Option<Duration>,
    ) -> Option<Duration> {
        Some(kept.ttl)
    }
}

impl Default for Memory {
    fn default() -> Self {
        let values = Values::builder().max_capacity(CAPACITY).expire_after(OwnLifetime).build();
        Self { values, limiter: Limiter::default(), tries: Tries::default() }
    }
}

#[async_trait]
impl Cache for Memory {
    fn is_shared(&self) -> bool {
        false
    }

    async fn get(&self, key: &str) -> Result<Option<Bytes>, CacheError> {
        Ok(self.values.get(key).map(|kept| kept.value))
    }

    async fn set(&self, key: &str, value: Bytes, ttl: Duration) -> Result<(), CacheError> {
        self.values.insert(key.to_owned(), Kept { value, ttl });
        Ok(())
    }

    async fn delete(&self, key: &str) -> Result<(), CacheError> {
        self.values.invalidate(key);
        Ok(())
    }

    async fn admit(&self, key: &str, limit: RateLimit) -> Admission {
        self.limiter.admit(key, limit)
    }

    async fn admit_and_recall(&self, key: &str, limit: RateLimit, mark: &str) -> (Admission, bool) {
        (self.limiter.admit(key, limit), self.values.contains_key(mark))
    }

    async fn begin_try(&self, key: &str, backoff: &BackOff, now: Timestamp) -> Admission {
        self.tries.begin(key, backoff, now)
    }

    async fn forget_tries(&self, key: &str) {
        self.tries.forget(key);
    }

    async fn lock(&self, key: &str, token: Uuid, ttl: Duration) -> Result<bool, CacheError> {
        let mine = Bytes::copy_from_slice(token.as_bytes());
        let entry = self.values.entry_by_ref(key).or_insert(Kept { value: mine, ttl });
        Ok(entry.is_fresh())
    }

    async fn unlock(&self, key: &str, token: Uuid) -> Result<(), CacheError> {
        use moka::ops::compute::Op;
        let is_mine = |kept: &Kept| kept.value.as_ref() == token.as_bytes();
        self.values.entry_by_ref(key).and_compute_with(|entry| match entry {
            Some(entry) if is_mine(entry.value()) => Op::Remove,
            _ => Op::Nop,
        });
        Ok(())
    }

    async fn ping(&self) -> Result<(), CacheError> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::cache::contract;

    #[tokio::test]
    async fn keeps_the_contract() {
        contract::holds(&Memory::default()).await;
    }
}
