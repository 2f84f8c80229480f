//! The market clock's one row.

use super::{Store, StoreError, Transaction, entity::market_clock};
use crate::domain::time::Timestamp;
use sea_orm::{ActiveValue::Set, EntityTrait, QuerySelect, sea_query::OnConflict};

/// The only row's id.
const THE_ONE: i32 = 1;

/// Where the market clock stood at its last beat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beat {
    /// Market time.
    pub market_at: Timestamp,
    /// Real time.
    pub beat_at: Timestamp,
}

impl Store {
    /// The last beat; `None` before the first start.
    pub async fn market_beat(&self) -> Result<Option<Beat>, StoreError> {
        Ok(market_clock::Entity::find_by_id(THE_ONE).one(self.reader()).await?.map(read))
    }
}

impl Transaction {
    /// The last beat, which nobody else changes until this transaction ends; `first` if there was none.
    pub async fn lock_market_beat(&self, first: Beat) -> Result<Beat, StoreError> {
        let unless_there = OnConflict::column(market_clock::Column::Id).do_nothing().to_owned();
        market_clock::Entity::insert(row(first)).on_conflict(unless_there).exec_without_returning(self.db()).await?;
        let mut find = market_clock::Entity::find_by_id(THE_ONE);
        if !self.is_sqlite() {
            find = find.lock_exclusive();
        }
        Ok(find.one(self.db()).await?.map_or(first, read))
    }

    /// Writes a beat.
    pub async fn set_market_beat(&self, beat: Beat) -> Result<(), StoreError> {
        market_clock::Entity::update(row(beat)).exec(self.db()).await?;
        Ok(())
    }
}

fn read(row: market_clock::Model) -> Beat {
    Beat { market_at: Timestamp::from_millis(row.market_at), beat_at: Timestamp::from_millis(row.beat_at) }
}

fn row(beat: Beat) -> market_clock::ActiveModel {
    market_clock::ActiveModel {
        id: Set(THE_ONE),
        market_at: Set(beat.market_at.millis()),
        beat_at: Set(beat.beat_at.millis()),
    }
}
