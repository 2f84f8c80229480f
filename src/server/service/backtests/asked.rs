//! What is asked of a backtest, and whether it can be done.

use crate::{
    domain::{field::Faults, time::Timestamp},
    server::{
        backtests::{Order, Origin, Source, view::PutAside},
        error::ServiceError,
        service::market_clock,
        state::AppState,
    },
};
use engine::{
    Strategy, Timeframe,
    backtest::{Settings, Sizing},
    honesty::{self, Checks},
    strategy::{self, ChoiceError, SettingError},
};
use std::{collections::BTreeMap, sync::Arc};

/// Synthetic candles at most.
const SYNTHETIC: usize = 1_000_000;

/// What an examination may take, in nanoseconds: half a minute, so that a slow core takes a minute. The parts below are
/// what each takes for a candle, measured with the rules and parameters that take longest.
const EXAMINED: u64 = 30_000_000_000;

/// What is done once: cutting the series off, changing it, and beginning later.
const ONCE: u64 = 25_000;

/// A backtest with the rule.
const BACKTEST: u64 = 150;

/// A simulation.
const SIMULATION: u64 = 50;

/// A draw of all trades, of which there are fewer than candles.
const DRAW: u64 = 2;

/// What somebody wants tried.
#[derive(Debug)]
pub struct Asked {
    /// On which candles.
    pub candles: Candles,
    /// Of which length; that of the data unless it is said.
    pub timeframe: Option<Timeframe>,
    /// Only candles that open then or later.
    pub from: Option<Timestamp>,
    /// Only candles that have closed by then.
    pub to: Option<Timestamp>,
    /// Which strategy.
    pub strategy: String,
    /// Its parameters that are not at their defaults.
    pub params: BTreeMap<String, f64>,
    /// The costs.
    pub settings: Settings,
    /// How hard it is to be examined, if at all.
    pub examination: Option<Examination>,
}

/// Which candles.
#[derive(Debug)]
pub enum Candles {
    /// The market's, as far as its clock has come.
    Recorded {
        /// Such as `BTC/USDT`.
        symbol: String,
    },
    /// One's own, as CSV.
    Uploaded {
        /// The text.
        csv: String,
        /// Goes on without rows that break a rule.
        skip_bad_rows: bool,
    },
    /// Made from a seed.
    Synthetic {
        /// How many.
        candles: usize,
        /// Which.
        seed: u64,
    },
}

/// How hard a strategy is examined; what is not said is as the engine has it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Examination {
    /// Simulations with random entries.
    pub simulations: Option<usize>,
    /// Draws of the Monte Carlo.
    pub draws: Option<usize>,
    /// Of both.
    pub seed: Option<u64>,
    /// How many settings were tried to find this one.
    pub compared: Option<usize>,
    /// How many parameters the walk forward chooses.
    pub parameters: Option<usize>,
    /// Its stretches.
    pub folds: Option<usize>,
}

/// What is to be run.
///
/// # Errors
/// `Invalid` with the field that is at fault, `NotFound` where there is no such series.
pub(super) async fn order(state: &AppState, asked: Asked) -> Result<Order, ServiceError> {
    let Asked { candles, timeframe, from, to, strategy, params, settings, examination } = asked;
    let strategy = set(&strategy, &params)?;
    settings.check().map_err(|fault| {
        let by_risk = fault.name == "size" && matches!(settings.sizing, Sizing::Risk(_));
        ServiceError::field(if by_risk { "risk" } else { fault.name }, sentence(&fault))
    })?;
    let from = from.map_or(i64::MIN, Timestamp::secs);
    let until = to.map_or(i64::MAX, Timestamp::secs);
    let source = match candles {
        Candles::Recorded { symbol } => recorded(state, symbol, timeframe, from, until).await?,
        Candles::Uploaded { csv, skip_bad_rows } => {
            let (candles, put_aside) = import(csv, timeframe, skip_bad_rows).await?;
            Source::Series { origin: Origin::Uploaded(put_aside), candles: Arc::new(candles), from, to: until }
        }
        Candles::Synthetic { candles, seed } => synthetic(candles, seed, timeframe)?,
    };
    let count = match &source {
        Source::Series { candles, from, to, .. } => candles.view().since(*from).upto(*to).len(),
        Source::Synthetic { candles, .. } => *candles,
    };
    if count == 0 {
        return Err(ServiceError::field("from", "There is no candle between `from` and `to`."));
    }
    let checks = examination.map(|examination| examination.checks(strategy.as_ref(), count)).transpose()?;
    Ok(Order { source, strategy, settings, checks })
}

fn set(name: &str, params: &BTreeMap<String, f64>) -> Result<Box<dyn Strategy>, ServiceError> {
    let params = params.iter().map(|(name, value)| (name.as_str(), *value));
    strategy::chosen(name, params).map_err(|fault| {
        let field = match &fault {
            ChoiceError::Unknown { .. } => "strategy".to_owned(),
            ChoiceError::Setting(SettingError::Unknown { name, .. }) => format!("params.{name}"),
            ChoiceError::Setting(SettingError::Range(range)) => format!("params.{}", range.name),
        };
        ServiceError::field(&field, sentence(&fault))
    })
}

