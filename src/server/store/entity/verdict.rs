//! What the examination of a strategy on a series came to.

use sea_orm::entity::prelude::*;

/// What the examination of a strategy on a series came to.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "verdicts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub strategy: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub strategy_version: i32,
    #[sea_orm(primary_key, auto_increment = false)]
    pub parameters: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub symbol: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub timeframe: String,
    pub verdict: String,
    #[sea_orm(column_type = "Text")]
    pub reasons: String,
    pub trades: i32,
    pub p_value: Option<f64>,
    pub candles: i32,
    pub until_at: i64,
    pub simulations: i32,
    pub compared: i32,
    pub examined_at: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
