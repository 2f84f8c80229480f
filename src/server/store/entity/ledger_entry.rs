//! An entry of the ledger. The database refuses to change or remove one.

use sea_orm::entity::prelude::*;

/// An entry of the ledger.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "ledger_entries")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub seq: i64,
    pub kind: String,
    pub signal_id: Uuid,
    /// The canonical text that `hash` is the SHA-256 of.
    #[sea_orm(column_type = "Text")]
    pub body: String,
    #[sea_orm(unique)]
    pub prev_hash: String,
    #[sea_orm(unique)]
    pub hash: String,
    pub written_at: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
