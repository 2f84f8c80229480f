//! Stripe's events as they came. A stored row is the queue: it is due at `due_at`, and whoever takes it moves that
//! ahead, so that a row taken by somebody who died is due again.

use super::{
    Store, StoreError, Transaction,
    entity::stripe_event::{Column, Entity},
};
use crate::domain::time::Timestamp;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ColumnTrait, Condition, DbBackend, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Statement,
    sea_query::{Expr, OnConflict},
};

pub use super::entity::stripe_event::{ActiveModel, Model as StripeEvent};

/// Where an event stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventState {
    /// Waits, or is being worked on.
    Pending,
    /// Worked off, or of no interest.
    Done,
    /// Given up until somebody looks at it.
    Poison,
    /// Given up for good: somebody looked at it, and nothing is to be done.
    Dismissed,
}

impl EventState {
    /// The name it is stored under.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Done => "done",
            Self::Poison => "poison",
            Self::Dismissed => "dismissed",
        }
    }
}

/// A verified event, as it came.
#[derive(Clone, Debug)]
pub struct NewEvent {
    pub id: String,
    pub kind: String,
    pub payload: String,
    /// Whether there is something to do about it; else it is kept, and done by that.
    pub matters: bool,
}

impl NewEvent {
    fn state(&self) -> EventState {
        if self.matters { EventState::Pending } else { EventState::Done }
    }
}

/// Where a page of events begins: after this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct After {
    pub received_at: i64,
    pub id: String,
}

/// What waits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Backlog {
    pub pending: u64,
    pub poison: u64,
    /// When the oldest pending one came.
    pub oldest: Option<Timestamp>,
}

impl Store {
    /// Stores events, each once for good; says how many are new.
    pub async fn add_events(&self, events: &[NewEvent], now: Timestamp) -> Result<u64, StoreError> {
        let rows = events.iter().map(|event| ActiveModel {
            id: Set(event.id.clone()),
            kind: Set(event.kind.clone()),
            payload: Set(event.payload.clone()),
            state: Set(event.state().as_str().to_owned()),
            attempts: Set(0),
            due_at: Set(now.millis()),
            last_error: NotSet,
            received_at: Set(now.millis()),
            done_at: Set((!event.matters).then(|| now.millis())),
        });
        let known = OnConflict::column(Column::Id).do_nothing().to_owned();
        let txn = self.begin().await?;
        let new = Entity::insert_many(rows).on_conflict(known).exec_without_returning(txn.db()).await?;
        txn.commit().await?;
        Ok(new)
    }

    /// Takes up to `limit` events that are due, the oldest first, until `until`. Nobody else has them before that.
    pub async fn take_events(
        &self,
        now: Timestamp,
        until: Timestamp,
        limit: u64,
    ) -> Result<Vec<StripeEvent>, StoreError> {
        let backend = if self.is_sqlite() { DbBackend::Sqlite } else { DbBackend::Postgres };
        let skip = if self.is_sqlite() { "" } else { "FOR UPDATE SKIP LOCKED" };
        let take = format!(
            "UPDATE stripe_events SET due_at = $1, attempts = attempts + 1 WHERE id IN (SELECT id FROM stripe_events \
             WHERE state = 'pending' AND due_at <= $2 ORDER BY due_at LIMIT $3 {skip}) RETURNING *"
        );
        let values = [until.millis().into(), now.millis().into(), i64::try_from(limit).unwrap_or(i64::MAX).into()];
        let statement = Statement::from_sql_and_values(backend, take, values);
        let txn = self.begin().await?;
        let taken = StripeEvent::find_by_statement(statement).all(txn.db()).await?;
        txn.commit().await?;
        Ok(taken)
    }

    /// Whether any event is due.
    pub async fn has_due_events(&self, now: Timestamp) -> Result<bool, StoreError> {
        let due = Entity::find()
            .select_only()
            .column(Column::Id)
            .filter(Column::State.eq(EventState::Pending.as_str()))
            .filter(Column::DueAt.lte(now.millis()));
        Ok(due.into_tuple::<String>().one(self.reader()).await?.is_some())
    }

