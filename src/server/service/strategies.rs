//! The strategies at work: what they are, how they are set, whether they are proven, and what became of them.

use super::{track_record, verdicts::Verdicts};
use crate::{
    domain::{
        signal::{ParameterKind, ParameterView, Signal, StrategyView},
        strategy::{StrategyReport, VerdictView},
    },
    server::{error::ServiceError, service::desk::Configured, state::AppState, store::signals::SeriesKey},
};
use engine::{
    record::Figures,
    strategy::{Kind, Parameter},
};

/// The strategies at work.
///
/// # Errors
/// When the database does not answer, or a series cannot be read.
pub async fn views(state: &AppState) -> Result<Vec<StrategyView>, ServiceError> {
    let verdicts = Verdicts::read(state).await?;
    Ok(state.desk.strategies().iter().map(|configured| view(configured, &verdicts)).collect())
}

/// The strategies at work, each with its record in short.
///
/// # Errors
/// As [`views`].
pub async fn reports(state: &AppState) -> Result<Vec<StrategyReport>, ServiceError> {
    let (views, mut records) = (views(state).await?, track_record::by_strategy(state).await?);
    let report = |strategy: StrategyView| {
        let figures = records.remove(&strategy.name).unwrap_or_else(|| Figures::of(&[], 0));
        StrategyReport { strategy, record: figures.into(), caution: figures.caution() }
    };
    Ok(views.into_iter().map(report).collect())
}

/// Whether a signal's strategy is proven on its series; `None` where that version is no longer at work.
///
/// # Errors
/// As [`views`].
pub(super) async fn verdict(state: &AppState, signal: &Signal) -> Result<Option<VerdictView>, ServiceError> {
    let series = SeriesKey {
        strategy: signal.strategy.clone(),
        version: signal.strategy_version,
        symbol: signal.symbol.clone(),
        timeframe: signal.timeframe.clone(),
    };
    Ok(Verdicts::read(state).await?.on(&series).cloned())
}

fn view(configured: &Configured, verdicts: &Verdicts) -> StrategyView {
    let strategy = &configured.strategy;
    StrategyView {
        name: strategy.name().to_owned(),
        version: strategy.version(),
        description: strategy.about().to_owned(),
        timeframes: configured.timeframes.iter().map(|timeframe| timeframe.as_str().to_owned()).collect(),
        warm_up: u32::try_from(strategy.warm_up()).unwrap_or(u32::MAX),
        parameters: strategy.parameters().iter().map(parameter).collect(),
        verdicts: verdicts.of(strategy.name()),
    }
}

fn parameter(parameter: &Parameter) -> ParameterView {
    ParameterView {
        name: parameter.name.to_owned(),
        description: parameter.description.to_owned(),
        kind: match parameter.kind {
            Kind::Integer => ParameterKind::Integer,
            Kind::Number => ParameterKind::Number,
        },
        value: parameter.value,
        default: parameter.default,
        min: parameter.min,
        max: parameter.max,
        step: parameter.step,
    }
}
