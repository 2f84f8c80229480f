//! Ensemble: the other rules vote, each with the weight that it has earned.

mod polls;

use std::collections::VecDeque;
use std::mem;

use super::bet::{Bet, Bookmaker};
use super::columns::Columns;
use super::cross::Zones;
use super::rule::{Rule, Ruled};
use super::{Decider, members};
use crate::writing::Fixed;
use crate::{Candle, OpenSignal, Side, Terms, Timeframe};
use polls::Polls;

/// The strategy `ensemble`: every other strategy at its defaults, on the same candles.
///
/// **Weight.** Each rule's signals are settled by [`crate::outcome`] as they come. Its weight is
/// the sum of the R of its newest `memory` settled signals over their number plus `prior`: their
/// mean R, shrunk towards 0 as if `prior` more had ended at 0. A rule whose weight is not above 0
/// has no vote. Only what was known at the close counts, before costs.
///
/// **Vote.** A rule votes for the side of its newest signal while that is open, and abstains
/// otherwise. The *balance* is the weight of the votes for BUY less that for SELL, as a share of
/// all weight there is; −1 to 1. Where it comes to or above `majority` from below, BUY; where it
/// comes to or below `−majority` from above, SELL; at least two rules must vote for it. Stop,
/// target and expiry as in [`Bookmaker`].
///
/// Weighting forecasts by their shrunken record is that of J. M. Bates and C. W. J. Granger, "The
/// Combination of Forecasts" (1969), with R in the place of their squared errors.
pub type Ensemble = Ruled<EnsembleRule>;

crate::parameters! {
    /// How [`Ensemble`] is set.
    pub struct EnsembleParameters {
        /// Share of the weight that must vote for a side
        majority: f64 = 0.5 in 0.1 to 1.0 by 0.05,
        /// Newest settled signals of a rule that its weight rests on
        memory: usize = 20 in 5 to 200 by 5,
        /// Signals at 0 R that a rule's record is shrunk by
        prior: usize = 20 in 0 to 200 by 5,
        ..bet: Bet
    }
}

/// How many rules must vote for a side.
const FEWEST: usize = 2;

impl EnsembleParameters {
    /// Where the balance stands that may tip to a side.
    fn zones(&self, balance: f64) -> Zones {
        let majority = self.majority;
        Zones::of([balance < majority, balance >= majority], [balance > -majority, balance <= -majority])
    }
}

/// The rule of [`Ensemble`].
pub struct EnsembleRule {
    parameters: EnsembleParameters,
    members: Vec<Member>,
    before: f64,
    bookmaker: Bookmaker,
}

/// The weight behind each side.
pub struct Poll {
    /// Of those with a weight: name, record and vote.
    voices: Vec<(&'static str, Record, Option<Side>)>,
    balance: f64,
}

impl Rule for EnsembleRule {
    const NAME: &'static str = "ensemble";
    const VERSION: u32 = 1;
    const ABOUT: &'static str = "Lets the other strategies vote, each with the weight of what its own settled signals \
                                 have earned on this market so far, and follows a clear majority.";
    type Parameters = EnsembleParameters;
    type Reading = Poll;

    fn warm_up(_: &EnsembleParameters) -> usize {
        members().iter().map(|member| member.warm_up()).min().unwrap_or_default()
    }

    fn start(parameters: &EnsembleParameters, timeframe: Timeframe) -> Self {
        let member = |strategy: Box<dyn super::Strategy>| Member {
            name: strategy.name(),
            decider: strategy.start(timeframe),
            standing: Standing::new(timeframe),
        };
        Self {
            parameters: *parameters,
            members: members().into_iter().map(member).collect(),
            before: 0.0,
            bookmaker: Bookmaker::new(parameters.bet, timeframe),
        }
    }

    fn decide(&mut self, candle: &Candle) -> Option<(Terms, Poll)> {
        self.bookmaker.feed(candle);
        for member in &mut self.members {
            member.standing.feed(candle, self.parameters.memory, member.decider.bet(candle));
        }
        let balance = self.balance();
        let before = mem::replace(&mut self.before, balance);
        let side = self.parameters.zones(before).then(self.parameters.zones(balance))?;
        let poll = self.poll(balance);
        let agreeing = poll.voices.iter().filter(|(_, _, vote)| *vote == Some(side)).count();
        (agreeing >= FEWEST).then_some(())?;
        Some((self.bookmaker.place(side, candle)?, poll))
    }

