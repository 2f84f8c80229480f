//! A link sent by mail, by its token's hash.

use sea_orm::entity::prelude::*;

/// A link sent by mail, by its token's hash.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "one_time_tokens")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub hash: String,
    pub user_id: Uuid,
    pub purpose: String,
    pub email: String,
    pub created_at: i64,
    pub expires_at: i64,
    /// When it was used, or a newer one took its place.
    pub used_at: Option<i64>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
