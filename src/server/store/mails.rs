//! Mail to hand over: the stored row is the queue.

use super::{Store, StoreError, Transaction, entity::mail, users::new_id};
use crate::domain::time::Timestamp;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, Statement,
};
use uuid::Uuid;

/// What became of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailState {
    /// It waits to be handed over.
    Pending,
    /// It was handed over.
    Sent,
    /// It was given up.
    Failed,
}

impl MailState {
    /// As it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Sent => "sent",
            Self::Failed => "failed",
        }
    }
}

/// A mail that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaitingMail {
    pub id: Uuid,
    pub recipient: String,
    pub subject: String,
    pub body: String,
    /// How often it was tried.
    pub attempts: u32,
    pub created_at: Timestamp,
}

/// A mail to be stored.
pub struct NewMail<'a> {
    pub recipient: &'a str,
    /// What it tells.
    pub kind: &'a str,
    pub subject: &'a str,
    pub body: &'a str,
    pub now: Timestamp,
}

impl Store {
    /// Mails that are due, the oldest first.
    pub async fn due_mails(&self, now: Timestamp, limit: u64) -> Result<Vec<WaitingMail>, StoreError> {
        let rows = mail::Entity::find()
            .filter(mail::Column::State.eq(MailState::Pending.as_str()))
            .filter(mail::Column::DueAt.lte(now.millis()))
            .order_by_asc(mail::Column::DueAt)
            .limit(limit)
            .all(self.reader())
            .await?;
        Ok(rows.into_iter().map(read).collect())
    }

    /// Takes a due mail until `until`, so that no other replica sends it meanwhile; whether it was still to be had.
    pub async fn claim_mail(&self, mail: &WaitingMail, now: Timestamp, until: Timestamp) -> Result<bool, StoreError> {
        let txn = self.begin().await?;
        let claimed = mail::Entity::update_many()
            .set(mail::ActiveModel {
                attempts: Set(mail.attempts as i32 + 1),
                due_at: Set(until.millis()),
                ..Default::default()
            })
            .filter(mail::Column::Id.eq(mail.id))
            .filter(mail::Column::State.eq(MailState::Pending.as_str()))
            .filter(mail::Column::DueAt.lte(now.millis()))
            .exec(txn.db())
            .await?;
        txn.commit().await?;
        Ok(claimed.rows_affected > 0)
    }

    /// Marks a mail as handed over.
    pub async fn mail_sent(&self, id: Uuid, now: Timestamp) -> Result<(), StoreError> {
        let change = mail::ActiveModel {
            state: Set(MailState::Sent.as_str().to_owned()),
            // There may be a link in it that is still good.
            body: Set(String::new()),
            sent_at: Set(Some(now.millis())),
            last_error: Set(None),
            ..Default::default()
        };
        self.change_mail(id, change).await
    }

    /// Notes why a mail was not handed over; it is tried again at `due_at`, or given up.
    pub async fn mail_failed(&self, id: Uuid, error: &str, due_at: Option<Timestamp>) -> Result<(), StoreError> {
        let mut change = mail::ActiveModel { last_error: Set(Some(error.to_owned())), ..Default::default() };
        match due_at {
            Some(due_at) => change.due_at = Set(due_at.millis()),
            None => change.state = Set(MailState::Failed.as_str().to_owned()),
        }
        self.change_mail(id, change).await
    }

    /// Removes mails handed over before `time`: their links are nobody's business.
    pub async fn forget_mails_before(&self, time: Timestamp) -> Result<u64, StoreError> {
        let txn = self.begin().await?;
        let removed = mail::Entity::delete_many().filter(mail::Column::SentAt.lt(time.millis())).exec(txn.db()).await?;
        txn.commit().await?;
        Ok(removed.rows_affected)
    }

    async fn change_mail(&self, id: Uuid, change: mail::ActiveModel) -> Result<(), StoreError> {
        let txn = self.begin().await?;
        mail::Entity::update_many().set(change).filter(mail::Column::Id.eq(id)).exec(txn.db()).await?;
        txn.commit().await
    }
}

impl Transaction {
    /// How many mails of a kind were stored for a recipient after `since`. Until this transaction ends, others who ask the
    /// same wait for it.
    pub async fn mails_to(&self, recipient: &str, kind: &str, since: Timestamp) -> Result<u64, StoreError> {
        // SQLite's transaction holds the only write lock already.
        if !self.is_sqlite() {
            let lock = "SELECT pg_advisory_xact_lock(hashtextextended($1, 8))";
            let key = format!("{kind} {recipient}").into();
            self.db().execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, lock, [key])).await?;
        }
        let stored = mail::Entity::find()
            .filter(mail::Column::Recipient.eq(recipient))
            .filter(mail::Column::Kind.eq(kind))
            .filter(mail::Column::CreatedAt.gt(since.millis()));
        Ok(stored.count(self.db()).await?)
    }

    /// Stores a mail to be handed over once this transaction is committed.
    pub async fn insert_mail(&self, new: &NewMail<'_>) -> Result<(), StoreError> {
        let row = mail::Model {
            id: new_id(new.now),
            recipient: new.recipient.to_owned(),
            subject: new.subject.to_owned(),
            body: new.body.to_owned(),
            state: MailState::Pending.as_str().to_owned(),
            attempts: 0,
            due_at: new.now.millis(),
            last_error: None,
            created_at: new.now.millis(),
            sent_at: None,
            kind: Some(new.kind.to_owned()),
        };
        mail::Entity::insert(row.into_active_model()).exec_without_returning(self.db()).await?;
        Ok(())
    }
}

fn read(row: mail::Model) -> WaitingMail {
    WaitingMail {
        id: row.id,
        recipient: row.recipient,
        subject: row.subject,
        body: row.body,
        attempts: u32::try_from(row.attempts).unwrap_or(0),
        created_at: Timestamp::from_millis(row.created_at),
    }
}
