//! The database: SQLite or PostgreSQL through SeaORM. One file an aggregate; the statements live here and nowhere else.

pub mod business;
pub mod checkouts;
pub mod customers;
pub mod entity;
pub mod former_usage;
pub mod leases;
pub mod ledger;
pub mod mail_requests;
pub mod mails;
pub mod market_clock;
pub mod notices;
pub mod one_time_tokens;
pub mod queues;
pub mod record;
pub mod sessions;
pub mod signals;
pub mod stripe_events;
pub mod subscriptions;
pub mod takeout;
pub mod transactions;
pub mod usage;
pub mod users;
pub mod verdicts;

use crate::server::{config::DatabaseConfig, error::ServiceError};
use migration::{Migrator, MigratorTrait};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, RuntimeErr,
    SqliteTransactionMode, TransactionOptions, TransactionTrait,
    sqlx::{
        self, Connection,
        postgres::{PgConnectOptions, PgConnection},
    },
};
use std::{sync::Arc, time::Duration};
use tokio::sync::{Mutex, OwnedMutexGuard};

/// Connections to an SQLite file at most. Each has a thread and a cache of its own, and of more than these none would be
/// faster: one writes, and what is read is in memory.
const SQLITE_CONNECTIONS: u32 = 4;
/// The cache of each, in SQLite's words: a mebibyte. The system keeps the file in memory too.
const SQLITE_CACHE: &str = "-1024";
/// How long PostgreSQL may take to let us in at the start.
const FIRST_ANSWER: Duration = Duration::from_secs(5);

/// A connection pool to one of the two databases.
#[derive(Clone, Debug)]
pub struct Store {
    db: DatabaseConnection,
    /// SQLite has one writer: those of this process queue here, in order, rather than poll the file's lock.
    writer: Arc<Mutex<()>>,
}

/// A transaction that may write. Dropped without `commit`, it is rolled back.
pub struct Transaction {
    txn: DatabaseTransaction,
    _turn: Option<OwnedMutexGuard<()>>,
}

/// Why a statement failed.
#[derive(Debug, thiserror::Error)]
#[error("database: {0}")]
pub struct StoreError(#[from] pub DbErr);

/// Why there is no connection at the start. Says where, never the password.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// PostgreSQL's address cannot be read.
    #[error("this is no address like postgres://user:password@host:5432/database: {0}")]
    Address(#[source] sqlx::Error),
    /// PostgreSQL does not let us in.
    #[error("PostgreSQL at {place}: {cause}")]
    Refused {
        /// Host and port, or the socket's folder.
        place: String,
        /// What it said, or what the system says of it.
        cause: String,
    },
    /// The pool did not come up.
    #[error(transparent)]
    Pool(#[from] StoreError),
}

impl From<StoreError> for ServiceError {
    /// A lost or overloaded database is 503 and may be tried again; all else is a fault of ours.
    fn from(error: StoreError) -> Self {
        match &error.0 {
            DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => Self::unavailable("database", error),
            DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause))
                if may_pass(cause) =>
            {
                Self::unavailable("database", error)
            }
            _ => Self::internal("a database statement", error),
        }
    }
}

/// Whether a statement failed since the database was gone or overloaded, and may succeed when it is tried again.
fn may_pass(cause: &sqlx::Error) -> bool {
    match cause {
        sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => true,
        sqlx::Error::Database(told) => told.code().is_some_and(|code| may_pass_by_code(&code)),
        _ => false,
    }
}

/// By the code that the database told: [SQLite's](https://www.sqlite.org/rescode.html) in decimal, or
/// [PostgreSQL's](https://www.postgresql.org/docs/current/errcodes-appendix.html) of five characters.
fn may_pass_by_code(code: &str) -> bool {
    const SQLITE_BUSY: u32 = 5;
    if code.len() == 5 {
        // Connections, too many of them, a server that stops or starts, and a transaction given up for another's sake.
        return code.starts_with("08") || code.starts_with("57P0") || ["53300", "40P01", "40001"].contains(&code);
    }
    code.parse::<u32>().is_ok_and(|code| code & 0xff == SQLITE_BUSY)
}

