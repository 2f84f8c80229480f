//! The public record: what the signals came to, all of them or a part.

use super::{
    drift,
    feed::FeedCache,
    history::{Entry, Group, History, RecordCache},
    market_clock, page,
};
use crate::{
    domain::{
        id::SignalId,
        record::{CurveMonth, CurvePoint, Period, RecordChoices, RecordFigures, RecordFilter, RecordPart, TrackRecord},
        signal::{JudgedSignal, Signal, StrategyRecord},
        time::Timestamp,
    },
    server::{error::ServiceError, state::AppState},
};
use engine::record::{Figures, Point};
use futures::{Stream, stream};
use std::{
    collections::{BTreeSet, HashMap},
    hash::Hash,
    sync::Arc,
};

/// Signals read at a time for a file.
const BATCH: usize = 500;
/// Stretches of the curve of which the highest and the lowest point are told.
const STRETCHES: usize = 240;

/// The record, or the part that `filter` asks for, with the page of settled signals after `cursor`.
///
/// # Errors
/// `Invalid` when the cursor is none of ours.
pub async fn read(
    state: &AppState,
    filter: &RecordFilter,
    cursor: Option<&str>,
    limit: u64,
) -> Result<TrackRecord, ServiceError> {
    let history = RecordCache::history(state).await?;
    let after = page::after(cursor, |seq| seq.parse().ok())?.map(|(at, seq)| (Timestamp::from_millis(at), seq));
    let rest = history.settled(filter).filter(|entry| after.is_none_or(|after| entry.place() < after));
    let shown: Vec<&Entry> = rest.take(usize::try_from(limit + 1).unwrap_or(usize::MAX)).collect();
    let (shown, next_cursor) = page::cut(shown, limit, |last| {
        let (at, seq) = last.place();
        page::cursor(at.millis(), seq)
    });
    let ids: Vec<SignalId> = shown.iter().map(|entry| entry.id).collect();
    let record = history.part(filter).collect::<Group>().record();
    let first = history.signals().first();
    Ok(TrackRecord {
        as_of: state.clock.now(),
        market: market_clock::now(state).await?,
        replay: history.part(filter).any(|entry| entry.replay),
        begins_at: first.map(|first| first.decided_at),
        first_published_at: first.map(|first| first.published_at),
        choices: choices(state, &history),
        figures: record.figures.into(),
        caution: record.figures.caution(),
        curve: thinned(&record.curve),
        months: months(&record.curve),
        calibration: record.calibration.map(Into::into),
        by_strategy: parts(&history, filter, |entry| history.series(entry).strategy.clone()),
        by_symbol: parts(&history, filter, |entry| history.series(entry).symbol.clone()),
        by_period: by_period(&history, filter),
        drift: drift::views(state, filter).await?,
        signals: FeedCache::record(state).await?.verdicts.judge_all(in_order(state, &ids).await?),
        next_cursor,
        filter: filter.clone(),
    })
}

/// Every settled signal of a part of the record, the last settled first, some at a time.
///
/// # Errors
/// When the database does not answer; the stream's own errors are such too.
pub async fn file(
    state: &AppState,
    filter: &RecordFilter,
) -> Result<impl Stream<Item = Result<Vec<JudgedSignal>, ServiceError>> + use<>, ServiceError> {
    let (history, record) = (RecordCache::history(state).await?, FeedCache::record(state).await?);
    let ids: Arc<[SignalId]> = history.settled(filter).map(|entry| entry.id).collect();
    let state = state.clone();
    let next = move |from: usize| {
        let (state, record, ids) = (state.clone(), Arc::clone(&record), Arc::clone(&ids));
        async move {
            let batch = ids.get(from..(from + BATCH).min(ids.len())).filter(|batch| !batch.is_empty())?;
            let signals = in_order(&state, batch).await;
            Some((signals.map(|signals| record.verdicts.judge_all(signals)), from + BATCH))
        }
    };
    Ok(stream::unfold(0, next))
}

/// What the published signals of each strategy came to.
///
/// # Errors
/// When the database does not answer.
pub async fn by_strategy(state: &AppState) -> Result<HashMap<String, Figures>, ServiceError> {
    let history = RecordCache::history(state).await?;
    let parts = grouped(&history, &RecordFilter::default(), |entry| history.series(entry).strategy.clone());
    Ok(parts.into_iter().map(|(strategy, group)| (strategy, group.figures())).collect())
}

/// What the published signals of a signal's strategy came to.
///
/// # Errors
/// When the database does not answer.
pub async fn of_strategy(state: &AppState, signal: &Signal) -> Result<StrategyRecord, ServiceError> {
    let history = RecordCache::history(state).await?;
    let figures = |filter: RecordFilter| history.part(&filter).collect::<Group>().figures().into();
    Ok(StrategyRecord {
        everywhere: figures(RecordFilter::of_strategy(signal)),
        on_series: figures(RecordFilter::of_series(signal)),
    })
}

/// The signals of these ids, in their order.
async fn in_order(state: &AppState, ids: &[SignalId]) -> Result<Vec<Signal>, ServiceError> {
    let found = state.store.signals(ids).await?;
    let mut found: HashMap<SignalId, Signal> = found.into_iter().map(|signal| (signal.id, signal)).collect();
    Ok(ids.iter().filter_map(|id| found.remove(id)).collect())
}

