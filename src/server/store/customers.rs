//! Who is which customer of Stripe's, and how often they began a checkout.

use super::{
    Store, StoreError, Transaction,
    entity::user::{Column, Entity},
};
use crate::domain::id::UserId;
use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait},
};
use uuid::Uuid;

/// What of a user matters to payments.
#[derive(Clone, Debug, FromQueryResult)]
pub struct Payer {
    pub id: Uuid,
    pub email: String,
    pub full_name: String,
    pub stripe_customer_id: Option<String>,
    /// Names the checkout that is to be opened next, and the customer that is to be made.
    pub checkout_generation: i32,
}

fn payers() -> sea_orm::Select<Entity> {
    Entity::find().select_only().columns([
        Column::Id,
        Column::Email,
        Column::FullName,
        Column::StripeCustomerId,
        Column::CheckoutGeneration,
    ])
}

/// A customer that has another address than its user; the words of an index.
pub(super) fn outdated_customer() -> Expr {
    Expr::col(Column::StripeEmail).ne(Expr::col(Column::Email))
}

impl Store {
    /// A user as a payer.
    pub async fn payer(&self, user: UserId) -> Result<Option<Payer>, StoreError> {
        Ok(payers().filter(Column::Id.eq(user.0)).into_model().one(self.reader()).await?)
    }

    /// The user who is this customer.
    pub async fn payer_by_customer(&self, customer_id: &str) -> Result<Option<Payer>, StoreError> {
        Ok(payers().filter(Column::StripeCustomerId.eq(customer_id)).into_model().one(self.reader()).await?)
    }

    /// Users who are no customers yet, the oldest first, after `after`.
    pub async fn users_without_customer(&self, after: Uuid, limit: u64) -> Result<Vec<Payer>, StoreError> {
        let found = payers().filter(Column::StripeCustomerId.is_null()).filter(Column::Id.gt(after));
        Ok(found.order_by_asc(Column::Id).limit(limit).into_model().all(self.reader()).await?)
    }

    /// The next user after `after` whose customer has another address than theirs.
    pub async fn payer_of_outdated_customer(&self, after: Uuid) -> Result<Option<Payer>, StoreError> {
        let found = payers().filter(outdated_customer()).filter(Column::Id.gt(after));
        Ok(found.order_by_asc(Column::Id).into_model().one(self.reader()).await?)
    }

    /// Names a user's customer, which has this address; says whether nobody did before.
    pub async fn set_customer(&self, user: UserId, customer_id: &str, email: &str) -> Result<bool, StoreError> {
        let txn = self.begin().await?;
        let set = Entity::update_many()
            .col_expr(Column::StripeCustomerId, Expr::value(customer_id))
            .col_expr(Column::StripeEmail, Expr::value(email))
            .filter(Column::Id.eq(user.0))
            .filter(Column::StripeCustomerId.is_null())
            .exec(txn.db())
            .await?;
        txn.commit().await?;
        Ok(set.rows_affected == 1)
    }

    /// Notes the address that a user's customer has now.
    pub async fn set_customer_email(&self, user: UserId, customer_id: &str, email: &str) -> Result<(), StoreError> {
        let txn = self.begin().await?;
        Entity::update_many()
            .col_expr(Column::StripeEmail, Expr::value(email))
            .filter(Column::Id.eq(user.0))
            .filter(Column::StripeCustomerId.eq(customer_id))
            .exec(txn.db())
            .await?;
        txn.commit().await
    }

    /// Forgets a customer that does not exist at Stripe, and lets the next one and its checkout be others.
    pub async fn forget_customer(&self, user: UserId, customer_id: &str) -> Result<(), StoreError> {
        let txn = self.begin().await?;
        Entity::update_many()
            .col_expr(Column::StripeCustomerId, Expr::value(Option::<String>::None))
            .col_expr(Column::CheckoutGeneration, Expr::col(Column::CheckoutGeneration).add(1))
            .col_expr(Column::StripeEmail, Expr::value(Option::<String>::None))
            .filter(Column::Id.eq(user.0))
            .filter(Column::StripeCustomerId.eq(customer_id))
            .exec(txn.db())
            .await?;
        txn.commit().await
    }
}

impl Transaction {
    /// Lets the next checkout of a user be another one.
    pub async fn next_checkout_generation(&self, user: Uuid) -> Result<(), StoreError> {
        Entity::update_many()
            .col_expr(Column::CheckoutGeneration, Expr::col(Column::CheckoutGeneration).add(1))
            .filter(Column::Id.eq(user))
            .exec(self.db())
            .await?;
        Ok(())
    }

    /// Whether the next checkout of a user still is `generation`; until the end of this transaction it stays so.
    pub async fn holds_checkout_generation(&self, user: Uuid, generation: i32) -> Result<bool, StoreError> {
        let same = Entity::update_many()
            .col_expr(Column::CheckoutGeneration, Expr::value(generation))
            .filter(Column::Id.eq(user))
            .filter(Column::CheckoutGeneration.eq(generation))
            .exec(self.db())
            .await?;
        Ok(same.rows_affected == 1)
    }
}
