//! Subscriptions as last fetched from Stripe.

use super::{
    Store, StoreError, Transaction,
    entity::subscription::{ActiveModel, Column, Entity},
};
use crate::domain::{id::UserId, subscription::SubscriptionState};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, Statement, sea_query::OnConflict,
};

pub use super::entity::subscription::Model as Subscription;

impl Store {
    /// A subscription.
    pub async fn subscription(&self, id: &str) -> Result<Option<Subscription>, StoreError> {
        Ok(Entity::find_by_id(id).one(self.reader()).await?)
    }

    /// A person's subscriptions, the newest first.
    pub async fn subscriptions_of(&self, user: UserId) -> Result<Vec<Subscription>, StoreError> {
        let found = Entity::find().filter(Column::UserId.eq(user.0)).order_by_desc(Column::CreatedAt);
        Ok(found.all(self.reader()).await?)
    }

    /// The ids of subscriptions that are not over, in order, after `after`.
    pub async fn live_subscriptions(&self, after: &str, limit: u64) -> Result<Vec<String>, StoreError> {
        let live = Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::State.ne(SubscriptionState::Canceled.as_str()))
            .filter(Column::Id.gt(after))
            .order_by_asc(Column::Id)
            .limit(limit);
        Ok(live.into_tuple().all(self.reader()).await?)
    }
}

impl Transaction {
    /// The subscription, which nobody else changes until the end of this transaction, present or not.
    pub async fn locked_subscription(&self, id: &str) -> Result<Option<Subscription>, StoreError> {
        // SQLite's transaction holds the only write lock already.
        if self.db().get_database_backend() == DbBackend::Postgres {
            let lock = "SELECT pg_advisory_xact_lock(hashtextextended($1, 7))";
            let statement = Statement::from_sql_and_values(DbBackend::Postgres, lock, [id.into()]);
            self.db().execute_raw(statement).await?;
        }
        Ok(Entity::find_by_id(id).one(self.db()).await?)
    }

    /// Writes a subscription, there or not.
    pub async fn put_subscription(&self, subscription: Subscription) -> Result<(), StoreError> {
        let columns = [
            Column::State,
            Column::Plan,
            Column::PriceId,
            Column::CurrentPeriodStartAt,
            Column::CurrentPeriodEndAt,
            Column::CancelAtPeriodEnd,
            Column::TrialEndAt,
            Column::EndedAt,
            Column::Version,
            Column::UpdatedAt,
        ];
        let model: ActiveModel = subscription.into_active_model().reset_all();
        let insert =
            Entity::insert(model).on_conflict(OnConflict::column(Column::Id).update_columns(columns).to_owned());
        insert.exec_without_returning(self.db()).await?;
        Ok(())
    }
}
