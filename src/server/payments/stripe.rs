//! Sending a request of async-stripe's: timeouts, a few tries under one idempotency key, and errors told apart.

use super::error::PaymentsError;
use crate::server::error::BoxError;
use ::stripe::{ClientBuilder, IdempotencyKey, RequestStrategy, StripeError, StripeRequest};
use serde::de::DeserializeOwned;
use std::time::Duration;
use url::Url;

/// How long one try may take.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Tries of one call; what still fails then is for the caller, or its job, to try later.
const TRIES: u32 = 2;
/// Before the second try.
const PAUSE: Duration = Duration::from_millis(200);

/// A client of Stripe's API.
pub(super) struct Client(::stripe::Client);

impl Client {
    /// For a secret key; `base` is where the API is, Stripe's own when `None`.
    pub(super) fn new(secret: &str, base: Option<&Url>) -> Result<Self, BoxError> {
        let mut builder = ClientBuilder::new(secret).timeout(TIMEOUT);
        if let Some(base) = base {
            builder = builder.url(base.as_str());
        }
        Ok(Self(builder.build()?))
    }

    /// Asks for something, or changes it to what it may be already: tried again without an idempotency key.
    pub(super) async fn call<T: DeserializeOwned>(
        &self,
        request: &(impl StripeRequest + Sync),
    ) -> Result<T, PaymentsError> {
        self.tried(request, RequestStrategy::Once).await
    }

    /// Makes something once, however often `key` comes.
    pub(super) async fn make<T: DeserializeOwned>(
        &self,
        request: &(impl StripeRequest + Sync),
        key: &str,
    ) -> Result<T, PaymentsError> {
        let key = IdempotencyKey::new(key).map_err(|error| PaymentsError::Unreadable(error.to_string()))?;
        self.tried(request, RequestStrategy::Idempotent(key)).await
    }

    async fn tried<T: DeserializeOwned>(
        &self,
        request: &(impl StripeRequest + Sync),
        strategy: RequestStrategy,
    ) -> Result<T, PaymentsError> {
        let mut tries = 1;
        loop {
            let request = request.build().customize::<miniserde::json::Value>();
            match request.request_strategy(strategy.clone()).send(&self.0).await.map_err(told_apart) {
                Ok(answer) => return read(&answer),
                Err(PaymentsError::Unavailable(_)) if tries < TRIES => tokio::time::sleep(PAUSE).await,
                Err(error) => return Err(error),
            }
            tries += 1;
        }
    }
}

/// async-stripe reads JSON with miniserde, we with serde.
fn read<T: DeserializeOwned>(answer: &miniserde::json::Value) -> Result<T, PaymentsError> {
    let text = miniserde::json::to_string(answer);
    serde_json::from_str(&text).map_err(|error| PaymentsError::Unreadable(error.to_string()))
}

fn told_apart(error: StripeError) -> PaymentsError {
    match error {
        StripeError::Stripe(error, status) => {
            let message = error.message.unwrap_or_default();
            let code = error.code.map(|code| code.to_string());
            // 409: another request with this idempotency key is under way.
            if status >= 500 || matches!(status, 409 | 429) {
                return PaymentsError::Unavailable(format!("{status} {message}"));
            }
            PaymentsError::Refused {
                status,
                code: code.unwrap_or_else(|| error.type_.to_string()),
                param: error.param.unwrap_or_default(),
                message,
            }
        }
        // Also a gateway's page in place of an error of Stripe's: the status is not told.
        StripeError::JSONDeserialize(message) => PaymentsError::Unavailable(message),
        StripeError::ClientError(message) => PaymentsError::Unavailable(message),
        StripeError::ConfigError(message) => PaymentsError::Unreadable(message),
        StripeError::Timeout => PaymentsError::Unavailable(format!("no answer within {TIMEOUT:?}")),
    }
}
