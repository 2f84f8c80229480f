//! All polls of an ensemble over a series: where any rule's weight or vote changes, and no other closes.

use std::mem;

use super::{EnsembleParameters, FEWEST, Record, balance};
use crate::{CandleSlice, OpenSignal, Side, Terms};

/// A rule's weight and vote.
type Voice = (f64, Option<Side>);

/// A bit for each rule.
type Rules = u8;

/// The polls at all closes of a series.
pub(super) struct Polls<'a> {
    candles: CandleSlice<'a>,
    parameters: EnsembleParameters,
    /// Of each rule, what it says whenever that changes, in order.
    said: Vec<Vec<Voice>>,
    /// At each close, of which rules that changes.
    changed: Vec<Rules>,
}

/// A signal of a rule, whose end is looked up as soon as it is decided, and counts when it comes.
struct Bound {
    side: Side,
    /// The index of the candle that settles it.
    settles: usize,
    r_multiple: f64,
}

impl Bound {
    /// That decided at a candle of a series, if it can be settled. One that is open at the end is
    /// settled past it.
    fn of((decided, terms): (usize, Terms), candles: CandleSlice<'_>) -> Option<Self> {
        let mut signal = OpenSignal::new(terms, candles.timeframe()).ok()?;
        let settles = signal.skip(candles, decided + 1);
        let settlement = candles.get(settles).and_then(|candle| signal.feed(&candle));
        Some(Self { side: terms.side, settles, r_multiple: settlement.map_or(0.0, |end| end.r_multiple) })
    }
}

impl<'a> Polls<'a> {
    pub(super) fn of(candles: CandleSlice<'a>, parameters: EnsembleParameters) -> Self {
        Self { candles, parameters, said: Vec::new(), changed: vec![0; candles.len()] }
    }

    /// Adds a rule by its bets over the series; eight at most.
    pub(super) fn add(&mut self, bets: Vec<(usize, Terms)>) {
        let (mut open, mut record) = (Vec::<Bound>::new(), Record::default());
        let (mut said, bit) = (Vec::with_capacity(2 * bets.len()), 1 << self.said.len());
        let (mut bets, mut newest) = (bets.into_iter().peekable(), (0.0, None));
        loop {
            // Its weight and its vote stay as they are until its next bet, or the end of one.
            let decides = bets.peek().map_or(self.candles.len(), |(next, _)| *next);
            let now = open.iter().map(|bound| bound.settles).fold(decides, usize::min);
            let Some(changed) = self.changed.get_mut(now) else {
                break;
            };
            let settled = open.extract_if(.., |bound| bound.settles == now);
            record.take(settled.map(|bound| bound.r_multiple), self.parameters.memory);
            let bet = bets.next_if(|(decided, _)| *decided == now);
            open.extend(bet.and_then(|bet| Bound::of(bet, self.candles)));
            let says = (record.weight(self.parameters.prior), open.last().map(|bound| bound.side));
            if says != mem::replace(&mut newest, says) {
                *changed |= bit;
                said.push(says);
            }
        }
        self.said.push(said);
    }

    /// The closes at which a side has it.
    pub(super) fn carried(&self) -> Vec<(usize, Side)> {
        let mut coming: Vec<_> = self.said.iter().map(|said| said.iter()).collect();
        let mut voices: Vec<Voice> = vec![(0.0, None); self.said.len()];
        let (mut before, mut carried) = (0.0, Vec::new());
        for (index, changed) in self.changed.iter().enumerate() {
            let mut left = *changed;
            if left == 0 {
                continue;
            }
            while left != 0 {
                let rule = left.trailing_zeros() as usize;
                voices[rule] = coming[rule].next().copied().unwrap_or(voices[rule]);
                left &= left - 1;
            }
            let balance = balance(voices.iter().copied());
            let side = self.parameters.carried(mem::replace(&mut before, balance), balance);
            carried.extend(side.filter(|side| Self::agree(&voices, *side)).map(|side| (index, side)));
        }
        carried
    }

    /// Whether enough rules with a weight vote for a side.
    fn agree(voices: &[Voice], side: Side) -> bool {
        voices.iter().filter(|(weight, vote)| *weight > 0.0 && *vote == Some(side)).count() >= FEWEST
    }
}
