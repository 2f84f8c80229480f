//! Subscriptions, checkouts, payments, and Stripe's events as they came.

use super::m20240601_000001_accounts::{index, owner};
use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        subscriptions(manager).await?;
        checkouts(manager).await?;
        transactions(manager).await?;
        events(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["stripe_events", "transactions", "checkouts", "subscriptions"] {
            manager.drop_table(Table::drop().table(Alias::new(table)).to_owned()).await?;
        }
        Ok(())
    }
}

async fn subscriptions(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("subscriptions")
        .col(string("id").primary_key())
        .col(uuid("user_id"))
        .col(string("customer_id"))
        .col(string("state"))
        .col(string("plan"))
        .col(string("price_id"))
        .col(big_integer_null("current_period_start_at"))
        .col(big_integer_null("current_period_end_at"))
        .col(boolean("cancel_at_period_end"))
        .col(big_integer_null("trial_end_at"))
        .col(big_integer_null("ended_at"))
        .col(big_integer("version"))
        .col(big_integer("created_at"))
        .col(big_integer("updated_at"))
        .foreign_key(&mut owner("subscriptions"))
        .to_owned();
    manager.create_table(table).await?;
    index(manager, "subscriptions", &["user_id"]).await
}

async fn checkouts(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("checkouts")
        .col(string("id").primary_key())
        .col(uuid("user_id"))
        .col(text("url"))
        .col(string("status"))
        .col(big_integer("created_at"))
        .col(big_integer("expires_at"))
        .foreign_key(&mut owner("checkouts"))
        .to_owned();
    manager.create_table(table).await?;
    index(manager, "checkouts", &["user_id", "status"]).await
}

async fn transactions(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("transactions")
        .col(uuid("id").primary_key())
        .col(uuid_null("user_id"))
        .col(string("kind"))
        .col(string("stripe_id"))
        .col(string_null("subscription_id"))
        .col(big_integer("amount"))
        .col(string("currency"))
        .col(string("status"))
        .col(text("description"))
        .col(text_null("invoice_url"))
        .col(big_integer("created_at"))
        .col(big_integer("updated_at"))
        .foreign_key(
            ForeignKey::create().from("transactions", "user_id").to("users", "id").on_delete(ForeignKeyAction::SetNull),
        )
        .to_owned();
    manager.create_table(table).await?;
    let once = Index::create()
        .name("ux_transactions_once")
        .table("transactions")
        .col("kind")
        .col("stripe_id")
        .unique()
        .to_owned();
    manager.create_index(once).await?;
    index(manager, "transactions", &["user_id", "created_at"]).await
}

async fn events(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("stripe_events")
        .col(string("id").primary_key())
        .col(string("kind"))
        .col(text("payload"))
        .col(string("state"))
        .col(integer("attempts").default(0))
        .col(big_integer("due_at"))
        .col(text_null("last_error"))
        .col(big_integer("received_at"))
        .col(big_integer_null("done_at"))
        .to_owned();
    manager.create_table(table).await?;
    index(manager, "stripe_events", &["state", "due_at"]).await
}
