//! The strategies at work: what they are, whether they are proven, and what became of them.

use super::{market, track_record, verdicts::Verdicts};
use crate::{
    domain::{
        signal::{Signal, StrategyView},
        strategy::{JudgedStrategy, StrategyReport, VerdictView},
    },
    server::{error::ServiceError, state::AppState},
};
use engine::record::Figures;

/// The strategies at work, and whether they are proven.
///
/// # Errors
/// When the database does not answer, or a series cannot be read.
pub async fn judged(state: &AppState) -> Result<Vec<JudgedStrategy>, ServiceError> {
    let verdicts = Verdicts::read(state).await?;
    let judge = |strategy: StrategyView| JudgedStrategy { verdicts: verdicts.of(&strategy.name), strategy };
    Ok(market::strategies(state).into_iter().map(judge).collect())
}

/// The same, each with its record in short.
///
/// # Errors
/// As [`judged`].
pub async fn reports(state: &AppState) -> Result<Vec<StrategyReport>, ServiceError> {
    let (judged, mut records) = (judged(state).await?, track_record::by_strategy(state).await?);
    let report = |judged: JudgedStrategy| {
        let figures = records.remove(&judged.strategy.name).unwrap_or_else(|| Figures::of(&[], 0));
        StrategyReport { judged, record: figures.into(), caution: figures.caution() }
    };
    Ok(judged.into_iter().map(report).collect())
}

/// Whether a signal's strategy is proven on its series; `None` where that version is no longer at work.
///
/// # Errors
/// As [`judged`].
pub(super) async fn verdict(state: &AppState, signal: &Signal) -> Result<Option<VerdictView>, ServiceError> {
    Ok(Verdicts::read(state).await?.on(signal).cloned())
}
