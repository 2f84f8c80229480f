//! Published signals, and up to where each strategy has spoken.

use super::{Store, StoreError, Transaction, entity::series_progress, entity::signal};
use crate::domain::{
    id::SignalId,
    signal::{FeedFilter, Outcome, Signal},
    time::Timestamp,
};
use engine::ledger::Salt;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, DbErr, EntityTrait, FromQueryResult, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect, Statement, sea_query::OnConflict,
};
use std::collections::HashMap;
use uuid::Uuid;

/// Which signals of the feed, newest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FeedQuery {
    /// At most so many.
    pub limit: u64,
    /// Only those with a smaller number.
    pub before: Option<i64>,
    /// Only these.
    pub filter: FeedFilter,
}

/// Published signals by what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, FromQueryResult)]
pub struct OutcomeCount {
    /// How many.
    pub count: i64,
    /// The sum of their R.
    pub total_r: Option<f64>,
}

/// What settling changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Which signal.
    pub id: SignalId,
    /// The fill, once there is one.
    pub fill_price: Option<f64>,
    /// How it ended, if it did.
    pub settlement: Option<engine::Settlement>,
}

/// A strategy on a series.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SeriesKey {
    /// The strategy's name.
    pub strategy: String,
    /// Its version.
    pub version: i32,
    /// The symbol.
    pub symbol: String,
    /// The timeframe's name.
    pub timeframe: String,
}

impl Store {
    /// The newest signals.
    pub async fn newest_signals(&self, query: &FeedQuery) -> Result<Vec<Signal>, StoreError> {
        let mut find = signal::Entity::find().order_by_desc(signal::Column::Seq).limit(query.limit);
        if let Some(before) = query.before {
            find = find.filter(signal::Column::Seq.lt(before));
        }
        let FeedFilter { symbol, side, outcome } = &query.filter;
        if let Some(symbol) = symbol {
            find = find.filter(signal::Column::Symbol.eq(symbol));
        }
        if let Some(side) = side {
            find = find.filter(signal::Column::Side.eq(side.as_str()));
        }
        if let Some(outcome) = outcome {
            find = find.filter(signal::Column::Outcome.eq(outcome.as_str()));
        }
        read_all(find.all(self.reader()).await?)
    }

    /// The signals settled last, by market time.
    pub async fn newest_settled_signals(&self, limit: u64) -> Result<Vec<Signal>, StoreError> {
        let find = signal::Entity::find()
            .filter(signal::Column::Outcome.ne(Outcome::Open.as_str()))
            .order_by_desc(signal::Column::SettledAt)
            .order_by_desc(signal::Column::Seq)
            .limit(limit);
        read_all(find.all(self.reader()).await?)
    }

    /// The numbers of all settled signals.
    pub async fn settled_numbers(&self) -> Result<HashMap<SignalId, i64>, StoreError> {
        let find = signal::Entity::find()
            .select_only()
            .columns([signal::Column::Id, signal::Column::Seq])
            .filter(signal::Column::Outcome.ne(Outcome::Open.as_str()));
        let rows = find.into_tuple::<(Uuid, i64)>().all(self.reader()).await?;
        Ok(rows.into_iter().map(|(id, seq)| (SignalId(id), seq)).collect())
    }

    /// One signal.
    pub async fn signal(&self, id: SignalId) -> Result<Option<Signal>, StoreError> {
        let found = signal::Entity::find_by_id(id.0).one(self.reader()).await?;
        Ok(found.map(read).transpose()?)
    }

    /// These signals, newest first; unknown ones are left out.
    pub async fn signals(&self, ids: &[SignalId]) -> Result<Vec<Signal>, StoreError> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let find = signal::Entity::find()
            .filter(signal::Column::Id.is_in(ids.iter().map(|id| id.0)))
            .order_by_desc(signal::Column::Seq);
        read_all(find.all(self.reader()).await?)
    }

    /// How many signals ended in `outcome`, and their R.
    pub async fn count_signals(&self, outcome: Outcome) -> Result<OutcomeCount, StoreError> {
        let find = signal::Entity::find()
            .select_only()
            .column_as(signal::Column::Id.count(), "count")
            .column_as(signal::Column::RMultiple.sum(), "total_r")
            .filter(signal::Column::Outcome.eq(outcome.as_str()));
        Ok(find.into_model::<OutcomeCount>().one(self.reader()).await?.unwrap_or_default())
    }

    /// Rises whenever something was published, filled or settled, and when a strategy was examined; `None` before the
    /// first signal can have been.
    pub async fn record_version(&self) -> Result<Option<i64>, StoreError> {
        const NEWEST: &str = "SELECT (SELECT max(candle_closed_at) FROM series_progress) AS progress, \
                              (SELECT coalesce(max(examined_at), 0) + count(*) FROM verdicts) AS verdicts";
        let statement = Statement::from_string(self.reader().get_database_backend(), NEWEST);
        let newest = Newest::find_by_statement(statement).one(self.reader()).await?;
        Ok(newest.and_then(|newest| Some(newest.progress? + newest.verdicts)))
    }
}

/// How far the parts of the record's version are.
#[derive(FromQueryResult)]
struct Newest {
    progress: Option<i64>,
    verdicts: i64,
}

impl Transaction {
    /// The number of the newest signal, 0 before the first.
    pub async fn last_signal_seq(&self) -> Result<i64, StoreError> {
        let newest = signal::Entity::find().order_by_desc(signal::Column::Seq).one(self.db()).await?;
        Ok(newest.map_or(0, |row| row.seq))
    }

    /// The signals not settled, in order.
    pub async fn open_signals(&self) -> Result<Vec<Signal>, StoreError> {
        let find = signal::Entity::find()
            .filter(signal::Column::Outcome.eq(Outcome::Open.as_str()))
            .order_by_asc(signal::Column::Seq);
        read_all(find.all(self.db()).await?)
    }

