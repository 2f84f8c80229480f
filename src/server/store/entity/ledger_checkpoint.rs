//! A signature over the ledger up to an entry. The database refuses to change or remove one.

use sea_orm::entity::prelude::*;

/// A signature over the ledger up to an entry.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "ledger_checkpoints")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub seq: i64,
    pub hash: String,
    /// The public key.
    pub key: String,
    pub signature: String,
    pub signed_at: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