impl From<DbErr> for ServiceError {
    fn from(error: DbErr) -> Self {
        StoreError(error).into()
    }
}

/// Connects to PostgreSQL once, and leaves again. A pool would try a server that is not there for as long as a query may
/// wait, and say no more of it than that.
async fn knock(url: &str) -> Result<(), ConnectError> {
    let options: PgConnectOptions = url.parse().map_err(ConnectError::Address)?;
    let cause = match tokio::time::timeout(FIRST_ANSWER, PgConnection::connect_with(&options)).await {
        Ok(Ok(connection)) => {
            drop(connection.close().await);
            return Ok(());
        }
        // It starts, or has no room just now: that the pool waits for.
        Ok(Err(sqlx::Error::Database(told))) if told.code().is_some_and(|code| may_pass_by_code(&code)) => {
            return Ok(());
        }
        Ok(Err(sqlx::Error::Database(told))) => told.message().to_owned(),
        Ok(Err(sqlx::Error::Io(error))) => error.to_string(),
        Ok(Err(error)) => error.to_string(),
        Err(_) => format!("no answer within {} s", FIRST_ANSWER.as_secs()),
    };
    let place = match options.get_socket() {
        Some(folder) => folder.display().to_string(),
        None => format!("{}:{}", options.get_host(), options.get_port()),
    };
    Err(ConnectError::Refused { place, cause })
}

impl Store {
    /// Connects; an address that does not answer is an error, told at once.
    ///
    /// # Errors
    /// When the address is none, or the database does not let us in.
    pub async fn connect(config: &DatabaseConfig) -> Result<Self, ConnectError> {
        if !config.is_sqlite() {
            knock(&config.url).await?;
        }
        let mut options = ConnectOptions::new(config.url.clone());
        let most = if config.is_sqlite() { SQLITE_CONNECTIONS } else { u32::MAX };
        options
            .max_connections(config.max_connections.min(most))
            .acquire_timeout(Duration::from_secs(10))
            .connect_timeout(Duration::from_secs(5))
            .sqlx_logging(false);
        if config.is_sqlite() {
            options.map_sqlx_sqlite_opts(|sqlite| {
                sqlite
                    .create_if_missing(true)
                    .busy_timeout(Duration::from_secs(10))
                    .pragma("journal_mode", "WAL")
                    .pragma("synchronous", "FULL")
                    .pragma("cache_size", SQLITE_CACHE)
                    .foreign_keys(true)
            });
            // SQLite rolls back by itself when, for instance, the disk is full; the driver then takes the connection
            // for one inside a transaction, and what is written on it later is answered for but never committed. To ask
            // a file whether it is still there would cost as much as what it is to be asked.
            options.test_before_acquire(false).map_sqlx_sqlite_pool_opts(|pool| {
                pool.before_acquire(|connection, _| Box::pin(async move { Ok(!connection.is_in_transaction()) }))
            });
        }
        let db = Database::connect(options).await.map_err(StoreError)?;
        Ok(Self { db, writer: Arc::new(Mutex::new(())) })
    }

