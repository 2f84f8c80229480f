//! What a use case can fail with.

use crate::domain::{field::FieldError, plan::Feature, quota::QuotaState};
use std::time::Duration;

/// Why something cannot be done, before it is put into HTTP's words (`http::problem`).
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The request is no such thing at all.
    #[error("unreadable: {0}")]
    Unreadable(String),
    /// Fields that are wrong, all of them.
    #[error("invalid fields")]
    Invalid(Vec<FieldError>),
    /// Nobody is signed in, or no longer. The text says what to do.
    #[error("unauthenticated: {0}")]
    Unauthenticated(&'static str),
    /// Signed in, but may not do this.
    #[error("forbidden")]
    Forbidden,
    /// Needs a paid plan.
    #[error("a paid plan is required")]
    PlanRequired,
    /// A request by cookie from another site.
    #[error("cross-site request")]
    CrossSite,
    /// The day's allowance is used up.
    #[error("quota exceeded")]
    QuotaExceeded(Feature, QuotaState),
    /// There is no such thing, or not for this person. Names the thing.
    #[error("no such {0}")]
    NotFound(&'static str),
    /// The address belongs to an account already.
    #[error("e-mail address in use")]
    EmailInUse,
    /// There is a live subscription; where it is managed.
    #[error("already subscribed")]
    AlreadySubscribed {
        /// The portal.
        portal_url: Option<String>,
    },
    /// Too many requests.
    #[error("rate limited")]
    RateLimited(RateLimited),
    /// What was to come did not in its time.
    #[error("body too slow")]
    TooSlow,
    /// More than fits.
    #[error("body too large")]
    TooLarge,
    /// A bounded queue is full; come back.
    #[error("{0} is busy")]
    Busy(&'static str),
    /// Requests are not welcome: not yet, or no longer.
    #[error("the program is starting or stopping")]
    NotReady,
    /// Something this needs does not answer; nothing was changed.
    #[error("{dependency} is unavailable")]
    Unavailable {
        /// What does not answer: `database`, `redis`, `stripe`.
        dependency: &'static str,
        /// What it said.
        #[source]
        source: BoxError,
    },
    /// Something this needs says no, and will until somebody mends the cause; nothing was changed.
    #[error("{dependency} refuses")]
    Refused {
        /// What refuses: `stripe`.
        dependency: &'static str,
        /// Whether it would refuse anything that we ask: our key is no good.
        anything: bool,
        /// What it said.
        #[source]
        source: BoxError,
    },
    /// A fault of ours.
    #[error("internal: {context}")]
    Internal {
        /// What was being done.
        context: &'static str,
        /// What went wrong.
        #[source]
        source: BoxError,
    },
}

/// Any error, kept for the log.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A limit that was met, in the terms of the RateLimit header fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimited {
    /// Requests allowed in the window.
    pub limit: u32,
    /// The window.
    pub window: Duration,
    /// When one more is allowed.
    pub retry_after: Duration,
}

impl ServiceError {
    /// A fault of ours while doing `context`.
    pub fn internal(context: &'static str, source: impl Into<BoxError>) -> Self {
        Self::Internal { context, source: source.into() }
    }

    /// `dependency` does not answer.
    pub fn unavailable(dependency: &'static str, source: impl Into<BoxError>) -> Self {
        Self::Unavailable { dependency, source: source.into() }
    }

    /// Whether whatever else needs the same would fail like this: a round of work had better end.
    pub fn is_outage(&self) -> bool {
        matches!(self, Self::Unavailable { .. } | Self::Refused { anything: true, .. })
    }

    /// One field's fault.
    pub fn field(field: &str, message: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldError::new(field, message)])
    }
}

/// An error with its sources, for the log.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
