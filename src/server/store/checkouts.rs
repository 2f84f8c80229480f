//! Checkout Sessions that we opened.

use super::{
    Store, StoreError, Transaction,
    entity::checkout::{Column, Entity},
};
use crate::domain::{id::UserId, time::Timestamp};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, OnConflict},
};

pub use super::entity::checkout::Model as Checkout;

/// The status of a checkout that waits for a card.
const OPEN: &str = "open";

impl Store {
    /// A person's newest checkout that is open as far as we know.
    pub async fn open_checkout(&self, user: UserId) -> Result<Option<Checkout>, StoreError> {
        let open = Entity::find().filter(Column::UserId.eq(user.0)).filter(Column::Status.eq(OPEN));
        Ok(open.order_by_desc(Column::CreatedAt).one(self.reader()).await?)
    }

    /// Checkouts that were opened before `before` and are open as far as we know, in the order of their ids, after the id
    /// `after`.
    pub async fn open_checkouts(
        &self,
        before: Timestamp,
        after: &str,
        limit: u64,
    ) -> Result<Vec<Checkout>, StoreError> {
        let open = Entity::find()
            .filter(Column::Status.eq(OPEN))
            .filter(Column::CreatedAt.lt(before.millis()))
            .filter(Column::Id.gt(after))
            .order_by_asc(Column::Id)
            .limit(limit);
        Ok(open.all(self.reader()).await?)
    }
}

impl Transaction {
    /// Whether a person has a checkout that is open. Until the end of this transaction none is kept for them.
    pub async fn holds_open_checkout(&self, user: UserId) -> Result<bool, StoreError> {
        self.next_checkout_generation(user.0).await?;
        let open = Entity::find().filter(Column::UserId.eq(user.0)).filter(Column::Status.eq(OPEN));
        Ok(open.one(self.db()).await?.is_some())
    }

    /// Keeps a checkout that was opened; one that is kept already stays as it is.
    pub async fn add_checkout(&self, checkout: Checkout) -> Result<(), StoreError> {
        let known = OnConflict::column(Column::Id).do_nothing().to_owned();
        let insert = Entity::insert(checkout.into_active_model().reset_all()).on_conflict(known);
        insert.exec_without_returning(self.db()).await?;
        Ok(())
    }

    /// Notes that an open checkout is closed, and lets the next one be another.
    pub async fn close_checkout(&self, id: &str, status: &str) -> Result<(), StoreError> {
        let Some(checkout) = Entity::find_by_id(id).one(self.db()).await? else { return Ok(()) };
        let closed = Entity::update_many()
            .col_expr(Column::Status, Expr::value(status))
            .filter(Column::Id.eq(id))
            .filter(Column::Status.eq(OPEN))
            .exec(self.db())
            .await?;
        if closed.rows_affected == 1 {
            self.next_checkout_generation(checkout.user_id).await?;
        }
        Ok(())
    }
}
