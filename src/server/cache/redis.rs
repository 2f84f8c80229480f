//! Redis, shared by every replica.
//!
//! A Redis that stops answering costs a call at most [`PATIENCE`], and then one call a second: the others are told at
//! once. Limits and tries are counted in this process then; what was cached is computed anew by each process.

use super::{Admission, BackOff, Cache, CacheError, RateLimit, limiter::Limiter, tries::Tries};
use crate::{domain::time::Timestamp, server::error::RateLimited};
use async_trait::async_trait;
use bytes::Bytes;
use fred::{
    clients::Client,
    interfaces::{ClientLike, KeysInterface},
    types::{
        Builder, Expiration, SetOptions,
        config::{Config, ReconnectPolicy, TcpConfig},
        scripts::Script,
    },
};
use std::{
    future::Future,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::{Duration, Instant},
};
use uuid::Uuid;

/// How long a call may take.
const PATIENCE: Duration = Duration::from_millis(250);
/// How long a Redis that did not answer is left alone.
const REST: Duration = Duration::from_secs(1);

/// A connection to Redis, which comes back by itself.
pub struct Redis {
    client: Client,
    prefix: String,
    admit: Script,
    begin_try: Script,
    unlock: Script,
    health: Health,
    /// What is counted while Redis does not answer.
    limits_here: Limiter,
    tries_here: Tries,
}

/// Whether Redis answers, and when to ask again if not.
struct Health {
    began: Instant,
    up: AtomicBool,
    /// Milliseconds since `began`.
    ask_again_at: AtomicU64,
}

impl Redis {
    /// Connects; every key begins with `prefix`.
    ///
    /// # Errors
    /// When the address is none of Redis', or does not answer.
    pub async fn connect(url: &str, prefix: &str) -> Result<Self, CacheError> {
        let told = |error: fred::error::Error| CacheError(format!("REDIS_URL does not answer: {error}"));
        let config = Config::from_url(url).map_err(|error| CacheError(format!("REDIS_URL: {error}")))?;
        let mut builder = Builder::from_config(config);
        builder
            .with_connection_config(|connection| {
                connection.connection_timeout = Duration::from_secs(2);
                connection.internal_command_timeout = Duration::from_secs(2);
                connection.max_command_attempts = 1;
                connection.tcp = TcpConfig { nodelay: Some(true), ..TcpConfig::default() };
            })
            .with_performance_config(|performance| performance.default_command_timeout = PATIENCE)
            .set_policy(ReconnectPolicy::new_constant(0, 500));
        let client = builder.build().map_err(told)?;
        client.init().await.map_err(told)?;
        client.ping::<()>(None).await.map_err(told)?;
        metrics::gauge!("signalbox_redis_up").set(1.0);
        Ok(Self {
            client,
            prefix: prefix.to_owned(),
            admit: Script::from_lua(include_str!("admit.lua")),
            begin_try: Script::from_lua(include_str!("try.lua")),
            unlock: Script::from_lua(include_str!("unlock.lua")),
            health: Health { began: Instant::now(), up: AtomicBool::new(true), ask_again_at: AtomicU64::new(0) },
            limits_here: Limiter::default(),
            tries_here: Tries::default(),
        })
    }

    fn key(&self, key: &str) -> String {
        let mut whole = String::with_capacity(self.prefix.len() + key.len());
        whole.push_str(&self.prefix);
        whole.push_str(key);
        whole
    }

    /// Asks Redis, unless it has just failed to answer.
    async fn ask<T>(&self, question: impl Future<Output = Result<T, fred::error::Error>>) -> Result<T, CacheError> {
        if !self.health.may_ask() {
            return Err(CacheError("Redis does not answer".to_owned()));
        }
        match question.await {
            Ok(answer) => {
                self.health.note(true);
                Ok(answer)
            }
            Err(error) => {
                let error = CacheError(error.to_string());
                if self.health.note(false) {
                    tracing::warn!(%error, "Redis does not answer: going on without it, limits and wrong passwords are counted by each process");
                }
                Err(error)
            }
        }
    }