    /// Applies what is missing of the schema.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        Ok(Migrator::up(&self.db, None).await?)
    }

    /// How many migrations are still to be applied.
    pub async fn pending_migrations(&self) -> Result<usize, StoreError> {
        Ok(Migrator::get_pending_migrations(&self.db).await?.len())
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<(), StoreError> {
        Ok(self.db.ping().await?)
    }

    /// For reading outside a transaction.
    pub(in crate::server::store) fn reader(&self) -> &DatabaseConnection {
        &self.db
    }

    /// Whether this is SQLite, which has no row locks: its transactions lock the whole file instead.
    pub fn is_sqlite(&self) -> bool {
        self.db.get_database_backend() == DbBackend::Sqlite
    }

    /// Begins a transaction that may write. In SQLite it holds the only write lock from the start, so that
    /// what it reads cannot change under it.
    pub async fn begin(&self) -> Result<Transaction, StoreError> {
        if !self.is_sqlite() {
            return Ok(Transaction { txn: self.db.begin().await?, _turn: None });
        }
        let turn = self.writer.clone().lock_owned().await;
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        Ok(Transaction { txn: self.db.begin_with_options(options).await?, _turn: Some(turn) })
    }

    /// Closes the pool.
    pub async fn close(self) -> Result<(), StoreError> {
        Ok(self.db.close().await?)
    }
}

impl Transaction {
    /// Makes it so.
    pub async fn commit(self) -> Result<(), StoreError> {
        Ok(self.txn.commit().await?)
    }

    /// Whether this is SQLite.
    pub fn is_sqlite(&self) -> bool {
        self.txn.get_database_backend() == DbBackend::Sqlite
    }

    /// For statements of this transaction.
    pub(in crate::server::store) fn db(&self) -> &DatabaseTransaction {
        &self.txn
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    fn told(cause: sqlx::Error) -> ServiceError {
        StoreError(DbErr::Query(RuntimeErr::SqlxError(Arc::new(cause)))).into()
    }

    #[test]
    fn a_database_that_is_gone_may_be_asked_again_and_a_fault_of_ours_not() {
        let reset = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
        for cause in [sqlx::Error::Io(reset), sqlx::Error::PoolTimedOut, sqlx::Error::WorkerCrashed] {
            assert!(matches!(told(cause), ServiceError::Unavailable { dependency: "database", .. }));
        }
        assert!(matches!(told(sqlx::Error::RowNotFound), ServiceError::Internal { .. }));
    }

    #[test]
    fn the_codes_of_both_databases_are_known() {
        // Busy and busy with a snapshot; a lost connection, an administrator's stop, a start under way, a deadlock.
        for code in ["5", "517", "08006", "57P01", "57P03", "40P01"] {
            assert!(may_pass_by_code(code), "{code}");
        }
        // A constraint, in each; a query that was cancelled; no code at all.
        for code in ["19", "2067", "23505", "57014", ""] {
            assert!(!may_pass_by_code(code), "{code}");
        }
    }

    /// A server that refuses whoever connects first, without TLS, with this code and message.
    async fn refusing(code: &str, message: &str) -> std::net::SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let fields = format!("SFATAL\0VFATAL\0C{code}\0M{message}\0\0");
        let length = u32::try_from(fields.len() + 4).unwrap();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut asked = [0; 1024];
            assert_ne!(stream.read(&mut asked).await.unwrap(), 0);
            stream.write_all(b"N").await.unwrap();
            assert_ne!(stream.read(&mut asked).await.unwrap(), 0);
            let answer = [b"E", length.to_be_bytes().as_slice(), fields.as_bytes()].concat();
            stream.write_all(&answer).await.unwrap();
        });
        address
    }

    #[tokio::test]
    async fn a_refusal_says_where_and_why_and_not_the_password() {
        let why = "password authentication failed for user \"signalbox\"";
        let address = refusing("28P01", why).await;
        let refused = knock(&format!("postgres://signalbox:hunter2@{address}/signalbox")).await.unwrap_err();
        assert_eq!(refused.to_string(), format!("PostgreSQL at {address}: {why}"));
        // Nobody listens there any more.
        let refused =
            knock(&format!("postgres://signalbox:hunter2@{address}/signalbox")).await.unwrap_err().to_string();
        assert!(refused.starts_with(&format!("PostgreSQL at {address}: Connection refused")), "{refused}");
        let starting = refusing("57P03", "the database system is starting up").await;
        assert!(knock(&format!("postgres://signalbox@{starting}/signalbox")).await.is_ok(), "the pool waits for it");
    }
}
