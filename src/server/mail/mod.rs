//! Mail: SMTP, or files in an outbox folder.

#[cfg(test)]
mod contract;
mod file;
mod smtp;

use crate::server::{config::MailConfig, error::BoxError};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

pub use file::outbox;

/// A mail as it is handed over: plain text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// One address.
    pub to: String,
    /// One line.
    pub subject: String,
    /// Plain text.
    pub body: String,
}

/// Why a mail was not handed over. All but `Refused` may be tried again.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The configuration names no mail server, or the folder cannot be made.
    #[error("mail configuration: {0}")]
    Configuration(#[source] BoxError),
    /// The mail cannot be written as one, or the server will never take it.
    #[error("the mail was refused: {0}")]
    Refused(#[source] BoxError),
    /// The server did not take it now.
    #[error("the mail was not handed over: {0}")]
    Later(#[source] BoxError),
}

/// Hands mail over.
#[async_trait]
pub trait Mailer: Send + Sync {
    /// Hands one mail over; `Ok` means that the other side has it. It may have it too after `Later`.
    async fn send(&self, mail: &Mail) -> Result<(), MailError>;
}

/// SMTP where configured, else the outbox folder.
///
/// # Errors
/// When the configuration is no mail server, or the folder cannot be made.
pub fn open(config: &MailConfig) -> Result<Arc<dyn Mailer>, MailError> {
    Ok(match &config.smtp_url {
        Some(url) => Arc::new(smtp::Smtp::open(url.reveal(), &config.from)?),
        None => Arc::new(file::Outbox::open(&config.outbox)?),
    })
}
