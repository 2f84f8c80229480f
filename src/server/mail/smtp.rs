//! Mail by SMTP.

use super::{Mail, MailError, Mailer};
use async_trait::async_trait;
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor, message::Mailbox,
    transport::smtp::AsyncSmtpTransportBuilder,
};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(10);

/// A mail server.
pub(super) struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Smtp {
    /// From an address such as `smtps://user:password@host`.
    pub(super) fn open(url: &str, from: Mailbox) -> Result<Self, MailError> {
        let builder = builder(url).map_err(|fault| MailError::Configuration(format!("SMTP_URL: {fault}").into()))?;
        Ok(Self { transport: builder.timeout(Some(PATIENCE)).build(), from })
    }
}

/// What is wrong with an address, if it names no mail server. Never its password.
pub(super) fn fault(url: &str) -> Option<String> {
    builder(url).err()
}

fn builder(url: &str) -> Result<AsyncSmtpTransportBuilder, String> {
    AsyncSmtpTransport::<Tokio1Executor>::from_url(url)
        .map_err(|error| format!("it is no address like smtps://user:password@host: {error}"))
}

#[async_trait]
impl Mailer for Smtp {
    async fn send(&self, mail: &Mail) -> Result<(), MailError> {
        let to = mail.to.parse::<Mailbox>().map_err(|error| MailError::Refused(Box::new(error)))?;
        let message = Message::builder()
            .message_id(Some(mail.message_id(&self.from)))
            .from(self.from.clone())
            .to(to)
            .subject(&mail.subject)
            .body(mail.body.clone());
        let message = message.map_err(|error| MailError::Refused(Box::new(error)))?;
        match self.transport.send(message).await {
            Ok(_) => Ok(()),
            Err(error) if error.is_permanent() => Err(MailError::Refused(Box::new(error))),
            Err(error) => Err(MailError::Later(Box::new(error))),
        }
    }
}
