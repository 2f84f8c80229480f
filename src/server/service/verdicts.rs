//! Whether each strategy at work is proven on each of its series.
//!
//! Examined once over the candles up to where the record of a new site begins; what comes after is for the record to
//! judge. A verdict is made anew where what it rests on has changed: other parameters, other candles, more strategies
//! among which the level of significance is shared.

use super::desk::{Configured, Draft};
use crate::{
    domain::{
        signal::{JudgedSignal, Signal},
        strategy::VerdictView,
        time::Timestamp,
    },
    server::{
        config::Publish,
        error::ServiceError,
        state::AppState,
        store::{
            signals::SeriesKey,
            verdicts::{Basis, StoredVerdict},
        },
    },
};
use engine::{
    Candles, Strategy,
    backtest::Settings,
    honesty::{self, Checks, Honesty, Verdict},
};
use std::{collections::HashSet, sync::Arc};
use tokio::sync::oneshot;

/// Simulations with random entries in an examination.
const SIMULATIONS: usize = 2_000;
/// Told of what has no verdict yet.
const NOT_YET: &str = "It has not been examined yet; that is done within minutes of the first start.";

/// A strategy as it is set, on one of its series.
struct Case<'a> {
    series: SeriesKey,
    configured: &'a Configured,
    parameters: String,
    candles: Arc<Candles>,
    basis: Basis,
}

/// The verdicts on the strategies at work, in the order of their series.
#[derive(Debug)]
pub struct Verdicts(Vec<(SeriesKey, VerdictView)>);

impl Verdicts {
    /// All of them, as they stand.
    ///
    /// # Errors
    /// When the database does not answer, or a series cannot be read.
    pub async fn read(state: &AppState) -> Result<Self, ServiceError> {
        let (cases, stored) = (cases(state)?, state.store.verdicts().await?);
        let view =
            |case: &Case<'_>| (case.series.clone(), view(case, stored.iter().find(|verdict| case.is_told_by(verdict))));
        Ok(Self(cases.iter().map(view).collect()))
    }

    /// The verdict on a signal's strategy and version on its series, if it is at work there.
    pub fn on(&self, signal: &Signal) -> Option<&VerdictView> {
        let is_its = |series: &SeriesKey| {
            series.strategy == signal.strategy
                && series.version == signal.strategy_version
                && series.symbol == signal.symbol
                && series.timeframe == signal.timeframe
        };
        self.0.iter().find(|(series, _)| is_its(series)).map(|(_, verdict)| verdict)
    }

    /// A signal with the verdict on its strategy, once that is examined.
    pub fn judge(&self, signal: Signal) -> JudgedSignal {
        let examined = self.on(&signal).filter(|verdict| verdict.examined_at.is_some());
        JudgedSignal { verdict: examined.map(|verdict| verdict.verdict), signal }
    }

    /// Signals with the verdicts on their strategies.
    pub fn judge_all(&self, signals: Vec<Signal>) -> Vec<JudgedSignal> {
        signals.into_iter().map(|signal| self.judge(signal)).collect()
    }

    /// The verdicts on a strategy, by series.
    pub fn of(&self, strategy: &str) -> Vec<VerdictView> {
        self.0.iter().filter(|(key, _)| key.strategy == strategy).map(|(_, verdict)| verdict.clone()).collect()
    }
}

/// Whether a strategy is still to be examined on a series.
///
/// # Errors
/// When the database does not answer, or a series cannot be read.
pub async fn is_due(state: &AppState) -> Result<bool, ServiceError> {
    let (cases, stored) = (cases(state)?, state.store.verdicts().await?);
    Ok(due(&cases, &stored).next().is_some())
}

/// Examines the first strategy and series that are due, and keeps the verdict. Run twice, it comes to the same.
///
/// # Errors
/// When the database does not answer, a series cannot be read, or a strategy cannot be examined.
pub async fn examine_next(state: &AppState) -> Result<(), ServiceError> {
    let (cases, stored) = (cases(state)?, state.store.verdicts().await?);
    let mut due = due(&cases, &stored);
    let Some(case) = due.next() else { return Ok(()) };
    let found = case.examine().await?;
    let verdict = case.verdict(&found, state.clock.now());
    state.store.set_verdict(&verdict).await?;
    state.feed.drop_all();
    tracing::info!(
        strategy = case.series.strategy,
        symbol = case.series.symbol,
        timeframe = case.series.timeframe,
        verdict = found.verdict.as_str(),
        "examined"
    );
    if due.next().is_some() {
        state.work.verdicts.notify_one();
    }
    Ok(())
}

/// Examines whatever is due, as before publishing by the verdicts. Run twice, it comes to the same.
///
/// # Errors
/// As [`examine_next`].
pub(super) async fn examine_all(state: &AppState) -> Result<(), ServiceError> {
    if is_due(state).await? {
        tracing::info!("only what is proven is published: the strategies are examined first");
    }
    while is_due(state).await? {
        examine_next(state).await?;
    }
    Ok(())
}

