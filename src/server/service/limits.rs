//! How often a client may ask.

use crate::server::{
    cache::{Admission, RateLimit},
    config::LimitsConfig,
    error::RateLimited,
    state::AppState,
};
use std::{net::IpAddr, time::Duration};

const MINUTE: Duration = Duration::from_secs(60);

/// Health checks, a client address and minute, all of which may come at once: far more than any monitor asks, and
/// fewer than would keep the database busy.
const HEALTH_PER_MINUTE: u32 = 6_000;

/// How much seldomer than others requests may come for which Stripe is asked, up to six times for one.
const PAYMENTS: u32 = 10;

/// What a request counts as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Signing up and logging in.
    Auth,
    /// What makes us send mail, or tries a token or password.
    Mail,
    /// What has us ask Stripe, which answers all of us together so often and no more.
    Payment,
    /// Stripe's webhook.
    Webhook,
    /// A backtest, whose body may bring candles; counts with all else.
    Backtest,
    /// A health check that asks the database.
    Health,
    /// The files of the site, and whether the program runs, which cost next to nothing.
    Free,
    /// All else.
    General,
}

/// What is left to a client that was let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Left {
    /// Requests allowed in the window.
    pub limit: u32,
    /// How many more may come at once.
    pub remaining: u32,
    /// When there is room for one more than that.
    pub reset: Duration,
}

/// Counts one request of a client, known by its address; `None` for what is not counted.
///
/// # Errors
/// How long to wait, when it came too often.
pub async fn admit(state: &AppState, class: Class, client: IpAddr) -> Result<Option<Left>, RateLimited> {
    let Some((name, limit)) = limit_of(class, &state.config.limits) else { return Ok(None) };
    match state.cache.admit(&format!("limit:{name}:{client}"), limit).await {
        Admission::Admitted { remaining } => {
            Ok(Some(Left { limit: limit.limit, remaining, reset: limit.window / limit.limit.max(1) }))
        }
        Admission::Refused(limited) => Err(limited),
    }
}

fn limit_of(class: Class, limits: &LimitsConfig) -> Option<(&'static str, RateLimit)> {
    let per_minute = |limit: u32, burst: u32| RateLimit { limit, window: MINUTE, burst };
    match class {
        Class::Auth => Some(("auth", per_minute(limits.auth_per_minute, limits.auth_per_minute))),
        Class::Mail => Some(("mail", per_minute(limits.auth_per_minute, limits.auth_per_minute))),
        Class::Webhook => Some(("webhook", per_minute(limits.webhooks_per_minute, limits.webhooks_per_minute))),
        Class::Payment => {
            let share = |of: u32| (of / PAYMENTS).max(1);
            Some(("payment", per_minute(share(limits.requests_per_minute), share(limits.requests_burst))))
        }
        Class::General | Class::Backtest => {
            Some(("all", per_minute(limits.requests_per_minute, limits.requests_burst)))
        }
        Class::Health => Some(("health", per_minute(HEALTH_PER_MINUTE, HEALTH_PER_MINUTE))),
        Class::Free => None,
    }
}
