//! What only somebody with the database in hand can do.

use crate::harness::{Backend, Site};
use engine::{
    Settlement,
    ledger::{Content, Decimal, Ending, Entry, Event, Hash, Instant, Publication, Reveal, Salt, canonical, commitment},
};
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseConnection, EntityTrait, QueryFilter, QueryOrder};
use signalbox::{
    domain::{id::SignalId, signal::Signal},
    server::{
        state::AppState,
        store::{entity::signal, ledger::StoredEntry},
    },
};
use uuid::Uuid;

/// The site's database, past the program.
pub async fn database(site: &Site) -> DatabaseConnection {
    sea_orm::Database::connect(&site.database.url).await.unwrap()
}

/// Lets the ledger and the signals be changed, as their owner can.
pub async fn lift_the_guards(backend: Backend, database: &DatabaseConnection) {
    let lift = match backend {
        Backend::Embedded => {
            "DROP TRIGGER ledger_entries_update; DROP TRIGGER signals_ended; DROP TRIGGER signals_said;
             DROP TRIGGER signals_delete"
        }
        Backend::ScaleOut => "ALTER TABLE ledger_entries DISABLE TRIGGER ALL; ALTER TABLE signals DISABLE TRIGGER ALL",
    };
    database.execute_unprepared(lift).await.unwrap();
}

/// Puts a signal like this one among the signals, at their end, under another strategy's name.
pub async fn insert_by_hand(database: &DatabaseConnection, like: signal::Model) -> SignalId {
    let newest = signal::Entity::find().order_by_desc(signal::Column::Seq).one(database).await.unwrap().unwrap();
    let row = signal::Model {
        id: Uuid::new_v4(),
        seq: newest.seq + 1,
        strategy: "by-hand".to_owned(),
        prev_hash: None,
        hash: None,
        ..like
    };
    let id = SignalId(row.id);
    signal::Entity::insert(signal::ActiveModel::from(row)).exec_without_returning(database).await.unwrap();
    id
}

/// Writes a signal that has ended into the ledger as the program would have, had it settled it so.
pub async fn write_as_published(state: &AppState, id: SignalId) {
    let signal = state.store.signal(id).await.unwrap().unwrap();
    let database = sea_orm::Database::connect(&state.config.database.url).await.unwrap();
    let row = signal::Entity::find().filter(signal::Column::Id.eq(id.0)).one(&database).await.unwrap().unwrap();
    let (salt, content) = (Salt::parse(&row.salt.unwrap()).unwrap(), content(&signal));
    let commitment = commitment(&salt, &content).unwrap();
    let publication =
        append(state, id, Event::Publication(Publication { commitment, signal_id: id.to_string() })).await;
    let settlement = Settlement {
        outcome: signal.outcome,
        exit_price: signal.exit_price.unwrap(),
        r_multiple: signal.r_multiple.unwrap(),
        settled_at: signal.settled_at.unwrap().secs(),
    };
    let ending = Ending::new(signal.fill_price, settlement).unwrap();
    append(state, id, Event::Reveal(Box::new(Reveal { ending, publication, salt, signal: content }))).await;
}

async fn append(state: &AppState, signal: SignalId, event: Event) -> u64 {
    let txn = state.store.begin().await.unwrap();
    let newest = txn.lock_ledger().await.unwrap().unwrap();
    let (kind, seq, now) = (event.kind().to_owned(), newest.seq + 1, state.clock.now());
    let entry = Entry { at: Instant::from_millis(now.millis()), event, prev_hash: newest.hash, seq: seq as u64 };
    let body = canonical(&entry).unwrap();
    let hash = Hash::of(&body);
    let stored = StoredEntry { seq, kind, signal, body, prev_hash: newest.hash, hash, written_at: now };
    txn.append_to_ledger(&[stored]).await.unwrap();
    txn.commit().await.unwrap();
    entry.seq
}

fn content(signal: &Signal) -> Content {
    let decimal = |value: f64| Decimal::new(value).unwrap();
    let instant = |time: signalbox::domain::time::Timestamp| Instant::from_millis(time.millis());
    Content {
        candle_closed_at: instant(signal.candle_closed_at),
        confidence: signal.confidence.map(decimal),
        confidence_n: signal.confidence_n as u32,
        confidence_reason: signal.confidence_reason.clone(),
        expires_at: instant(signal.expires_at),
        id: signal.id.to_string(),
        price: decimal(signal.price),
        published_at: instant(signal.published_at),
        rationale: signal.rationale.clone(),
        replay: signal.replay,
        risk_reward: decimal(signal.risk_reward),
        seq: signal.seq as u64,
        side: signal.side,
        stop: decimal(signal.stop),
        strategy: signal.strategy.clone(),
        strategy_version: signal.strategy_version as u32,
        symbol: signal.symbol.clone(),
        target: decimal(signal.target),
        timeframe: signal.timeframe.parse().unwrap(),
    }
}
