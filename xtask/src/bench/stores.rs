//! PostgreSQL and Redis for a measurement, as a server of several uses them.

use std::path::Path;

use super::server::Server;
use crate::error::Result;
use crate::project::Project;
use crate::test::postgres::{Commits, Postgres};
use crate::test::redis::Redis;

/// Both, started or found as the tests do it. The private PostgreSQL commits
/// to the disk, as one with real data would.
pub struct Stores {
    postgres: Postgres,
    redis: Redis,
}

impl Stores {
    /// # Errors
    /// When one of them is neither named nor installed nor installable.
    pub fn start() -> Result<Self> {
        Ok(Self { postgres: Postgres::start(Commits::ToDisk)?, redis: Redis::start()? })
    }

    /// A server on them, migrated before. `further` are more settings.
    ///
    /// # Errors
    /// When the migration fails or the server does not answer.
    pub fn serve(&self, project: &Project, folder: &Path, further: &[(&str, &str)]) -> Result<Server> {
        let mut settings = vec![("DATABASE_URL", self.postgres.url()), ("REDIS_URL", self.redis.url())];
        settings.extend_from_slice(further);
        Server::migrate(project, folder, &settings)?;
        Server::start(project, folder, &settings)
    }
}
