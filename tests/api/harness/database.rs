//! A database for one test, copied from a template that is migrated once.

use super::{Backend, required, until};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use signalbox::server::{config::DatabaseConfig, store::Store};
use std::{
    hash::{DefaultHasher, Hash, Hasher},
    path::Path,
};

pub struct Database {
    pub url: String,
    /// PostgreSQL's name of it; an SQLite file goes with its folder.
    name: Option<String>,
}

impl Database {
    pub async fn create(backend: Backend, folder: &Path) -> Self {
        match backend {
            Backend::Embedded => sqlite(folder).await,
            Backend::ScaleOut => postgres().await,
        }
    }

    /// A PostgreSQL database without a schema.
    pub async fn empty() -> Self {
        let server = server().await;
        let name = new_name();
        server.execute_unprepared(&format!("CREATE DATABASE {name}")).await.unwrap();
        server.close().await.unwrap();
        Self { url: on_server(&name), name: Some(name) }
    }

    /// Waits until somebody waits for a row that is locked. In SQLite, where nobody can be seen waiting, not at all.
    pub async fn until_somebody_waits(&self) {
        if self.name.is_none() {
            return;
        }
        let database = sea_orm::Database::connect(&self.url).await.unwrap();
        let waiting = "SELECT 1 AS one FROM pg_stat_activity WHERE datname = current_database() \
                       AND wait_event_type = 'Lock' AND query LIKE '%FOR UPDATE%'";
        let asked = || async {
            let statement = Statement::from_string(DbBackend::Postgres, waiting);
            database.query_one_raw(statement).await.unwrap().is_some()
        };
        until("somebody waits for a row", asked).await;
        database.close().await.unwrap();
    }

    /// Removes it, whoever is still connected.
    pub async fn remove(&self) {
        if let Some(name) = &self.name {
            let server = server().await;
            server.execute_unprepared(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await.unwrap();
            server.close().await.unwrap();
        }
    }
}

async fn sqlite(folder: &Path) -> Database {
    let template = std::env::temp_dir().join(format!("signalbox-template-{}.db", schema_hash()));
    if !template.exists() {
        let draft = folder.join("template.db");
        migrate(&format!("sqlite:{}?mode=rwc", draft.display())).await;
        std::fs::copy(&draft, folder.join("copy.db")).unwrap();
        std::fs::copy(folder.join("copy.db"), template.with_extension(std::process::id().to_string())).unwrap();
        std::fs::rename(template.with_extension(std::process::id().to_string()), &template).unwrap();
    }
    let file = folder.join("signalbox.db");
    std::fs::copy(&template, &file).unwrap();
    Database { url: format!("sqlite:{}?mode=rwc", file.display()), name: None }
}

async fn postgres() -> Database {
    let server = server().await;
    let template = format!("signalbox_template_{}", schema_hash());
    // One test program at a time makes the template; the others wait here for it.
    server.execute_unprepared("SELECT pg_advisory_lock(7266254)").await.unwrap();
    let known = server
        .query_one_raw(Statement::from_string(
            DbBackend::Postgres,
            format!("SELECT 1 AS one FROM pg_database WHERE datname = '{template}'"),
        ))
        .await
        .unwrap();
    if known.is_none() {
        // What a run that was broken off has left.
        let left = format!("DROP DATABASE IF EXISTS {template}_draft WITH (FORCE)");
        server.execute_unprepared(&left).await.unwrap();
        server.execute_unprepared(&format!("CREATE DATABASE {template}_draft")).await.unwrap();
        migrate(&on_server(&format!("{template}_draft"))).await;
        server.execute_unprepared(&format!("ALTER DATABASE {template}_draft RENAME TO {template}")).await.unwrap();
    }
    let name = new_name();
    server.execute_unprepared(&format!("CREATE DATABASE {name} TEMPLATE {template}")).await.unwrap();
    server.close().await.unwrap();
    Database { url: on_server(&name), name: Some(name) }
}

fn new_name() -> String {
    format!("signalbox_test_{}", uuid::Uuid::now_v7().simple())
}

async fn migrate(url: &str) {
    let store = Store::connect(&DatabaseConfig { url: url.to_owned(), max_connections: 1 }).await.unwrap();
    store.migrate().await.unwrap();
    store.close().await.unwrap();
}

async fn server() -> DatabaseConnection {
    let mut options = sea_orm::ConnectOptions::new(required("SIGNALBOX_TEST_DATABASE_URL"));
    options.max_connections(1);
    sea_orm::Database::connect(options).await.unwrap()
}

/// The server's address with another database's name.
fn on_server(name: &str) -> String {
    let mut url = url::Url::parse(&required("SIGNALBOX_TEST_DATABASE_URL")).unwrap();
    url.set_path(name);
    url.to_string()
}

/// Changes whenever a migration does.
fn schema_hash() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migration/src");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        std::fs::read(file).unwrap().hash(&mut hasher);
    }
    format!("{:x}", hasher.finish())
}
