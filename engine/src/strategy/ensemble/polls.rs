//! All polls of an ensemble over a series.

use std::ops::Range;

use super::super::cross::turns;
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
    /// That decided at a candle of a series. Members' terms can be settled: they pass [`Terms::check`].
    fn of((decided, terms): (usize, Terms), candles: CandleSlice<'_>) -> Self {
        let (settles, r_multiple) = outcome::ahead(&terms, candles, decided + 1).unwrap_or((candles.len(), 0.0));
        Self { side: terms.side, decided, settles, r_multiple }
    }
}

impl<'a> Polls<'a> {
    pub(super) fn of(candles: CandleSlice<'a>, parameters: EnsembleParameters) -> Self {
        Self { candles, parameters, polls: vec![Poll::default(); candles.len()] }
    }

    /// Adds a rule by its bets over the series: in the order of the rules, since that is in which
    /// their weights are summed.
    pub(super) fn add(&mut self, bets: Vec<(usize, Terms)>) {
        let bounds: Vec<Bound> = bets.into_iter().map(|bet| Bound::of(bet, self.candles)).collect();
        let ends = self.ends(&bounds);
        let mut standing = Standing { coming: &bounds, open: Vec::new() };
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
        // The balance at the first close is 0: nothing is settled yet.
        let mut carried = turns(&self.polls, |poll| {
            self.parameters.zones(if poll.all > 0.0 { poll.balance / poll.all } else { 0.0 })
        });
        carried.retain(|(index, side)| self.polls[*index].agree(*side));
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
    coming: &'a [Bound],
    /// Those open, oldest first, by when they are settled; perhaps with some that are, but not the last.
    open: Vec<(usize, Side)>,
}

impl Standing<'_> {
    /// Goes on to some closes and gives the rule's vote at each, as many at once as have the same.
    fn vote(&mut self, part: Range<usize>, mut take: impl FnMut(Range<usize>, Option<Side>)) {
        let mut now = part.start;
        while now < part.end {
            let mut until = part.end;
            while let Some((bound, coming)) = self.coming.split_first() {
                if bound.decided > now {
                    until = until.min(bound.decided);
                    break;
                }
                self.open.push((bound.settles, bound.side));
                self.coming = coming;
            }
            while self.open.pop_if(|(settles, _)| *settles <= now).is_some() {}
            let newest = self.open.last();
            until = newest.map_or(until, |(settles, _)| until.min(*settles));
            take(now..until, newest.map(|(_, side)| *side));
            now = until;
        }
    }
}
