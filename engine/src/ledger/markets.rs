//! Candles to hold outcomes against.

use super::{Content, Decimal, Ending, Stated};
use crate::{CandleSlice, Candles, OpenSignal, Timeframe};
use std::sync::Arc;

/// Series by symbol and timeframe; none at all where outcomes are not to be checked.
#[derive(Clone, Debug, Default)]
pub struct Markets(Vec<(String, Arc<Candles>)>);

impl Markets {
    /// Adds the candles of a symbol, in place of those of their timeframe that were there.
    pub fn insert(&mut self, symbol: &str, candles: Arc<Candles>) {
        self.0.retain(|(known, other)| known != symbol || other.timeframe() != candles.timeframe());
        self.0.push((symbol.to_owned(), candles));
    }

    /// What the candles of its series say of a signal; `None` where there are none, or its terms make no sense.
    pub(super) fn witness(&self, signal: &Content) -> Option<Witness> {
        let candles = self.get(&signal.symbol, signal.timeframe)?;
        let decided_at = signal.candle_closed_at.secs();
        let closed_then = |index: &usize| candles.close_time(*index) == Some(decided_at);
        let decided = candles.upto(decided_at).len().checked_sub(1).filter(closed_then);
        Some(Witness {
            signal: OpenSignal::after(signal.terms(), candles).ok()?,
            price: decided.and_then(|index| Decimal::new(*candles.closes().get(index)?)),
            end: candles.close_time(candles.len().checked_sub(1)?)?,
        })
    }

    fn get(&self, symbol: &str, timeframe: Timeframe) -> Option<CandleSlice<'_>> {
        let found = self.0.iter().find(|(known, candles)| known == symbol && candles.timeframe() == timeframe);
        found.map(|(_, candles)| candles.view())
    }
}

/// A signal, and what all candles of its series did to it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Witness {
    signal: OpenSignal,
    /// The close of the deciding candle, if there is such a candle.
    price: Option<Decimal>,
    /// When the last candle closes, Unix seconds.
    end: i64,
}

/// What a witness says to a statement.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Judgement {
    Agrees,
    /// The candles end before they could tell.
    Unknown,
    /// By the candles it ended otherwise, or not by then.
    Otherwise(Option<Stated>),
}

impl Witness {
    pub(super) fn judge(&self, said: &Stated) -> Judgement {
        let (mut signal, settled_at) = (self.signal, said.ending.settled_at.secs());
        let ending = signal.expire(settled_at).and_then(|settled| Ending::new(signal.fill_price(), settled));
        match ending.map(|ending| Stated { ending, price: self.price }) {
            Some(stated) if stated == *said => Judgement::Agrees,
            stated if self.end >= settled_at => Judgement::Otherwise(stated),
            _ => Judgement::Unknown,
        }
    }
}

/// What the ledger states of a signal by these candles at market time `now` (Unix seconds); `None` while it has not
/// ended by them.
#[must_use]
pub fn stated(signal: &Content, candles: &Arc<Candles>, now: i64) -> Option<Stated> {
    let mut markets = Markets::default();
    markets.insert(&signal.symbol, Arc::clone(candles));
    let mut witness = markets.witness(signal)?;
    let settled = witness.signal.expire(now)?;
    (settled.settled_at <= now).then_some(())?;
    Some(Stated { ending: Ending::new(witness.signal.fill_price(), settled)?, price: witness.price })
}
