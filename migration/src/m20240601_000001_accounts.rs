//! People, their sessions, the links sent to them, and how much they used.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        users(manager).await?;
        sessions(manager).await?;
        refresh_tokens(manager).await?;
        one_time_tokens(manager).await?;
        usage(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["feed_fetches", "usage_windows", "one_time_tokens", "refresh_tokens", "sessions", "users"] {
            manager.drop_table(Table::drop().table(Alias::new(table)).to_owned()).await?;
        }
        Ok(())
    }
}

async fn users(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("users")
        .col(uuid("id").primary_key())
        .col(string("email").unique_key())
        .col(string("full_name"))
        .col(string("password_hash"))
        .col(string("role"))
        .col(big_integer_null("email_verified_at"))
        .col(string_null("stripe_customer_id").unique_key())
        .col(string_null("stripe_email"))
        .col(integer("checkout_generation").default(0))
        .col(big_integer("created_at"))
        .col(big_integer("updated_at"))
        .to_owned();
    manager.create_table(table).await?;
    let outdated = Index::create()
        .name("ix_users_outdated_customers")
        .table("users")
        .col("id")
        .and_where(Expr::col("stripe_email").ne(Expr::col("email")))
        .to_owned();
    manager.create_index(outdated).await
}

async fn sessions(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("sessions")
        .col(uuid("id").primary_key())
        .col(uuid("user_id"))
        .col(string("user_agent"))
        .col(string("ip"))
        .col(big_integer("created_at"))
        .col(big_integer("last_used_at"))
        .col(big_integer("expires_at"))
        .col(big_integer_null("ended_at"))
        .col(string_null("ended_reason"))
        .foreign_key(&mut owner("sessions"))
        .to_owned();
    manager.create_table(table).await?;
    index(manager, "sessions", &["user_id"]).await
}

async fn refresh_tokens(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("refresh_tokens")
        .col(string("hash").primary_key())
        .col(uuid("session_id"))
        .col(big_integer("created_at"))
        .col(big_integer("expires_at"))
        .col(big_integer_null("replaced_at"))
        .foreign_key(
            ForeignKey::create()
                .from("refresh_tokens", "session_id")
                .to("sessions", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned();
    manager.create_table(table).await?;
    index(manager, "refresh_tokens", &["session_id"]).await
}

async fn one_time_tokens(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("one_time_tokens")
        .col(string("hash").primary_key())
        .col(uuid("user_id"))
        .col(string("purpose"))
        .col(string("email"))
        .col(big_integer("created_at"))
        .col(big_integer("expires_at"))
        .col(big_integer_null("used_at"))
        .foreign_key(&mut owner("one_time_tokens"))
        .to_owned();
    manager.create_table(table).await?;
    index(manager, "one_time_tokens", &["user_id"]).await?;
    index(manager, "one_time_tokens", &["email"]).await
}

async fn usage(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let windows = Table::create()
        .table("usage_windows")
        .col(uuid("user_id"))
        .col(string("feature"))
        .col(big_integer("window_start_at"))
        .col(integer("used"))
        .primary_key(Index::create().col("user_id").col("feature").col("window_start_at"))
        .foreign_key(&mut owner("usage_windows"))
        .to_owned();
    manager.create_table(windows).await?;
    let fetches = Table::create()
        .table("feed_fetches")
        .col(uuid("user_id"))
        .col(big_integer("window_start_at"))
        .col(integer("ordinal"))
        .col(text("signal_ids"))
        .col(big_integer("fetched_at"))
        .primary_key(Index::create().col("user_id").col("window_start_at").col("ordinal"))
        .foreign_key(&mut owner("feed_fetches"))
        .to_owned();
    manager.create_table(fetches).await
}

/// A row goes with its user.
pub(crate) fn owner(table: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create().from(table, "user_id").to("users", "id").on_delete(ForeignKeyAction::Cascade).to_owned()
}

/// An index over `columns`, named after them.
pub(crate) async fn index(
    manager: &SchemaManager<'_>,
    table: &'static str,
    columns: &[&'static str],
) -> Result<(), DbErr> {
    let mut index = Index::create().name(format!("ix_{table}_{}", columns.join("_"))).table(table).to_owned();
    for column in columns {
        index.col(*column);
    }
    manager.create_index(index).await
}
