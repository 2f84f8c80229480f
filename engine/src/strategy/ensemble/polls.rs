//! All polls of an ensemble over a series.

use std::ops::Range;

use super::{EnsembleParameters, FEWEST, weight};
use crate::{CandleSlice, Side, Terms, outcome};

/// The polls at all closes of a series.
pub(super) struct Polls<'a> {
    candles: CandleSlice<'a>,
    parameters: EnsembleParameters,
    /// What the rules say, each rule's voices in order.
    voices: Vec<Voice>,
    /// The number of one of the voices that begin at a close, counted from 1; 0 where none does.
    begun: Vec<u32>,
    /// How many rules have been added.
    rules: usize,
}

/// What a rule says from a close on, until it says something else.
#[derive(Clone, Copy)]
struct Voice {
    /// The number of the rule, counted from 0.
    rule: usize,
    share: Share,
    /// The number of another voice that begins at the same close, of an earlier rule; 0 if there is none.
    other: u32,
}

/// What a rule adds to a poll.
#[derive(Clone, Copy, Default)]
struct Share {
    weight: f64,
    /// The weight of a vote for BUY, less that of one for SELL.
    balance: f64,
}

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
        Self { candles, parameters, voices: Vec::new(), begun: vec![0; candles.len()], rules: 0 }
    }

    /// Adds a rule by its bets over the series: in the order of the rules, since that is in which
    /// their weights are summed.
    pub(super) fn add(&mut self, bets: Vec<(usize, Terms)>) {
        let bounds: Vec<Bound> = bets.into_iter().map(|bet| Bound::of(bet, self.candles)).collect();
        let ends = self.ends(&bounds);
        let mut standing = Standing { coming: &bounds, open: Vec::new() };
        let mut silent = true;
        // From one settled signal to the next, its weight stays as it is.
        for (number, weight) in self.weights(&ends).into_iter().enumerate() {
            let from = ends[number].0;
            let until = ends.get(number + 1).map_or(self.candles.len(), |(settles, _)| *settles);
            if weight > 0.0 {
                standing.vote(from..until, |from, vote| self.say(from, weight, vote));
                silent = false;
            } else if from < until && !silent {
                self.say(from, 0.0, None);
                silent = true;
            }
        }
        self.rules += 1;
    }

    /// Takes what the newest rule says from a close on.
    fn say(&mut self, from: usize, weight: f64, vote: Option<Side>) {
        let share = Share { weight, balance: signed(weight, vote) };
        self.voices.push(Voice { rule: self.rules, share, other: self.begun[from] });
        self.begun[from] = self.voices.len() as u32;
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
        let EnsembleParameters { memory, prior, .. } = self.parameters;
        // Zeros change no sum; those after the last are room.
        let mut earned = vec![0.0; memory - 1];
        earned.extend(ends.iter().map(|(_, r_multiple)| r_multiple));
        earned.extend([0.0; AT_ONCE]);
        let sums = (0..ends.len()).step_by(AT_ONCE).flat_map(|from| sums(&earned[from..], memory));
        sums.zip(1..=ends.len()).map(|(sum, settled)| weight(sum, settled.min(memory), prior)).collect()
    }

    /// The closes at which a side has it.
    pub(super) fn carried(&self) -> Vec<(usize, Side)> {
        let mut carried = Vec::new();
        let mut shares = vec![Share::default(); self.rules];
        // The balance at the first close is 0: nothing is settled yet.
        let mut before = self.parameters.zones(0.0);
        for index in self.changes() {
            let mut number = self.begun[index];
            while number > 0 {
                let voice = &self.voices[number as usize - 1];
                shares[voice.rule] = voice.share;
                number = voice.other;
            }
            let now = self.parameters.zones(balance(&shares));
            carried.extend(before.then(now).filter(|side| agree(&shares, *side)).map(|side| (index, side)));
            before = now;
        }
        carried
    }

    /// The closes at which a voice begins, found without a branch, which nobody could guess.
    fn changes(&self) -> Vec<usize> {
        let (mut changes, mut count) = (vec![0; self.begun.len()], 0);
        for (index, begun) in self.begun.iter().enumerate() {
            changes[count] = index;
            count += usize::from(*begun > 0);
        }
        changes.truncate(count);
        changes
    }
}

/// The share of all weight that votes for BUY less that for SELL.
fn balance(shares: &[Share]) -> f64 {
    let (mut all, mut balance) = (0.0, 0.0);
    for share in shares {
        all += share.weight;
        balance += share.balance;
    }
    if all > 0.0 { balance / all } else { 0.0 }
}

/// Whether enough rules vote for a side.
fn agree(shares: &[Share], side: Side) -> bool {
    shares.iter().filter(|share| signed(share.balance, Some(side)) > 0.0).count() >= FEWEST
}

/// A weight as a vote counts in the balance.
fn signed(weight: f64, vote: Option<Side>) -> f64 {
    match vote {
        Some(Side::Buy) => weight,
        Some(Side::Sell) => -weight,
        None => 0.0,
    }
}

/// How many sums are made at once: each waits for its own rounding only.
const AT_ONCE: usize = 4;

/// The sums of the first `count` values, of as many after the first, and so on.
fn sums(values: &[f64], count: usize) -> [f64; AT_ONCE] {
    let [mut first, mut second, mut third, mut fourth] = [0.0; AT_ONCE];
    for index in 0..count {
        let values = &values[index..index + AT_ONCE];
        first += values[0];
        second += values[1];
        third += values[2];
        fourth += values[3];
    }
    [first, second, third, fourth]
}

/// A rule's signals on the way through a series.
struct Standing<'a> {
    /// Those not decided yet.
    coming: &'a [Bound],
    /// Those open, oldest first, by when they are settled; perhaps with some that are, but not the last.
    open: Vec<(usize, Side)>,
}

impl Standing<'_> {
    /// Goes on to some closes and gives the rule's votes, each with the first close that has it.
    fn vote(&mut self, part: Range<usize>, mut take: impl FnMut(usize, Option<Side>)) {
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
            take(now, newest.map(|(_, side)| *side));
            now = until;
        }
    }
}
