//! What the examination of a strategy on a series came to.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // `parameters` is text such as `period=20,deviations=2`, `reasons` JSON; `candles`, `until_at`, `simulations` and
        // `compared` say what the examination rests on.
        let verdicts = Table::create()
            .table("verdicts")
            .col(string("strategy"))
            .col(integer("strategy_version"))
            .col(string("parameters"))
            .col(string("symbol"))
            .col(string("timeframe"))
            .col(string("verdict"))
            .col(text("reasons"))
            .col(integer("trades"))
            .col(double_null("p_value"))
            .col(integer("candles"))
            .col(big_integer("until_at"))
            .col(integer("simulations"))
            .col(integer("compared"))
            .col(big_integer("examined_at"))
            .primary_key(
                Index::create()
                    .col("strategy")
                    .col("strategy_version")
                    .col("parameters")
                    .col("symbol")
                    .col("timeframe"),
            )
            .to_owned();
        manager.create_table(verdicts).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("verdicts").to_owned()).await
    }
}
