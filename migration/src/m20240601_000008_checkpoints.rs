//! A checkpoint covers an entry that there is, and none stands before the last one.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let guard = if manager.get_database_backend() == DbBackend::Sqlite { SQLITE } else { POSTGRES };
        manager.get_connection().execute_unprepared(guard).await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let drops = if manager.get_database_backend() == DbBackend::Sqlite {
            "DROP TRIGGER ledger_checkpoints_cover"
        } else {
            "DROP TRIGGER ledger_checkpoints_cover ON ledger_checkpoints; DROP FUNCTION ledger_is_covered()"
        };
        manager.get_connection().execute_unprepared(drops).await.map(drop)
    }
}

const SQLITE: &str = "
CREATE TRIGGER ledger_checkpoints_cover BEFORE INSERT ON ledger_checkpoints
WHEN NOT EXISTS (SELECT 1 FROM ledger_entries WHERE seq = NEW.seq AND hash = NEW.hash)
  OR EXISTS (SELECT 1 FROM ledger_checkpoints WHERE seq > NEW.seq)
BEGIN SELECT RAISE(ABORT, 'a checkpoint of the ledger covers what is there, after the last one'); END;
";

const POSTGRES: &str = "
CREATE FUNCTION ledger_is_covered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM ledger_entries WHERE seq = NEW.seq AND hash = NEW.hash)
     OR EXISTS (SELECT 1 FROM ledger_checkpoints WHERE seq > NEW.seq) THEN
    RAISE EXCEPTION 'a checkpoint of the ledger covers what is there, after the last one';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER ledger_checkpoints_cover BEFORE INSERT ON ledger_checkpoints
  FOR EACH ROW EXECUTE FUNCTION ledger_is_covered();
";
