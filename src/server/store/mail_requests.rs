//! Mails that somebody asked for by an address: the stored row is the queue. It is gone once it was looked at.

use super::{
    Store, StoreError, Transaction,
    entity::mail_request::{Column, Entity, Model},
    one_time_tokens::Purpose,
    users::new_id,
};
use crate::domain::{account::Email, time::Timestamp};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

/// A mail that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailRequest {
    pub id: Uuid,
    /// What for; `None` when a newer version stored it, to which it is left.
    pub purpose: Option<Purpose>,
    /// Whose it is, if anybody's.
    pub address: String,
}

impl Store {
    /// What was asked for, the oldest first, after `after`.
    pub async fn mail_requests(&self, after: Uuid, limit: u64) -> Result<Vec<MailRequest>, StoreError> {
        let found = Entity::find().filter(Column::Id.gt(after)).order_by_asc(Column::Id).limit(limit);
        Ok(found.all(self.reader()).await?.into_iter().map(read).collect())
    }
}

impl Transaction {
    /// Stores that a mail was asked for.
    pub async fn insert_mail_request(
        &self,
        purpose: Purpose,
        address: &Email,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let row = Model {
            id: new_id(now),
            purpose: purpose.as_str().to_owned(),
            address: address.to_string(),
            created_at: now.millis(),
        };
        Entity::insert(row.into_active_model()).exec_without_returning(self.db()).await?;
        Ok(())
    }

    /// Removes a request; whether it was still there, and so is this transaction's to answer.
    pub async fn take_mail_request(&self, id: Uuid) -> Result<bool, StoreError> {
        Ok(Entity::delete_by_id(id).exec(self.db()).await?.rows_affected == 1)
    }
}

fn read(row: Model) -> MailRequest {
    MailRequest { id: row.id, purpose: Purpose::from_stored(&row.purpose), address: row.address }
}
