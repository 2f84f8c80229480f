//! The connection to Redis, and whether it answers.

use crate::server::cache::CacheError;
use fred::{
    clients::Client,
    interfaces::ClientLike,
    types::{
        Builder,
        config::{Config, ReconnectPolicy, TcpConfig},
    },
};
use std::{
    future::Future,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::{Duration, Instant},
};

/// How long a call may take.
const PATIENCE: Duration = Duration::from_millis(250);
/// How long a Redis that did not answer is left alone.
const REST: Duration = Duration::from_secs(1);

/// A connection that comes back by itself.
pub(super) struct Link {
    pub client: Client,
    prefix: String,
    health: Health,
}

/// Whether Redis answers, and when to ask again if not.
struct Health {
    began: Instant,
    up: AtomicBool,
    /// Milliseconds since `began`.
    ask_again_at: AtomicU64,
}

impl Link {
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
        let health = Health { began: Instant::now(), up: AtomicBool::new(true), ask_again_at: AtomicU64::new(0) };
        Ok(Self { client, prefix: prefix.to_owned(), health })
    }

    /// The key as it is in Redis.
    pub fn key(&self, key: &str) -> String {
        let mut whole = String::with_capacity(self.prefix.len() + key.len());
        whole.push_str(&self.prefix);
        whole.push_str(key);
        whole
    }

    /// Asks Redis, unless it has just failed to answer.
    pub async fn ask<T>(&self, question: impl Future<Output = Result<T, fred::error::Error>>) -> Result<T, CacheError> {
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

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
