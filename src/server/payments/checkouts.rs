//! Checkout Sessions at Stripe.

use super::{Payments, error::PaymentsError, reference};
use crate::domain::time::Timestamp;
use serde::Deserialize;
use std::collections::HashMap;
use stripe_checkout::checkout_session::{
    CreateCheckoutSession, CreateCheckoutSessionLineItems, CreateCheckoutSessionSubscriptionData,
    ExpireCheckoutSession, RetrieveCheckoutSession,
};
use stripe_shared::CheckoutSessionMode;

/// What a checkout is to be for.
#[derive(Clone, Debug)]
pub struct CheckoutOrder {
    pub user_id: String,
    pub customer_id: String,
    pub price_id: String,
    pub success_url: String,
    pub cancel_url: String,
    /// The same key gives the same session.
    pub key: String,
}

/// A Checkout Session as it is at Stripe.
#[derive(Clone, Debug, Deserialize)]
pub struct CheckoutSession {
    pub id: String,
    /// The hosted page; none once it is closed.
    pub url: Option<String>,
    #[serde(default)]
    pub status: CheckoutStatus,
    pub created: i64,
    pub expires_at: i64,
    /// The user it was opened for.
    pub client_reference_id: Option<String>,
    /// Whether the customer it was opened for was deleted since: then nobody can pay it. Told only of a session that
    /// was asked for.
    #[serde(default, rename = "customer", deserialize_with = "reference::is_deleted")]
    pub customer_is_gone: bool,
    /// The subscription that came of it.
    #[serde(default, deserialize_with = "reference::optional")]
    pub subscription: Option<String>,
}

/// Where a Checkout Session stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckoutStatus {
    /// It waits for a card.
    Open,
    /// It is through.
    Complete,
    /// Too late, or something we do not know.
    #[default]
    #[serde(other)]
    Expired,
}

impl CheckoutStatus {
    /// The name it is stored under.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Complete => "complete",
            Self::Expired => "expired",
        }
    }
}

impl CheckoutSession {
    /// When it was opened.
    pub fn created_at(&self) -> Timestamp {
        Timestamp::from_secs(self.created)
    }

    /// When it closes by itself.
    pub fn expires_at(&self) -> Timestamp {
        Timestamp::from_secs(self.expires_at)
    }
}

impl Payments {
    /// Opens a checkout of one subscription, once for each key.
    ///
    /// # Errors
    /// As any call.
    pub async fn open_checkout(&self, order: &CheckoutOrder) -> Result<CheckoutSession, PaymentsError> {
        let metadata = HashMap::from([("user_id".to_owned(), order.user_id.clone())]);
        let mut line = CreateCheckoutSessionLineItems::new();
        line.price = Some(order.price_id.clone());
        line.quantity = Some(1);
        let mut subscription = CreateCheckoutSessionSubscriptionData::new();
        subscription.metadata = Some(metadata.clone());
        let request = CreateCheckoutSession::new()
            .mode(CheckoutSessionMode::Subscription)
            .customer(order.customer_id.as_str())
            .client_reference_id(order.user_id.as_str())
            .line_items(vec![line])
            .metadata(metadata)
            .subscription_data(subscription)
            .success_url(order.success_url.as_str())
            .cancel_url(order.cancel_url.as_str());
        self.client.make(&request, &order.key).await
    }

    /// A checkout session.
    ///
    /// # Errors
    /// As any call; `Refused` when there is none.
    pub async fn checkout(&self, id: &str) -> Result<CheckoutSession, PaymentsError> {
        let id = reference::plain(id)?;
        self.client.call(&RetrieveCheckoutSession::new(id).expand(vec!["customer".to_owned()])).await
    }

    /// Closes a checkout session, so that nobody can pay by it any more. One that is closed or unknown stays so.
    ///
    /// # Errors
    /// As any call.
    pub async fn expire_checkout(&self, id: &str) -> Result<(), PaymentsError> {
        match self.client.call::<serde::de::IgnoredAny>(&ExpireCheckoutSession::new(id)).await {
            Ok(_) | Err(PaymentsError::Refused { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
