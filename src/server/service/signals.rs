//! Signals as people may see them: gated by plan.

use super::{
    feed::{FeedCache, Record},
    ledger, market, market_clock, quota, strategies, track_record,
};
use crate::{
    domain::{
        id::SignalId,
        plan::{Entitlement, Feature},
        quota::UNLIMITED,
        signal::{
            Dashboard, FeedFilter, FeedPage, FeedSignal, JudgedSignal, Outcome, Proof, Signal, SignalDetail,
            SignalLine, Standing,
        },
        subscription::Outlook,
    },
    server::{error::ServiceError, service::sessions::CurrentUser, state::AppState, store::usage::StoredFetch},
};
use bytes::Bytes;

pub use crate::server::store::signals::FeedQuery;

/// Seconds of a day of the market: a symbol's small chart has a close for each.
const DAY: i64 = 86_400;
/// The most signals that a filter of the dashboard brings: more than are open at once.
const FILTERED: u64 = 200;

/// The feed, written as JSON already; costs a free user one of the day's fetches.
///
/// # Errors
/// `QuotaExceeded` when they are used up. A feed that cannot be read costs nothing.
pub async fn feed(state: &AppState, user: &CurrentUser) -> Result<Bytes, ServiceError> {
    if is_paid(state, user) {
        return Ok(FeedCache::paid(state).await?.body.clone());
    }
    let feed = FeedCache::free(state).await?;
    quota::take(state, user.me.id, feed.signals.iter().map(|judged| judged.signal.id).collect()).await?;
    Ok(feed.body.clone())
}

/// The newest signal alone; counts as a fetch of the feed.
///
/// # Errors
/// As [`feed`]; `NotFound` before the first signal, which costs nothing.
pub async fn latest(state: &AppState, user: &CurrentUser) -> Result<FeedSignal, ServiceError> {
    let paid = is_paid(state, user);
    let feed = if paid { FeedCache::paid(state).await? } else { FeedCache::free(state).await? };
    let newest = feed.signals.first().cloned().ok_or(ServiceError::NotFound("signal yet"))?;
    if !paid {
        quota::take(state, user.me.id, vec![newest.signal.id]).await?;
    }
    Ok(newest.into())
}

/// A page of the feed, for who pays.
///
/// # Errors
/// `PlanRequired` for anybody else, `Invalid` for what can be no symbol.
pub async fn page(state: &AppState, user: &CurrentUser, query: &FeedQuery) -> Result<FeedPage, ServiceError> {
    require_paid(state, user)?;
    let signals = found(state, query).await?;
    let signals = FeedCache::record(state).await?.verdicts.judge_all(signals);
    Ok(FeedPage { signals: signals.into_iter().map(FeedSignal::from).collect(), user_limit: UNLIMITED.to_owned() })
}

/// The feed computed anew, for who pays.
///
/// # Errors
/// `PlanRequired` for anybody else.
pub async fn refresh(state: &AppState, user: &CurrentUser) -> Result<Bytes, ServiceError> {
    require_paid(state, user)?;
    Ok(FeedCache::refresh(state).await?.body.clone())
}

/// Where a reader of the dashboard stands; costs no fetch.
///
/// # Errors
/// When the database does not answer.
pub async fn standing(state: &AppState, user: &CurrentUser) -> Result<Standing, ServiceError> {
    let is_paid = is_paid(state, user);
    let day = market_clock::now(state).await?.now.secs().div_euclid(DAY);
    let record = FeedCache::record(state).await?.version;
    let (quota, brought, newest, own) = if is_paid {
        let feed = FeedCache::paid(state).await?;
        (None, None, feed.signals.first().map_or(0, |newest| newest.signal.seq), feed.version.to_string())
    } else {
        let quota = quota::state(state, user.me.id).await?;
        let brought = brought_by_newest(&fetches_of_today(state, user).await?);
        (Some(quota), brought, 0, format!("free.{}.{}", quota.resets_at.millis(), quota.used))
    };
    let Outlook { ends_at, payment_failed } = user.outlook;
    let (as_of, version) = (state.clock.now(), format!("{own}.{record}.{day}"));
    Ok(Standing { as_of, is_paid, quota, brought, ends_at, payment_failed, newest, version })
}

/// What the dashboard shows of signals and market; costs no fetch. Who pays has the whole feed filtered, anybody else
/// what was fetched today.
///
/// # Errors
/// When the database does not answer.
pub async fn dashboard(state: &AppState, user: &CurrentUser, filter: FeedFilter) -> Result<Dashboard, ServiceError> {
    let (is_paid, record) = (is_paid(state, user), FeedCache::record(state).await?);
    let signals = if is_paid && filter == FeedFilter::default() {
        lines(&FeedCache::paid(state).await?.signals)
    } else if is_paid {
        let query = FeedQuery { limit: FILTERED, filter, ..FeedQuery::default() };
        lines(&record.verdicts.judge_all(found(state, &query).await?))
    } else {
        lines(&record.verdicts.judge_all(fetched_today(state, user).await?))
    };
    Ok(Dashboard {
        as_of: state.clock.now(),
        market: market_clock::now(state).await?,
        is_paid,
        signals,
        settled: lines(&record.settled),
        symbols: market::symbols(state).await?,
    })
}

