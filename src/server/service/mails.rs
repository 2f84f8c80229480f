//! Mail: stored in the transaction that it tells of, handed over by a job.

use crate::{
    domain::{account::OutboxMail, time::Timestamp},
    server::{
        config::Environment,
        error::ServiceError,
        mail::{self, Mail, MailError},
        service::letters::{Kind, Letter},
        state::AppState,
        store::{
            Transaction,
            mails::{NewMail, WaitingMail},
        },
    },
};
use std::time::Duration;

/// Mails handed over in a round.
const ROUND: u64 = 50;
/// For how long a mail is one replica's.
const CLAIM: Duration = Duration::from_secs(60);
/// After this many attempts a mail is given up: about a day with the pauses below.
const ATTEMPTS: u32 = 12;

/// Mails of one kind that an address is sent in [`WINDOW`], so that nobody's mailbox is flooded, whatever accounts are
/// made and deleted with their address.
const MOST: u64 = 3;
/// The time in which they are counted.
const WINDOW: Duration = Duration::from_secs(3600);

/// Whether an address may be sent one more of a kind. Until `txn` ends, whoever asks the same waits for what comes of it.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn has_room(txn: &Transaction, to: &str, kind: Kind, now: Timestamp) -> Result<bool, ServiceError> {
    Ok(txn.mails_to(to, kind.as_str(), now - WINDOW).await? < MOST)
}

/// [`enqueue`], unless the address had enough of its kind: what it tells was done all the same.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn enqueue_bounded(
    txn: &Transaction,
    to: &str,
    letter: &Letter,
    now: Timestamp,
) -> Result<(), ServiceError> {
    if has_room(txn, to, letter.kind, now).await? { enqueue(txn, to, letter, now).await } else { Ok(()) }
}

/// Stores a mail to be handed over once `txn` is committed; ring `state.work.mails` then.
///
/// # Errors
/// When the database does not answer.
pub async fn enqueue(txn: &Transaction, to: &str, letter: &Letter, now: Timestamp) -> Result<(), ServiceError> {
    let new = NewMail { recipient: to, kind: letter.kind.as_str(), subject: &letter.subject, body: &letter.body, now };
    Ok(txn.insert_mail(&new).await?)
}

/// Hands over what is due: how many mails.
///
/// # Errors
/// When the database does not answer. A mail that is not taken is noted and tried again later.
pub async fn send_due(state: &AppState) -> Result<usize, ServiceError> {
    let due = state.store.due_mails(state.clock.now(), ROUND).await?;
    let mut sent = 0;
    for mail in due {
        let now = state.clock.now();
        if state.store.claim_mail(&mail, now, now + CLAIM).await? {
            sent += usize::from(hand_over(state, &mail).await?);
        }
    }
    Ok(sent)
}

/// The mails in the outbox folder, the newest first: in development without a mail server only.
///
/// # Errors
/// `NotFound` else.
pub async fn outbox(state: &AppState) -> Result<Vec<OutboxMail>, ServiceError> {
    let config = &state.config;
    if config.environment == Environment::Production || config.mail.smtp_url.is_some() {
        return Err(ServiceError::NotFound("page"));
    }
    let mails = mail::outbox(&config.mail.outbox).await;
    let mails = mails.map_err(|error| ServiceError::internal("reading the outbox", error))?;
    Ok(mails.into_iter().map(|Mail { to, subject, body, .. }| OutboxMail { to, subject, body }).collect())
}

async fn hand_over(state: &AppState, waiting: &WaitingMail) -> Result<bool, ServiceError> {
    let WaitingMail { id, recipient, subject, body, .. } = waiting.clone();
    let mail = Mail { id, to: recipient, subject, body };
    let outcome = state.mailer.send(&mail).await;
    let now = state.clock.now();
    match outcome {
        Ok(()) => {
            state.store.mail_sent(waiting.id, now).await?;
            metrics::counter!("signalbox_mails_total", "outcome" => "sent").increment(1);
            Ok(true)
        }
        Err(error) => {
            let attempts = waiting.attempts + 1;
            let again = !matches!(error, MailError::Refused(_)) && attempts < ATTEMPTS;
            let pause = Duration::from_secs(30 << attempts.min(10));
            tracing::warn!(error = &error as &dyn std::error::Error, mail.id = %waiting.id, attempts, again, "a mail was not handed over");
            state.store.mail_failed(waiting.id, &error.to_string(), again.then_some(now + pause)).await?;
            metrics::counter!("signalbox_mails_total", "outcome" => "failed").increment(1);
            Ok(false)
        }
    }
}
