//! Mail asked for, mail and notices to hand over, and who does which job.

use super::m20240601_000001_accounts::{index, owner};
use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let requests = Table::create()
            .table("mail_requests")
            .col(uuid("id").primary_key())
            .col(string("purpose"))
            .col(string("address"))
            .col(big_integer("created_at"))
            .to_owned();
        manager.create_table(requests).await?;
        let mails = Table::create()
            .table("mails")
            .col(uuid("id").primary_key())
            .col(string("recipient"))
            .col(string("subject"))
            .col(text("body"))
            .col(string("state"))
            .col(integer("attempts").default(0))
            .col(big_integer("due_at"))
            .col(text_null("last_error"))
            .col(big_integer("created_at"))
            .col(big_integer_null("sent_at"))
            .to_owned();
        manager.create_table(mails).await?;
        index(manager, "mails", &["state", "due_at"]).await?;
        let notices = Table::create()
            .table("notices")
            .col(uuid("id").primary_key())
            .col(uuid("user_id"))
            .col(string("kind"))
            .col(text("message"))
            .col(big_integer("created_at"))
            .col(big_integer_null("read_at"))
            .foreign_key(&mut owner("notices"))
            .to_owned();
        manager.create_table(notices).await?;
        index(manager, "notices", &["user_id", "read_at"]).await?;
        let leases = Table::create()
            .table("leases")
            .col(string("name").primary_key())
            .col(uuid("holder"))
            .col(big_integer("until_at"))
            .col(big_integer_null("last_run_at"))
            .col(text_null("last_error"))
            .to_owned();
        manager.create_table(leases).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["leases", "notices", "mails", "mail_requests"] {
            manager.drop_table(Table::drop().table(Alias::new(table)).to_owned()).await?;
        }
        Ok(())
    }
}
