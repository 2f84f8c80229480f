//! Mails that anybody may ask for by an address: the links to a new password and to confirm an address.
//!
//! Asking stores a row and does nothing else, so that it costs the same whether there is such an account or not. A job
//! makes the mail of it in one transaction with the row's end, or drops it.

use crate::{
    domain::account::Email,
    server::{
        error::ServiceError,
        service::{emails, passwords},
        state::AppState,
        store::{Transaction, mail_requests::MailRequest, one_time_tokens::Purpose},
    },
};
use uuid::Uuid;

/// Requests read at a time.
const PAGE: u64 = 50;

/// Stores that the mail with the link for `purpose` is wanted at an address.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn ask(state: &AppState, purpose: Purpose, address: &Email) -> Result<(), ServiceError> {
    let txn = state.store.begin().await?;
    txn.insert_mail_request(purpose, address, state.clock.now()).await?;
    txn.commit().await?;
    state.work.mail_requests.notify_one();
    Ok(())
}

/// Makes mails of what was asked for; says how many.
///
/// # Errors
/// When the database does not answer; what was not answered waits for the next round.
pub async fn answer_all(state: &AppState) -> Result<usize, ServiceError> {
    let (mut mails, mut after) = (0, Uuid::nil());
    loop {
        let requests = state.store.mail_requests(after, PAGE).await?;
        let Some(last) = requests.last() else { return Ok(mails) };
        after = last.id;
        for request in &requests {
            match answer(state, request).await {
                Ok(mailed) => mails += usize::from(mailed),
                Err(error @ ServiceError::Unavailable { .. }) => return Err(error),
                Err(error) => {
                    let error = &error as &dyn std::error::Error;
                    tracing::error!(error, mail_request.id = %request.id, "a mail that was asked for waits");
                }
            }
        }
    }
}

/// Whether it came to a mail.
async fn answer(state: &AppState, request: &MailRequest) -> Result<bool, ServiceError> {
    let Some(purpose) = request.purpose else { return Ok(false) };
    let txn = state.store.begin().await?;
    // Of several replicas the one that removes the row answers it.
    let mailed = txn.take_mail_request(request.id).await? && send(state, &txn, purpose, &request.address).await?;
    txn.commit().await?;
    if mailed {
        state.work.mails.notify_one();
    }
    Ok(mailed)
}

async fn send(state: &AppState, txn: &Transaction, purpose: Purpose, address: &str) -> Result<bool, ServiceError> {
    let Some(account) = txn.lock_account_of(address).await? else { return Ok(false) };
    // Whoever asks for more than an address is sent is told nothing of it: the last link that was sent is still good.
    match purpose {
        Purpose::ResetPassword => passwords::send_link(state, txn, &account).await,
        Purpose::VerifyEmail if account.email_verified_at.is_none() => {
            emails::send_verification(state, txn, account.id, address).await
        }
        // Confirmed meanwhile; and a change of address is never asked for by an address alone.
        Purpose::VerifyEmail | Purpose::ChangeEmail => Ok(false),
    }
}
