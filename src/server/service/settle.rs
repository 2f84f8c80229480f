//! What the market did with open signals.

use crate::{
    domain::signal::{Outcome, Signal},
    domain::time::Timestamp,
    server::{error::ServiceError, market::MarketData, store::signals::Change},
};
use engine::{OpenSignal, Terms, Timeframe};

/// What is known of `signal` at market time `now` beyond what it says; `None` if nothing is. Asking twice changes
/// nothing.
///
/// # Errors
/// When its series cannot be read, or its terms make no sense.
pub fn change(market: &dyn MarketData, signal: &Signal, now: Timestamp) -> Result<Option<Change>, ServiceError> {
    let failed = |error: crate::server::error::BoxError| ServiceError::internal("settling a signal", error);
    let timeframe: Timeframe = signal.timeframe.parse().map_err(|e: engine::UnknownTimeframe| failed(e.into()))?;
    let series = market.series(&signal.symbol, timeframe).map_err(|e| failed(e.into()))?;
    // A symbol that is no longer followed: its signals stay as they are.
    let Some(series) = series else { return Ok(None) };
    let mut open = OpenSignal::after(terms(signal), series.upto(now.secs())).map_err(|e| failed(e.into()))?;
    let settlement = open.expire(now.secs());
    let fill_price = open.fill_price();
    let news = settlement.is_some() || fill_price != signal.fill_price;
    Ok(news.then_some(Change { id: signal.id, fill_price, settlement }))
}

/// Makes a change known to the signal.
pub fn apply(signal: &mut Signal, change: &Change) {
    signal.fill_price = change.fill_price;
    if let Some(settlement) = change.settlement {
        signal.outcome = settlement.outcome;
        signal.exit_price = Some(settlement.exit_price);
        signal.r_multiple = Some(settlement.r_multiple);
        signal.settled_at = Some(Timestamp::from_secs(settlement.settled_at));
    } else {
        signal.outcome = Outcome::Open;
    }
}

fn terms(signal: &Signal) -> Terms {
    Terms {
        side: signal.side,
        price: signal.price,
        target: signal.target,
        stop: signal.stop,
        candle_closed_at: signal.candle_closed_at.secs(),
        expires_at: signal.expires_at.secs(),
    }
}