/// One signal: settled ones for everybody, open ones for who pays or fetched them.
///
/// # Errors
/// `NotFound`; `PlanRequired` for an open one that the asking person may not see.
pub async fn signal(state: &AppState, user: Option<&CurrentUser>, id: SignalId) -> Result<Signal, ServiceError> {
    let signal = state.store.signal(id).await?.ok_or(ServiceError::NotFound("signal"))?;
    if signal.outcome != Outcome::Open {
        return Ok(signal);
    }
    match user {
        Some(user) if is_paid(state, user) || state.store.has_fetched(user.me.id, id).await? => Ok(signal),
        _ => Err(ServiceError::PlanRequired),
    }
}

/// One signal, and whether its strategy is proven; who may see it, as [`signal`].
///
/// # Errors
/// As [`signal`].
pub async fn judged(state: &AppState, user: Option<&CurrentUser>, id: SignalId) -> Result<JudgedSignal, ServiceError> {
    let signal = signal(state, user, id).await?;
    Ok(FeedCache::record(state).await?.verdicts.judge(signal))
}

/// One signal with its symbol and the candles around it; who may see it, as [`signal`].
///
/// # Errors
/// As [`signal`].
pub async fn detail(state: &AppState, user: Option<&CurrentUser>, id: SignalId) -> Result<SignalDetail, ServiceError> {
    let signal = signal(state, user, id).await?;
    let now = market_clock::now(state).await?.now;
    let symbol = market::symbol(state, &signal.symbol, now)?;
    let candles = market::candles_around(state, &signal, now)?;
    let ledger = ledger::of_signal(state, id).await?;
    let verdict = strategies::verdict(state, &signal).await?;
    let record = track_record::of_strategy(state, &signal).await?;
    Ok(SignalDetail { as_of: state.clock.now(), signal, symbol, candles, ledger, verdict, record })
}

/// The public record in short.
///
/// # Errors
/// When the database does not answer.
pub async fn proof(state: &AppState) -> Result<Proof, ServiceError> {
    let record = FeedCache::record(state).await?;
    let Record { version, open, target, stop, expired, settled, .. } = record.as_ref();
    let settled_count = target.count + stop.count + expired.count;
    let total_r = [target, stop, expired].iter().filter_map(|outcome| outcome.total_r).sum::<f64>();
    Ok(Proof {
        version: *version,
        as_of: state.clock.now(),
        market: market_clock::now(state).await?,
        published: open.count + settled_count,
        won: target.count,
        lost: stop.count,
        expired: expired.count,
        total_r: (settled_count > 0).then_some(total_r),
        symbols: state.market.symbols().iter().map(|symbol| symbol.symbol.clone()).collect(),
        settled: lines(settled),
    })
}

/// The signals that a query finds.
async fn found(state: &AppState, query: &FeedQuery) -> Result<Vec<Signal>, ServiceError> {
    // PostgreSQL takes a text with a zero in it for a fault of ours.
    if query.filter.symbol.as_ref().is_some_and(|symbol| symbol.chars().any(char::is_control)) {
        return Err(ServiceError::field("symbol", "There is no such symbol."));
    }
    Ok(state.store.newest_signals(query).await?)
}

async fn fetched_today(state: &AppState, user: &CurrentUser) -> Result<Vec<Signal>, ServiceError> {
    let fetches = fetches_of_today(state, user).await?;
    let mut ids: Vec<SignalId> = fetches.into_iter().flat_map(|fetch| fetch.signals).collect();
    ids.sort_unstable();
    ids.dedup();
    Ok(state.store.signals(&ids).await?)
}

/// The newest first.
async fn fetches_of_today(state: &AppState, user: &CurrentUser) -> Result<Vec<StoredFetch>, ServiceError> {
    let day = quota::Day::today(state)?;
    Ok(state.store.fetches(user.me.id, day.start).await?)
}

/// How many signals the first of these fetches brought that those after it, which were made before, had not.
fn brought_by_newest(fetches: &[StoredFetch]) -> Option<u64> {
    let (newest, before) = fetches.split_first()?;
    let is_new = |id: &&SignalId| before.iter().all(|fetch| !fetch.signals.contains(id));
    Some(newest.signals.iter().filter(is_new).count() as u64)
}

fn lines(signals: &[JudgedSignal]) -> Vec<SignalLine> {
    signals.iter().map(SignalLine::from).collect()
}

fn is_paid(state: &AppState, user: &CurrentUser) -> bool {
    let entitlement = user.plan.entitlement(Feature::Signals, state.config.quota.free_limits());
    entitlement == Entitlement::Unlimited
}

fn require_paid(state: &AppState, user: &CurrentUser) -> Result<(), ServiceError> {
    if is_paid(state, user) { Ok(()) } else { Err(ServiceError::PlanRequired) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::Timestamp;
    use uuid::Uuid;

    #[test]
    fn a_fetch_brings_what_no_earlier_one_had() {
        let fetch = |ids: &[u128]| StoredFetch {
            fetched_at: Timestamp::default(),
            signals: ids.iter().map(|id| SignalId(Uuid::from_u128(*id))).collect(),
        };
        let (first, same, later) = (fetch(&[1, 2, 3]), fetch(&[1, 2, 3]), fetch(&[3, 4, 5]));
        assert_eq!(brought_by_newest(&[]), None);
        assert_eq!(brought_by_newest(std::slice::from_ref(&first)), Some(3));
        assert_eq!(brought_by_newest(&[same.clone(), first.clone()]), Some(0));
        assert_eq!(brought_by_newest(&[later, same, first]), Some(2));
    }
}