/// The signals of a part of the record by `name`, in the order in which each name first stands there.
fn grouped<N: Eq + Hash + Clone>(
    history: &History,
    filter: &RecordFilter,
    name: impl Fn(&Entry) -> N,
) -> Vec<(N, Group)> {
    let mut places: HashMap<N, usize> = HashMap::new();
    let mut groups: Vec<(N, Group)> = Vec::new();
    for entry in history.part(filter) {
        let name = name(entry);
        let place = *places.entry(name.clone()).or_insert_with(|| {
            groups.push((name, Group::default()));
            groups.len() - 1
        });
        groups[place].1.add(entry);
    }
    groups
}

fn parts(history: &History, filter: &RecordFilter, name: impl Fn(&Entry) -> String) -> Vec<RecordPart> {
    let groups = grouped(history, filter, name);
    let mut parts: Vec<RecordPart> = groups.into_iter().map(|(name, group)| part(name, &group)).collect();
    parts.sort_by(|a, b| a.name.cmp(&b.name));
    parts
}

fn by_period(history: &History, filter: &RecordFilter) -> Vec<RecordPart> {
    let mut months = grouped(history, filter, |entry| Period::month_of(entry.decided_at));
    months.sort_by_key(|(month, _)| std::cmp::Reverse(*month));
    months.into_iter().map(|(month, group)| part(month.to_string(), &group)).collect()
}

fn part(name: String, group: &Group) -> RecordPart {
    RecordPart { name, figures: RecordFigures::from(group.figures()) }
}

fn choices(state: &AppState, history: &History) -> RecordChoices {
    let (mut strategies, mut timeframes): (BTreeSet<String>, BTreeSet<String>) = (BTreeSet::new(), BTreeSet::new());
    let mut periods = BTreeSet::new();
    for series in state.desk.series(state.market.as_ref()) {
        strategies.insert(series.strategy);
        timeframes.insert(series.timeframe);
    }
    for entry in history.signals() {
        let month = Period::month_of(entry.decided_at);
        if periods.insert(month) {
            periods.insert(month.year());
        }
        let series = history.series(entry);
        if !strategies.contains(&series.strategy) {
            strategies.insert(series.strategy.clone());
        }
    }
    RecordChoices {
        strategies: strategies.into_iter().collect(),
        symbols: state.market.symbols().iter().map(|symbol| symbol.symbol.clone()).collect(),
        timeframes: timeframes.into_iter().collect(),
        periods: periods.into_iter().rev().collect(),
    }
}

fn told(point: &Point) -> CurvePoint {
    CurvePoint { settled_at: Timestamp::from_secs(point.settled_at), total_r: point.total_r }
}

/// The curve as far as an eye can tell: of each stretch the lowest and the highest point in their order, and the last.
fn thinned(curve: &[Point]) -> Vec<CurvePoint> {
    if curve.len() <= 2 * STRETCHES {
        return curve.iter().map(told).collect();
    }
    let mut thinned = Vec::with_capacity(2 * STRETCHES + 1);
    for stretch in 0..STRETCHES {
        let (from, to) = (stretch * curve.len() / STRETCHES, (stretch + 1) * curve.len() / STRETCHES);
        let by_height = |a: &usize, b: &usize| curve[*a].total_r.total_cmp(&curve[*b].total_r);
        let low = (from..to).min_by(by_height).unwrap_or(from);
        let high = (from..to).max_by(by_height).unwrap_or(from);
        thinned.extend([low.min(high), low.max(high)].map(|at| told(&curve[at])));
    }
    thinned.extend(curve.last().map(told));
    thinned
}

fn months(curve: &[Point]) -> Vec<CurveMonth> {
    let mut months: Vec<CurveMonth> = Vec::new();
    let mut before = 0.0;
    for point in curve {
        let month = Period::month_of(Timestamp::from_secs(point.settled_at));
        match months.last_mut().filter(|last| last.month == month) {
            Some(last) => {
                last.settled += 1;
                last.r += point.total_r - before;
                last.total_r = point.total_r;
            }
            None => {
                months.push(CurveMonth { month, settled: 1, r: point.total_r - before, total_r: point.total_r });
            }
        }
        before = point.total_r;
    }
    months
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(totals: impl Iterator<Item = f64>) -> Vec<Point> {
        totals.enumerate().map(|(at, total_r)| Point { settled_at: at as i64 * 86_400, total_r }).collect()
    }

    #[test]
    fn a_short_curve_is_told_whole_and_a_long_one_by_its_heights() {
        let short = curve((0..480).map(f64::from));
        assert_eq!(thinned(&short).len(), 480);
        // A peak and a trough somewhere in a long one, and a peak near its end.
        let long = curve((0..10_007).map(|at| match at {
            4_321 => 90.0,
            4_330 => -70.0,
            9_990 => 95.0,
            at => f64::from(at % 7),
        }));
        let told = thinned(&long);
        assert_eq!((told.len(), told.last().copied()), (481, long.last().map(super::told)));
        assert!(told.is_sorted_by_key(|point| point.settled_at));
        for height in [90.0, -70.0, 95.0] {
            assert!(told.iter().any(|point| point.total_r == height), "{height}");
        }
    }

    #[test]
    fn months_add_up_to_the_curve() {
        let curve = curve([1.0, 0.5, 2.5].into_iter().chain(std::iter::repeat_n(3.0, 40)));
        let months = months(&curve);
        let told: Vec<_> = months.iter().map(|month| (month.month.to_string(), month.settled, month.total_r)).collect();
        assert_eq!(told, [("1970-01".to_owned(), 31, 3.0), ("1970-02".to_owned(), 12, 3.0)]);
        assert_eq!(months.iter().map(|month| month.r).sum::<f64>(), 3.0);
    }
}
