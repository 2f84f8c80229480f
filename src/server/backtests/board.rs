//! Which backtests there are, and so much of what came of them.

use super::{
    KEPT,
    job::{Job, Stage},
};
use crate::domain::{
    id::{BacktestId, UserId},
    time::Timestamp,
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// Told of what was under way when the server stopped.
const STOPPED: &str = "The server was stopped before it was done. Ask for it again.";

/// Backtests of one person that are known at once; the oldest go first.
const KEPT_OF_ONE: usize = 20;

/// All that are known.
pub(super) struct Board {
    /// Of all that is kept of what came of them.
    bytes: usize,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    /// In the order in which they were asked for.
    jobs: Vec<Arc<Job>>,
}

impl Board {
    pub(super) fn new(bytes: usize) -> Self {
        Self { bytes, kept: Mutex::default() }
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

    pub(super) fn forget(&self, id: BacktestId) {
        let mut kept = self.lock();
        if let Some(place) = kept.jobs.iter().position(|job| job.id == id) {
            kept.forget(place);
        }
    }

    /// Forgets some that are over, until what is kept fits.
    pub(super) fn trim(&self) {
        self.lock().trim(self.bytes);
    }

    /// Ends all that run or wait, since the server stops; which these were.
    pub(super) fn stop(&self) -> Vec<Arc<Job>> {
        let ends = |job: &&Arc<Job>| job.end(Stage::Failed(STOPPED.to_owned()));
        self.lock().jobs.iter().filter(ends).map(Arc::clone).collect()
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
        while let Some(place) = self.excess(most) {
            self.forget(place);
        }
    }

    fn forget(&mut self, place: usize) {
        self.jobs.remove(place).forget();
    }

    /// The place of the next to be forgotten: the oldest of somebody who has more than one may, else of whoever takes
    /// most of the room, so that nobody can drive out what others have.
    fn excess(&self, most: usize) -> Option<usize> {
        let mut owners = HashMap::<UserId, (usize, usize)>::new();
        for job in &self.jobs {
            let (jobs, bytes) = owners.entry(job.owner).or_default();
            (*jobs, *bytes) = (*jobs + 1, *bytes + job.size());
        }
        let place = |goes: &dyn Fn(usize, usize) -> bool| {
            self.jobs.iter().position(|job| {
                let (jobs, bytes) = owners.get(&job.owner).copied().unwrap_or_default();
                job.stage().borrow().is_over() && goes(jobs, bytes)
            })
        };
        let all: usize = owners.values().map(|(_, bytes)| bytes).sum();
        let largest = owners.values().map(|(_, bytes)| *bytes).max().filter(|_| all > most);
        place(&|jobs, _| jobs > KEPT_OF_ONE).or_else(|| place(&|_, bytes| Some(bytes) == largest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::backtests::{Order, Source, places::Places};
    use engine::{Timeframe, backtest::Settings, strategy};
    use std::time::Duration;
    use uuid::Uuid;

    fn now() -> Timestamp {
        Timestamp::from_secs(1_717_200_000)
    }

    fn somebody() -> UserId {
        UserId(Uuid::new_v4())
    }

    fn order(candles: usize) -> Order {
        let source = Source::Synthetic { candles, seed: 1, timeframe: Timeframe::Hour };
        Order { source, strategy: strategy::named("macd").unwrap(), settings: Settings::default(), checks: None }
    }

    fn waiting(board: &Board, owner: UserId, candles: usize) -> Arc<Job> {
        let place = Places::take(&Places::new(1, 1), owner).unwrap();
        let job = Arc::new(Job::new(place, order(candles), None, now()));
        board.add(Arc::clone(&job), now());
        job
    }

    fn done(board: &Board, owner: UserId, candles: usize) -> Arc<Job> {
        let job = waiting(board, owner, candles);
        assert_eq!(job.run(Duration::from_secs(60)), "done");
        board.trim();
        job
    }

    fn knows(board: &Board, job: &Job) -> bool {
        board.find(job.owner, job.id, now()).is_some()
    }

    #[test]
    fn places_are_given_back_when_a_backtest_ends_or_is_ended() {
        let places = Places::new(4, 2);
        let one = somebody();
        let job = || Job::new(Places::take(&places, one).unwrap(), order(50), None, now());
        let (ended, run) = (job(), job());
        assert!(Places::take(&places, one).is_none());
        assert!(ended.cancel());
        assert_eq!((ended.run(Duration::MAX), run.run(Duration::from_secs(60))), ("cancelled", "done"));
        assert!(!ended.cancel() && !run.cancel(), "what is over stays as it is");
        assert!(matches!(*run.stage().borrow(), Stage::Done(_)));
        assert_eq!([job(), job()].len(), 2, "what ended made room");
    }

    #[test]
    fn what_was_ended_is_known_as_ended_until_it_is_forgotten() {
        let (board, one) = (Board::new(1 << 20), somebody());
        let (ended, over) = (waiting(&board, one, 50), done(&board, one, 50));
        let still = waiting(&board, one, 50);
        assert!(ended.cancel() && knows(&board, &ended));
        let stopped: Vec<_> = board.stop().iter().map(|job| job.id).collect();
        assert_eq!(stopped, [still.id], "neither what was ended nor what is done");
        assert!(matches!(*still.stage().borrow(), Stage::Failed(_)));
        assert!(!over.forgotten().is_cancelled());
        board.forget(over.id);
        assert!(over.forgotten().is_cancelled() && !knows(&board, &over));
    }

    #[test]
    fn what_takes_too_long_fails_and_says_so() {
        let (board, one) = (Board::new(1 << 20), somebody());
        let job = waiting(&board, one, 50);
        assert_eq!(job.run(Duration::ZERO), "failed");
        let Stage::Failed(told) = job.stage().borrow().clone() else { panic!("it did not fail") };
        assert_eq!(told, "It took longer than 0 seconds; ask for fewer candles or simulations.");
    }

    #[test]
    fn whoever_takes_most_of_the_room_loses_their_oldest() {
        let (one, other) = (somebody(), somebody());
        let sizes = [50, 400].map(|candles| done(&Board::new(1 << 20), one, candles).size());
        let board = Board::new(sizes[0] + 3 * sizes[1]);
        let small = done(&board, other, 50);
        let large: Vec<_> = (0..5).map(|_| done(&board, one, 400)).collect();
        assert!(knows(&board, &small), "another's stays, though it is the oldest");
        assert_eq!(large.iter().map(|job| knows(&board, job)).collect::<Vec<_>>(), [false, false, true, true, true]);
    }

    #[test]
    fn what_came_of_them_is_kept_as_long_as_it_fits() {
        let board = Board::new(1 << 20);
        let (one, other) = (somebody(), somebody());
        let others = done(&board, other, 50);
        let own: Vec<_> = (0..=KEPT_OF_ONE).map(|_| done(&board, one, 50)).collect();
        assert!(!knows(&board, &own[0]), "the oldest of one goes first");
        assert!(own[1..].iter().all(|job| knows(&board, job)));
        assert!(knows(&board, &others), "not another's");
        assert!(board.find(other, own[1].id, now()).is_none());
        assert!(own[0].forgotten().is_cancelled() && !own[1].forgotten().is_cancelled());
        assert!(board.find(one, own[1].id, now() + KEPT).is_none(), "an hour is over");
        let small = Board::new(own[0].size() * 2);
        let jobs: Vec<_> = (0..3).map(|_| done(&small, somebody(), 50)).collect();
        let kept: Vec<bool> = jobs.iter().map(|job| knows(&small, job)).collect();
        assert_eq!(kept, [false, true, true], "of equals the oldest goes, and no more are kept than fit");
        let still = waiting(&small, one, 50);
        assert!(small.find(one, still.id, now() + KEPT).is_some(), "what is not over is never forgotten");
    }
}
