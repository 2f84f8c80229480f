//! The market's clock: one, in the database, that goes on only while the program runs.

use crate::{
    domain::{signal::MarketNow, time::Timestamp},
    server::{
        error::ServiceError,
        state::AppState,
        store::{StoreError, Transaction, market_clock::Beat},
    },
};
use std::time::Duration;

/// A beat this late or later was missed because the program was down: the market pauses.
pub const GRACE: Duration = Duration::from_secs(5);

/// How long a beat read from the database is counted on from.
const KEPT: Duration = Duration::from_secs(1);

/// Where the market clock stands.
///
/// # Errors
/// When the database does not answer.
pub async fn now(state: &AppState) -> Result<MarketNow, ServiceError> {
    let real = state.clock.now();
    let beat = match state.desk.kept_beat(real - KEPT) {
        Some(beat) => beat,
        None => {
            let beat = state.store.market_beat().await?.unwrap_or(first(state, real));
            state.desk.keep_beat(real, beat);
            beat
        }
    };
    let since = real.since(beat.beat_at).min(GRACE);
    Ok(MarketNow {
        now: advanced(beat.market_at, since, speed(state)),
        replay: state.market.is_replay(),
        speed: speed(state),
    })
}

/// Moves the clock on by the real time since the last beat; nobody else moves it until `txn` ends. The new market time.
pub(super) async fn beat(state: &AppState, txn: &Transaction) -> Result<Timestamp, StoreError> {
    let real = state.clock.now();
    let last = txn.lock_market_beat(first(state, real)).await?;
    let next = next(last, real, speed(state));
    if next != last {
        txn.set_market_beat(next).await?;
    }
    Ok(next.market_at)
}

/// Market seconds in a real one.
fn speed(state: &AppState) -> f64 {
    state.config.market.days_per_minute * 1440.0
}

fn first(state: &AppState, real: Timestamp) -> Beat {
    Beat { market_at: state.config.market.start, beat_at: real }
}

/// The beat at `real`. One that another replica has made meanwhile is not taken back.
fn next(last: Beat, real: Timestamp, speed: f64) -> Beat {
    if real <= last.beat_at {
        // A clock that was set back by more than a moment: go on from here.
        let set_back = last.beat_at.since(real) > GRACE;
        return if set_back { Beat { beat_at: real, ..last } } else { last };
    }
    let since = real.since(last.beat_at);
    let market_at = if since <= GRACE { advanced(last.market_at, since, speed) } else { last.market_at };
    Beat { market_at, beat_at: real }
}

fn advanced(market: Timestamp, since: Duration, speed: f64) -> Timestamp {
    Timestamp::from_millis(market.millis().saturating_add((since.as_millis() as f64 * speed) as i64))
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: fn(i64) -> Timestamp = Timestamp::from_secs;

    #[test]
    fn it_goes_on_while_it_is_looked_after_and_pauses_else() {
        let last = Beat { market_at: AT(1_000_000), beat_at: AT(100) };
        assert_eq!(next(last, AT(101), 1440.0), Beat { market_at: AT(1_001_440), beat_at: AT(101) });
        assert_eq!(next(last, AT(105), 1440.0).market_at, AT(1_007_200));
        assert_eq!(next(last, AT(106), 1440.0), Beat { market_at: AT(1_000_000), beat_at: AT(106) });
    }

    #[test]
    fn it_never_goes_back() {
        let last = Beat { market_at: AT(1_000_000), beat_at: AT(100) };
        assert_eq!(next(last, AT(99), 1440.0), last);
        assert_eq!(next(last, AT(10), 1440.0), Beat { market_at: AT(1_000_000), beat_at: AT(10) });
    }
}
