//! What can go wrong in a task, in words for the person at the terminal.

use std::io;
use std::process::ExitStatus;

/// The result of a task or a step of one.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a task stopped.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file, folder or socket refused.
    #[error("{doing}: {source}")]
    Io {
        /// What was being done, with the path.
        doing: String,
        source: io::Error,
    },
    /// Something that the task needs is not on this machine.
    #[error("{0}")]
    Missing(String),
    /// A command ran and failed; its own output says why.
    #[error("`{command}` failed ({status})")]
    Command { command: String, status: ExitStatus },
    /// A check of the task's own did not hold.
    #[error("{0}")]
    Check(String),
    /// Wrong arguments.
    #[error("{0}")]
    Usage(String),
    /// Ctrl-C or SIGTERM.
    #[error("interrupted")]
    Interrupted,
}

impl Error {
    /// The exit code that tells the caller of xtask the same as the text.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Usage(_) => 2,
            Self::Interrupted => 130,
            Self::Command { status, .. } => {
                status.code().and_then(|code| u8::try_from(code).ok()).filter(|code| *code != 0).unwrap_or(1)
            }
            _ => 1,
        }
    }
}

impl From<lexopt::Error> for Error {
    fn from(error: lexopt::Error) -> Self {
        Self::Usage(error.to_string())
    }
}

/// Adds to an I/O error what was being done.
pub trait Doing<T> {
    /// `doing` is a phrase such as 'reading style/main.css'.
    fn doing(self, doing: impl Into<String>) -> Result<T>;
}

impl<T> Doing<T> for io::Result<T> {
    fn doing(self, doing: impl Into<String>) -> Result<T> {
        self.map_err(|source| Error::Io { doing: doing.into(), source })
    }
}