    fn bets(parameters: &EnsembleParameters, columns: &Columns<'_>) -> Vec<(usize, Terms)> {
        let mut polls = Polls::of(columns.candles(), *parameters);
        // What all of them take.
        Bookmaker::ranges(Bet::default().atr_period, columns);
        for member in members() {
            polls.add(member.bets(&columns.apart()));
        }
        Bookmaker::place_all(&parameters.bet, columns, polls.carried())
    }

    fn rationale(&self, terms: &Terms, poll: &Poll) -> String {
        let movement = match terms.side {
            Side::Buy => "rise",
            Side::Sell => "fall",
        };
        let of = |(name, record, _): &(&str, Record, Option<Side>)| {
            format!("{name} (mean {} R over {} signals)", Fixed(record.mean(), 2), record.settled.len())
        };
        let agreeing: Vec<_> = poll.voices.iter().filter(|(_, _, vote)| *vote == Some(terms.side)).map(of).collect();
        format!(
            "{agreeing} bet on a {movement}: {balance} of all measured weight, that against it taken off, where it \
             takes {majority}. {voices} of {members} rules have earned a weight here. {bet}",
            agreeing = agreeing.join(", "),
            balance = Fixed(poll.balance.abs(), 2),
            majority = Fixed(self.parameters.majority, 2),
            voices = poll.voices.len(),
            members = self.members.len(),
            bet = self.bookmaker.words(terms),
        )
    }
}

/// The weight that the sum of the R of so many signals is worth: 0 or more.
fn weight(sum: f64, signals: usize, prior: usize) -> f64 {
    if sum > 0.0 { sum / (signals + prior) as f64 } else { 0.0 }
}

/// The share of all weight that votes for BUY less that for SELL.
fn balance(voices: impl Iterator<Item = (f64, Option<Side>)>) -> f64 {
    let (mut all, mut balance) = (0.0, 0.0);
    for (weight, vote) in voices {
        all += weight;
        balance += match vote {
            Some(Side::Buy) => weight,
            Some(Side::Sell) => -weight,
            None => 0.0,
        };
    }
    if all > 0.0 { balance / all } else { 0.0 }
}

impl EnsembleRule {
    fn balance(&self) -> f64 {
        let weight = |standing: &Standing| standing.record.weight(self.parameters.prior);
        balance(self.members.iter().map(|Member { standing, .. }| (weight(standing), standing.vote())))
    }

    fn poll(&self, balance: f64) -> Poll {
        let voices =
            self.members.iter().map(|member| (member.name, member.standing.record.clone(), member.standing.vote()));
        Poll { voices: voices.filter(|(_, record, _)| record.weight(self.parameters.prior) > 0.0).collect(), balance }
    }
}

/// A rule with its record.
struct Member {
    name: &'static str,
    decider: Box<dyn Decider>,
    standing: Standing,
}

/// Where a rule's signals stand.
struct Standing {
    timeframe: Timeframe,
    /// Its signals that are not settled, oldest first.
    open: Vec<OpenSignal>,
    record: Record,
}

/// What a rule's settled signals have earned.
#[derive(Clone, Default)]
struct Record {
    /// Their R, oldest first, as many as are remembered.
    settled: VecDeque<f64>,
    sum: f64,
}

impl Record {
    /// Takes what has just been settled, in order.
    fn take(&mut self, settled: impl Iterator<Item = f64>, memory: usize) {
        let before = self.settled.len();
        self.settled.extend(settled);
        if self.settled.len() > before {
            while self.settled.len() > memory {
                self.settled.pop_front();
            }
            self.sum = self.settled.iter().sum();
        }
    }

    /// 0 or more.
    fn weight(&self, prior: usize) -> f64 {
        weight(self.sum, self.settled.len(), prior)
    }

    fn mean(&self) -> f64 {
        self.sum / self.settled.len() as f64
    }
}

impl Standing {
    fn new(timeframe: Timeframe) -> Self {
        Self { timeframe, open: Vec::new(), record: Record::default() }
    }

    /// Lets the open signals see a candle, then takes what the rule decides at its close.
    fn feed(&mut self, candle: &Candle, memory: usize, decided: Option<Terms>) {
        let settled = self.open.extract_if(.., |signal| signal.feed(candle).is_some());
        let r_multiple = |signal: OpenSignal| Some(signal.settlement()?.r_multiple);
        self.record.take(settled.filter_map(r_multiple), memory);
        self.open.extend(decided.and_then(|terms| OpenSignal::new(terms, self.timeframe).ok()));
    }

    fn vote(&self) -> Option<Side> {
        self.open.last().map(|signal| signal.terms().side)
    }
}
