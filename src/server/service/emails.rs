//! Addresses: confirmed, and changed.

use crate::{
    domain::{account::Email, id::UserId},
    server::{
        auth::tokens::{random_token, stored_form},
        error::ServiceError,
        service::{accounts, letters, mail_requests, mails, quota},
        state::AppState,
        store::{
            Transaction,
            one_time_tokens::{NewLink, Purpose},
        },
    },
};
use std::time::Duration;

const DAY: Duration = Duration::from_secs(86_400);
const SPENT: &str = "This link was used or is too old. Ask for a new one in your account.";

/// Stores a link that confirms `email`, and the mail that brings it. Whether it did: an address that had enough of them
/// gets none.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn send_verification(
    state: &AppState,
    txn: &Transaction,
    user: UserId,
    email: &str,
) -> Result<bool, ServiceError> {
    let (token, now) = (random_token(), state.clock.now());
    let letter = letters::verify_email(&state.config, &token);
    if !mails::has_room(txn, email, letter.kind, now).await? {
        return Ok(false);
    }
    let link = NewLink {
        hash: &stored_form(&token),
        user,
        purpose: Purpose::VerifyEmail,
        email,
        now,
        expires_at: now + DAY * 3,
    };
    txn.insert_link(&link).await?;
    mails::enqueue(txn, email, &letter, now).await?;
    Ok(true)
}

/// Confirms an address by a link's token; for a change of address, makes it the account's.
///
/// # Errors
/// `Invalid` when the link is not good, `EmailInUse` when somebody else has the address by now.
pub async fn verify(state: &AppState, token: &str) -> Result<(), ServiceError> {
    let (hash, now) = (stored_form(token), state.clock.now());
    let spent = || ServiceError::field("token", SPENT);
    let (purpose, user) = match state.store.link_is_about(&hash, Purpose::VerifyEmail, now).await? {
        Some((user, _)) => (Purpose::VerifyEmail, user),
        None => {
            let about = state.store.link_is_about(&hash, Purpose::ChangeEmail, now).await?;
            (Purpose::ChangeEmail, about.ok_or_else(spent)?.0)
        }
    };
    let txn = state.store.begin().await?;
    // The account before its links, as everybody locks them: of two neither waits for the other in vain.
    let account = txn.lock_account(user).await?.ok_or_else(spent)?;
    let (_, email) = txn.use_link(&hash, purpose, now).await?.ok_or_else(spent)?;
    if purpose == Purpose::ChangeEmail {
        quota::leave(state, &txn, user, &account.email).await?;
    } else if account.email != email {
        // A link to an address that the account has left confirms nothing.
        return Err(spent());
    }
    txn.set_verified_email(user, &email, now).await?.map_err(|_| ServiceError::EmailInUse)?;
    // Whoever reads the mail of an earlier address has no say any more.
    for purpose in [Purpose::VerifyEmail, Purpose::ResetPassword, Purpose::ChangeEmail] {
        txn.void_links(user, purpose, now).await?;
    }
    txn.commit().await?;
    state.access.invalidate(user).await;
    state.work.customers.notify_one();
    Ok(())
}

/// Has the confirmation link mailed once more, if there is such an unconfirmed account; tells nothing about that.
///
/// # Errors
/// `Invalid` when it is no address.
pub async fn resend(state: &AppState, email: &str) -> Result<(), ServiceError> {
    let email = Email::parse(email).map_err(|fault| ServiceError::field("email", fault.to_string()))?;
    mail_requests::ask(state, Purpose::VerifyEmail, &email).await
}

/// Mails a link to a new address, and a notice to the old one.
///
/// # Errors
/// `Invalid` when it is no address or the password is wrong, `EmailInUse`; `Busy` when the password became another
/// meanwhile.
pub async fn change(state: &AppState, user: UserId, email: &str, password: &str) -> Result<(), ServiceError> {
    let email = Email::parse(email).map_err(|fault| ServiceError::field("email", fault.to_string()))?;
    let account = accounts::checked_account(state, user, "password", password).await?;
    if account.email == email.as_ref() {
        return Err(ServiceError::field("email", "This is the account's address already."));
    }
    if state.store.account_by_email(&email).await?.is_some() {
        return Err(ServiceError::EmailInUse);
    }
    let (token, now) = (random_token(), state.clock.now());
    let link_letter = letters::change_email(&state.config, &token);
    let notice = letters::email_change_asked(&state.config, email.as_ref());
    let txn = state.store.begin().await?;
    accounts::still_checked(&txn, &account).await?;
    // Nor is there a link of which the old address is not told.
    for (to, letter) in [(email.as_ref(), &link_letter), (account.email.as_str(), &notice)] {
        if !mails::has_room(&txn, to, letter.kind, now).await? {
            let enough = "Enough links were asked for now. Try again in an hour.";
            return Err(ServiceError::field("email", enough));
        }
    }
    let link = NewLink {
        hash: &stored_form(&token),
        user,
        purpose: Purpose::ChangeEmail,
        email: email.as_ref(),
        now,
        expires_at: now + DAY,
    };
    txn.insert_link(&link).await?;
    mails::enqueue(&txn, email.as_ref(), &link_letter, now).await?;
    mails::enqueue(&txn, &account.email, &notice, now).await?;
    txn.commit().await?;
    state.work.mails.notify_one();
    Ok(())
}
