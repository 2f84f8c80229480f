//! Up to which candle a strategy has spoken on a series.

use sea_orm::entity::prelude::*;

/// Up to which candle a strategy has spoken on a series.
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "series_progress")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub strategy: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub strategy_version: i32,
    #[sea_orm(primary_key, auto_increment = false)]
    pub symbol: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub timeframe: String,
    pub candle_closed_at: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
