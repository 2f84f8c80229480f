use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use crate::state::State;

/// The state behind its lock, and the file that follows it. Changes that come together are written
/// together; [`Store::durable`] waits until a change is in the file.
#[derive(Debug)]
pub struct Store {
    state: Mutex<State>,
    changed: Notify,
    /// Wakes the delivery of webhooks.
    pub events: Notify,
    written: watch::Sender<u64>,
    path: Option<PathBuf>,
    _lock: Option<File>,
}

/// Why a state file could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file or its folder cannot be used.
    #[error("cannot use the state file {0}: {1}")]
    Io(PathBuf, #[source] io::Error),
    /// Another process keeps its state there.
    #[error("another sandbox uses the state file {0}")]
    InUse(PathBuf),
    /// The file is not one of the sandbox's.
    #[error("{0} is not a state file of the sandbox: {1}")]
    Unreadable(PathBuf, #[source] serde_json::Error),
}

impl Store {
    /// Takes up what the file holds; without a file everything stays in memory.
    pub fn open(mut state: State, path: Option<PathBuf>) -> Result<Arc<Self>, OpenError> {
        let mut lock = None;
        if let Some(path) = &path {
            lock = Some(lock_beside(path)?);
            match std::fs::read_to_string(path) {
                Ok(text) => state.load(&text).map_err(|error| OpenError::Unreadable(path.clone(), error))?,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(OpenError::Io(path.clone(), error)),
            }
        }
        let written = watch::Sender::new(state.version());
        let (changed, events) = (Notify::new(), Notify::new());
        Ok(Arc::new(Self { state: Mutex::new(state), changed, events, written, path, _lock: lock }))
    }

    /// Does something with the state, alone; gives its answer and the version to wait for.
    pub fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> (T, u64) {
        let mut state = self.lock();
        let before = state.version();
        let answer = work(&mut state);
        let version = state.version();
        drop(state);
        if version != before {
            self.changed.notify_one();
            self.events.notify_one();
        }
        (answer, version)
    }

    /// Waits until this version is in the file. A file that cannot be written keeps it waiting: an
    /// answer means that what it says is kept.
    pub async fn durable(&self, version: u64) {
        if self.path.is_none() {
            return;
        }
        let mut written = self.written.subscribe();
        // The sender lives as long as `self`, so this can only end by the version being written.
        let _ = written.wait_for(|done| *done >= version).await;
    }

    /// Writes changes to the file until stopped, and then once more.
    pub async fn write_changes(self: Arc<Self>, stop: CancellationToken) {
        loop {
            let stopping = tokio::select! {
                () = self.changed.notified() => false,
                () = stop.cancelled() => true,
            };
            if let Err(error) = self.write().await {
                tracing::error!(%error, "sandbox.state.write_failed");
                if !stopping {
                    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
                    self.changed.notify_one();
                }
            }
            if stopping {
                return;
            }
        }
    }

    async fn write(&self) -> io::Result<()> {
        let Some(path) = self.path.clone() else {
            return Ok(());
        };
        let (text, version) = {
            let state = self.lock();
            if *self.written.borrow() == state.version() && path.exists() {
                return Ok(());
            }
            (state.to_text(), state.version())
        };
        tokio::task::spawn_blocking(move || replace(&path, &text)).await.map_err(io::Error::other)??;
        self.written.send_replace(version);
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn replace(path: &Path, text: &str) -> io::Result<()> {
    let beside = path.with_extension("json.new");
    std::fs::write(&beside, text)?;
    std::fs::rename(&beside, path)
}

fn lock_beside(path: &Path) -> Result<File, OpenError> {
    let failed = |error| OpenError::Io(path.to_owned(), error);
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let file = File::create(path.with_extension("json.lock")).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse(path.to_owned())),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}
