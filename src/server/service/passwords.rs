//! Passwords: forgotten, set anew, changed.

use crate::{
    domain::{
        account::{Email, NewPassword},
        id::{SessionId, UserId},
    },
    server::{
        auth::tokens::{random_token, stored_form},
        error::ServiceError,
        service::{
            accounts,
            backoff::{self, Whose},
            letters, mail_requests, mails,
        },
        state::AppState,
        store::{
            Transaction,
            one_time_tokens::{NewLink, Purpose},
            users::Account,
        },
    },
};
use std::time::Duration;

/// How long a link to a new password is good.
const LINK: Duration = Duration::from_secs(3600);
const SPENT: &str = "This link was used or is too old. Ask for a new one.";

/// Has a link to set a new password mailed, if there is such an account; tells nothing about that.
///
/// # Errors
/// `Invalid` when it is no address.
pub async fn forgot(state: &AppState, email: &str) -> Result<(), ServiceError> {
    let email = Email::parse(email).map_err(|fault| ServiceError::field("email", fault.to_string()))?;
    mail_requests::ask(state, Purpose::ResetPassword, &email).await
}

/// Stores a link to set a new password, and the mail that brings it. Whether it did: an address that had enough of them
/// gets none.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn send_link(state: &AppState, txn: &Transaction, account: &Account) -> Result<bool, ServiceError> {
    let (token, now) = (random_token(), state.clock.now());
    let letter = letters::reset_password(&state.config, &token);
    if !mails::has_room(txn, &account.email, letter.kind, now).await? {
        return Ok(false);
    }
    let link = NewLink {
        hash: &stored_form(&token),
        user: account.id,
        purpose: Purpose::ResetPassword,
        email: &account.email,
        now,
        expires_at: now + LINK,
    };
    txn.insert_link(&link).await?;
    mails::enqueue(txn, &account.email, &letter, now).await?;
    Ok(true)
}

/// Sets a new password by a link's token and ends every session.
///
/// # Errors
/// `Invalid` when the link or the password is not good; the link can then be used again.
pub async fn reset(state: &AppState, token: &str, password: &str) -> Result<(), ServiceError> {
    let (link, spent) = (stored_form(token), || ServiceError::field("token", SPENT));
    // Looked at first, so that a token out of thin air costs no hashing.
    let about = state.store.link_is_about(&link, Purpose::ResetPassword, state.clock.now()).await?;
    let about = about.and_then(|(user, email)| Some((user, Email::parse(&email).ok()?)));
    let (user, address) = about.ok_or_else(spent)?;
    let password = NewPassword::parse(password, Some(&address));
    let password = password.map_err(|fault| ServiceError::field("password", fault.to_string()))?;
    let hash = state.hasher.hash(password.reveal()).await?;
    let now = state.clock.now();
    let txn = state.store.begin().await?;
    // The account before its links, as everybody locks them: of two neither waits for the other in vain.
    txn.lock_account(user).await?.ok_or_else(spent)?;
    let (_, email) = txn.use_link(&link, Purpose::ResetPassword, now).await?.ok_or_else(spent)?;
    txn.set_password_hash(user, &hash, now).await?;
    txn.end_sessions_of(user, None, "password reset", now).await?;
    // Whoever was to take the account over by another address is out too.
    txn.void_links(user, Purpose::ChangeEmail, now).await?;
    mails::enqueue_bounded(&txn, &email, &letters::password_changed(&state.config), now).await?;
    txn.commit().await?;
    for whose in [Whose::Address(&address), Whose::SignedIn(user)] {
        backoff::forget(state, whose).await;
    }
    state.access.invalidate(user).await;
    state.work.mails.notify_one();
    Ok(())
}

/// Changes the password and ends every session but `current`.
///
/// # Errors
/// `Invalid` when the old password is wrong or the new one not taken; `Busy` when it became another meanwhile.
pub async fn change(
    state: &AppState,
    user: UserId,
    current: SessionId,
    old: &str,
    new: &str,
) -> Result<(), ServiceError> {
    let account = accounts::checked_account(state, user, "current_password", old).await?;
    let email = Email::parse(&account.email).ok();
    let password = NewPassword::parse(new, email.as_ref());
    let password = password.map_err(|fault| ServiceError::field("new_password", fault.to_string()))?;
    let hash = state.hasher.hash(password.reveal()).await?;
    let now = state.clock.now();
    let txn = state.store.begin().await?;
    accounts::still_checked(&txn, &account).await?;
    txn.set_password_hash(user, &hash, now).await?;
    txn.end_sessions_of(user, Some(current), "password changed", now).await?;
    txn.void_links(user, Purpose::ResetPassword, now).await?;
    txn.void_links(user, Purpose::ChangeEmail, now).await?;
    mails::enqueue_bounded(&txn, &account.email, &letters::password_changed(&state.config), now).await?;
    txn.commit().await?;
    state.access.invalidate(user).await;
    state.work.mails.notify_one();
    Ok(())
}
