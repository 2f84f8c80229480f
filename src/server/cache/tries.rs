//! Tries in a row and the wait after them, in this process, for as many keys as fit.

use super::{Admission, BackOff};
use crate::{domain::time::Timestamp, server::error::RateLimited};
use moka::{Entry, Expiry, ops::compute::Op, sync::Cache};
use std::time::{Duration, Instant};

/// Keys that are kept at most; the least used go first.
const CAPACITY: u64 = 50_000;

/// Tries by key.
pub struct Tries(Cache<String, Known>);

/// What is known of a key.
#[derive(Clone, Copy)]
struct Known {
    count: u32,
    wait_until: Timestamp,
    kept_for: Duration,
}

/// Forgotten so long after the last try that counted.
struct SinceTheLast;

impl Expiry<String, Known> for SinceTheLast {
    fn expire_after_create(&self, _key: &String, known: &Known, _now: Instant) -> Option<Duration> {
        Some(known.kept_for)
    }

    fn expire_after_update(
        &self,
        _key: &String,
        known: &Known,
        _now: Instant,
        _left: Option<Duration>,
    ) -> Option<Duration> {
        Some(known.kept_for)
    }
}

impl Default for Tries {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(CAPACITY).expire_after(SinceTheLast).build())
    }
}

impl Tries {
    /// Counts one try of `key`, unless it has to wait.
    pub fn begin(&self, key: &str, backoff: &BackOff, now: Timestamp) -> Admission {
        let limit = backoff.free();
        let mut admission = Admission::Admitted { remaining: limit };
        // One operation on the entry: of several at once each counts the others.
        self.0.entry_by_ref(key).and_compute_with(|entry| {
            let (count, wait_until) =
                entry.map(Entry::into_value).map_or((0, now), |known| (known.count, known.wait_until));
            let retry_after = wait_until.since(now);
            if !retry_after.is_zero() {
                admission = Admission::Refused(RateLimited { limit, window: backoff.remembered, retry_after });
                return Op::Nop;
            }
            let count = count.saturating_add(1);
            admission = Admission::Admitted { remaining: limit.saturating_sub(count) };
            Op::Put(Known { count, wait_until: now + backoff.wait_after(count), kept_for: backoff.remembered })
        });
        admission
    }

    /// Forgets the tries of `key`.
    pub fn forget(&self, key: &str) {
        self.0.invalidate(key);
    }
}
