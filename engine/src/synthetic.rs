//! A market made up from a seed, to try things on that no recorded series is long enough for. What
//! a rule earns there means nothing.

use crate::random::Random;
use crate::{Candle, Candles, Timeframe};

/// When the first candle opens: 2000-01-01T00:00:00Z, Unix seconds.
const BEGINNING: i64 = 946_684_800;

/// The price that the market begins at and is pulled back to.
const CENTRE: f64 = 100.0;

/// How much of its relative distance to [`CENTRE`] the price loses in a candle: enough that it
/// neither dwindles to nothing nor grows without end.
const PULL: f64 = 0.000_5;

/// The furthest that a candle's close can be from its open, as a part of it.
const REACH: f64 = 0.04;

/// How far a wick can be from the body, as a part of the price.
const WICK: f64 = 0.005;

/// For so many candles room is made beforehand.
const ROOM: usize = 1_000_000;

/// So many candles without a gap, the same for the same seed everywhere; fewer where the calendar
/// ends, which is after 2.9 million days.
#[must_use]
pub fn candles(count: usize, seed: u64, timeframe: Timeframe) -> Candles {
    let mut candles = Candles::new(timeframe);
    candles.reserve(count.min(ROOM));
    let (mut random, mut open) = (Random::new(seed), CENTRE);
    let mut open_time = BEGINNING;
    for _ in 0..count {
        // Four even throws together are nearly normal.
        let thrown = (0..4).map(|_| random.fraction()).sum::<f64>() / 2.0 - 1.0;
        let close = open * (1.0 + REACH * thrown + PULL * (1.0 - open / CENTRE));
        let high = open.max(close) * (1.0 + WICK * random.fraction());
        let low = open.min(close) * (1.0 - WICK * random.fraction());
        let candle = Candle { open_time, open, high, low, close, volume: 1_000.0 * random.fraction() };
        if candles.push(candle).is_err() {
            break;
        }
        open = close;
        open_time += timeframe.seconds();
    }
    candles
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_makes_one_market() {
        let made = candles(5_000, 7, Timeframe::Hour);
        assert_eq!(made.len(), 5_000);
        assert_eq!(made, candles(5_000, 7, Timeframe::Hour));
        assert_ne!(made.get(1), candles(2, 8, Timeframe::Hour).get(1));
        assert_eq!(made.get(0).map(|first| (first.open_time, first.open)), Some((BEGINNING, CENTRE)));
    }

    #[test]
    fn a_long_market_stays_a_market() {
        let made = candles(300_000, 1, Timeframe::Hour);
        assert_eq!(made.len(), 300_000, "the importer's rules hold for every candle");
        let closes = made.view().closes();
        assert!(closes.iter().all(|close| (1.0..10_000.0).contains(close)));
        let later = closes[200_000..].iter().sum::<f64>() / 100_000.0;
        assert!((20.0..500.0).contains(&later), "{later}");
    }

    #[test]
    fn the_calendar_ends_it() {
        let days = candles(3_000_000, 1, Timeframe::Day).len();
        assert!((2_900_000..3_000_000).contains(&days), "{days}");
    }
}
