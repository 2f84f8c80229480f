//! A strategy over a whole series: every proposal, its fill and its settlement.

use crate::{Candle, CandleSlice, Decider, OpenSignal, Proposal, Settlement, Strategy, Timeframe};

/// A proposal and what became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The proposal.
    pub proposal: Proposal,
    /// The open after the deciding candle, once there is one.
    pub fill_price: Option<f64>,
    /// How it ended; `None` while it is open.
    pub settlement: Option<Settlement>,
}

/// A strategy on its way through a series, candle by candle.
///
/// Proposals are judged one by one: a later one is made whether or not an earlier one is open.
pub struct History {
    timeframe: Timeframe,
    decider: Box<dyn Decider>,
    entries: Vec<Entry>,
    /// Those not settled, with their place in `entries`.
    open: Vec<(usize, OpenSignal)>,
    /// So many of the first have no rationale any more.
    without_reasons: usize,
}

/// What a strategy said over a series and what became of it, in the order of the deciding candles.
#[must_use]
pub fn run(strategy: &dyn Strategy, candles: CandleSlice<'_>) -> Vec<Entry> {
    let mut history = History::new(strategy, candles.timeframe());
    for candle in candles.iter() {
        history.feed(&candle);
    }
    history.into_entries()
}

impl History {
    /// The beginning of a series.
    #[must_use]
    pub fn new(strategy: &dyn Strategy, timeframe: Timeframe) -> Self {
        Self {
            timeframe,
            decider: strategy.start(timeframe),
            entries: Vec::new(),
            open: Vec::new(),
            without_reasons: 0,
        }
    }

    /// Takes the next closed candle: what it does to open signals first, then what is decided at
    /// its close. The new entry, if there is one.
    pub fn feed(&mut self, candle: &Candle) -> Option<&Entry> {
        self.settle(|signal| signal.feed(candle));
        let proposal = self.decider.next(candle)?;
        // A rule of one's own may propose what cannot be settled; that is no signal.
        let signal = OpenSignal::new(proposal.terms(), self.timeframe).ok()?;
        self.open.push((self.entries.len(), signal));
        self.entries.push(Entry { proposal, fill_price: None, settlement: None });
        self.entries.last()
    }

    /// Says that market time is `now`, and that all candles closed by then have been fed: signals
    /// whose time is over are settled. Needed only where something is decided while this series
    /// pauses, as an index does on weekends; the next candle would settle them the same.
    pub fn expire(&mut self, now: i64) {
        self.settle(|signal| signal.expire(now));
    }

    /// Empties the rationale of what was decided at `time` or before: the words are most of what an entry holds, and of
    /// what is long over nobody asks for them.
    pub fn forget_reasons(&mut self, time: i64) {
        for entry in &mut self.entries[self.without_reasons..] {
            if entry.proposal.candle_closed_at > time {
                break;
            }
            entry.proposal.rationale = String::new();
            self.without_reasons += 1;
        }
    }

    /// What there is so far, in the order of the deciding candles.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// What there is so far.
    #[must_use]
    pub fn into_entries(self) -> Vec<Entry> {
        self.entries
    }

    fn settle(&mut self, step: impl Fn(&mut OpenSignal) -> Option<Settlement>) {
        let entries = &mut self.entries;
        self.open.retain_mut(|(index, signal)| {
            let settlement = step(signal);
            entries[*index].fill_price = signal.fill_price();
            entries[*index].settlement = settlement;
            settlement.is_none()
        });
    }
}
