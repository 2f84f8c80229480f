//! Who does a job, and until when.

use super::{Store, StoreError, entity::lease};
use crate::domain::time::Timestamp;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, EntityTrait, QueryFilter,
    sea_query::{Expr, OnConflict},
};
use std::time::Duration;
use uuid::Uuid;

/// A job's lease as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredLease {
    /// The job.
    pub name: String,
    /// The replica that does it.
    pub holder: Uuid,
    /// Until when.
    pub until: Timestamp,
    /// When it was last done.
    pub last_run_at: Option<Timestamp>,
    /// What went wrong the last time, if it did.
    pub last_error: Option<String>,
}

impl Store {
    /// A job's lease.
    pub async fn lease(&self, name: &str) -> Result<Option<StoredLease>, StoreError> {
        Ok(lease::Entity::find_by_id(name).one(self.reader()).await?.map(read))
    }

    /// Takes or renews the lease `name` until `now + ttl`, unless another replica's is good at `now`; whether `holder`
    /// has it. With `at_most_every`, only if it was last run that long ago.
    pub async fn take_lease(
        &self,
        name: &str,
        holder: Uuid,
        now: Timestamp,
        ttl: Duration,
        at_most_every: Option<Duration>,
    ) -> Result<bool, StoreError> {
        let until = (now + ttl).millis();
        let new = lease::ActiveModel {
            name: Set(name.to_owned()),
            holder: Set(holder),
            until_at: Set(until),
            last_run_at: Set(None),
            last_error: Set(None),
        };
        let unless_there = OnConflict::column(lease::Column::Name).do_nothing().to_owned();
        let txn = self.begin().await?;
        let made = lease::Entity::insert(new).on_conflict(unless_there).exec_without_returning(txn.db()).await?;
        if made == 1 {
            txn.commit().await?;
            return Ok(true);
        }
        let free = Condition::any().add(lease::Column::UntilAt.lte(now.millis())).add(lease::Column::Holder.eq(holder));
        let mut ours = Condition::all().add(lease::Column::Name.eq(name)).add(free);
        if let Some(span) = at_most_every {
            let due = lease::Column::LastRunAt.lte((now - span).millis());
            ours = ours.add(Condition::any().add(lease::Column::LastRunAt.is_null()).add(due));
        }
        let taken = lease::Entity::update_many()
            .col_expr(lease::Column::Holder, Expr::value(holder))
            .col_expr(lease::Column::UntilAt, Expr::value(until))
            .filter(ours)
            .exec(txn.db())
            .await?;
        txn.commit().await?;
        Ok(taken.rows_affected == 1)
    }

    /// Ends the lease `name` at `now`, if `holder` has it.
    pub async fn release_lease(&self, name: &str, holder: Uuid, now: Timestamp) -> Result<(), StoreError> {
        let txn = self.begin().await?;
        lease::Entity::update_many()
            .col_expr(lease::Column::UntilAt, Expr::value(now.millis()))
            .filter(lease::Column::Name.eq(name))
            .filter(lease::Column::Holder.eq(holder))
            .exec(txn.db())
            .await?;
        txn.commit().await
    }

    /// Notes how a job went, if `holder` still has its lease, which then lasts until `until`.
    pub async fn note_run(
        &self,
        name: &str,
        holder: Uuid,
        at: Timestamp,
        until: Timestamp,
        error: Option<&str>,
    ) -> Result<(), StoreError> {
        let txn = self.begin().await?;
        lease::Entity::update_many()
            .col_expr(lease::Column::LastRunAt, Expr::value(at.millis()))
            .col_expr(lease::Column::LastError, Expr::value(error.map(str::to_owned)))
            .col_expr(lease::Column::UntilAt, Expr::value(until.millis()))
            .filter(lease::Column::Name.eq(name))
            .filter(lease::Column::Holder.eq(holder))
            .exec(txn.db())
            .await?;
        txn.commit().await
    }
}

fn read(row: lease::Model) -> StoredLease {
    StoredLease {
        name: row.name,
        holder: row.holder,
        until: Timestamp::from_millis(row.until_at),
        last_run_at: row.last_run_at.map(Timestamp::from_millis),
        last_error: row.last_error,
    }
}
