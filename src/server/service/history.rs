//! Every published signal as the record counts it, kept in memory.
//!
//! A settled signal never changes, so that what is kept is read on from the first that was open. Who asks for a part of
//! the record has it counted from here: the database is asked for what is new, and for the signals of a page.

use super::feed::Slot;
use crate::{
    domain::{
        id::SignalId,
        record::{Period, RecordFilter},
        signal::Outcome,
        time::Timestamp,
    },
    server::{
        error::ServiceError,
        service::drift::Backtests,
        state::AppState,
        store::{record::Counted, signals::SeriesKey},
    },
};
use engine::record::{Figures, Record, Settled};
use std::sync::Arc;

/// Signals read at a time.
const PAGE: u64 = 5_000;

/// The record of this process, at most a second old.
#[derive(Default)]
pub struct RecordCache {
    history: Arc<Slot<History>>,
    /// What each strategy would have said before its record began.
    pub(super) backtests: Backtests,
}

impl RecordCache {
    /// Every published signal.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn history(state: &AppState) -> Result<Arc<History>, ServiceError> {
        Slot::get(&state.record.history, state, |state, _| read_on(state)).await
    }
}

/// Every published signal.
#[derive(Clone, Default)]
pub struct History {
    series: Vec<SeriesKey>,
    /// By number.
    signals: Vec<Entry>,
    /// The places of those that are settled, the last settled first.
    settled: Vec<usize>,
}

/// A signal as the record counts it.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// Which.
    pub id: SignalId,
    /// Its number.
    pub seq: i64,
    /// The place of its series in the history.
    series: usize,
    /// What the market did.
    pub outcome: Outcome,
    /// Profit or loss in R; 0 while it is open.
    pub r_multiple: f64,
    /// The confidence that was told with it.
    pub confidence: Option<f64>,
    /// When its deciding candle closed: market time.
    pub decided_at: Timestamp,
    /// When it was published: real time.
    pub published_at: Timestamp,
    /// When it was settled: market time; when it was decided while it is open.
    pub settled_at: Timestamp,
    /// Whether it is a replay.
    pub replay: bool,
}

impl Entry {
    /// As the engine counts it; `None` while it is open.
    pub fn settled(&self) -> Option<Settled> {
        (self.outcome != Outcome::Open).then(|| Settled {
            outcome: self.outcome,
            r_multiple: self.r_multiple,
            confidence: self.confidence,
            settled_at: self.settled_at.secs(),
        })
    }

    /// Where it stands among those that are settled.
    pub fn place(&self) -> (Timestamp, i64) {
        (self.settled_at, self.seq)
    }
}

/// Signals that are counted together.
#[derive(Default)]
pub struct Group {
    settled: Vec<Settled>,
    open: usize,
}

impl Group {
    /// Counts one more.
    pub fn add(&mut self, entry: &Entry) {
        match entry.settled() {
            Some(settled) => self.settled.push(settled),
            None => self.open += 1,
        }
    }

    /// What they came to.
    pub fn figures(&self) -> Figures {
        Figures::of(&self.settled, self.open)
    }

    /// The same, with the lines and tables.
    pub fn record(&self) -> Record {
        Record::of(&self.settled, self.open)
    }
}

impl<'a> FromIterator<&'a Entry> for Group {
    fn from_iter<I: IntoIterator<Item = &'a Entry>>(entries: I) -> Self {
        let mut group = Self::default();
        entries.into_iter().for_each(|entry| group.add(entry));
        group
    }
}

impl History {
    /// All signals, by number.
    pub fn signals(&self) -> &[Entry] {
        &self.signals
    }

    /// Whose a signal is, on which series.
    pub fn series(&self, entry: &Entry) -> &SeriesKey {
        &self.series[entry.series]
    }

    /// The signals of a part of the record, by number.
    pub fn part<'a>(&'a self, filter: &'a RecordFilter) -> impl Iterator<Item = &'a Entry> {
        let wanted = self.wanted(filter);
        self.signals.iter().filter(move |entry| wanted[entry.series] && is_in(entry, filter.period))
    }

    /// The settled signals of a part of the record, the last settled first.
    pub fn settled<'a>(&'a self, filter: &'a RecordFilter) -> impl Iterator<Item = &'a Entry> {
        let wanted = self.wanted(filter);
        let settled = self.settled.iter().map(|place| &self.signals[*place]);
        settled.filter(move |entry| wanted[entry.series] && is_in(entry, filter.period))
    }

    /// Which series belong to a part of the record.
    fn wanted(&self, filter: &RecordFilter) -> Vec<bool> {
        let is = |asked: &Option<String>, name: &str| asked.as_ref().is_none_or(|asked| asked == name);
        let wanted = |series: &SeriesKey| {
            is(&filter.strategy, &series.strategy)
                && is(&filter.symbol, &series.symbol)
                && is(&filter.timeframe, &series.timeframe)
        };
        self.series.iter().map(wanted).collect()
    }

    /// What cannot change any more: everything before the first open signal.
    fn closed(&self) -> Self {
        let open = self.signals.iter().position(|entry| entry.outcome == Outcome::Open);
        let closed = &self.signals[..open.unwrap_or(self.signals.len())];
        Self { series: self.series.clone(), signals: closed.to_vec(), settled: Vec::new() }
    }

    fn last(&self) -> i64 {
        self.signals.last().map_or(0, |entry| entry.seq)
    }

    fn take(&mut self, counted: Counted) {
        let series = self.series.iter().position(|series| *series == counted.series).unwrap_or_else(|| {
            self.series.push(counted.series);
            self.series.len() - 1
        });
        self.signals.push(Entry {
            id: counted.id,
            seq: counted.seq,
            series,
            outcome: counted.outcome,
            r_multiple: counted.r_multiple.unwrap_or_default(),
            confidence: counted.confidence,
            decided_at: counted.decided_at,
            published_at: counted.published_at,
            settled_at: counted.settled_at.unwrap_or(counted.decided_at),
            replay: counted.replay,
        });
    }

    fn sort(&mut self) {
        let is_settled = |place: &usize| self.signals[*place].outcome != Outcome::Open;
        let mut settled: Vec<usize> = (0..self.signals.len()).filter(is_settled).collect();
        settled.sort_unstable_by_key(|place| std::cmp::Reverse(self.signals[*place].place()));
        self.settled = settled;
    }
}

fn is_in(entry: &Entry, period: Option<Period>) -> bool {
    period.is_none_or(|period| period.contains(entry.decided_at))
}

async fn read_on(state: AppState) -> Result<History, ServiceError> {
    let mut history = state.record.history.last().map_or_else(History::default, |kept| kept.closed());
    loop {
        let page = state.store.counted_after(history.last(), PAGE).await?;
        let more = page.len() as u64 == PAGE;
        page.into_iter().for_each(|counted| history.take(counted));
        if !more {
            break;
        }
    }
    history.sort();
    Ok(history)
}
