//! What was used of a window by somebody who gave their address up, for whoever signs up with it in the same window.

use super::{
    Store, StoreError, Transaction,
    entity::{former_usage, usage_window},
};
use crate::domain::{id::UserId, time::Timestamp};
use sea_orm::{
    ColumnTrait, EntityTrait, ExprTrait, IntoActiveModel, QueryFilter,
    sea_query::{Expr, OnConflict},
};

impl Store {
    /// Forgets windows that began before `time`.
    pub async fn forget_former_usage_before(&self, time: Timestamp) -> Result<u64, StoreError> {
        let txn = self.begin().await?;
        let over = former_usage::Column::WindowStartAt.lt(time.millis());
        let removed = former_usage::Entity::delete_many().filter(over).exec(txn.db()).await?;
        txn.commit().await?;
        Ok(removed.rows_affected)
    }
}

impl Transaction {
    /// Keeps under `name` what `user` used in the window that began at `window`. Exact where the account is locked.
    pub async fn leave_usage(&self, user: UserId, name: &str, window: Timestamp) -> Result<(), StoreError> {
        let used = usage_window::Entity::find()
            .filter(usage_window::Column::UserId.eq(user.0))
            .filter(usage_window::Column::WindowStartAt.eq(window.millis()))
            .all(self.db())
            .await?;
        for row in used {
            let left = former_usage::Model {
                name: name.to_owned(),
                feature: row.feature,
                window_start_at: row.window_start_at,
                used: row.used,
            };
            let insert = former_usage::Entity::insert(left.into_active_model()).on_conflict(the_greater());
            insert.exec_without_returning(self.db()).await?;
        }
        Ok(())
    }

    /// Gives `user`, who is new, what was kept under `name` for the window that began at `window`.
    pub async fn inherit_usage(&self, user: UserId, name: &str, window: Timestamp) -> Result<(), StoreError> {
        let of_name = former_usage::Column::Name.eq(name).and(former_usage::Column::WindowStartAt.eq(window.millis()));
        let left = former_usage::Entity::find().filter(of_name.clone()).all(self.db()).await?;
        if left.is_empty() {
            return Ok(());
        }
        let windows = left.into_iter().map(|row| {
            let (feature, window_start_at, used) = (row.feature, row.window_start_at, row.used);
            usage_window::Model { user_id: user.0, feature, window_start_at, used }.into_active_model()
        });
        usage_window::Entity::insert_many(windows).exec_without_returning(self.db()).await?;
        former_usage::Entity::delete_many().filter(of_name).exec(self.db()).await?;
        Ok(())
    }
}

/// Of what is kept and what is left now, the greater.
fn the_greater() -> OnConflict {
    let kept = Expr::col((former_usage::Entity, former_usage::Column::Used));
    OnConflict::columns([
        former_usage::Column::Name,
        former_usage::Column::Feature,
        former_usage::Column::WindowStartAt,
    ])
    .update_column(former_usage::Column::Used)
    .action_and_where(kept.lt(Expr::col(("excluded", former_usage::Column::Used))))
    .to_owned()
}
