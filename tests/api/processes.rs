//! The scale-out mode as it is deployed: migrated first, then servers and workers, each a process of its own.

use crate::harness::{Backend, Process, Site, free_port, run_to_end, said};
use sea_orm::{ColumnTrait, DatabaseConnection, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};
use signalbox::server::store::entity::{ledger_entry, mail, signal};
use std::{
    collections::HashSet,
    time::{Duration, Instant},
};
use uuid::Uuid;

/// Nobody pays. The market makes haste: signals every second.
const SETTINGS: [(&str, &str); 2] =
    [("STRIPE_API_BASE", "http://127.0.0.1:9"), ("SIGNALBOX_MARKET__DAYS_PER_MINUTE", "240")];

/// Longer than the deadline of a stop.
const STOP: Duration = Duration::from_secs(25);

async fn until<F: Future<Output = bool>>(site: &Site, what: &str, done: impl Fn() -> F) {
    let begun = Instant::now();
    while !done().await {
        assert!(begun.elapsed() < Duration::from_secs(40), "not within 40 s: {what}: {}", said(site));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn stopped(process: Process) {
    process.tell_to_stop().await;
    let ended = process.ended_within(STOP).await;
    assert!(ended.success(), "{ended}");
}

/// A mail that waits to be handed over.
async fn mail_waits(database: &DatabaseConnection) -> Uuid {
    let row = mail::Model {
        id: Uuid::now_v7(),
        recipient: "asha@example.com".to_owned(),
        subject: "Across processes".to_owned(),
        body: "Hello.".to_owned(),
        state: "pending".to_owned(),
        attempts: 0,
        due_at: 0,
        last_error: None,
        created_at: 0,
        sent_at: None,
        kind: None,
    };
    let id = row.id;
    mail::Entity::insert(mail::ActiveModel::from(row)).exec_without_returning(database).await.unwrap();
    id
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_worker_ends_by_the_deadline_whatever_its_jobs_wait_for() {
    let deadline = Duration::from_secs(2);
    // Takes connections, and never says a word.
    let silent = tokio::net::TcpListener::bind(("127.0.0.1", free_port())).await.unwrap();
    let smtp = format!("smtp://{}", silent.local_addr().unwrap());
    let settings = [SETTINGS[0], ("SMTP_URL", smtp.as_str()), ("SIGNALBOX_SITE__STOP_DEADLINE_SECONDS", "2")];
    let site = Site::with_settings(Backend::Embedded, &settings).await;
    let database = sea_orm::Database::connect(&site.database.url).await.unwrap();
    mail_waits(&database).await;
    database.close().await.unwrap();
    let worker = Process::spawn(&site, "worker");
    let held = tokio::time::timeout(STOP, silent.accept()).await.unwrap().unwrap();
    let told = Instant::now();
    worker.tell_to_stop().await;
    let ended = worker.ended_within(deadline * 3).await;
    let took = told.elapsed();
    assert!(ended.success(), "{ended}: {}", said(&site));
    assert!(took >= deadline && took < deadline + Duration::from_secs(2), "{took:?}");
    assert!(said(&site).contains("cut off"), "{}", said(&site));
    drop(held);
}

/// Waits until there are signals that were not there before.
async fn market_goes_on(site: &Site, database: &DatabaseConnection, what: &str) {
    let count = || async { signal::Entity::find().count(database).await.unwrap() };
    let before = count().await;
    until(site, what, || async { count().await > before }).await;
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn servers_and_workers_share_the_work_of_a_migrated_database() {
    let site = Site::before_migration(&SETTINGS).await;
    for action in ["serve", "worker"] {
        let refused = run_to_end(&site, &[action], "").await;
        let reason = String::from_utf8(refused.stderr).unwrap();
        assert_eq!(refused.status.code(), Some(1), "{action}: {reason}");
        assert!(reason.contains("migrations behind: run `signalbox migrate` first"), "{action}: {reason}");
    }
    for round in ["first", "second"] {
        let migrated = run_to_end(&site, &["migrate"], "").await;
        assert!(migrated.status.success(), "{round}: {}", String::from_utf8_lossy(&migrated.stderr));
    }
    let database = sea_orm::Database::connect(&site.database.url).await.unwrap();
    let is_sent = |id: Uuid| {
        let sent = mail::Entity::find_by_id(id).filter(mail::Column::State.eq("sent"));
        async { sent.count(&database).await.unwrap() == 1 }
    };

    let worker = Process::spawn(&site, "worker");
    let mail = mail_waits(&database).await;
    until(&site, "the worker hands the mail over", || is_sent(mail)).await;
    market_goes_on(&site, &database, "the worker publishes").await;
    let server = Process::start(&site).await;
    let feed = reqwest::get(format!("{}/api/v1/track-record", server.base)).await.unwrap();
    assert_eq!(feed.status(), 200);
    market_goes_on(&site, &database, "one of the two publishes").await;
    stopped(worker).await;
    let mail = mail_waits(&database).await;
    until(&site, "the server hands the mail over", || is_sent(mail)).await;
    market_goes_on(&site, &database, "the server publishes").await;
    let worker = Process::spawn(&site, "worker");
    stopped(server).await;
    market_goes_on(&site, &database, "another worker publishes").await;
    stopped(worker).await;

    let signals = signal::Entity::find().order_by_asc(signal::Column::Seq).all(&database).await.unwrap();
    assert!(signals.iter().zip(1..).all(|(signal, seq)| signal.seq == seq), "a number twice, or none");
    let says = |row: &signal::Model| {
        let series = (row.strategy.clone(), row.strategy_version, row.symbol.clone(), row.timeframe.clone());
        (series, row.candle_closed_at)
    };
    assert_eq!(signals.iter().map(says).collect::<HashSet<_>>().len(), signals.len(), "a signal twice");
    let entries = ledger_entry::Entity::find().count(&database).await.unwrap();
    assert!(entries >= signals.len() as u64, "{entries} entries of {} signals", signals.len());
    assert!(!said(&site).contains("ERROR"), "{}", said(&site));
    database.close().await.unwrap();
    site.database.remove().await;
}
