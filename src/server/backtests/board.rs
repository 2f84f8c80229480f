//! Which backtests there are: so many on their way, and so much of what came of others.

use super::job::Job;
use crate::domain::{
    id::{BacktestId, UserId},
    time::Timestamp,
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// Backtests of one person that run or wait at once.
const OF_ONE: usize = 3;

/// How long one is known after it was asked for.
const KEPT: Duration = Duration::from_secs(3600);

/// Backtests of one person that are known at once; the oldest go first.
const KEPT_OF_ONE: usize = 20;

/// All that are known.
pub(super) struct Board {
    /// Places.
    limit: usize,
    /// Of all that is kept of what came of them; the oldest go first.
    bytes: usize,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    /// Places taken, by whom.
    places: HashMap<UserId, usize>,
    /// In the order in which they were asked for.
    jobs: Vec<Arc<Job>>,
}

/// A place among those that run or wait, for one person.
pub struct Place {
    board: Arc<Board>,
    owner: UserId,
}

impl Place {
    /// Whose it is.
    pub(super) fn owner(&self) -> UserId {
        self.owner
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut kept = self.board.lock();
        if let Some(count) = kept.places.get_mut(&self.owner) {
            *count -= 1;
            if *count == 0 {
                kept.places.remove(&self.owner);
            }
        }
    }
}

impl Board {
    pub(super) fn new(limit: usize, bytes: usize) -> Self {
        Self { limit, bytes, kept: Mutex::default() }
    }

    pub(super) fn reserve(board: &Arc<Self>, owner: UserId) -> Option<Place> {
        let mut kept = board.lock();
        let taken: usize = kept.places.values().sum();
        let own = kept.places.entry(owner).or_default();
        if taken >= board.limit || *own >= OF_ONE {
            if *own == 0 {
                kept.places.remove(&owner);
            }
            return None;
        }
        *own += 1;
        Some(Place { board: Arc::clone(board), owner })
    }

    pub(super) fn add(&self, job: Arc<Job>, now: Timestamp) {
        let mut kept = self.lock();
        kept.forget_old(now);
        kept.jobs.push(job);
        kept.trim(self.bytes);
    }

    pub(super) fn find(&self, owner: UserId, id: BacktestId, now: Timestamp) -> Option<Arc<Job>> {
        let mut kept = self.lock();
        kept.forget_old(now);
        kept.jobs.iter().find(|job| job.id == id && job.owner == owner).map(Arc::clone)
    }

    pub(super) fn remove(&self, owner: UserId, id: BacktestId, now: Timestamp) -> Option<Arc<Job>> {
        let mut kept = self.lock();
        kept.forget_old(now);
        let place = kept.jobs.iter().position(|job| job.id == id && job.owner == owner)?;
        Some(kept.jobs.remove(place))
    }

    /// Forgets the oldest that are over, until what is kept fits.
    pub(super) fn trim(&self) {
        self.lock().trim(self.bytes);
    }

    /// Ends all that run or wait.
    pub(super) fn cancel_all(&self) {
        let jobs = std::mem::take(&mut self.lock().jobs);
        jobs.iter().for_each(|job| job.cancel());
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn forget_old(&mut self, now: Timestamp) {
        self.jobs.retain(|job| !job.stage().borrow().is_over() || now.since(job.created_at) < KEPT);
    }

    fn trim(&mut self, most: usize) {
        let (mut bytes, mut of_one) = (0, HashMap::<UserId, usize>::new());
        // The newest first: what no longer fits is older.
        let mut fits: Vec<bool> = Vec::with_capacity(self.jobs.len());
        for job in self.jobs.iter().rev() {
            let own = of_one.entry(job.owner).or_default();
            (bytes, *own) = (bytes + job.size(), *own + 1);
            fits.push(!job.stage().borrow().is_over() || (bytes <= most && *own <= KEPT_OF_ONE));
        }
        let mut fits = fits.into_iter().rev();
        self.jobs.retain(|_| fits.next().unwrap_or(true));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::backtests::{Order, Source};
    use engine::{Timeframe, backtest::Settings, strategy};
    use uuid::Uuid;

    fn now() -> Timestamp {
        Timestamp::from_secs(1_717_200_000)
    }

    fn somebody() -> UserId {
        UserId(Uuid::new_v4())
    }

    fn order() -> Order {
        let source = Source::Synthetic { candles: 50, seed: 1, timeframe: Timeframe::Hour };
        Order { source, strategy: strategy::named("macd").unwrap(), settings: Settings::default(), checks: None }
    }

    fn waiting(board: &Arc<Board>, owner: UserId) -> Arc<Job> {
        let job = Arc::new(Job::new(Board::reserve(board, owner).unwrap(), order(), now()));
        board.add(Arc::clone(&job), now());
        job
    }

    fn done(board: &Arc<Board>, owner: UserId) -> Arc<Job> {
        let job = waiting(board, owner);
        assert_eq!(job.run(), "done");
        board.trim();
        job
    }

    #[test]
    fn places_are_counted_for_all_and_for_one_and_given_back() {
        let board = Arc::new(Board::new(4, 1 << 20));
        let (one, other) = (somebody(), somebody());
        let jobs: Vec<_> = (0..OF_ONE).map(|_| waiting(&board, one)).collect();
        assert!(Board::reserve(&board, one).is_none(), "one has as many as one may");
        let place = Board::reserve(&board, other).unwrap();
        assert!(Board::reserve(&board, somebody()).is_none(), "it is full");
        drop(place);
        assert!(Board::reserve(&board, somebody()).is_some());
        jobs[1].cancel();
        jobs[2].run();
        assert_eq!(jobs[1].run(), "cancelled");
        let more: Vec<_> = (0..2).map(|_| waiting(&board, one)).collect();
        assert_eq!(more.len(), 2, "what ended made room");
    }

    #[test]
    fn what_came_of_them_is_kept_as_long_as_it_fits() {
        let board = Arc::new(Board::new(4, 1 << 20));
        let (one, other) = (somebody(), somebody());
        let (others, own): (_, Vec<_>) = (done(&board, other), (0..=KEPT_OF_ONE).map(|_| done(&board, one)).collect());
        assert!(board.find(one, own[0].id, now()).is_none(), "the oldest of one goes first");
        assert!(own[1..].iter().all(|job| board.find(one, job.id, now()).is_some()));
        assert!(board.find(other, others.id, now()).is_some(), "not another's");
        assert!(board.find(other, own[1].id, now()).is_none() && board.remove(other, own[1].id, now()).is_none());
        assert!(board.find(one, own[1].id, now() + KEPT).is_none(), "an hour is over");
        let small = Arc::new(Board::new(4, own[0].size() * 2));
        let jobs: Vec<_> = (0..3).map(|_| done(&small, somebody())).collect();
        let kept: Vec<bool> = jobs.iter().map(|job| small.find(job.owner, job.id, now()).is_some()).collect();
        assert_eq!(kept, [false, true, true], "no more bytes than fit");
        let still = waiting(&small, one);
        assert!(small.find(one, still.id, now() + KEPT).is_some(), "what is not over is never forgotten");
    }
}
