//! People.

use super::{
    Store, StoreError, Transaction,
    entity::{subscription, user},
};
use crate::domain::{
    account::{Email, Role},
    id::UserId,
    plan::Plan,
    subscription::{Outlook, SubscriptionState},
    time::Timestamp,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, DbErr, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect, SqlErr,
    sea_query::LockType,
};
use uuid::Uuid;

/// A stored person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    pub id: UserId,
    pub email: String,
    pub full_name: String,
    /// argon2id, in PHC form.
    pub password_hash: String,
    pub role: Role,
    pub email_verified_at: Option<Timestamp>,
    pub stripe_customer_id: Option<String>,
    pub created_at: Timestamp,
}

/// Somebody to be stored.
pub struct NewAccount<'a> {
    pub id: UserId,
    pub email: &'a Email,
    pub full_name: &'a str,
    pub password_hash: &'a str,
    pub role: Role,
    /// Whether whoever asks for it answers for the address; else its owner is still to confirm it.
    pub is_verified: bool,
    pub now: Timestamp,
}

/// The address is another account's already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EmailTaken;

impl From<user::Model> for Account {
    fn from(row: user::Model) -> Self {
        Self {
            id: UserId(row.id),
            email: row.email,
            full_name: row.full_name,
            password_hash: row.password_hash,
            role: Role::from_stored(&row.role),
            email_verified_at: row.email_verified_at.map(Timestamp::from_millis),
            stripe_customer_id: row.stripe_customer_id,
            created_at: Timestamp::from_millis(row.created_at),
        }
    }
}

impl Store {
    /// The account of an address.
    pub async fn account_by_email(&self, email: &Email) -> Result<Option<Account>, StoreError> {
        let found = user::Entity::find().filter(user::Column::Email.eq(email.as_ref())).one(self.reader()).await?;
        Ok(found.map(Account::from))
    }

    /// An account.
    pub async fn account(&self, id: UserId) -> Result<Option<Account>, StoreError> {
        Ok(user::Entity::find_by_id(id.0).one(self.reader()).await?.map(Account::from))
    }

    /// The plan of a person's newest subscription that gives access now, and how it goes on; `Free` without one.
    pub async fn plan_of(&self, user: UserId) -> Result<(Plan, Outlook), StoreError> {
        let giving = SubscriptionState::ALL.into_iter().filter(|state| state.gives_access());
        let found: Option<(String, String, bool, Option<i64>)> = subscription::Entity::find()
            .select_only()
            .columns([
                subscription::Column::Plan,
                subscription::Column::State,
                subscription::Column::CancelAtPeriodEnd,
                subscription::Column::CurrentPeriodEndAt,
            ])
            .filter(subscription::Column::UserId.eq(user.0))
            .filter(subscription::Column::State.is_in(giving.map(SubscriptionState::as_str)))
            .order_by_desc(subscription::Column::CreatedAt)
            .into_tuple()
            .one(self.reader())
            .await?;
        let Some((plan, state, ends, period_end_at)) = found else { return Ok((Plan::Free, Outlook::default())) };
        let unknown = || DbErr::Type(format!("a subscription of {user}: unknown plan {plan:?}"));
        let outlook = Outlook {
            ends_at: period_end_at.filter(|_| ends).map(Timestamp::from_millis),
            payment_failed: state == SubscriptionState::PastDue.as_str(),
        };
        Ok((Plan::from_stored(&plan).ok_or_else(unknown)?, outlook))
    }
}

impl Transaction {
    /// Stores somebody new; of several at once with one address, one.
    pub async fn insert_account(&self, new: &NewAccount<'_>) -> Result<Result<(), EmailTaken>, StoreError> {
        let row = user::Model {
            id: new.id.0,
            email: new.email.to_string(),
            full_name: new.full_name.to_owned(),
            password_hash: new.password_hash.to_owned(),
            role: new.role.as_str().to_owned(),
            email_verified_at: new.is_verified.then(|| new.now.millis()),
            stripe_customer_id: None,
            stripe_email: None,
            checkout_generation: 0,
            created_at: new.now.millis(),
            updated_at: new.now.millis(),
        };
        let inserted = user::Entity::insert(row.into_active_model()).exec_without_returning(self.db()).await;
        unless_taken(inserted.map(drop))
    }