    /// Publishes new signals, each with the salt of its commitment.
    pub async fn insert_signals(&self, signals: &[(Signal, Salt)]) -> Result<(), StoreError> {
        // As many columns as a statement may have parameters.
        for chunk in signals.chunks(500) {
            let rows = chunk.iter().map(|(signal, salt)| row(signal, salt).into_active_model());
            signal::Entity::insert_many(rows).exec_without_returning(self.db()).await?;
        }
        Ok(())
    }

    /// Writes a fill or a settlement, unless the signal is settled already; whether it did.
    pub async fn settle_signal(&self, change: &Change) -> Result<bool, StoreError> {
        let mut new = signal::ActiveModel { fill_price: Set(change.fill_price), ..Default::default() };
        if let Some(settlement) = change.settlement {
            new.outcome = Set(settlement.outcome.as_str().to_owned());
            new.exit_price = Set(Some(settlement.exit_price));
            new.r_multiple = Set(Some(settlement.r_multiple));
            new.settled_at = Set(Some(Timestamp::from_secs(settlement.settled_at).millis()));
        }
        let still_open = Condition::all()
            .add(signal::Column::Id.eq(change.id.0))
            .add(signal::Column::Outcome.eq(Outcome::Open.as_str()));
        let done = signal::Entity::update_many().set(new).filter(still_open).exec(self.db()).await?;
        Ok(done.rows_affected == 1)
    }

    /// Up to which market time each strategy has spoken on each series.
    pub async fn progress(&self) -> Result<Vec<(SeriesKey, Timestamp)>, StoreError> {
        let rows = series_progress::Entity::find().all(self.db()).await?;
        let read = |row: series_progress::Model| {
            let key = SeriesKey {
                strategy: row.strategy,
                version: row.strategy_version,
                symbol: row.symbol,
                timeframe: row.timeframe,
            };
            (key, Timestamp::from_millis(row.candle_closed_at))
        };
        Ok(rows.into_iter().map(read).collect())
    }

    /// Notes that every candle closed at or before `time` has been spoken on.
    pub async fn set_progress(&self, series: &[SeriesKey], time: Timestamp) -> Result<(), StoreError> {
        if series.is_empty() {
            return Ok(());
        }
        let rows = series.iter().map(|key| series_progress::ActiveModel {
            strategy: Set(key.strategy.clone()),
            strategy_version: Set(key.version),
            symbol: Set(key.symbol.clone()),
            timeframe: Set(key.timeframe.clone()),
            candle_closed_at: Set(time.millis()),
        });
        let primary = [
            series_progress::Column::Strategy,
            series_progress::Column::StrategyVersion,
            series_progress::Column::Symbol,
            series_progress::Column::Timeframe,
        ];
        let newer = OnConflict::columns(primary).update_column(series_progress::Column::CandleClosedAt).to_owned();
        series_progress::Entity::insert_many(rows).on_conflict(newer).exec_without_returning(self.db()).await?;
        Ok(())
    }
}

fn read_all(rows: Vec<signal::Model>) -> Result<Vec<Signal>, StoreError> {
    Ok(rows.into_iter().map(read).collect::<Result<_, _>>()?)
}

fn read(row: signal::Model) -> Result<Signal, DbErr> {
    let unknown = |what: &str| DbErr::Type(format!("signal {}: {what}", row.id));
    Ok(Signal {
        side: row.side.parse().map_err(|_| unknown(&row.side))?,
        outcome: row.outcome.parse().map_err(|_| unknown(&row.outcome))?,
        id: SignalId(row.id),
        seq: row.seq,
        symbol: row.symbol,
        timeframe: row.timeframe,
        strategy: row.strategy,
        strategy_version: row.strategy_version,
        price: row.price,
        fill_price: row.fill_price,
        target: row.target,
        stop: row.stop,
        risk_reward: row.risk_reward,
        confidence: row.confidence,
        confidence_n: row.confidence_n,
        confidence_reason: row.confidence_reason,
        rationale: row.rationale,
        candle_closed_at: Timestamp::from_millis(row.candle_closed_at),
        published_at: Timestamp::from_millis(row.published_at),
        expires_at: Timestamp::from_millis(row.expires_at),
        exit_price: row.exit_price,
        r_multiple: row.r_multiple,
        settled_at: row.settled_at.map(Timestamp::from_millis),
        prev_hash: row.prev_hash,
        hash: row.hash,
        replay: row.replay,
    })
}

fn row(signal: &Signal, salt: &Salt) -> signal::Model {
    signal::Model {
        id: signal.id.0,
        seq: signal.seq,
        symbol: signal.symbol.clone(),
        timeframe: signal.timeframe.clone(),
        strategy: signal.strategy.clone(),
        strategy_version: signal.strategy_version,
        side: signal.side.as_str().to_owned(),
        price: signal.price,
        fill_price: signal.fill_price,
        target: signal.target,
        stop: signal.stop,
        risk_reward: signal.risk_reward,
        confidence: signal.confidence,
        confidence_n: signal.confidence_n,
        confidence_reason: signal.confidence_reason.clone(),
        rationale: signal.rationale.clone(),
        candle_closed_at: signal.candle_closed_at.millis(),
        published_at: signal.published_at.millis(),
        expires_at: signal.expires_at.millis(),
        outcome: signal.outcome.as_str().to_owned(),
        exit_price: signal.exit_price,
        r_multiple: signal.r_multiple,
        settled_at: signal.settled_at.map(Timestamp::millis),
        prev_hash: signal.prev_hash.clone(),
        hash: signal.hash.clone(),
        replay: signal.replay,
        salt: Some(salt.to_string()),
    }
}
