//! What a transaction adds to the ledger.

use crate::{
    domain::{id::SignalId, signal::Signal, time::Timestamp},
    server::{
        error::ServiceError,
        store::{
            Transaction,
            ledger::{Committed, StoredEntry},
        },
    },
};
use engine::{
    Settlement,
    ledger::{
        Content, Correction, Decimal, Ending, Entry, Event, Hash, Hex, Instant, Publication, Reveal, canonical,
        commitment,
    },
};

/// Entries in the making, all of one time. They go into the database together, by [`Book::write`].
pub struct Book<'a> {
    txn: &'a Transaction,
    at: Timestamp,
    /// The number and hash of the newest entry, once nobody else can write.
    head: Option<(i64, Hash)>,
    entries: Vec<StoredEntry>,
}

impl<'a> Book<'a> {
    /// Nothing yet. The ledger is locked when the first entry comes.
    pub fn new(txn: &'a Transaction, at: Timestamp) -> Self {
        Self { txn, at, head: None, entries: Vec::new() }
    }

    /// Commits to what a signal says; notes in the signal where that stands.
    ///
    /// # Errors
    /// When the database does not answer, or the signal cannot be written down.
    pub async fn publish(&mut self, signal: &mut Signal) -> Result<Committed, ServiceError> {
        let salt = Hex(rand::random());
        let commitment = commitment(&salt, &content(signal)?).map_err(unwritable)?;
        let publication = Publication { commitment, signal_id: signal.id.to_string() };
        let entry = self.append(signal.id, Event::Publication(publication)).await?;
        (signal.prev_hash, signal.hash) = (Some(entry.prev_hash.to_string()), Some(entry.hash.to_string()));
        Ok(Committed { signal: signal.id, publication: entry.seq, salt })
    }

    /// Tells what a signal said, that has ended.
    ///
    /// # Errors
    /// As [`Book::publish`].
    pub async fn reveal(&mut self, signal: &Signal, committed: &Committed) -> Result<(), ServiceError> {
        let reveal = Reveal {
            ending: ending(signal)?,
            publication: number(committed.publication)?,
            salt: committed.salt,
            signal: content(signal)?,
        };
        self.append(signal.id, Event::Reveal(Box::new(reveal))).await.map(drop)
    }

    /// Tells what signals said that were published before and have ended now. One from before the ledger began is left
    /// out: nothing was committed to that could be shown.
    ///
    /// # Errors
    /// As [`Book::publish`].
    pub async fn reveal_earlier(&mut self, ended: &[Signal]) -> Result<(), ServiceError> {
        if ended.is_empty() {
            return Ok(());
        }
        let ids: Vec<SignalId> = ended.iter().map(|signal| signal.id).collect();
        let committed = self.txn.committed(&ids).await?;
        for signal in ended {
            if let Some(committed) = committed.iter().find(|committed| committed.signal == signal.id) {
                self.reveal(signal, committed).await?;
            }
        }
        Ok(())
    }

    /// Says that the market data under a signal is another now.
    ///
    /// # Errors
    /// As [`Book::publish`].
    pub async fn correct(&mut self, signal: SignalId, correction: Correction) -> Result<(), ServiceError> {
        self.append(signal, Event::Correction(Box::new(correction))).await.map(drop)
    }

    /// Adds the entries to the ledger.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn write(self) -> Result<(), ServiceError> {
        Ok(self.txn.append_to_ledger(&self.entries).await?)
    }

    async fn append(&mut self, signal: SignalId, event: Event) -> Result<StoredEntry, ServiceError> {
        let (last, prev_hash) = match self.head {
            Some(head) => head,
            None => self.txn.lock_ledger().await?.map_or((0, Hash::NONE), |newest| (newest.seq, newest.hash)),
        };
        let (seq, kind) = (last + 1, event.kind().to_owned());
        let entry = Entry { at: instant(self.at), event, prev_hash, seq: number(seq)? };
        let body = canonical(&entry).map_err(unwritable)?;
        let hash = Hash::of(&body);
        let stored = StoredEntry { seq, kind, signal, body, prev_hash, hash, written_at: self.at };
        self.head = Some((seq, hash));
        self.entries.push(stored.clone());
        Ok(stored)
    }
}

/// What a signal said at its publication, as the ledger writes it.
pub(super) fn content(signal: &Signal) -> Result<Content, ServiceError> {
    Ok(Content {
        candle_closed_at: instant(signal.candle_closed_at),
        confidence: signal.confidence.map(decimal).transpose()?,
        confidence_n: u32::try_from(signal.confidence_n).map_err(unwritable)?,
        confidence_reason: signal.confidence_reason.clone(),
        expires_at: instant(signal.expires_at),
        id: signal.id.to_string(),
        price: decimal(signal.price)?,
        published_at: instant(signal.published_at),
        rationale: signal.rationale.clone(),
        replay: signal.replay,
        risk_reward: decimal(signal.risk_reward)?,
        seq: number(signal.seq)?,
        side: signal.side,
        stop: decimal(signal.stop)?,
        strategy: signal.strategy.clone(),
        strategy_version: u32::try_from(signal.strategy_version).map_err(unwritable)?,
        symbol: signal.symbol.clone(),
        target: decimal(signal.target)?,
        timeframe: signal.timeframe.parse().map_err(unwritable)?,
    })
}

/// How a signal ended, as the ledger writes it.
pub(super) fn ending(signal: &Signal) -> Result<Ending, ServiceError> {
    let (Some(exit_price), Some(r_multiple), Some(at)) = (signal.exit_price, signal.r_multiple, signal.settled_at)
    else {
        return Err(unwritable("a signal that has ended lacks its ending"));
    };
    let settlement = Settlement { outcome: signal.outcome, exit_price, r_multiple, settled_at: at.secs() };
    Ending::new(signal.fill_price, settlement).ok_or_else(|| unwritable("an ending is no number"))
}

fn instant(time: Timestamp) -> Instant {
    Instant::from_millis(time.millis())
}

fn decimal(value: f64) -> Result<Decimal, ServiceError> {
    Decimal::new(value).ok_or_else(|| unwritable("a price is no number"))
}

fn number(seq: i64) -> Result<u64, ServiceError> {
    u64::try_from(seq).map_err(unwritable)
}

fn unwritable(error: impl Into<crate::server::error::BoxError>) -> ServiceError {
    ServiceError::internal("writing into the ledger", error)
}
