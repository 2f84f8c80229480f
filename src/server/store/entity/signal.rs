//! A published signal.

use sea_orm::entity::prelude::*;

/// A published signal.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "signals")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub seq: i64,
    pub symbol: String,
    pub timeframe: String,
    pub strategy: String,
    pub strategy_version: i32,
    pub side: String,
    pub price: f64,
    pub fill_price: Option<f64>,
    pub target: f64,
    pub stop: f64,
    pub risk_reward: f64,
    pub confidence: Option<f64>,
    pub confidence_n: i64,
    pub confidence_reason: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub rationale: String,
    pub candle_closed_at: i64,
    pub published_at: i64,
    pub expires_at: i64,
    pub outcome: String,
    pub exit_price: Option<f64>,
    pub r_multiple: Option<f64>,
    pub settled_at: Option<i64>,
    pub prev_hash: Option<String>,
    pub hash: Option<String>,
    pub replay: bool,
    /// What its commitment in the ledger is salted with: a secret while it is open.
    pub salt: Option<String>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