/// The market's candles that have closed by its clock, as live: of a replay, the later ones are public all the same, as
/// files of the site.
async fn recorded(
    state: &AppState,
    symbol: String,
    timeframe: Option<Timeframe>,
    from: i64,
    to: i64,
) -> Result<Source, ServiceError> {
    let timeframe =
        timeframe.ok_or_else(|| ServiceError::field("timeframe", "Say which of the symbol's, `1h` or `1d`."))?;
    let series = state.market.series(&symbol, timeframe);
    let series = series.map_err(|error| ServiceError::internal("reading candles", error))?;
    let unknown = || ServiceError::field("symbol", "There are no such candles; GET /api/v1/market/symbols has all.");
    let candles = series.ok_or_else(unknown)?;
    let now = market_clock::now(state).await?.now;
    Ok(Source::Series { origin: Origin::Recorded(symbol), candles, from, to: to.min(now.secs()) })
}

/// Candles of one's own, and the rows left out; elsewhere than where requests are answered, since it may take some
/// milliseconds.
async fn import(
    csv: String,
    timeframe: Option<Timeframe>,
    skip_bad_rows: bool,
) -> Result<(engine::Candles, PutAside), ServiceError> {
    let imported = tokio::task::spawn_blocking(move || read(&csv, timeframe, skip_bad_rows)).await;
    let imported = imported.map_err(|error| ServiceError::internal("reading a CSV", error))?;
    imported.map_err(|message| ServiceError::field("csv", message))
}

fn read(csv: &str, timeframe: Option<Timeframe>, skip_bad_rows: bool) -> Result<(engine::Candles, PutAside), String> {
    let timeframe = engine::Candles::timeframe_of_csv(csv, timeframe).map_err(|fault| sentence(&fault))?;
    let import = if skip_bad_rows {
        engine::Candles::import_csv(csv, timeframe).map(|import| (import.candles, import.quarantined))
    } else {
        engine::Candles::parse_csv(csv, timeframe).map(|candles| (candles, Vec::new()))
    };
    let (candles, bad) = import.map_err(|fault| sentence(&fault))?;
    match bad.first() {
        Some(first) if bad.len() > candles.len() => {
            let rows = bad.len() + candles.len();
            Err(format!("{} of {rows} rows break a rule. {}", bad.len(), sentence(first)))
        }
        _ if candles.is_empty() => Err("There is no candle in it.".to_owned()),
        _ => Ok((candles, PutAside::of(&bad))),
    }
}

fn synthetic(candles: usize, seed: u64, timeframe: Option<Timeframe>) -> Result<Source, ServiceError> {
    if !(1..=SYNTHETIC).contains(&candles) {
        return Err(ServiceError::field("synthetic.candles", format!("Ask for 1 to {SYNTHETIC}.")));
    }
    Ok(Source::Synthetic { candles, seed, timeframe: timeframe.unwrap_or(Timeframe::Hour) })
}

impl Examination {
    /// The checks of this strategy on so many candles.
    fn checks(self, strategy: &dyn Strategy, candles: usize) -> Result<Checks, ServiceError> {
        let mut faults = Faults::default();
        let mut within = |name: &str, asked: Option<usize>, default: usize, min: usize, max: usize| {
            let value = asked.unwrap_or(default);
            let sound = if (min..=max).contains(&value) { Ok(value) } else { Err(format!("Ask for {min} to {max}.")) };
            faults.take(&format!("honesty.{name}"), sound).unwrap_or(default)
        };
        let usual = Checks::default();
        let checks = Checks {
            simulations: within("simulations", self.simulations, usual.simulations, 100, 2_000),
            draws: within("draws", self.draws, usual.draws, 100, 10_000),
            seed: self.seed.unwrap_or(usual.seed),
            level: usual.level,
            compared: within("compared", self.compared, usual.compared, 1, 1_000_000),
            parameters: within("parameters", self.parameters, usual.parameters, 0, 3),
            folds: within("folds", self.folds, usual.folds, 1, 20),
        };
        let most = EXAMINED / work(strategy, &checks);
        if candles as u64 > most {
            let message = format!(
                "So thoroughly, at most {most} candles are examined. Ask for fewer candles, simulations, draws, folds \
                 or parameters."
            );
            faults.push("honesty.simulations", message);
        }
        let faults = faults.into_vec();
        if faults.is_empty() { Ok(checks) } else { Err(ServiceError::Invalid(faults)) }
    }
}

/// What an examination takes for each candle, at most and roughly, in nanoseconds.
fn work(strategy: &dyn Strategy, checks: &Checks) -> u64 {
    // Each stretch of the walk forward tries all combinations on half of the series, then trades with one of them.
    let walked = checks.folds * (honesty::combinations(strategy, checks.parameters).len() + 1);
    let neighbours = 2 * strategy.parameters().len();
    let backtests = 1 + neighbours + walked.div_ceil(2);
    ONCE + BACKTEST * backtests as u64 + SIMULATION * checks.simulations as u64 + DRAW * checks.draws as u64
}

/// A fault in a sentence of its own.
fn sentence(fault: &impl std::fmt::Display) -> String {
    let text = fault.to_string();
    let mut letters = text.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}
