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

/// Bytes of all that is kept of what came of them; the oldest go first.
const KEPT_BYTES: usize = 64 * 1024 * 1024;

/// Backtests of one person that are known at once; the oldest go first.
const KEPT_OF_ONE: usize = 20;

/// All that are known.
pub(super) struct Board {
    limit: usize,
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
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, kept: Mutex::default() }
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
        self.lock().trim();
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
        self.trim();
    }

    fn trim(&mut self) {
        let (mut bytes, mut of_one) = (0, HashMap::<UserId, usize>::new());
        // The newest first: what no longer fits is older.
        let mut fits: Vec<bool> = Vec::with_capacity(self.jobs.len());
        for job in self.jobs.iter().rev() {
            let own = of_one.entry(job.owner).or_default();
            (bytes, *own) = (bytes + job.size(), *own + 1);
            fits.push(!job.stage().borrow().is_over() || (bytes <= KEPT_BYTES && *own <= KEPT_OF_ONE));
        }
        let mut fits = fits.into_iter().rev();
        self.jobs.retain(|_| fits.next().unwrap_or(true));
    }
}