    async fn admit_in_redis(&self, keys: Vec<String>, limit: RateLimit) -> Result<(Admission, bool), CacheError> {
        let step = (limit.window.as_micros() / u128::from(limit.limit.max(1))).max(1);
        let allowed = step * u128::from(limit.burst.max(1));
        let arguments = vec![step.to_string(), allowed.to_string()];
        let (admitted, number, marked): (i64, i64, i64) =
            self.ask(self.admit.evalsha_with_reload(&self.client, keys, arguments)).await?;
        let number = u64::try_from(number).unwrap_or(0);
        let admission = if admitted == 1 {
            Admission::Admitted { remaining: u32::try_from(number).unwrap_or(u32::MAX) }
        } else {
            let retry_after = Duration::from_micros(number);
            Admission::Refused(RateLimited { limit: limit.limit, window: limit.window, retry_after })
        };
        Ok((admission, marked == 1))
    }

    async fn begin_try_in_redis(&self, key: &str, backoff: &BackOff, now: Timestamp) -> Result<Admission, CacheError> {
        let mut arguments = vec![now.millis().to_string(), lifetime(backoff.remembered).to_string()];
        arguments.extend(backoff.waits.iter().map(|seconds| (seconds * 1000).to_string()));
        let (counted, number): (i64, i64) =
            self.ask(self.begin_try.evalsha_with_reload(&self.client, vec![self.key(key)], arguments)).await?;
        let (limit, number) = (backoff.free(), u64::try_from(number).unwrap_or(0));
        if counted == 1 {
            let count = u32::try_from(number).unwrap_or(u32::MAX);
            return Ok(Admission::Admitted { remaining: limit.saturating_sub(count) });
        }
        let retry_after = Duration::from_millis(number);
        Ok(Admission::Refused(RateLimited { limit, window: backoff.remembered, retry_after }))
    }
}

impl Health {
    /// Whether a call may be tried; while Redis is down, one a second.
    fn may_ask(&self) -> bool {
        if self.up.load(Ordering::Relaxed) {
            return true;
        }
        let now = self.now();
        let due = self.ask_again_at.load(Ordering::Relaxed);
        let next = now + millis(REST);
        now >= due && self.ask_again_at.compare_exchange(due, next, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }

    /// Notes whether it answered; true when that is news.
    fn note(&self, up: bool) -> bool {
        if !up {
            self.ask_again_at.store(self.now() + millis(REST), Ordering::Relaxed);
        }
        let news = self.up.swap(up, Ordering::Relaxed) != up;
        if news {
            metrics::gauge!("signalbox_redis_up").set(if up { 1.0 } else { 0.0 });
            if up {
                tracing::info!("Redis answers again");
            }
        }
        news
    }

    fn now(&self) -> u64 {
        millis(self.began.elapsed())
    }
}

#[async_trait]
impl Cache for Redis {
    async fn get(&self, key: &str) -> Result<Option<Bytes>, CacheError> {
        self.ask(self.client.get(self.key(key))).await
    }

    async fn set(&self, key: &str, value: Bytes, ttl: Duration) -> Result<(), CacheError> {
        let lifetime = Some(Expiration::PX(lifetime(ttl)));
        self.ask(self.client.set(self.key(key), value, lifetime, None, false)).await
    }

    async fn delete(&self, key: &str) -> Result<(), CacheError> {
        self.ask(self.client.del(self.key(key))).await
    }

    async fn admit(&self, key: &str, limit: RateLimit) -> Result<Admission, CacheError> {
        match self.admit_in_redis(vec![self.key(key)], limit).await {
            Ok((admission, _)) => Ok(admission),
            Err(_) => Ok(self.limits_here.admit(key, limit)),
        }
    }

    async fn admit_and_recall(&self, key: &str, limit: RateLimit, mark: &str) -> Result<(Admission, bool), CacheError> {
        match self.admit_in_redis(vec![self.key(key), self.key(mark)], limit).await {
            Ok(answer) => Ok(answer),
            Err(_) => Ok((self.limits_here.admit(key, limit), false)),
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
        let set = self.client.set(self.key(key), token, lifetime, Some(SetOptions::NX), false);
        let answer: Option<String> = self.ask(set).await?;
        Ok(answer.is_some())
    }

    async fn unlock(&self, key: &str, token: Uuid) -> Result<(), CacheError> {
        let (keys, arguments) = (vec![self.key(key)], vec![token.to_string()]);
        self.ask(self.unlock.evalsha_with_reload(&self.client, keys, arguments)).await
    }

    async fn ping(&self) -> Result<(), CacheError> {
        self.ask(self.client.ping(None)).await
    }
}

/// In whole milliseconds, at least one.
fn lifetime(ttl: Duration) -> i64 {
    i64::try_from(ttl.as_millis()).unwrap_or(i64::MAX).max(1)
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
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
