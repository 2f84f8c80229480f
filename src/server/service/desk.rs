//! The strategies at work: what each says over the whole past of its series, and how often it was right.
//!
//! A desk is a function of the market data and the configuration alone, so every replica's says the same. It goes
//! along with the market clock and never back; what it says of an earlier time does not change when it goes on.

use crate::{
    domain::time::Timestamp,
    server::{
        config::{Config, StrategyConfig},
        market::{MarketData, MarketError, Symbol},
        store::{market_clock::Beat, signals::SeriesKey},
    },
};
use engine::{
    Candles, Confidence, Entry, History, NoConfidence, Proposal, Strategy, Timeframe,
    confidence::{self, Tally},
    strategy,
};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use uuid::Uuid;

/// Why nothing could be published as configured.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// A configured strategy that there is not, or not so.
    #[error("strategy `{name}`: {problem}")]
    Strategy {
        /// As configured.
        name: String,
        /// What is wrong.
        problem: String,
    },
    /// The market would begin where recorded history is over.
    #[error("market.start: {start} is after the last day of the candles, which is {last_day}: set an earlier one")]
    Over {
        /// As configured.
        start: Timestamp,
        /// The day in UTC on which the last candle closes that a strategy at work could speak on.
        last_day: time::Date,
    },
    /// A series cannot be read.
    #[error(transparent)]
    Market(#[from] MarketError),
}

/// The strategies at work in this process.
pub struct Desk {
    /// Tells this replica from the others.
    pub replica: Uuid,
    strategies: Vec<Configured>,
    runs: Mutex<Option<Vec<Run>>>,
    /// The market clock's last beat as read from the database, and when that was.
    beat: Mutex<Option<(Timestamp, Beat)>>,
}

/// A strategy as the operator set it.
pub struct Configured {
    /// The rule.
    pub strategy: Box<dyn Strategy>,
    /// Where it is at work, as far as there are candles.
    pub timeframes: Vec<Timeframe>,
}

/// What a strategy said at the close of a candle, with its measured confidence.
#[derive(Clone, Debug, PartialEq)]
pub struct Draft {
    /// Which strategy, on which series.
    pub series: SeriesKey,
    /// What it said.
    pub proposal: Proposal,
    /// How often it was right until then.
    pub confidence: Result<Confidence, NoConfidence>,
}

/// A strategy on its way through one series.
struct Run {
    key: SeriesKey,
    strategy: usize,
    candles: Arc<Candles>,
    history: History,
    fed: usize,
}

impl Desk {
    /// The configured strategies, not yet run.
    ///
    /// # Errors
    /// When one is unknown, or its parameters or timeframes are; when there are no candles for any of them after
    /// `market.start`, or they cannot be read.
    pub fn open(config: &Config, market: &dyn MarketData) -> Result<Self, DeskError> {
        let strategies = config.strategies.iter().map(configured).collect::<Result<Vec<_>, _>>()?;
        for strategy in &strategies {
            let candles = |symbol: &Symbol| strategy.timeframes.iter().any(|span| symbol.timeframes.contains(span));
            if !market.symbols().iter().any(candles) {
                let name = strategy.strategy.name().to_owned();
                return Err(DeskError::Strategy {
                    name,
                    problem: "no symbol has candles of its timeframes".to_owned(),
                });
            }
        }
        let desk = Self { replica: Uuid::new_v4(), strategies, runs: Mutex::default(), beat: Mutex::default() };
        desk.refuse_end_of_history(config.market.start, market)?;
        Ok(desk)
    }

    /// The strategies as configured.
    pub fn strategies(&self) -> &[Configured] {
        &self.strategies
    }

    /// Every strategy on every series that has candles, in the order of publication within a moment: by symbol as
    /// configured, then the finest timeframe, then the strategy.
    pub fn series(&self, market: &dyn MarketData) -> Vec<SeriesKey> {
        self.places(market).map(|(symbol, timeframe, strategy)| key(symbol, timeframe, strategy.1)).collect()
    }

    /// What was said in `(progress, now]`, `progress` being the series' own, in the order of publication.
    /// Takes some milliseconds at the first call, when the whole past is gone through.
    ///
    /// # Errors
    /// When a series cannot be read.
    pub fn drafts(
        &self,
        market: &dyn MarketData,
        now: Timestamp,
        progress: impl Fn(&SeriesKey) -> Timestamp,
    ) -> Result<Vec<Draft>, MarketError> {
        let mut runs = lock(&self.runs);
        let runs = match runs.as_mut() {
            Some(runs) => runs,
            None => runs.insert(self.begin(market)?),
        };
        for run in runs.iter_mut() {
            let published = progress(&run.key).secs();
            run.advance(market, now.secs(), published)?;
        }
        let mut drafts = Vec::new();
        for run in runs.iter() {
            let from = progress(&run.key).secs();
            let new = run.history.entries().iter().map(|entry| &entry.proposal);
            let new = new.filter(|said| said.candle_closed_at > from && said.candle_closed_at <= now.secs());
            drafts.extend(new.map(|proposal| Draft {
                series: run.key.clone(),
                proposal: proposal.clone(),
                confidence: measure(runs, run, proposal.candle_closed_at),
            }));
        }
        // Stable: within a moment the order of the series stays.
        drafts.sort_by_key(|draft| draft.proposal.candle_closed_at);
        Ok(drafts)
    }

