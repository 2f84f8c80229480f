//! The generic cell rate algorithm in this process, for as many keys as fit.

use super::{Admission, RateLimit};
use crate::server::error::RateLimited;
use std::{
    collections::HashMap,
    hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState},
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// Keys are spread over so many maps, so that threads seldom wait for each other. A power of two.
const SHARDS: usize = 64;
/// Keys a shard keeps; all in all 262,144, some 8 MiB.
const SHARD_CAPACITY: usize = 4096;

/// Limits by key. Keeps a hash of each key, seeded at random: what is limited is never found by guessing.
pub struct Limiter {
    hasher: RandomState,
    shards: Vec<Mutex<Shard>>,
    began: Instant,
}

/// When the next request of a key would be due at its steady rate, in microseconds since the start.
type Shard = HashMap<u64, u64, BuildHasherDefault<AsIs>>;

/// Keys are hashes already.
#[derive(Default)]
struct AsIs(u64);

impl Hasher for AsIs {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }
    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }
}

impl Default for Limiter {
    fn default() -> Self {
        let shards = (0..SHARDS).map(|_| Mutex::default()).collect();
        Self { hasher: RandomState::new(), shards, began: Instant::now() }
    }
}

impl Limiter {
    /// Counts one request of `key` now.
    pub fn admit(&self, key: &str, limit: RateLimit) -> Admission {
        self.admit_at(key, limit, self.began.elapsed())
    }

    /// Counts one request of `key` at a time since the start.
    fn admit_at(&self, key: &str, limit: RateLimit, now: Duration) -> Admission {
        let now = micros(now);
        let hash = self.hasher.hash_one(key);
        let shard = &self.shards[(hash >> 32) as usize % SHARDS];
        let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
        if shard.len() >= SHARD_CAPACITY && !shard.contains_key(&hash) {
            make_room(&mut shard, now);
        }
        let due = shard.entry(hash).or_insert(now);
        let (admission, next) = decide(limit, *due, now);
        *due = next;
        admission
    }
}

/// What a limit says at `now` to a key whose next request is due at `due`, and when its next one is due after that.
fn decide(limit: RateLimit, due: u64, now: u64) -> (Admission, u64) {
    let step = (micros(limit.window) / u64::from(limit.limit.max(1))).max(1);
    let allowed = step * u64::from(limit.burst.max(1));
    let next = due.max(now) + step;
    let ahead = next - now;
    if ahead <= allowed {
        let remaining = (allowed - ahead) / step;
        return (Admission::Admitted { remaining: u32::try_from(remaining).unwrap_or(u32::MAX) }, next);
    }
    let retry_after = Duration::from_micros(ahead - allowed);
    (Admission::Refused(RateLimited { limit: limit.limit, window: limit.window, retry_after }), due)
}

/// Drops the keys that are back at rest; if all are busy, the half that used least.
fn make_room(shard: &mut Shard, now: u64) {
    shard.retain(|_, due| *due > now);
    if shard.len() < SHARD_CAPACITY / 2 {
        return;
    }
    let mut dues: Vec<u64> = shard.values().copied().collect();
    let middle = dues.len() / 2;
    let (_, median, _) = dues.select_nth_unstable(middle);
    let median = *median;
    shard.retain(|_, due| *due > median);
}

fn micros(span: Duration) -> u64 {
    u64::try_from(span.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: RateLimit = RateLimit { limit: 60, window: Duration::from_secs(60), burst: 3 };

    fn admitted(limiter: &Limiter, key: &str, millis: u64) -> bool {
        matches!(limiter.admit_at(key, LIMIT, Duration::from_millis(millis)), Admission::Admitted { .. })
    }

    #[test]
    fn a_burst_then_the_steady_rate() {
        let limiter = Limiter::default();
        let burst: Vec<bool> = (0..5).map(|_| admitted(&limiter, "a", 0)).collect();
        assert_eq!(burst, [true, true, true, false, false]);
        assert!(!admitted(&limiter, "a", 999));
        assert!(admitted(&limiter, "a", 1000));
        assert!(!admitted(&limiter, "a", 1001));
        assert!(admitted(&limiter, "b", 1001), "keys are counted apart");
    }

    #[test]
    fn a_refusal_says_when_to_come_back() {
        let limiter = Limiter::default();
        let at = |millis| limiter.admit_at("a", LIMIT, Duration::from_millis(millis));
        assert_eq!(at(0), Admission::Admitted { remaining: 2 });
        assert_eq!((at(0), at(0)), (Admission::Admitted { remaining: 1 }, Admission::Admitted { remaining: 0 }));
        let Admission::Refused(refused) = at(400) else { panic!("admitted") };
        assert_eq!(refused.retry_after, Duration::from_millis(600));
    }

    #[test]
    fn many_keys_neither_fill_the_memory_nor_free_the_busiest() {
        let limiter = Limiter::default();
        while admitted(&limiter, "busy", 0) {}
        for number in 0..400_000 {
            limiter.admit_at(&number.to_string(), LIMIT, Duration::ZERO);
        }
        let kept: usize = limiter.shards.iter().map(|shard| shard.lock().unwrap().len()).sum();
        assert!(kept <= SHARDS * SHARD_CAPACITY, "{kept}");
        assert!(!admitted(&limiter, "busy", 0));
    }
}