    /// An event.
    pub async fn stripe_event(&self, id: &str) -> Result<Option<StripeEvent>, StoreError> {
        Ok(Entity::find_by_id(id).one(self.reader()).await?)
    }

    /// The events that were given up, the newest first.
    pub async fn poison_events(&self, after: Option<After>, limit: u64) -> Result<Vec<StripeEvent>, StoreError> {
        let mut poison = Entity::find().filter(Column::State.eq(EventState::Poison.as_str()));
        if let Some(After { received_at, id }) = after {
            let same_moment = Condition::all().add(Column::ReceivedAt.eq(received_at)).add(Column::Id.lt(id));
            poison = poison.filter(Condition::any().add(Column::ReceivedAt.lt(received_at)).add(same_moment));
        }
        let poison = poison.order_by_desc(Column::ReceivedAt).order_by_desc(Column::Id).limit(limit);
        Ok(poison.all(self.reader()).await?)
    }

    /// What waits.
    pub async fn event_backlog(&self) -> Result<Backlog, StoreError> {
        let of = |state: EventState| Entity::find().filter(Column::State.eq(state.as_str()));
        let oldest: Option<Option<i64>> = of(EventState::Pending)
            .select_only()
            .column_as(Column::ReceivedAt.min(), "oldest")
            .into_tuple()
            .one(self.reader())
            .await?;
        Ok(Backlog {
            pending: of(EventState::Pending).count(self.reader()).await?,
            poison: of(EventState::Poison).count(self.reader()).await?,
            oldest: oldest.flatten().map(Timestamp::from_millis),
        })
    }

    /// Lets a taken event be due again at `due`, or gives it up.
    pub async fn put_back_event(
        &self,
        id: &str,
        state: EventState,
        due: Timestamp,
        error: &str,
    ) -> Result<(), StoreError> {
        let txn = self.begin().await?;
        Entity::update_many()
            .col_expr(Column::State, Expr::value(state.as_str()))
            .col_expr(Column::DueAt, Expr::value(due.millis()))
            .col_expr(Column::LastError, Expr::value(error))
            .filter(Column::Id.eq(id))
            .filter(Column::State.eq(EventState::Pending.as_str()))
            .exec(txn.db())
            .await?;
        txn.commit().await
    }

    /// Lets an event that was given up be tried anew; says whether there is one.
    pub async fn revive_event(&self, id: &str, now: Timestamp) -> Result<bool, StoreError> {
        let txn = self.begin().await?;
        let revived = Entity::update_many()
            .col_expr(Column::State, Expr::value(EventState::Pending.as_str()))
            .col_expr(Column::DueAt, Expr::value(now.millis()))
            .col_expr(Column::Attempts, Expr::value(0))
            .filter(Column::Id.eq(id))
            .filter(Column::State.eq(EventState::Poison.as_str()))
            .exec(txn.db())
            .await?;
        txn.commit().await?;
        Ok(revived.rows_affected == 1)
    }

    /// Notes that nothing is to be done about an event that was given up; says whether there is one. What it failed with
    /// stays with it.
    pub async fn dismiss_event(&self, id: &str, now: Timestamp) -> Result<bool, StoreError> {
        let txn = self.begin().await?;
        let dismissed = Entity::update_many()
            .col_expr(Column::State, Expr::value(EventState::Dismissed.as_str()))
            .col_expr(Column::DoneAt, Expr::value(now.millis()))
            .filter(Column::Id.eq(id))
            .filter(Column::State.eq(EventState::Poison.as_str()))
            .exec(txn.db())
            .await?;
        txn.commit().await?;
        Ok(dismissed.rows_affected == 1)
    }
}

impl Transaction {
    /// Notes that events are worked off.
    pub async fn finish_events(&self, ids: &[String], now: Timestamp) -> Result<(), StoreError> {
        Entity::update_many()
            .col_expr(Column::State, Expr::value(EventState::Done.as_str()))
            .col_expr(Column::DoneAt, Expr::value(now.millis()))
            .col_expr(Column::LastError, Expr::value(Option::<String>::None))
            .filter(Column::Id.is_in(ids.iter().map(String::as_str)))
            .filter(Column::State.eq(EventState::Pending.as_str()))
            .exec(self.db())
            .await?;
        Ok(())
    }
}
