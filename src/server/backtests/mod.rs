//! Backtests that somebody asks for: one at a time in the whole process, on a thread of its own.
//!
//! The thread runs at a lower priority, as those that hash passwords do: a backtest takes the time that nothing else
//! wants. What does not fit into the short queue is refused at once ([`ServiceError::Busy`]). A backtest goes on whether
//! or not anybody asks for it. What came of it is kept for a while, and no more than fits: it can be computed again.
//! Here it is known to this process; `service::backtests` makes it known to the others.

mod board;
mod job;
mod places;
pub mod view;
mod work;

pub use job::{Job, Order, Origin, Source, Stage};
pub use places::Place;

use crate::{
    domain::{
        id::{BacktestId, UserId},
        time::Timestamp,
    },
    server::error::ServiceError,
};
use board::Board;
use places::Places;
use std::{
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};

/// How long one is known after it was asked for.
pub const KEPT: Duration = Duration::from_secs(3600);

/// Bytes of what came of all backtests that are kept.
const KEPT_BYTES: usize = 32 << 20;

/// Backtests of one person that run or wait at once.
const OF_ONE: usize = 3;

/// Requests that are read at once, so that what they bring is never more than this many bodies.
const READ: usize = 16;

/// Those of one person.
const READ_OF_ONE: usize = 2;

/// How long one may run: far longer than what is admitted takes, even on a slow core.
const LONGEST: Duration = Duration::from_secs(120);

/// Backtests waiting, running and done.
pub struct Backtests {
    board: Arc<Board>,
    queue: Arc<Places>,
    readers: Arc<Places>,
    waiting: mpsc::Sender<Arc<Job>>,
}

impl Backtests {
    /// So many may run or wait at once.
    ///
    /// # Errors
    /// When the system starts no thread.
    pub fn new(queue: usize) -> std::io::Result<Self> {
        let board = Arc::new(Board::new(KEPT_BYTES));
        let (waiting, jobs) = mpsc::channel();
        let known = Arc::clone(&board);
        thread::Builder::new().name("backtests".to_owned()).spawn(move || work_off(&jobs, &known))?;
        Ok(Self { board, queue: Places::new(queue, OF_ONE), readers: Places::new(READ, READ_OF_ONE), waiting })
    }

    /// A place among the requests that are read, for as long as it is held.
    ///
    /// # Errors
    /// `Busy` when too many are, of all or of `owner`.
    pub fn admit(&self, owner: UserId) -> Result<Place, ServiceError> {
        Places::take(&self.readers, owner).ok_or(ServiceError::Busy("reading backtests"))
    }

    /// A place among those that run or wait. Taken once the request has been read, so that nobody holds one by sending
    /// slowly, and before anything else is asked; given back when the work ends, or when it is dropped.
    ///
    /// # Errors
    /// `Busy` when the queue is full, or `owner` has as many in it as one may.
    pub fn reserve(&self, owner: UserId) -> Result<Place, ServiceError> {
        Places::take(&self.queue, owner).ok_or(ServiceError::Busy("backtesting"))
    }

    /// Has it run after those that wait, for whom the place is; `counted` is the window of the allowance it was counted in.
    ///
    /// # Errors
    /// When the thread is gone.
    pub fn submit(
        &self,
        place: Place,
        order: Order,
        counted: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<Arc<Job>, ServiceError> {
        let job = Arc::new(Job::new(place, order, counted, now));
        self.board.add(Arc::clone(&job), now);
        let sent = self.waiting.send(Arc::clone(&job));
        sent.map_err(|gone| ServiceError::internal("queueing a backtest", gone.to_string()))?;
        Ok(job)
    }

    /// The one of this owner, if it is still known at `now`.
    pub fn find(&self, owner: UserId, id: BacktestId, now: Timestamp) -> Option<Arc<Job>> {
        self.board.find(owner, id, now)
    }

    /// Forgets what came of it.
    pub fn forget(&self, id: BacktestId) {
        self.board.forget(id);
    }

    /// Ends all that run or wait, as failed, since the server stops; which these were.
    pub fn stop(&self) -> Vec<Arc<Job>> {
        self.board.stop()
    }
}

impl Drop for Backtests {
    fn drop(&mut self) {
        drop(self.board.stop());
    }
}

/// The thread's life: until the sender is dropped.
fn work_off(jobs: &mpsc::Receiver<Arc<Job>>, board: &Board) {
    // Of this thread alone, as Linux counts it. Without it backtests would only be less polite.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::nice(10);
    while let Ok(job) = jobs.recv() {
        let outcome = job.run(LONGEST);
        metrics::counter!("signalbox_backtests_total", "outcome" => outcome).increment(1);
        board.trim();
    }
}
