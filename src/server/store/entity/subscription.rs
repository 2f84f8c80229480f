//! A Stripe subscription as last fetched.

use sea_orm::entity::prelude::*;

/// A Stripe subscription as last fetched.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "subscriptions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    pub user_id: Uuid,
    pub customer_id: String,
    pub state: String,
    pub plan: String,
    pub price_id: String,
    pub current_period_start_at: Option<i64>,
    pub current_period_end_at: Option<i64>,
    pub cancel_at_period_end: bool,
    pub trial_end_at: Option<i64>,
    pub ended_at: Option<i64>,
    /// One more with each write: whoever fetched before it was written must fetch again.
    pub version: i64,
    pub created_at: i64,
    pub updated_at: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
