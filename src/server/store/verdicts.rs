//! What examinations of strategies came to: the newest of each strategy, as it is set, on each series.

use super::{Store, StoreError, entity::verdict, signals::SeriesKey};
use crate::domain::time::Timestamp;
use sea_orm::{DbErr, EntityTrait, IntoActiveModel, sea_query::OnConflict};

/// A verdict as it is stored.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredVerdict {
    /// Of which strategy, on which series.
    pub series: SeriesKey,
    /// How it was set, such as `period=20,deviations=2`.
    pub parameters: String,
    /// Whether it passed every check.
    pub proven: bool,
    /// Everything that speaks against it; empty if it is proven.
    pub reasons: Vec<String>,
    /// Closed trades of its backtest.
    pub trades: u32,
    /// How likely chance alone would have done as well; `None` without trades.
    pub p_value: Option<f64>,
    /// What it rests on.
    pub basis: Basis,
    /// When it was made: real time.
    pub examined_at: Timestamp,
}

/// What an examination rests on: on the same it would come to the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Basis {
    /// Candles of the series.
    pub candles: u32,
    /// Up to when: market time.
    pub until: Timestamp,
    /// Simulations with random entries.
    pub simulations: u32,
    /// Examinations among which the level of significance is shared.
    pub compared: u32,
}

const PASSED: &str = "proven";
const FAILED: &str = "unproven";

impl Store {
    /// All verdicts, those of settings that are no longer at work among them.
    pub async fn verdicts(&self) -> Result<Vec<StoredVerdict>, StoreError> {
        let rows = verdict::Entity::find().all(self.reader()).await?;
        Ok(rows.into_iter().map(read).collect::<Result<_, _>>()?)
    }

    /// Keeps a verdict, in the place of an earlier one.
    pub async fn set_verdict(&self, verdict: &StoredVerdict) -> Result<(), StoreError> {
        use verdict::Column;
        let key = [Column::Strategy, Column::StrategyVersion, Column::Parameters, Column::Symbol, Column::Timeframe];
        let rest = [
            Column::Verdict,
            Column::Reasons,
            Column::Trades,
            Column::PValue,
            Column::Candles,
            Column::UntilAt,
            Column::Simulations,
            Column::Compared,
            Column::ExaminedAt,
        ];
        let newer = OnConflict::columns(key).update_columns(rest).to_owned();
        let row = row(verdict)?.into_active_model();
        let txn = self.begin().await?;
        verdict::Entity::insert(row).on_conflict(newer).exec_without_returning(txn.db()).await?;
        txn.commit().await
    }
}

fn read(row: verdict::Model) -> Result<StoredVerdict, DbErr> {
    let fault = |what: &str| DbErr::Type(format!("verdict on {} {}: {what}", row.strategy, row.symbol));
    let count = |number: i32| u32::try_from(number).map_err(|_| fault("a count below 0"));
    Ok(StoredVerdict {
        proven: match row.verdict.as_str() {
            PASSED => true,
            FAILED => false,
            other => return Err(fault(other)),
        },
        reasons: serde_json::from_str(&row.reasons).map_err(|_| fault(&row.reasons))?,
        trades: count(row.trades)?,
        basis: Basis {
            candles: count(row.candles)?,
            until: Timestamp::from_millis(row.until_at),
            simulations: count(row.simulations)?,
            compared: count(row.compared)?,
        },
        series: SeriesKey {
            strategy: row.strategy,
            version: row.strategy_version,
            symbol: row.symbol,
            timeframe: row.timeframe,
        },
        parameters: row.parameters,
        p_value: row.p_value,
        examined_at: Timestamp::from_millis(row.examined_at),
    })
}

fn row(verdict: &StoredVerdict) -> Result<verdict::Model, DbErr> {
    let count = |number: u32| i32::try_from(number).map_err(|_| DbErr::Type(format!("{number} is too many")));
    let reasons = serde_json::to_string(&verdict.reasons).map_err(|error| DbErr::Json(error.to_string()))?;
    Ok(verdict::Model {
        strategy: verdict.series.strategy.clone(),
        strategy_version: verdict.series.version,
        parameters: verdict.parameters.clone(),
        symbol: verdict.series.symbol.clone(),
        timeframe: verdict.series.timeframe.clone(),
        verdict: if verdict.proven { PASSED } else { FAILED }.to_owned(),
        reasons,
        trades: count(verdict.trades)?,
        p_value: verdict.p_value,
        candles: count(verdict.basis.candles)?,
        until_at: verdict.basis.until.millis(),
        simulations: count(verdict.basis.simulations)?,
        compared: count(verdict.basis.compared)?,
        examined_at: verdict.examined_at.millis(),
    })
}
