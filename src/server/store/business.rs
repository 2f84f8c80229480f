//! How the business does, counted in the tables of accounts, subscriptions and payments.

use super::{
    Store, StoreError,
    entity::{subscription, transaction, user},
};
use crate::domain::{id::UserId, money::Money, plan::Plan, subscription::SubscriptionState, time::Timestamp};
use sea_orm::{
    ColumnTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select, sea_query::ExprTrait,
};
use std::collections::HashMap;
use uuid::Uuid;

/// People, by how they stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Accounts in all.
    pub accounts: u64,
    /// Those of them that are new.
    pub new_accounts: u64,
    /// Who pays.
    pub paying: u64,
    /// Whose last payment failed and is tried again.
    pub past_due: u64,
    /// Whose plan gives access still and is not renewed.
    pub ending: u64,
}

/// An account as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    pub id: UserId,
    pub email: String,
    pub plan: Plan,
    pub is_verified: bool,
    pub created_at: Timestamp,
}

/// Subscriptions in any of these states.
fn subscriptions(states: impl IntoIterator<Item = SubscriptionState>) -> Select<subscription::Entity> {
    let states = states.into_iter().map(SubscriptionState::as_str);
    subscription::Entity::find().filter(subscription::Column::State.is_in(states))
}

fn that_give_access() -> Select<subscription::Entity> {
    subscriptions(SubscriptionState::ALL.into_iter().filter(|state| state.gives_access()))
}

impl Store {
    /// Counts people; those whose account was made at `since` or later are new.
    pub async fn standing(&self, since: Timestamp) -> Result<Standing, StoreError> {
        let db = self.reader();
        let new = user::Entity::find().filter(user::Column::CreatedAt.gte(since.millis()));
        Ok(Standing {
            accounts: user::Entity::find().count(db).await?,
            new_accounts: new.count(db).await?,
            paying: self.people(subscriptions([SubscriptionState::Active])).await?,
            past_due: self.people(subscriptions([SubscriptionState::PastDue])).await?,
            ending: self.people(that_give_access().filter(subscription::Column::CancelAtPeriodEnd.eq(true))).await?,
        })
    }

    /// How many people have these subscriptions.
    async fn people(&self, subscriptions: Select<subscription::Entity>) -> Result<u64, StoreError> {
        let owners = subscriptions.select_only().column(subscription::Column::UserId).distinct();
        Ok(owners.count(self.reader()).await?)
    }

    /// What is booked as paid from `from` on and before `until`, where that is given: an amount for each currency. Money
    /// given back is in these books where it is booked, by an amount below 0.
    pub async fn takings(&self, from: Timestamp, until: Option<Timestamp>) -> Result<Vec<Money>, StoreError> {
        use transaction::Column;
        // PostgreSQL sums whole numbers to decimal ones.
        let sum = Column::Amount.sum().cast_as("bigint");
        let mut paid = transaction::Entity::find()
            .select_only()
            .column(Column::Currency)
            .column_as(sum, "sum")
            .filter(Column::Status.eq("paid"))
            .filter(Column::CreatedAt.gte(from.millis()));
        if let Some(until) = until {
            paid = paid.filter(Column::CreatedAt.lt(until.millis()));
        }
        let sums: Vec<(String, i64)> =
            paid.group_by(Column::Currency).order_by_asc(Column::Currency).into_tuple().all(self.reader()).await?;
        Ok(sums.into_iter().map(|(currency, amount)| Money::new(amount, currency)).collect())
    }

    /// Accounts, the newest first, those older than `after`. Their ids are in the order of time.
    pub async fn newest_accounts(&self, after: Option<UserId>, limit: u64) -> Result<Vec<Listed>, StoreError> {
        let mut found = user::Entity::find();
        if let Some(after) = after {
            found = found.filter(user::Column::Id.lt(after.0));
        }
        let rows = found.order_by_desc(user::Column::Id).limit(limit).all(self.reader()).await?;
        let plans = self.plans_of(rows.iter().map(|row| row.id)).await?;
        let listed = |row: user::Model| Listed {
            id: UserId(row.id),
            plan: plans.get(&row.id).copied().unwrap_or_default(),
            email: row.email,
            is_verified: row.email_verified_at.is_some(),
            created_at: Timestamp::from_millis(row.created_at),
        };
        Ok(rows.into_iter().map(listed).collect())
    }

    /// The plans of those who have one that gives access: their newest.
    async fn plans_of(&self, users: impl Iterator<Item = Uuid>) -> Result<HashMap<Uuid, Plan>, StoreError> {
        let found: Vec<(Uuid, String)> = that_give_access()
            .select_only()
            .columns([subscription::Column::UserId, subscription::Column::Plan])
            .filter(subscription::Column::UserId.is_in(users))
            .order_by_asc(subscription::Column::CreatedAt)
            .into_tuple()
            .all(self.reader())
            .await?;
        let known = |(user, plan): (Uuid, String)| {
            let unknown = || DbErr::Type(format!("a subscription of {user}: unknown plan {plan:?}"));
            Ok((user, Plan::from_stored(&plan).ok_or_else(unknown)?))
        };
        found.into_iter().map(known).collect()
    }
}
