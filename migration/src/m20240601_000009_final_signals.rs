//! The database lets nobody change what a signal said, nor one that has ended, nor remove any: every figure of the public
//! record comes from these rows.

use sea_orm_migration::{prelude::*, sea_orm::DbBackend};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let guards = if manager.get_database_backend() == DbBackend::Sqlite { SQLITE } else { POSTGRES };
        manager.get_connection().execute_unprepared(guards).await.map(drop)
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let drops = if manager.get_database_backend() == DbBackend::Sqlite { SQLITE_DROPS } else { POSTGRES_DROPS };
        manager.get_connection().execute_unprepared(drops).await.map(drop)
    }
}

/// In SQLite `OR REPLACE` removes a row without asking the triggers for DELETE; so a row that would take another's place
/// is refused before it is written.
const SQLITE: &str = "
CREATE TRIGGER signals_ended BEFORE UPDATE ON signals
WHEN OLD.outcome <> 'open'
BEGIN SELECT RAISE(ABORT, 'a signal that has ended is never changed'); END;
CREATE TRIGGER signals_said BEFORE UPDATE OF id, seq, symbol, timeframe, strategy, strategy_version, side, price, target,
  stop, risk_reward, confidence, confidence_n, confidence_reason, rationale, candle_closed_at, published_at, expires_at,
  prev_hash, hash, replay, salt ON signals
BEGIN SELECT RAISE(ABORT, 'what a signal said is never changed'); END;
CREATE TRIGGER signals_delete BEFORE DELETE ON signals
BEGIN SELECT RAISE(ABORT, 'a signal is never removed'); END;
CREATE TRIGGER signals_insert BEFORE INSERT ON signals
WHEN EXISTS (SELECT 1 FROM signals WHERE id = NEW.id)
  OR EXISTS (SELECT 1 FROM signals WHERE seq = NEW.seq)
  OR EXISTS (SELECT 1 FROM signals WHERE strategy = NEW.strategy AND strategy_version = NEW.strategy_version
     AND symbol = NEW.symbol AND timeframe = NEW.timeframe AND candle_closed_at = NEW.candle_closed_at)
BEGIN SELECT RAISE(ABORT, 'a signal is there once and never replaced'); END;
";

const SQLITE_DROPS: &str = "
DROP TRIGGER signals_ended; DROP TRIGGER signals_said; DROP TRIGGER signals_delete; DROP TRIGGER signals_insert;
";

const POSTGRES: &str = "
CREATE FUNCTION signals_are_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a signal is never changed but by its outcome, and never removed';
END $$;
CREATE TRIGGER signals_ended BEFORE UPDATE ON signals
  FOR EACH ROW WHEN (OLD.outcome <> 'open') EXECUTE FUNCTION signals_are_final();
CREATE TRIGGER signals_said BEFORE UPDATE OF id, seq, symbol, timeframe, strategy, strategy_version, side, price, target,
  stop, risk_reward, confidence, confidence_n, confidence_reason, rationale, candle_closed_at, published_at, expires_at,
  prev_hash, hash, replay, salt ON signals
  FOR EACH ROW EXECUTE FUNCTION signals_are_final();
CREATE TRIGGER signals_delete BEFORE DELETE ON signals
  FOR EACH ROW EXECUTE FUNCTION signals_are_final();
CREATE TRIGGER signals_truncate BEFORE TRUNCATE ON signals
  FOR EACH STATEMENT EXECUTE FUNCTION signals_are_final();
";

const POSTGRES_DROPS: &str = "
DROP TRIGGER signals_ended ON signals; DROP TRIGGER signals_said ON signals; DROP TRIGGER signals_delete ON signals;
DROP TRIGGER signals_truncate ON signals; DROP FUNCTION signals_are_final();
";
