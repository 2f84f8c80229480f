//! Redis, shared by every replica.
//!
//! A Redis that stops answering costs a call a fraction of a second, and then one call a second: the others are told at
//! once. Limits and tries are counted in this process then; what was cached is computed anew by each process.

mod counter;
mod link;

use super::{Admission, BackOff, Cache, CacheError, RateLimit, limiter::Limiter, tries::Tries};
use crate::{domain::time::Timestamp, server::error::RateLimited};
use async_trait::async_trait;
use bytes::Bytes;
use counter::Counter;
use fred::{
    interfaces::{ClientLike, KeysInterface},
    types::{Expiration, SetOptions, scripts::Script},
};
use link::Link;
use std::{sync::Arc, time::Duration};
use uuid::Uuid;

/// What every replica shares.
pub struct Redis {
    link: Arc<Link>,
    counter: Arc<Counter>,
    begin_try: Script,
    unlock: Script,
    /// What is counted while Redis does not answer.
    limits_here: Limiter,
    tries_here: Tries,
}

impl Redis {
    /// Connects; every key begins with `prefix`.
    ///
    /// # Errors
    /// When the address is none of Redis', or does not answer.
    pub async fn connect(url: &str, prefix: &str) -> Result<Self, CacheError> {
        let link = Arc::new(Link::connect(url, prefix).await?);
        Ok(Self {
            counter: Arc::new(Counter::new(Arc::clone(&link))),
            link,
            begin_try: Script::from_lua(include_str!("redis/try.lua")),
            unlock: Script::from_lua(include_str!("redis/unlock.lua")),
            limits_here: Limiter::default(),
            tries_here: Tries::default(),
        })
    }

    async fn begin_try_in_redis(&self, key: &str, backoff: &BackOff, now: Timestamp) -> Result<Admission, CacheError> {
        let mut arguments = vec![now.millis().to_string(), lifetime(backoff.remembered).to_string()];
        arguments.extend(backoff.waits.iter().map(|seconds| (seconds * 1000).to_string()));
        let (counted, number): (i64, i64) = self
            .link
            .ask(self.begin_try.evalsha_with_reload(&self.link.client, vec![self.link.key(key)], arguments))
            .await?;
        let (limit, number) = (backoff.free(), u64::try_from(number).unwrap_or(0));
        if counted == 1 {
            let count = u32::try_from(number).unwrap_or(u32::MAX);
            return Ok(Admission::Admitted { remaining: limit.saturating_sub(count) });
        }
        let retry_after = Duration::from_millis(number);
        Ok(Admission::Refused(RateLimited { limit, window: backoff.remembered, retry_after }))
    }
}

#[async_trait]
impl Cache for Redis {
    fn is_shared(&self) -> bool {
        true
    }

    async fn get(&self, key: &str) -> Result<Option<Bytes>, CacheError> {
        self.link.ask(self.link.client.get(self.link.key(key))).await
    }

    async fn set(&self, key: &str, value: Bytes, ttl: Duration) -> Result<(), CacheError> {
        let lifetime = Some(Expiration::PX(lifetime(ttl)));
        self.link.ask(self.link.client.set(self.link.key(key), value, lifetime, None, false)).await
    }

    async fn delete(&self, key: &str) -> Result<(), CacheError> {
        self.link.ask(self.link.client.del(self.link.key(key))).await
    }

    async fn admit(&self, key: &str, limit: RateLimit) -> Admission {
        match self.counter.admit(key, limit, None).await {
            Ok((admission, _)) => admission,
            Err(_) => self.limits_here.admit(key, limit),
        }
    }

    async fn admit_and_recall(&self, key: &str, limit: RateLimit, mark: &str) -> (Admission, bool) {
        match self.counter.admit(key, limit, Some(mark)).await {
            Ok(answer) => answer,
            Err(_) => (self.limits_here.admit(key, limit), false),
        }
    }

    async fn begin_try(&self, key: &str, backoff: &BackOff, now: Timestamp) -> Admission {
        match self.begin_try_in_redis(key, backoff, now).await {
            Ok(admission) => admission,
            Err(_) => self.tries_here.begin(key, backoff, now),
        }
    }

    async fn forget_tries(&self, key: &str) {
        self.tries_here.forget(key);
        // Without Redis they are remembered there until they are old, and forgotten with the next right one.
        drop(self.delete(key).await);
    }

    async fn lock(&self, key: &str, token: Uuid, ttl: Duration) -> Result<bool, CacheError> {
        let (token, lifetime) = (token.to_string(), Some(Expiration::PX(lifetime(ttl))));
        let set = self.link.client.set(self.link.key(key), token, lifetime, Some(SetOptions::NX), false);
        let answer: Option<String> = self.link.ask(set).await?;
        Ok(answer.is_some())
    }

    async fn unlock(&self, key: &str, token: Uuid) -> Result<(), CacheError> {
        let (keys, arguments) = (vec![self.link.key(key)], vec![token.to_string()]);
        self.link.ask(self.unlock.evalsha_with_reload(&self.link.client, keys, arguments)).await
    }

    async fn ping(&self) -> Result<(), CacheError> {
        self.link.ask(self.link.client.ping(None)).await
    }
}

/// In whole milliseconds, at least one.
fn lifetime(ttl: Duration) -> i64 {
    i64::try_from(ttl.as_millis()).unwrap_or(i64::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::cache::contract;

    fn address() -> String {
        std::env::var("SIGNALBOX_TEST_REDIS_URL").expect("the address of a Redis for tests")
    }

    #[tokio::test]
    async fn keeps_the_contract() {
        let prefix = format!("signalbox-contract-{}:", Uuid::now_v7());
        contract::holds(&Redis::connect(&address(), &prefix).await.unwrap()).await;
    }

    #[tokio::test]
    async fn an_address_that_does_not_answer_is_an_error() {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let refused = Redis::connect(&format!("redis://{free}"), "p:").await.err().unwrap();
        assert!(refused.to_string().contains("REDIS_URL does not answer"), "{refused}");
        assert!(Redis::connect("nonsense", "p:").await.is_err());
    }
}
