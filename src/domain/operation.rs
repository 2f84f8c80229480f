//! What the operator sees of the program at work.

use super::{money::Money, plan::Plan, time::Timestamp};
use serde::{Deserialize, Serialize};

/// What waits to be worked off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct Queues {
    /// Stripe events stored and not yet worked off.
    pub events: u64,
    /// Seconds for which the oldest of them has waited.
    pub oldest_event_seconds: Option<u64>,
    /// Stripe events that failed for good until somebody replays them.
    pub poison_events: u64,
    /// Mails asked for by an address and not yet looked at.
    pub mail_requests: u64,
    /// Mails not yet handed over.
    pub mails: u64,
    /// Mails given up.
    pub failed_mails: u64,
    /// Users whose Stripe customer is missing, or has another address.
    pub customers: u64,
}

/// A Stripe event that was given up. Its body stays in the database: it holds what is its payer's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct WebhookEvent {
    /// Stripe's name for it.
    pub id: String,
    /// `customer.subscription.updated` and the like.
    #[serde(rename = "type")]
    pub kind: String,
    /// How often it was tried.
    pub attempts: u32,
    /// What the last try failed with.
    pub error: Option<String>,
    /// When it came.
    pub received_at: Timestamp,
}

/// A page of Stripe's events.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub struct WebhookEventPage {
    /// The newest first.
    pub events: Vec<WebhookEvent>,
    /// Send it as `cursor` for the next page; null on the last one.
    pub next_cursor: Option<String>,
}

/// How the business does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Business {
    /// Accounts in all.
    pub accounts: u64,
    /// Those of the last seven days.
    pub new_accounts: u64,
    /// Who pays.
    pub paying: u64,
    /// Whose last payment failed and is tried again.
    pub past_due: u64,
    /// Whose plan is not renewed when what is paid has run out.
    pub ending: u64,
    /// What was booked as paid this month, an amount for each currency; never empty.
    pub this_month: Vec<Money>,
    /// The same of the month before.
    pub last_month: Vec<Money>,
    /// Where the months begin at midnight.
    pub time_zone: String,
}

/// An account as the operator sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountView {
    /// Its address.
    pub email: String,
    /// The plan in force.
    pub plan: Plan,
    /// Whether its owner confirmed the address.
    pub is_verified: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

/// A page of accounts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountPage {
    /// The newest first.
    pub accounts: Vec<AccountView>,
    /// Names the next page; none on the last one.
    pub next_cursor: Option<String>,
}

/// What the operator's page shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Operation {
    /// How the business does.
    pub business: Business,
    /// Who joined it.
    pub accounts: AccountPage,
    /// What waits.
    pub queues: Queues,
    /// The events that were given up.
    pub poison: WebhookEventPage,
}