    /// The account of an address, locked until this transaction ends.
    pub async fn lock_account_of(&self, address: &str) -> Result<Option<Account>, StoreError> {
        let mut query = user::Entity::find().filter(user::Column::Email.eq(address));
        if !self.is_sqlite() {
            query = query.lock_exclusive();
        }
        Ok(query.one(self.db()).await?.map(Account::from))
    }

    /// An account, locked until this transaction ends: whoever [`Transaction::hold_account`]s it has ended, or waits.
    pub async fn lock_account(&self, id: UserId) -> Result<Option<Account>, StoreError> {
        let mut query = user::Entity::find_by_id(id.0);
        if !self.is_sqlite() {
            query = query.lock_exclusive();
        }
        Ok(query.one(self.db()).await?.map(Account::from))
    }

    /// Whether an account is there. It stays until this transaction ends; others may hold it too.
    pub async fn hold_account(&self, id: UserId) -> Result<bool, StoreError> {
        let mut query = user::Entity::find_by_id(id.0).select_only().column(user::Column::Id);
        if !self.is_sqlite() {
            query = query.lock(LockType::KeyShare);
        }
        Ok(query.into_tuple::<Uuid>().one(self.db()).await?.is_some())
    }

    /// Stores another password hash.
    pub async fn set_password_hash(&self, id: UserId, hash: &str, now: Timestamp) -> Result<(), StoreError> {
        let change = user::ActiveModel {
            password_hash: Set(hash.to_owned()),
            updated_at: Set(now.millis()),
            ..Default::default()
        };
        self.change_account(id, change).await
    }

    /// Stores what a person is called.
    pub async fn set_full_name(&self, id: UserId, full_name: &str, now: Timestamp) -> Result<(), StoreError> {
        let full_name = Set(full_name.to_owned());
        self.change_account(id, user::ActiveModel { full_name, updated_at: Set(now.millis()), ..Default::default() })
            .await
    }

    /// Stores what a person may do.
    pub async fn set_role(&self, id: UserId, role: Role, now: Timestamp) -> Result<(), StoreError> {
        let role = Set(role.as_str().to_owned());
        self.change_account(id, user::ActiveModel { role, updated_at: Set(now.millis()), ..Default::default() }).await
    }

    /// Stores an address as confirmed; it may be another than before.
    pub async fn set_verified_email(
        &self,
        id: UserId,
        email: &str,
        now: Timestamp,
    ) -> Result<Result<(), EmailTaken>, StoreError> {
        let change = user::ActiveModel {
            email: Set(email.to_owned()),
            email_verified_at: Set(Some(now.millis())),
            updated_at: Set(now.millis()),
            ..Default::default()
        };
        let updated = user::Entity::update_many().set(change).filter(user::Column::Id.eq(id.0)).exec(self.db()).await;
        unless_taken(updated.map(drop))
    }

    /// Removes a person and all that hangs on them; payments stay without a name.
    pub async fn delete_account(&self, id: UserId) -> Result<(), StoreError> {
        user::Entity::delete_by_id(id.0).exec(self.db()).await?;
        Ok(())
    }

    async fn change_account(&self, id: UserId, change: user::ActiveModel) -> Result<(), StoreError> {
        user::Entity::update_many().set(change).filter(user::Column::Id.eq(id.0)).exec(self.db()).await?;
        Ok(())
    }
}

/// A new id, in the order of time.
pub fn new_id(now: Timestamp) -> Uuid {
    let (seconds, millis) = (u64::try_from(now.secs()).unwrap_or(0), now.millis().rem_euclid(1000) as u32);
    Uuid::new_v7(uuid::Timestamp::from_unix(uuid::NoContext, seconds, millis * 1_000_000))
}

fn unless_taken(done: Result<(), DbErr>) -> Result<Result<(), EmailTaken>, StoreError> {
    match done {
        Ok(()) => Ok(Ok(())),
        Err(error) if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) => Ok(Err(EmailTaken)),
        Err(error) => Err(error.into()),
    }
}
