//! The ledger: rows are added at its end, and nothing else.

use super::{
    Store, StoreError, Transaction,
    entity::{ledger_checkpoint, ledger_entry, signal},
};
use crate::domain::{id::SignalId, time::Timestamp};
use engine::ledger::{Hash, PublicKey, Salt, Signature};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::OnConflict,
};
use std::collections::HashMap;
use uuid::Uuid;

/// An entry as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredEntry {
    /// Its number, from 1.
    pub seq: i64,
    /// What it is: `publication`, `reveal` or `correction`.
    pub kind: String,
    /// Which signal it is about.
    pub signal: SignalId,
    /// Its canonical text.
    pub body: String,
    /// The hash of the entry before.
    pub prev_hash: Hash,
    /// The hash of `body`.
    pub hash: Hash,
    /// When it was written.
    pub written_at: Timestamp,
}

/// A checkpoint as it is stored.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StoredCheckpoint {
    /// The number of the newest entry that it covers.
    pub seq: i64,
    /// That entry's hash.
    pub hash: Hash,
    /// Who signed.
    pub key: PublicKey,
    /// Over the checkpoint's canonical text.
    pub signature: Signature,
    /// When.
    pub signed_at: Timestamp,
}

/// What a signal's publication committed to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Committed {
    /// Which signal.
    pub signal: SignalId,
    /// The number of the entry that published it.
    pub publication: i64,
    /// A secret until the signal has ended.
    pub salt: Salt,
}

impl Store {
    /// The newest entry.
    pub async fn newest_ledger_entry(&self) -> Result<Option<StoredEntry>, StoreError> {
        newest(self.reader()).await
    }

    /// Entries after number `after` up to number `upto`, in order, at most `limit` of them.
    pub async fn ledger_entries(&self, after: i64, upto: i64, limit: u64) -> Result<Vec<StoredEntry>, StoreError> {
        let find = ledger_entry::Entity::find()
            .filter(ledger_entry::Column::Seq.gt(after))
            .filter(ledger_entry::Column::Seq.lte(upto))
            .order_by_asc(ledger_entry::Column::Seq)
            .limit(limit);
        read_all(find.all(self.reader()).await?)
    }

    /// What the ledger says of a signal, in order.
    pub async fn ledger_of_signal(&self, signal: SignalId) -> Result<Vec<StoredEntry>, StoreError> {
        of_signal(self.reader(), signal).await
    }

    /// Entries of a kind after number `after`, in order, at most `limit` of them.
    pub async fn ledger_entries_of_kind(
        &self,
        kind: &str,
        after: i64,
        limit: u64,
    ) -> Result<Vec<StoredEntry>, StoreError> {
        let find = ledger_entry::Entity::find()
            .filter(ledger_entry::Column::Kind.eq(kind))
            .filter(ledger_entry::Column::Seq.gt(after))
            .order_by_asc(ledger_entry::Column::Seq)
            .limit(limit);
        read_all(find.all(self.reader()).await?)
    }

    /// Checkpoints after entry `after` up to entry `upto`, in order.
    pub async fn ledger_checkpoints(&self, after: i64, upto: i64) -> Result<Vec<StoredCheckpoint>, StoreError> {
        let find = ledger_checkpoint::Entity::find()
            .filter(ledger_checkpoint::Column::Seq.gt(after))
            .filter(ledger_checkpoint::Column::Seq.lte(upto))
            .order_by_asc(ledger_checkpoint::Column::Seq);
        Ok(find.all(self.reader()).await?.into_iter().map(read_checkpoint).collect::<Result<_, _>>()?)
    }

    /// The newest checkpoint.
    pub async fn newest_checkpoint(&self) -> Result<Option<StoredCheckpoint>, StoreError> {
        let find = ledger_checkpoint::Entity::find().order_by_desc(ledger_checkpoint::Column::Seq);
        Ok(find.one(self.reader()).await?.map(read_checkpoint).transpose()?)
    }
}

impl Transaction {
    /// The newest entry, after which nobody else writes until this transaction ends.
    pub async fn lock_ledger(&self) -> Result<Option<StoredEntry>, StoreError> {
        // SQLite's transaction holds the only write lock already.
        if !self.is_sqlite() {
            let lock = "SELECT pg_advisory_xact_lock(hashtextextended('ledger', 9))";
            self.db().execute_unprepared(lock).await?;
        }
        newest(self.db()).await
    }

    /// What the ledger says of a signal, in order.
    pub async fn ledger_of_signal(&self, signal: SignalId) -> Result<Vec<StoredEntry>, StoreError> {
        of_signal(self.db(), signal).await
    }