/// What of these may be published, as the operator has it.
///
/// # Errors
/// As [`Verdicts::read`].
pub(super) async fn publishable(state: &AppState, mut drafts: Vec<Draft>) -> Result<Vec<Draft>, ServiceError> {
    if state.config.signals.publish == Publish::All || drafts.is_empty() {
        return Ok(drafts);
    }
    let verdicts = Verdicts::read(state).await?;
    let proven = verdicts.0.iter().filter(|(_, verdict)| verdict.verdict == Verdict::Proven);
    let proven: HashSet<&SeriesKey> = proven.map(|(series, _)| series).collect();
    drafts.retain(|draft| proven.contains(&draft.series));
    Ok(drafts)
}

/// Every strategy at work on every one of its series.
fn cases(state: &AppState) -> Result<Vec<Case<'_>>, ServiceError> {
    let series = state.desk.series(state.market.as_ref());
    let compared = u32::try_from(series.len()).unwrap_or(u32::MAX);
    let cases = series.into_iter().map(|series| case(state, series, compared));
    Ok(cases.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
}

fn case(state: &AppState, series: SeriesKey, compared: u32) -> Result<Option<Case<'_>>, ServiceError> {
    let Ok(timeframe) = series.timeframe.parse() else { return Ok(None) };
    let is_it = |configured: &&Configured| {
        configured.strategy.name() == series.strategy && configured.timeframes.contains(&timeframe)
    };
    let Some(configured) = state.desk.strategies().iter().find(is_it) else { return Ok(None) };
    let candles = state.market.series(&series.symbol, timeframe);
    let candles = candles.map_err(|error| ServiceError::internal("reading candles", error))?;
    let Some(candles) = candles else { return Ok(None) };
    let until = state.config.market.record_start();
    let basis = Basis {
        candles: u32::try_from(candles.upto(until.secs()).len()).unwrap_or(u32::MAX),
        until,
        simulations: u32::try_from(SIMULATIONS).unwrap_or(u32::MAX),
        compared,
    };
    Ok(Some(Case { parameters: parameters(configured.strategy.as_ref()), series, configured, candles, basis }))
}

/// How a strategy is set, as text: each parameter, in its order.
fn parameters(strategy: &dyn Strategy) -> String {
    let set = strategy.parameters().into_iter().map(|parameter| format!("{}={}", parameter.name, parameter.value));
    set.collect::<Vec<_>>().join(",")
}

fn due<'a>(cases: &'a [Case<'a>], stored: &'a [StoredVerdict]) -> impl Iterator<Item = &'a Case<'a>> {
    cases.iter().filter(|case| !stored.iter().any(|verdict| case.is_told_by(verdict)))
}

impl Case<'_> {
    fn is_told_by(&self, verdict: &StoredVerdict) -> bool {
        verdict.series == self.series && verdict.parameters == self.parameters && verdict.basis == self.basis
    }

    /// On a thread of its own that gives way to everything else, so that no request waits for it.
    async fn examine(&self) -> Result<Honesty, ServiceError> {
        let refused = |error: engine::strategy::SettingError| ServiceError::internal("setting a strategy", error);
        let strategy = self.configured.strategy.with(&[]).map_err(refused)?;
        let (candles, until) = (Arc::clone(&self.candles), self.basis.until.secs());
        let compared = usize::try_from(self.basis.compared).unwrap_or(usize::MAX);
        let (reply, answer) = oneshot::channel();
        let examination = move || {
            // Of this thread alone, as Linux counts it. Without it requests would only wait a little longer.
            #[cfg(target_os = "linux")]
            let _ = rustix::process::nice(19);
            let checks = Checks { simulations: SIMULATIONS, compared, ..Checks::default() };
            drop(reply.send(honesty::examine(strategy.as_ref(), candles.upto(until), Settings::default(), &checks)));
        };
        let thread = std::thread::Builder::new().name("examination".to_owned()).spawn(examination);
        thread.map_err(|error| ServiceError::internal("beginning an examination", error))?;
        let found = answer.await.map_err(|gone| ServiceError::internal("examining a strategy", gone))?;
        found.map_err(|error| ServiceError::internal("examining a strategy", error))
    }

    fn verdict(&self, found: &Honesty, examined_at: Timestamp) -> StoredVerdict {
        StoredVerdict {
            series: self.series.clone(),
            parameters: self.parameters.clone(),
            proven: found.verdict == Verdict::Proven,
            reasons: found.reasons.clone(),
            trades: u32::try_from(found.found.trades).unwrap_or(u32::MAX),
            p_value: found.found.significance.as_ref().map(|significance| significance.p_value),
            basis: self.basis,
            examined_at,
        }
    }
}

fn view(case: &Case<'_>, stored: Option<&StoredVerdict>) -> VerdictView {
    let proven = stored.is_some_and(|verdict| verdict.proven);
    VerdictView {
        symbol: case.series.symbol.clone(),
        timeframe: case.series.timeframe.clone(),
        verdict: if proven { Verdict::Proven } else { Verdict::Unproven },
        reasons: stored.map_or_else(|| vec![NOT_YET.to_owned()], |verdict| verdict.reasons.clone()),
        candles: case.basis.candles,
        until: case.basis.until,
        simulations: case.basis.simulations,
        trades: stored.map(|verdict| verdict.trades),
        p_value: stored.and_then(|verdict| verdict.p_value),
        examined_at: stored.map(|verdict| verdict.examined_at),
    }
}