    /// The beat kept, if it was read at or after `since`.
    pub fn kept_beat(&self, since: Timestamp) -> Option<Beat> {
        lock(&self.beat).filter(|(read_at, _)| *read_at >= since).map(|(_, beat)| beat)
    }

    /// Keeps a beat that was read at `read_at`.
    pub fn keep_beat(&self, read_at: Timestamp, beat: Beat) {
        *lock(&self.beat) = Some((read_at, beat));
    }

    fn refuse_end_of_history(&self, start: Timestamp, market: &dyn MarketData) -> Result<(), DeskError> {
        let mut end = None;
        for (symbol, timeframe, _) in self.places(market) {
            let candles = market.series(&symbol.symbol, timeframe)?;
            end = end.max(candles.and_then(|candles| candles.close_time(candles.len().checked_sub(1)?)));
        }
        match end.map(Timestamp::from_secs) {
            Some(end) if market.is_replay() && end <= start => {
                // What closes at midnight is the day before's.
                let last_day = (end - Duration::from_millis(1)).date_time().date();
                Err(DeskError::Over { start, last_day })
            }
            _ => Ok(()),
        }
    }

    fn begin(&self, market: &dyn MarketData) -> Result<Vec<Run>, MarketError> {
        let mut runs = Vec::new();
        for (symbol, timeframe, (index, configured)) in self.places(market) {
            let Some(candles) = market.series(&symbol.symbol, timeframe)? else { continue };
            let history = History::new(configured.strategy.as_ref(), timeframe);
            runs.push(Run { key: key(symbol, timeframe, configured), strategy: index, candles, history, fed: 0 });
        }
        Ok(runs)
    }

    fn places<'a>(
        &'a self,
        market: &'a dyn MarketData,
    ) -> impl Iterator<Item = (&'a Symbol, Timeframe, (usize, &'a Configured))> {
        market.symbols().iter().flat_map(move |symbol| {
            symbol.timeframes.iter().flat_map(move |timeframe| {
                let here = self.strategies.iter().enumerate();
                let here = here.filter(move |(_, strategy)| strategy.timeframes.contains(timeframe));
                here.map(move |strategy| (symbol, *timeframe, strategy))
            })
        })
    }
}

impl Run {
    /// Goes on through the candles closed by `now`, Unix seconds of market time. What was said until `published` counts,
    /// but is not drafted again.
    fn advance(&mut self, market: &dyn MarketData, now: i64, published: i64) -> Result<(), MarketError> {
        if let Some(newer) = market.series(&self.key.symbol, self.candles.timeframe())? {
            self.candles = newer;
        }
        let closed = self.candles.upto(now).len();
        for candle in self.candles.view().prefix(closed).iter().skip(self.fed) {
            self.history.feed(&candle);
            self.history.forget_reasons(published);
        }
        self.fed = self.fed.max(closed);
        self.history.expire(now);
        Ok(())
    }
}

/// How often the strategy of `own` was right in what was settled at `time`, by its own series and by all.
fn measure(runs: &[Run], own: &Run, time: i64) -> Result<Confidence, NoConfidence> {
    let tally = |run: &Run| Tally::at(time, run.history.entries().iter().filter_map(settlement));
    let everywhere =
        runs.iter().filter(|run| run.strategy == own.strategy).map(tally).fold(Tally::default(), Tally::plus);
    confidence::measure(tally(own), everywhere)
}

fn settlement(entry: &Entry) -> Option<&engine::Settlement> {
    entry.settlement.as_ref()
}

fn key(symbol: &Symbol, timeframe: Timeframe, configured: &Configured) -> SeriesKey {
    SeriesKey {
        strategy: configured.strategy.name().to_owned(),
        version: i32::try_from(configured.strategy.version()).unwrap_or(i32::MAX),
        symbol: symbol.symbol.clone(),
        timeframe: timeframe.as_str().to_owned(),
    }
}

fn configured(config: &StrategyConfig) -> Result<Configured, DeskError> {
    let refused = |problem: String| DeskError::Strategy { name: config.name.clone(), problem };
    let params = config.params.iter().map(|(name, value)| (name.as_str(), *value));
    let strategy = strategy::chosen(&config.name, params).map_err(|error| refused(error.to_string()))?;
    let parsed = config.timeframes.iter().map(|name| name.parse().map_err(|e: engine::UnknownTimeframe| e.to_string()));
    let timeframes = parsed.collect::<Result<Vec<_>, _>>().map_err(refused)?;
    Ok(Configured { strategy, timeframes })
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
