//! What outlives an account so that signing up anew gives no more than anybody has: the day's use, and the mails that an
//! address was sent.

use super::m20240601_000001_accounts::index;
use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // `name` is a keyed hash of the address and the day.
        let usage = Table::create()
            .table("former_usage")
            .col(string("name"))
            .col(string("feature"))
            .col(big_integer("window_start_at"))
            .col(integer("used"))
            .primary_key(Index::create().col("name").col("feature").col("window_start_at"))
            .to_owned();
        manager.create_table(usage).await?;
        let kind = Table::alter().table("mails").add_column(string_null("kind")).to_owned();
        manager.alter_table(kind).await?;
        index(manager, "mails", &["recipient", "kind"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name("ix_mails_recipient_kind").table("mails").to_owned()).await?;
        manager.alter_table(Table::alter().table("mails").drop_column("kind").to_owned()).await?;
        manager.drop_table(Table::drop().table("former_usage").to_owned()).await
    }
}
