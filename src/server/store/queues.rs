//! How much waits in the tables that are queues.

use super::{
    Store, StoreError,
    customers::outdated_customer,
    entity::{lease, mail, mail_request, stripe_event, user},
    mails::MailState,
    stripe_events::EventState,
};
use sea_orm::{ColumnTrait, Condition, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect};

/// Rows that wait, by queue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Stripe events stored and not yet worked off.
    pub events: u64,
    /// When the oldest of them came, in milliseconds since 1970.
    pub oldest_event_at: Option<i64>,
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

/// One job's lease: who does it and how it went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobState {
    /// The job.
    pub name: String,
    /// Until when it is somebody's.
    pub until_at: i64,
    /// When it last ran to its end.
    pub last_run_at: Option<i64>,
    /// What it failed with since.
    pub last_error: Option<String>,
}

impl Store {
    /// Counts what waits.
    pub async fn waiting(&self) -> Result<Waiting, StoreError> {
        let db = self.reader();
        let events =
            |state: EventState| stripe_event::Entity::find().filter(stripe_event::Column::State.eq(state.as_str()));
        let mails = |state: MailState| mail::Entity::find().filter(mail::Column::State.eq(state.as_str()));
        let oldest =
            events(EventState::Pending).select_only().column_as(stripe_event::Column::ReceivedAt.min(), "oldest");
        Ok(Waiting {
            events: events(EventState::Pending).count(db).await?,
            oldest_event_at: oldest.into_tuple::<Option<i64>>().one(db).await?.flatten(),
            poison_events: events(EventState::Poison).count(db).await?,
            mail_requests: mail_request::Entity::find().count(db).await?,
            mails: mails(MailState::Pending).count(db).await?,
            failed_mails: mails(MailState::Failed).count(db).await?,
            customers: user::Entity::find()
                .filter(Condition::any().add(user::Column::StripeCustomerId.is_null()).add(outdated_customer()))
                .count(db)
                .await?,
        })
    }

    /// The jobs as their leases tell of them.
    pub async fn job_states(&self) -> Result<Vec<JobState>, StoreError> {
        let leases = lease::Entity::find().all(self.reader()).await?;
        Ok(leases
            .into_iter()
            .map(|row| JobState {
                name: row.name,
                until_at: row.until_at,
                last_run_at: row.last_run_at,
                last_error: row.last_error,
            })
            .collect())
    }
}
