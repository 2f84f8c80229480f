//! The database's schema, for SQLite and PostgreSQL alike.
//!
//! Instants are milliseconds since 1970 in UTC (`_at`), amounts integers in minor units.

pub use sea_orm_migration::prelude::*;

mod m20240601_000001_accounts;
mod m20240601_000002_market;
mod m20240601_000003_billing;
mod m20240601_000004_operation;
mod m20240601_000005_bounds;
mod m20240601_000006_ledger;
mod m20240601_000007_verdicts;
mod m20240601_000008_checkpoints;
mod m20240601_000009_final_signals;

/// Applies the migrations in order.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20240601_000001_accounts::Migration),
            Box::new(m20240601_000002_market::Migration),
            Box::new(m20240601_000003_billing::Migration),
            Box::new(m20240601_000004_operation::Migration),
            Box::new(m20240601_000005_bounds::Migration),
            Box::new(m20240601_000006_ledger::Migration),
            Box::new(m20240601_000007_verdicts::Migration),
            Box::new(m20240601_000008_checkpoints::Migration),
            Box::new(m20240601_000009_final_signals::Migration),
        ]
    }
}
