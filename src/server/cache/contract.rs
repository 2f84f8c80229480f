//! What every cache keeps to.

use super::{Admission, BackOff, Cache, RateLimit};
use crate::domain::time::Timestamp;
use bytes::Bytes;
use futures::future::join_all;
use std::time::Duration;
use uuid::Uuid;

const MINUTE: Duration = Duration::from_secs(60);
const SOON: Duration = Duration::from_millis(40);

/// Checks a cache; its keys are new each time.
///
/// # Panics
/// When it breaks the contract.
pub async fn holds(cache: &dyn Cache) {
    cache.ping().await.unwrap();
    values(cache).await;
    limits(cache).await;
    many_at_once(cache).await;
    marks(cache).await;
    tries(cache).await;
    locks(cache).await;
}

fn key() -> String {
    format!("contract:{}", Uuid::now_v7())
}

async fn values(cache: &dyn Cache) {
    let (key, short) = (key(), key());
    assert_eq!(cache.get(&key).await.unwrap(), None);
    let raw = Bytes::from_static(&[0, 159, 146, 150]);
    cache.set(&key, raw.clone(), MINUTE).await.unwrap();
    assert_eq!(cache.get(&key).await.unwrap(), Some(raw));
    cache.set(&key, Bytes::from_static(b"again"), MINUTE).await.unwrap();
    assert_eq!(cache.get(&key).await.unwrap().as_deref(), Some(&b"again"[..]));
    cache.delete(&key).await.unwrap();
    cache.delete(&key).await.unwrap();
    assert_eq!(cache.get(&key).await.unwrap(), None);
    cache.set(&short, Bytes::from_static(b"soon gone"), SOON).await.unwrap();
    tokio::time::sleep(SOON * 2).await;
    assert_eq!(cache.get(&short).await.unwrap(), None);
}

async fn limits(cache: &dyn Cache) {
    let (key, other) = (key(), key());
    let limit = RateLimit { limit: 4, window: MINUTE, burst: 3 };
    for remaining in [2, 1, 0] {
        assert_eq!(cache.admit(&key, limit).await, Admission::Admitted { remaining });
    }
    for _ in 0..3 {
        let Admission::Refused(refused) = cache.admit(&key, limit).await else { panic!("admitted") };
        assert_eq!((refused.limit, refused.window), (4, MINUTE));
        let wait = refused.retry_after;
        assert!(wait > Duration::from_secs(10) && wait <= Duration::from_secs(15), "{wait:?}");
    }
    assert!(matches!(cache.admit(&other, limit).await, Admission::Admitted { .. }));
    // A refused request is not counted: the rate comes back.
    let (key, quick) = (self::key(), RateLimit { limit: 1000, window: Duration::from_secs(20), burst: 1 });
    while matches!(cache.admit(&key, quick).await, Admission::Admitted { .. }) {}
    tokio::time::sleep(SOON).await;
    assert!(matches!(cache.admit(&key, quick).await, Admission::Admitted { .. }));
}

async fn many_at_once(cache: &dyn Cache) {
    let limit = |burst| RateLimit { limit: 4, window: MINUTE, burst };
    let (keys, marked) = ([key(), key(), key()], key());
    cache.set(&marked, Bytes::from_static(b"1"), MINUTE).await.unwrap();
    // Of a limit of its own each, every second call asking for a mark that is there for every fourth.
    let asked = (0..90).map(|number: usize| {
        let (key, limit) = (&keys[number % 3], limit(u32::try_from(number % 3).unwrap() + 1));
        let mark = if number.is_multiple_of(4) { marked.clone() } else { self::key() };
        async move {
            let (admission, recalled) = match number % 2 {
                0 => cache.admit_and_recall(key, limit, &mark).await,
                _ => (cache.admit(key, limit).await, false),
            };
            assert_eq!(recalled, number.is_multiple_of(4), "{number}");
            matches!(admission, Admission::Admitted { .. })
        }
    });
    let admitted = join_all(asked).await;
    for first in 0..3 {
        let count = admitted.iter().skip(first).step_by(3).filter(|admitted| **admitted).count();
        assert_eq!(count, first + 1, "each answer belongs to its question");
    }
}

async fn marks(cache: &dyn Cache) {
    let (key, mark) = (key(), key());
    let limit = RateLimit { limit: 60, window: MINUTE, burst: 2 };
    let (admission, known) = cache.admit_and_recall(&key, limit, &mark).await;
    assert_eq!((admission, known), (Admission::Admitted { remaining: 1 }, false));
    cache.set(&mark, Bytes::from_static(b"1"), MINUTE).await.unwrap();
    let (admission, known) = cache.admit_and_recall(&key, limit, &mark).await;
    assert_eq!((admission, known), (Admission::Admitted { remaining: 0 }, true));
    assert!(matches!(cache.admit(&key, limit).await, Admission::Refused(_)), "one count for both calls");
}

async fn tries(cache: &dyn Cache) {
    const WAITS: &[u64] = &[0, 0, 4, 8];
    let (key, other, short) = (key(), key(), key());
    let backoff = BackOff { waits: WAITS, remembered: MINUTE };
    let at = |seconds: i64| Timestamp::from_secs(1_700_000_000 + seconds);
    let mut told = Vec::new();
    for seconds in [0, 0, 0, 0, 3, 4, 4, 12, 13] {
        told.push(match cache.begin_try(&key, &backoff, at(seconds)).await {
            Admission::Admitted { remaining } => Ok(remaining),
            Admission::Refused(refused) => {
                assert_eq!((refused.limit, refused.window), (3, MINUTE));
                Err(refused.retry_after.as_secs())
            }
        });
    }
    assert_eq!(told, [Ok(2), Ok(1), Ok(0), Err(4), Err(1), Ok(0), Err(8), Ok(0), Err(7)]);
    cache.forget_tries(&key).await;
    assert_eq!(cache.begin_try(&key, &backoff, at(13)).await, Admission::Admitted { remaining: 2 });
    let at_once = join_all((0..20).map(|_| cache.begin_try(&other, &backoff, at(0)))).await;
    let admitted = at_once.iter().filter(|told| matches!(told, Admission::Admitted { .. })).count();
    assert_eq!(admitted, 3, "keys are counted apart, and each try");
    let backoff = BackOff { waits: WAITS, remembered: SOON };
    assert_eq!(cache.begin_try(&short, &backoff, at(0)).await, Admission::Admitted { remaining: 2 });
    tokio::time::sleep(SOON * 2).await;
    assert_eq!(cache.begin_try(&short, &backoff, at(0)).await, Admission::Admitted { remaining: 2 }, "forgotten");
}

async fn locks(cache: &dyn Cache) {
    let (key, mine, theirs) = (key(), Uuid::now_v7(), Uuid::now_v7());
    assert!(cache.lock(&key, mine, MINUTE).await.unwrap());
    assert!(!cache.lock(&key, theirs, MINUTE).await.unwrap());
    cache.unlock(&key, theirs).await.unwrap();
    assert!(!cache.lock(&key, theirs, MINUTE).await.unwrap(), "only the holder gives it back");
    cache.unlock(&key, mine).await.unwrap();
    assert!(cache.lock(&key, theirs, SOON).await.unwrap());
    tokio::time::sleep(SOON * 2).await;
    assert!(cache.lock(&key, mine, MINUTE).await.unwrap(), "a dead holder's lock ends");
}