    /// Adds entries at the end.
    pub async fn append_to_ledger(&self, entries: &[StoredEntry]) -> Result<(), StoreError> {
        for chunk in entries.chunks(500) {
            let rows = chunk.iter().map(|entry| ledger_entry::ActiveModel {
                seq: Set(entry.seq),
                kind: Set(entry.kind.clone()),
                signal_id: Set(entry.signal.0),
                body: Set(entry.body.clone()),
                prev_hash: Set(entry.prev_hash.to_string()),
                hash: Set(entry.hash.to_string()),
                written_at: Set(entry.written_at.millis()),
            });
            ledger_entry::Entity::insert_many(rows).exec_without_returning(self.db()).await?;
        }
        Ok(())
    }

    /// What the publications of these signals committed to; those from before the ledger are left out.
    pub async fn committed(&self, signals: &[SignalId]) -> Result<Vec<Committed>, StoreError> {
        let mut committed = Vec::with_capacity(signals.len());
        for chunk in signals.chunks(500) {
            let ids: Vec<_> = chunk.iter().map(|id| id.0).collect();
            let find = ledger_entry::Entity::find()
                .select_only()
                .column(ledger_entry::Column::SignalId)
                .column(ledger_entry::Column::Seq)
                .filter(ledger_entry::Column::Kind.eq("publication"))
                .filter(ledger_entry::Column::SignalId.is_in(ids.clone()));
            let places: HashMap<Uuid, i64> =
                find.into_tuple::<(Uuid, i64)>().all(self.db()).await?.into_iter().collect();
            let find = signal::Entity::find()
                .select_only()
                .column(signal::Column::Id)
                .column(signal::Column::Salt)
                .filter(signal::Column::Id.is_in(ids))
                .filter(signal::Column::Salt.is_not_null());
            for (id, salt) in find.into_tuple::<(Uuid, String)>().all(self.db()).await? {
                let salt = Salt::parse(&salt).ok_or_else(|| unreadable(&format!("the salt of signal {id}")))?;
                if let Some(publication) = places.get(&id) {
                    committed.push(Committed { signal: SignalId(id), publication: *publication, salt });
                }
            }
        }
        Ok(committed)
    }

    /// Adds a checkpoint, unless its entry has one.
    pub async fn add_checkpoint(&self, checkpoint: &StoredCheckpoint) -> Result<(), StoreError> {
        // SQLite asks its triggers before it looks for a conflict; there nobody else writes meanwhile.
        if ledger_checkpoint::Entity::find_by_id(checkpoint.seq).one(self.db()).await?.is_some() {
            return Ok(());
        }
        let row = ledger_checkpoint::ActiveModel {
            seq: Set(checkpoint.seq),
            hash: Set(checkpoint.hash.to_string()),
            key: Set(checkpoint.key.to_string()),
            signature: Set(checkpoint.signature.to_string()),
            signed_at: Set(checkpoint.signed_at.millis()),
        };
        let unless_there = OnConflict::column(ledger_checkpoint::Column::Seq).do_nothing().to_owned();
        let insert = ledger_checkpoint::Entity::insert(row).on_conflict(unless_there);
        insert.exec_without_returning(self.db()).await?;
        Ok(())
    }
}

async fn of_signal(db: &impl ConnectionTrait, signal: SignalId) -> Result<Vec<StoredEntry>, StoreError> {
    let find = ledger_entry::Entity::find()
        .filter(ledger_entry::Column::SignalId.eq(signal.0))
        .order_by_asc(ledger_entry::Column::Seq);
    read_all(find.all(db).await?)
}

async fn newest(db: &impl ConnectionTrait) -> Result<Option<StoredEntry>, StoreError> {
    let newest = ledger_entry::Entity::find().order_by_desc(ledger_entry::Column::Seq).one(db).await?;
    Ok(newest.map(read).transpose()?)
}

fn read_all(rows: Vec<ledger_entry::Model>) -> Result<Vec<StoredEntry>, StoreError> {
    Ok(rows.into_iter().map(read).collect::<Result<_, _>>()?)
}

fn read(row: ledger_entry::Model) -> Result<StoredEntry, DbErr> {
    let hash = |text: &str| Hash::parse(text).ok_or_else(|| unreadable(&format!("a hash of ledger entry {}", row.seq)));
    Ok(StoredEntry {
        prev_hash: hash(&row.prev_hash)?,
        hash: hash(&row.hash)?,
        seq: row.seq,
        kind: row.kind,
        signal: SignalId(row.signal_id),
        body: row.body,
        written_at: Timestamp::from_millis(row.written_at),
    })
}

fn read_checkpoint(row: ledger_checkpoint::Model) -> Result<StoredCheckpoint, DbErr> {
    let fault = || unreadable(&format!("the checkpoint of ledger entry {}", row.seq));
    Ok(StoredCheckpoint {
        seq: row.seq,
        hash: Hash::parse(&row.hash).ok_or_else(fault)?,
        key: PublicKey::parse(&row.key).ok_or_else(fault)?,
        signature: Signature::parse(&row.signature).ok_or_else(fault)?,
        signed_at: Timestamp::from_millis(row.signed_at),
    })
}

fn unreadable(what: &str) -> DbErr {
    DbErr::Type(format!("{what} cannot be read"))
}
