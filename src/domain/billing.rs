//! What a person sees of their payments.

use super::{id::TransactionId, money::Money, plan::Plan, subscription::SubscriptionState, time::Timestamp};
use serde::{Deserialize, Serialize};

/// Where a person stands with their plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, miniserde::Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct BillingStatus {
    /// Whether every signal is live for this person now.
    pub is_paid: bool,
    /// The plan in force; `free` without a live subscription.
    pub plan: Plan,
    /// The subscription's state; null when there never was one.
    pub status: Option<SubscriptionState>,
    /// Until when it is paid.
    pub current_period_end: Option<Timestamp>,
    /// Whether it ends then.
    pub cancel_at_period_end: bool,
}

impl BillingStatus {
    /// Until when it is paid; none where nothing is, on trial, and while a failed payment is tried again.
    pub fn paid_until(&self) -> Option<Timestamp> {
        self.current_period_end.filter(|_| self.status == Some(SubscriptionState::Active))
    }
}

/// A payment in our own books.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, miniserde::Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct TransactionView {
    /// Names it.
    pub id: TransactionId,
    /// When it happened, by Stripe's clock.
    pub created_at: Timestamp,
    /// How much.
    pub amount: Money,
    /// `paid` or `failed`.
    pub status: String,
    /// What for.
    pub description: String,
    /// Stripe's invoice.
    pub invoice: Option<String>,
    /// Stripe's page of that invoice.
    pub invoice_url: Option<String>,
}

/// A page of payments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct TransactionPage {
    /// The newest first.
    pub transactions: Vec<TransactionView>,
    /// Send it as `cursor` for the next page; null on the last one.
    pub next_cursor: Option<String>,
}

/// A subscription.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct SubscriptionView {
    /// Stripe's name for it.
    pub id: String,
    /// What it gives.
    pub plan: Plan,
    /// Where it stands.
    pub status: SubscriptionState,
    /// From when it is paid.
    pub current_period_start: Option<Timestamp>,
    /// Until when it is paid.
    pub current_period_end: Option<Timestamp>,
    /// Whether it ends then.
    pub cancel_at_period_end: bool,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// When it began.
    pub created_at: Timestamp,
}
