//! Published signals as the record counts them: who said what when, and what became of it. No prices, no words.

use super::{Store, StoreError, entity::signal, signals::SeriesKey};
use crate::domain::{id::SignalId, signal::Outcome, time::Timestamp};
use sea_orm::{ColumnTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

/// A signal as the record counts it.
#[derive(Clone, Debug, PartialEq)]
pub struct Counted {
    /// Which.
    pub id: SignalId,
    /// Its number in the record.
    pub seq: i64,
    /// Whose, on which series.
    pub series: SeriesKey,
    /// What the market did.
    pub outcome: Outcome,
    /// Profit or loss in R, once it is settled.
    pub r_multiple: Option<f64>,
    /// The confidence that was told with it.
    pub confidence: Option<f64>,
    /// When its deciding candle closed: market time.
    pub decided_at: Timestamp,
    /// When it was published: real time.
    pub published_at: Timestamp,
    /// When it was settled: market time.
    pub settled_at: Option<Timestamp>,
    /// Whether the candles are a replay of bundled history.
    pub replay: bool,
}

#[derive(FromQueryResult)]
struct Row {
    id: Uuid,
    seq: i64,
    symbol: String,
    timeframe: String,
    strategy: String,
    strategy_version: i32,
    outcome: String,
    r_multiple: Option<f64>,
    confidence: Option<f64>,
    candle_closed_at: i64,
    published_at: i64,
    settled_at: Option<i64>,
    replay: bool,
}

impl Store {
    /// At most `limit` signals with a number above `after`, in order.
    pub async fn counted_after(&self, after: i64, limit: u64) -> Result<Vec<Counted>, StoreError> {
        use signal::Column;
        let columns = [
            Column::Id,
            Column::Seq,
            Column::Symbol,
            Column::Timeframe,
            Column::Strategy,
            Column::StrategyVersion,
            Column::Outcome,
            Column::RMultiple,
            Column::Confidence,
            Column::CandleClosedAt,
            Column::PublishedAt,
            Column::SettledAt,
            Column::Replay,
        ];
        let find = signal::Entity::find().select_only().columns(columns);
        let find = find.filter(Column::Seq.gt(after)).order_by_asc(Column::Seq).limit(limit);
        let rows = find.into_model::<Row>().all(self.reader()).await?;
        Ok(rows.into_iter().map(read).collect::<Result<_, _>>()?)
    }
}

fn read(row: Row) -> Result<Counted, DbErr> {
    let unknown = |_| DbErr::Type(format!("signal {}: {}", row.id, row.outcome));
    Ok(Counted {
        id: SignalId(row.id),
        seq: row.seq,
        outcome: row.outcome.parse().map_err(unknown)?,
        r_multiple: row.r_multiple,
        confidence: row.confidence,
        decided_at: Timestamp::from_millis(row.candle_closed_at),
        published_at: Timestamp::from_millis(row.published_at),
        settled_at: row.settled_at.map(Timestamp::from_millis),
        replay: row.replay,
        series: SeriesKey {
            strategy: row.strategy,
            version: row.strategy_version,
            symbol: row.symbol,
            timeframe: row.timeframe,
        },
    })
}
