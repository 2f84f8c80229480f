//! All polls of an ensemble over a series.

use std::mem;
use std::ops::Range;

use super::{EnsembleParameters, FEWEST, weight};
use crate::{CandleSlice, Side, Terms, outcome};

/// The polls at all closes of a series.
pub(super) struct Polls<'a> {
    candles: CandleSlice<'a>,
    parameters: EnsembleParameters,
    polls: Vec<Poll>,
}

/// What the rules with a weight say at a close.
#[derive(Clone, Copy, Default)]
struct Poll {
    /// All weight there is.
    all: f64,
    /// The weight of the votes for BUY less that for SELL.
    balance: f64,
    /// How many vote for BUY, in units of [`BUYS`], and how many for SELL.
    votes: u64,
}

/// What a vote for BUY counts in [`Poll::votes`], where one for SELL counts 1.
const BUYS: u64 = 1 << 32;

/// A signal of a rule, whose end is looked up as soon as it is decided, and counts when it comes.
#[derive(Clone, Copy)]
struct Bound {
    side: Side,
    /// The index of the deciding candle.
    decided: usize,
    /// The index of the candle that settles it; past the last if none does.
    settles: usize,
    r_multiple: f64,
}

impl Bound {
    /// That decided at a candle of a series, if it can be settled.
    fn of((decided, terms): (usize, Terms), candles: CandleSlice<'_>) -> Option<Self> {
        terms.check().ok()?;
        let (settles, r_multiple) = outcome::ahead(&terms, candles, decided + 1).unwrap_or((candles.len(), 0.0));
        Some(Self { side: terms.side, decided, settles, r_multiple })
    }
}

impl<'a> Polls<'a> {
    pub(super) fn of(candles: CandleSlice<'a>, parameters: EnsembleParameters) -> Self {
        Self { candles, parameters, polls: vec![Poll::default(); candles.len()] }
    }

    /// Adds a rule by its bets over the series: in the order of the rules, since that is in which
    /// their weights are summed.
    pub(super) fn add(&mut self, bets: Vec<(usize, Terms)>) {
        let bounds: Vec<Bound> = bets.into_iter().filter_map(|bet| Bound::of(bet, self.candles)).collect();
        let ends = self.ends(&bounds);
        let mut standing = Standing { bounds: &bounds, open: Vec::new() };
        // From one settled signal to the next, its weight stays as it is.
        for (number, weight) in self.weights(&ends).into_iter().enumerate() {
            if weight > 0.0 {
                let until = ends.get(number + 1).map_or(self.candles.len(), |(settles, _)| *settles);
                standing.vote(ends[number].0..until, |part, vote| self.count(part, weight, vote));
            }
        }
    }

    /// When signals are settled, and at which R, in the order in which they are: of those that one candle
    /// settles, the older first.
    fn ends(&self, bounds: &[Bound]) -> Vec<(usize, f64)> {
        let mut ends: Vec<(usize, f64)> = Vec::with_capacity(bounds.len());
        for bound in bounds.iter().filter(|bound| bound.settles < self.candles.len()) {
            let after = ends.iter().rposition(|(settles, _)| *settles <= bound.settles);
            ends.insert(after.map_or(0, |before| before + 1), (bound.settles, bound.r_multiple));
        }
        ends
    }

    /// The weight after each end.
    fn weights(&self, ends: &[(usize, f64)]) -> Vec<f64> {
        let weight = |newest: usize| {
            let remembered = &ends[(newest + 1).saturating_sub(self.parameters.memory)..=newest];
            weight(remembered.iter().map(|(_, r_multiple)| r_multiple).sum(), remembered.len(), self.parameters.prior)
        };
        (0..ends.len()).map(weight).collect()
    }

    /// Counts a rule's weight, and its vote, at some closes.
    fn count(&mut self, part: Range<usize>, weight: f64, vote: Option<Side>) {
        let (balance, votes) = match vote {
            Some(Side::Buy) => (weight, BUYS),
            Some(Side::Sell) => (-weight, 1),
            None => (0.0, 0),
        };
        for poll in &mut self.polls[part] {
            poll.all += weight;
            poll.balance += balance;
            poll.votes += votes;
        }
    }

    /// The closes at which a side has it.
    pub(super) fn carried(&self) -> Vec<(usize, Side)> {
        let (mut before, mut carried) = (0.0, Vec::new());
        for (index, poll) in self.polls.iter().enumerate() {
            let balance = if poll.all > 0.0 { poll.balance / poll.all } else { 0.0 };
            let side = self.parameters.carried(mem::replace(&mut before, balance), balance);
            carried.extend(side.filter(|side| poll.agree(*side)).map(|side| (index, side)));
        }
        carried
    }
}

impl Poll {
    /// Whether enough rules vote for a side.
    fn agree(&self, side: Side) -> bool {
        let votes = match side {
            Side::Buy => self.votes / BUYS,
            Side::Sell => self.votes % BUYS,
        };
        votes >= FEWEST as u64
    }
}

/// A rule's signals on the way through a series.
struct Standing<'a> {
    /// Those not decided yet.
    bounds: &'a [Bound],
    /// Those open, oldest first, perhaps with some that are not any more; the last one is.
    open: Vec<Bound>,
}

impl Standing<'_> {
    /// Goes on to some closes and gives the rule's vote at each, as many at once as have the same.
    fn vote(&mut self, part: Range<usize>, mut take: impl FnMut(Range<usize>, Option<Side>)) {
        let mut now = part.start;
        while now < part.end {
            let decided = self.bounds.iter().take_while(|bound| bound.decided <= now).count();
            let (decided, coming) = self.bounds.split_at(decided);
            self.bounds = coming;
            self.open.extend_from_slice(decided);
            while self.open.pop_if(|bound| bound.settles <= now).is_some() {}
            let newest = self.open.last();
            let next = coming.first().map_or(part.end, |bound| bound.decided);
            let until = newest.map_or(part.end, |bound| bound.settles).min(next).min(part.end);
            take(now..until, newest.map(|bound| bound.side));
            now = until;
        }
    }
}
