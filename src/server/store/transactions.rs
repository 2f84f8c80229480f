//! Payments in our own books: one row for each invoice.

use super::{
    Store, StoreError, Transaction as Txn,
    entity::transaction::{Column, Entity},
};
use crate::domain::id::{TransactionId, UserId};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};

pub use super::entity::transaction::Model as Transaction;

/// Where a page of payments begins: after this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct After {
    pub created_at: i64,
    pub id: TransactionId,
}

impl Store {
    /// A person's payments, the newest first; `kind` restricts them to one kind.
    pub async fn transactions_of(
        &self,
        user: UserId,
        kind: Option<&str>,
        after: Option<After>,
        limit: u64,
    ) -> Result<Vec<Transaction>, StoreError> {
        let mut found = Entity::find().filter(Column::UserId.eq(user.0));
        if let Some(kind) = kind {
            found = found.filter(Column::Kind.eq(kind));
        }
        if let Some(after) = after {
            let same_moment =
                Condition::all().add(Column::CreatedAt.eq(after.created_at)).add(Column::Id.lt(after.id.0));
            found = found.filter(Condition::any().add(Column::CreatedAt.lt(after.created_at)).add(same_moment));
        }
        let found = found.order_by_desc(Column::CreatedAt).order_by_desc(Column::Id).limit(limit);
        Ok(found.all(self.reader()).await?)
    }

    /// One of a person's payments.
    pub async fn transaction_of(&self, user: UserId, id: TransactionId) -> Result<Option<Transaction>, StoreError> {
        Ok(Entity::find_by_id(id.0).filter(Column::UserId.eq(user.0)).one(self.reader()).await?)
    }
}

impl Txn {
    /// The payment recorded for a thing of Stripe's.
    pub async fn recorded(&self, kind: &str, stripe_id: &str) -> Result<Option<Transaction>, StoreError> {
        let found = Entity::find().filter(Column::Kind.eq(kind)).filter(Column::StripeId.eq(stripe_id));
        Ok(found.one(self.db()).await?)
    }

    /// Records a payment.
    pub async fn record(&self, transaction: Transaction) -> Result<(), StoreError> {
        Entity::insert(transaction.into_active_model().reset_all()).exec_without_returning(self.db()).await?;
        Ok(())
    }

    /// Records what became of a payment.
    pub async fn amend(&self, transaction: Transaction) -> Result<(), StoreError> {
        Entity::update(transaction.into_active_model().reset_all()).exec(self.db()).await?;
        Ok(())
    }
}
