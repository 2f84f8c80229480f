//! Signals and the market clock they are made by.

use super::m20240601_000001_accounts::index;
use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        signals(manager).await?;
        let clock = Table::create()
            .table("market_clock")
            .col(integer("id").primary_key())
            .col(big_integer("market_at"))
            .col(big_integer("beat_at"))
            .to_owned();
        manager.create_table(clock).await?;
        let progress = Table::create()
            .table("series_progress")
            .col(string("strategy"))
            .col(integer("strategy_version"))
            .col(string("symbol"))
            .col(string("timeframe"))
            .col(big_integer("candle_closed_at"))
            .primary_key(Index::create().col("strategy").col("strategy_version").col("symbol").col("timeframe"))
            .to_owned();
        manager.create_table(progress).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["series_progress", "market_clock", "signals"] {
            manager.drop_table(Table::drop().table(Alias::new(table)).to_owned()).await?;
        }
        Ok(())
    }
}

async fn signals(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("signals")
        .col(uuid("id").primary_key())
        .col(big_integer("seq").unique_key())
        .col(string("symbol"))
        .col(string("timeframe"))
        .col(string("strategy"))
        .col(integer("strategy_version"))
        .col(string("side"))
        .col(double("price"))
        .col(double_null("fill_price"))
        .col(double("target"))
        .col(double("stop"))
        .col(double("risk_reward"))
        .col(double_null("confidence"))
        .col(big_integer("confidence_n"))
        .col(string_null("confidence_reason"))
        .col(text("rationale"))
        .col(big_integer("candle_closed_at"))
        .col(big_integer("published_at"))
        .col(big_integer("expires_at"))
        .col(string("outcome"))
        .col(double_null("exit_price"))
        .col(double_null("r_multiple"))
        .col(big_integer_null("settled_at"))
        .col(string_null("prev_hash"))
        .col(string_null("hash"))
        .col(boolean("replay"))
        .to_owned();
    manager.create_table(table).await?;
    let once = Index::create()
        .name("ux_signals_once")
        .table("signals")
        .col("strategy")
        .col("strategy_version")
        .col("symbol")
        .col("timeframe")
        .col("candle_closed_at")
        .unique()
        .to_owned();
    manager.create_index(once).await?;
    index(manager, "signals", &["outcome", "seq"]).await
}
