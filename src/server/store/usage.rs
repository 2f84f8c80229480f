//! How much of a feature somebody used, and what each fetch of the feed brought.

use super::{
    Store, StoreError, Transaction,
    entity::{feed_fetch, usage_window},
};
use crate::domain::{
    id::{SignalId, UserId},
    plan::Feature,
    time::Timestamp,
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, QueryFilter, QueryOrder,
    sea_query::{Expr, OnConflict, Query},
};

/// A granted fetch.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredFetch {
    /// When.
    pub fetched_at: Timestamp,
    /// What it brought.
    pub signals: Vec<SignalId>,
}

impl Store {
    /// How often `user` used `feature` in the window that began at `window`.
    pub async fn used(&self, user: UserId, feature: Feature, window: Timestamp) -> Result<u32, StoreError> {
        let key = (user.0, feature.as_str().to_owned(), window.millis());
        let row = usage_window::Entity::find_by_id(key).one(self.reader()).await?;
        Ok(row.map_or(0, |row| u32::try_from(row.used).unwrap_or(0)))
    }

    /// What `user` fetched in the window that began at `window`, newest first.
    pub async fn fetches(&self, user: UserId, window: Timestamp) -> Result<Vec<StoredFetch>, StoreError> {
        let rows = feed_fetch::Entity::find()
            .filter(feed_fetch::Column::UserId.eq(user.0))
            .filter(feed_fetch::Column::WindowStartAt.eq(window.millis()))
            .order_by_desc(feed_fetch::Column::Ordinal)
            .all(self.reader())
            .await?;
        rows.iter().map(read).collect()
    }

    /// Whether any fetch of `user` ever brought `signal`.
    pub async fn has_fetched(&self, user: UserId, signal: SignalId) -> Result<bool, StoreError> {
        let found = feed_fetch::Entity::find()
            .filter(feed_fetch::Column::UserId.eq(user.0))
            .filter(feed_fetch::Column::SignalIds.contains(signal.to_string()))
            .one(self.reader())
            .await?;
        Ok(found.is_some())
    }

    /// One use less in the window, if there is one.
    pub async fn give_back_use(&self, user: UserId, feature: Feature, window: Timestamp) -> Result<(), StoreError> {
        let txn = self.begin().await?;
        usage_window::Entity::update_many()
            .col_expr(usage_window::Column::Used, Expr::col(usage_window::Column::Used).sub(1))
            .filter(usage_window::Column::UserId.eq(user.0))
            .filter(usage_window::Column::Feature.eq(feature.as_str()))
            .filter(usage_window::Column::WindowStartAt.eq(window.millis()))
            .filter(usage_window::Column::Used.gt(0))
            .exec(txn.db())
            .await?;
        txn.commit().await
    }

    /// Forgets windows that began before `time`, and their fetches.
    pub async fn forget_usage_before(&self, time: Timestamp) -> Result<u64, StoreError> {
        let txn = self.begin().await?;
        let windows = usage_window::Entity::delete_many()
            .filter(usage_window::Column::WindowStartAt.lt(time.millis()))
            .exec(txn.db())
            .await?;
        feed_fetch::Entity::delete_many()
            .filter(feed_fetch::Column::WindowStartAt.lt(time.millis()))
            .exec(txn.db())
            .await?;
        txn.commit().await?;
        Ok(windows.rows_affected)
    }
}

impl Transaction {
    /// Takes one use out of `limit` in the window: which one it is, from 1; `None` when all are used. The user is
    /// held. Of any number of transactions at once, in any number of processes, exactly `limit` get one.
    pub async fn take_use(
        &self,
        user: UserId,
        feature: Feature,
        window: Timestamp,
        limit: u32,
    ) -> Result<Option<u32>, StoreError> {
        if limit == 0 {
            return Ok(None);
        }
        let mut upsert = Query::insert();
        upsert
            .into_table(usage_window::Entity)
            .columns([
                usage_window::Column::UserId,
                usage_window::Column::Feature,
                usage_window::Column::WindowStartAt,
                usage_window::Column::Used,
            ])
            .values_panic([user.0.into(), feature.as_str().into(), window.millis().into(), 1_i32.into()])
            .on_conflict(one_more_below(limit))
            .returning_col(usage_window::Column::Used);
        let row = self.db().query_one(&upsert).await?;
        let used: Option<i32> = row.map(|row| row.try_get_by_index(0)).transpose()?;
        Ok(used.and_then(|used| u32::try_from(used).ok()))
    }

    /// Keeps what a granted fetch brought.
    pub async fn keep_fetch(
        &self,
        user: UserId,
        window: Timestamp,
        ordinal: u32,
        fetch: &StoredFetch,
    ) -> Result<(), StoreError> {
        let signal_ids = serde_json::to_string(&fetch.signals).map_err(|error| DbErr::Json(error.to_string()))?;
        let row = feed_fetch::ActiveModel {
            user_id: Set(user.0),
            window_start_at: Set(window.millis()),
            ordinal: Set(i32::try_from(ordinal).unwrap_or(i32::MAX)),
            signal_ids: Set(signal_ids),
            fetched_at: Set(fetch.fetched_at.millis()),
        };
        feed_fetch::Entity::insert(row).exec_without_returning(self.db()).await?;
        Ok(())
    }
}

fn one_more_below(limit: u32) -> OnConflict {
    let used = || Expr::col((usage_window::Entity, usage_window::Column::Used));
    OnConflict::columns([
        usage_window::Column::UserId,
        usage_window::Column::Feature,
        usage_window::Column::WindowStartAt,
    ])
    .value(usage_window::Column::Used, used().add(1))
    .action_and_where(used().lt(i32::try_from(limit).unwrap_or(i32::MAX)))
    .to_owned()
}

/// A fetch as it is stored.
pub(super) fn read(row: &feed_fetch::Model) -> Result<StoredFetch, StoreError> {
    let signals = serde_json::from_str(&row.signal_ids).map_err(|error| DbErr::Json(error.to_string()))?;
    Ok(StoredFetch { fetched_at: Timestamp::from_millis(row.fetched_at), signals })
}
