//! The ledger, which the database itself lets nobody change: rows are added at its end, each after the one before it,
//! and nothing else.

use super::m20240601_000001_accounts::index;
use sea_orm_migration::{prelude::*, schema::*, sea_orm::DbBackend};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // A secret until the signal has ended; null for what was published before there was a ledger.
        let salt = Table::alter().table("signals").add_column(string_null("salt")).to_owned();
        manager.alter_table(salt).await?;
        entries(manager).await?;
        let checkpoints = Table::create()
            .table("ledger_checkpoints")
            .col(big_integer("seq").primary_key())
            .col(string("hash"))
            .col(string("key"))
            .col(string("signature"))
            .col(big_integer("signed_at"))
            .to_owned();
        manager.create_table(checkpoints).await?;
        let guards = if manager.get_database_backend() == DbBackend::Sqlite { SQLITE } else { POSTGRES };
        manager.get_connection().execute_unprepared(guards).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["ledger_checkpoints", "ledger_entries"] {
            manager.drop_table(Table::drop().table(Alias::new(table)).to_owned()).await?;
        }
        if manager.get_database_backend() != DbBackend::Sqlite {
            let functions = "DROP FUNCTION ledger_is_final(), ledger_goes_on()";
            manager.get_connection().execute_unprepared(functions).await?;
        }
        manager.alter_table(Table::alter().table("signals").drop_column("salt").to_owned()).await
    }
}

async fn entries(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let table = Table::create()
        .table("ledger_entries")
        .col(big_integer("seq").primary_key())
        .col(string("kind"))
        .col(uuid("signal_id"))
        .col(text("body"))
        .col(string("prev_hash").unique_key())
        .col(string("hash").unique_key())
        .col(big_integer("written_at"))
        .to_owned();
    manager.create_table(table).await?;
    let once = Index::create()
        .name("ux_ledger_entries_once")
        .table("ledger_entries")
        .col("signal_id")
        .col("kind")
        .unique()
        .and_where(Expr::col("kind").ne("correction"))
        .to_owned();
    manager.create_index(once).await?;
    index(manager, "ledger_entries", &["signal_id"]).await
}

/// In SQLite `INSERT OR REPLACE` removes a row without asking the triggers for DELETE; so a row that would take
/// another's place is refused before it is written.
const SQLITE: &str = "
CREATE TRIGGER ledger_entries_update BEFORE UPDATE ON ledger_entries
BEGIN SELECT RAISE(ABORT, 'the ledger is never changed'); END;
CREATE TRIGGER ledger_entries_delete BEFORE DELETE ON ledger_entries
BEGIN SELECT RAISE(ABORT, 'the ledger is never changed'); END;
CREATE TRIGGER ledger_entries_insert BEFORE INSERT ON ledger_entries
WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM ledger_entries)
  OR EXISTS (SELECT 1 FROM ledger_entries WHERE seq = NEW.seq - 1 AND hash <> NEW.prev_hash)
  OR EXISTS (SELECT 1 FROM ledger_entries WHERE hash = NEW.hash OR prev_hash = NEW.prev_hash)
  OR EXISTS (SELECT 1 FROM ledger_entries WHERE signal_id = NEW.signal_id AND kind = NEW.kind AND kind <> 'correction')
BEGIN SELECT RAISE(ABORT, 'the ledger goes on at its end only'); END;
CREATE TRIGGER ledger_checkpoints_update BEFORE UPDATE ON ledger_checkpoints
BEGIN SELECT RAISE(ABORT, 'the ledger is never changed'); END;
CREATE TRIGGER ledger_checkpoints_delete BEFORE DELETE ON ledger_checkpoints
BEGIN SELECT RAISE(ABORT, 'the ledger is never changed'); END;
CREATE TRIGGER ledger_checkpoints_insert BEFORE INSERT ON ledger_checkpoints
WHEN EXISTS (SELECT 1 FROM ledger_checkpoints WHERE seq = NEW.seq)
BEGIN SELECT RAISE(ABORT, 'the ledger is never changed'); END;
";

const POSTGRES: &str = "
CREATE FUNCTION ledger_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the ledger is never changed';
END $$;
CREATE FUNCTION ledger_goes_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM ledger_entries)
     OR EXISTS (SELECT 1 FROM ledger_entries WHERE seq = NEW.seq - 1 AND hash <> NEW.prev_hash) THEN
    RAISE EXCEPTION 'the ledger goes on at its end only';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER ledger_entries_change BEFORE UPDATE OR DELETE ON ledger_entries
  FOR EACH ROW EXECUTE FUNCTION ledger_is_final();
CREATE TRIGGER ledger_entries_truncate BEFORE TRUNCATE ON ledger_entries
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_final();
CREATE TRIGGER ledger_entries_insert BEFORE INSERT ON ledger_entries
  FOR EACH ROW EXECUTE FUNCTION ledger_goes_on();
CREATE TRIGGER ledger_checkpoints_change BEFORE UPDATE OR DELETE ON ledger_checkpoints
  FOR EACH ROW EXECUTE FUNCTION ledger_is_final();
CREATE TRIGGER ledger_checkpoints_truncate BEFORE TRUNCATE ON ledger_checkpoints
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_final();
";
