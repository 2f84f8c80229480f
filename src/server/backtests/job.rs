//! One backtest, from the asking to the answer.

use super::{
    places::Place,
    view::{PutAside, TestedSeries},
    work,
};
use crate::domain::{
    id::{BacktestId, UserId},
    time::Timestamp,
};
use engine::{CandleSlice, Candles, Strategy, Timeframe, backtest::Settings, honesty::Checks};
use serde_json::value::RawValue;
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Told of what failed by a fault of ours; what went wrong is in the log.
const OUR_FAULT: &str = "Something went wrong on our side. It was noted.";

/// What is to be run; everything in it is in its range.
pub struct Order {
    /// On which candles.
    pub source: Source,
    /// Which strategy, set.
    pub strategy: Box<dyn Strategy>,
    /// With which costs.
    pub settings: Settings,
    /// How hard it is examined, where that was asked for.
    pub checks: Option<Checks>,
}

/// Where candles come from.
pub enum Source {
    /// A series, or the part of it that opens at `from` or later and has closed at `to`, Unix seconds.
    Series {
        /// Whose.
        origin: Origin,
        /// The whole.
        candles: Arc<Candles>,
        /// The first opening.
        from: i64,
        /// The last close.
        to: i64,
    },
    /// Made from a seed.
    Synthetic {
        /// How many.
        candles: usize,
        /// Which.
        seed: u64,
        /// Of which length.
        timeframe: Timeframe,
    },
}

/// Whose candles a series has.
pub enum Origin {
    /// The market's, of this symbol.
    Recorded(String),
    /// One's own; these rows were left out.
    Uploaded(PutAside),
}

/// How far it is.
#[derive(Clone, Debug)]
pub enum Stage {
    /// Others are before it.
    Queued,
    /// On its way, 0 to 1.
    Running(f64),
    /// What came of it, as it is sent.
    Done(Arc<RawValue>),
    /// It could not be ended; this is why, for whoever asked.
    Failed(String),
    /// It was not wanted any more.
    Cancelled,
}

/// A backtest and how far it is.
pub struct Job {
    /// Names it.
    pub id: BacktestId,
    /// Who asked for it; nobody else may know of it.
    pub owner: UserId,
    /// When.
    pub created_at: Timestamp,
    /// The window of the plan's allowance that it was counted in, if it was.
    pub counted: Option<Timestamp>,
    stage: watch::Sender<Stage>,
    forgotten: CancellationToken,
    /// Until it runs.
    work: Mutex<Option<(Order, Place)>>,
}

impl Source {
    /// How its candles are told of.
    pub(super) fn told(self, candles: CandleSlice<'_>) -> TestedSeries {
        let of = |source| TestedSeries::of(source, candles);
        match self {
            Self::Series { origin: Origin::Recorded(symbol), .. } => {
                TestedSeries { symbol: Some(symbol), ..of("recorded") }
            }
            Self::Series { origin: Origin::Uploaded(put_aside), .. } => TestedSeries { put_aside, ..of("uploaded") },
            Self::Synthetic { seed, .. } => TestedSeries { seed: Some(seed), ..of("synthetic") },
        }
    }
}

impl Stage {
    /// Whether nothing more will come.
    pub fn is_over(&self) -> bool {
        !matches!(self, Self::Queued | Self::Running(_))
    }
}

impl Job {
    pub(super) fn new(place: Place, order: Order, counted: Option<Timestamp>, now: Timestamp) -> Self {
        Self {
            id: BacktestId(Uuid::new_v4()),
            owner: place.owner(),
            created_at: now,
            counted,
            stage: watch::Sender::new(Stage::Queued),
            forgotten: CancellationToken::new(),
            work: Mutex::new(Some((order, place))),
        }
    }

    /// How far it is, to look at and to wait for.
    pub fn stage(&self) -> watch::Receiver<Stage> {
        self.stage.subscribe()
    }

    /// Bytes of what came of it.
    pub(super) fn size(&self) -> usize {
        match &*self.stage.borrow() {
            Stage::Done(result) => result.get().len(),
            _ => 0,
        }
    }

    /// Ends it because it is not wanted any more; whether it was still to end. What runs stops at its next look.
    pub fn cancel(&self) -> bool {
        self.end(Stage::Cancelled)
    }

    /// Done once nobody can ask for it here any more.
    pub fn forgotten(&self) -> CancellationToken {
        self.forgotten.clone()
    }

    /// Ends it so, unless it is over already; whether it did.
    pub(super) fn end(&self, end: Stage) -> bool {
        // The place of one that waits is given back before whoever waits for it is told.
        drop(self.take_work());
        self.stage.send_if_modified(|stage| {
            let ends = !stage.is_over();
            if ends {
                *stage = end;
            }
            ends
        })
    }

    pub(super) fn forget(&self) {
        self.forgotten.cancel();
    }

    /// Runs it to its end on this thread, which it has for so long; what that was, in a word.
    pub(super) fn run(&self, limit: Duration) -> &'static str {
        let Some((order, place)) = self.take_work() else { return "cancelled" };
        self.stage.send_if_modified(|stage| {
            let begins = !stage.is_over();
            if begins {
                *stage = Stage::Running(0.0);
            }
            begins
        });
        let began = Instant::now();
        let watch = &mut |done| if began.elapsed() >= limit { Err(work::Halt::TooLong) } else { self.watch(done) };
        // A panic ends this one, and neither the thread nor the others.
        let told = catch_unwind(AssertUnwindSafe(|| work::run(order, watch)));
        // Before whoever waits is told: they may come with the next one at once.
        drop(place);
        let (stage, outcome) = match told {
            Ok(Ok(result)) => (Stage::Done(result), "done"),
            Ok(Err(work::Halt::Cancelled)) => (Stage::Cancelled, "cancelled"),
            Ok(Err(work::Halt::Broken(error))) => {
                tracing::error!(error = &*error, backtest.id = %self.id, "a backtest failed");
                (Stage::Failed(OUR_FAULT.to_owned()), "failed")
            }
            Ok(Err(work::Halt::TooLong)) => {
                tracing::warn!(backtest.id = %self.id, "a backtest took too long");
                let limit = limit.as_secs();
                let told = format!("It took longer than {limit} seconds; ask for fewer candles or simulations.");
                (Stage::Failed(told), "failed")
            }
            Err(_) => {
                tracing::error!(backtest.id = %self.id, "a backtest panicked");
                (Stage::Failed(OUR_FAULT.to_owned()), "failed")
            }
        };
        if self.end(stage) { outcome } else { "cancelled" }
    }

    fn watch(&self, done: f64) -> Result<(), work::Halt> {
        let mut is_over = false;
        self.stage.send_if_modified(|stage| match stage {
            // Whoever waits is not woken for less than a hundredth.
            Stage::Running(told) if done - *told >= 0.01 => {
                *told = done;
                true
            }
            stage => {
                is_over = stage.is_over();
                false
            }
        });
        if is_over { Err(work::Halt::Cancelled) } else { Ok(()) }
    }

    fn take_work(&self) -> Option<(Order, Place)> {
        self.work.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
