//! Mail: SMTP, or files in an outbox folder.

#[cfg(test)]
mod contract;
mod file;
mod smtp;

use crate::server::{config::MailConfig, error::BoxError};
use async_trait::async_trait;
use lettre::message::Mailbox;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use uuid::Uuid;

pub use file::outbox;

/// A mail as it is handed over: plain text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// The stored mail's.
    pub id: Uuid,
    /// One address.
    pub to: String,
    /// One line.
    pub subject: String,
    /// Plain text.
    pub body: String,
}

impl Mail {
    /// Its `Message-ID`: the same however often it is handed over, so that whoever gets it twice knows it for one.
    fn message_id(&self, from: &Mailbox) -> String {
        format!("<{}@{}>", self.id, from.email.domain())
    }
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
    /// Hands one mail over; `Ok` means that the other side has it. It may have it too after `Later`, and knows it by its
    /// `Message-ID` when it comes again.
    async fn send(&self, mail: &Mail) -> Result<(), MailError>;
}

/// What of the configuration no mail can be sent with: the variable, and what is wrong with it.
pub fn faults(config: &MailConfig) -> Vec<(&'static str, String)> {
    let server = config.smtp_url.as_ref().and_then(|url| smtp::fault(url.reveal()));
    let sender = sender(config).err();
    server.map(|fault| ("SMTP_URL", fault)).into_iter().chain(sender.map(|fault| ("MAIL_FROM", fault))).collect()
}

fn sender(config: &MailConfig) -> Result<Mailbox, String> {
    let from = &config.from;
    from.parse().map_err(|error| format!("`{from}` is no address like Desk <desk@example.com>: {error}"))
}

/// SMTP where configured, else the outbox folder.
///
/// # Errors
/// When the configuration has [`faults`], or the folder cannot be made.
pub fn open(config: &MailConfig) -> Result<Arc<dyn Mailer>, MailError> {
    let from = sender(config).map_err(|fault| MailError::Configuration(format!("MAIL_FROM: {fault}").into()))?;
    Ok(match &config.smtp_url {
        Some(url) => Arc::new(smtp::Smtp::open(url.reveal(), from)?),
        None => Arc::new(file::Outbox::open(&config.outbox, from)?),
    })
}
