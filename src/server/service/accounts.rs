//! Accounts: made, entered, renamed, taken along, deleted.

use crate::{
    domain::{
        account::{Email, FullName, NewPassword, Role},
        field::Faults,
        id::UserId,
    },
    server::{
        auth::hasher::Verdict,
        error::ServiceError,
        service::{
            backoff::{self, Whose},
            billing,
            client::Client,
            emails, letters, mails, quota,
            sessions::{self, Tokens},
        },
        state::AppState,
        store::{
            Transaction,
            users::{Account, NewAccount, new_id},
        },
    },
};

/// Told for an unknown address and a wrong password alike.
const WRONG: &str = "The e-mail address or the password is wrong.";
/// More bytes than any password has.
const LONGEST_TRY: usize = 1024;
/// Rounds until a deletion gives up: each loses only to a checkout that the same person opened meanwhile.
const DELETIONS: usize = 4;

/// What somebody enters to sign up, not yet parsed.
pub struct SignUp {
    /// Their address.
    pub email: String,
    /// Their chosen password.
    pub password: String,
    /// May be empty.
    pub full_name: String,
}

/// Makes an account and signs in. An address in use is told, after the same work.
///
/// # Errors
/// `Invalid` with every field's fault, `EmailInUse`, `Busy`.
pub async fn sign_up(state: &AppState, request: SignUp, client: &Client) -> Result<Tokens, ServiceError> {
    let mut faults = Faults::default();
    let email = faults.take("email", Email::parse(&request.email));
    let password = faults.take("password", NewPassword::parse(&request.password, email.as_ref()));
    let full_name = faults.take("full_name", FullName::parse(&request.full_name));
    let (Some(email), Some(password), Some(full_name)) = (email, password, full_name) else {
        return Err(ServiceError::Invalid(faults.into_vec()));
    };
    let hash = state.hasher.hash(password.reveal()).await?;
    let now = state.clock.now();
    let id = UserId(new_id(now));
    let new = NewAccount {
        id,
        email: &email,
        full_name: full_name.as_ref(),
        password_hash: &hash,
        role: Role::Trader,
        is_verified: false,
        now,
    };
    let txn = state.store.begin().await?;
    txn.insert_account(&new).await?.map_err(|_| ServiceError::EmailInUse)?;
    quota::inherit(state, &txn, id, email.as_ref()).await?;
    emails::send_verification(state, &txn, id, email.as_ref()).await?;
    let tokens = sessions::begin(state, &txn, id, client).await?;
    txn.commit().await?;
    state.work.mails.notify_one();
    state.work.customers.notify_one();
    tracing::info!(user.id = %id, "signed up");
    Ok(tokens)
}

/// Signs in. Tells nothing about whether the account exists, by text, status or time.
///
/// # Errors
/// `Unauthenticated` when the address or the password is wrong, `RateLimited` after many such, `Busy`, also where the
/// password became another one meanwhile.
pub async fn log_in(state: &AppState, email: &str, password: &str, client: &Client) -> Result<Tokens, ServiceError> {
    let mut faults = Faults::default();
    if email.trim().is_empty() {
        faults.push("email", "Enter your e-mail address.");
    }
    if password.is_empty() {
        faults.push("password", "Enter your password.");
    }
    let faults = faults.into_vec();
    if !faults.is_empty() {
        return Err(ServiceError::Invalid(faults));
    }
    let refused = || ServiceError::Unauthenticated(WRONG);
    let Ok(email) = Email::parse(email) else { return Err(refused()) };
    let place = state.hasher.reserve()?;
    backoff::begin_try(state, Whose::Address(&email)).await?;
    let account = state.store.account_by_email(&email).await?;
    let tried = bounded(password);
    let stored = account.as_ref().map(|account| account.password_hash.as_str());
    let verdict = state.hasher.check(place, tried, stored).await?;
    let account = account.ok_or_else(refused)?;
    if verdict == Verdict::Wrong {
        return Err(refused());
    }
    let rehashed = match verdict {
        Verdict::RightButDated => Some(state.hasher.hash(password).await?),
        _ => None,
    };
    let now = state.clock.now();
    let txn = state.store.begin().await?;
    still_checked(&txn, &account).await?;
    if let Some(hash) = rehashed {
        txn.set_password_hash(account.id, &hash, now).await?;
    }
    let tokens = sessions::begin(state, &txn, account.id, client).await?;
    txn.commit().await?;
    backoff::forget(state, Whose::Address(&email)).await;
    state.access.invalidate(account.id).await;
    Ok(tokens)
}

/// Changes what a person is called.
///
/// # Errors
/// `Invalid` when it is no name.
pub async fn change_name(state: &AppState, user: UserId, full_name: &str) -> Result<(), ServiceError> {
    let name = FullName::parse(full_name).map_err(|fault| ServiceError::field("full_name", fault.to_string()))?;
    let txn = state.store.begin().await?;
    txn.set_full_name(user, name.as_ref(), state.clock.now()).await?;
    txn.commit().await?;
    state.access.invalidate(user).await;
    Ok(())
}

/// Everything kept about a person, as JSON.
///
/// # Errors
/// When the database does not answer.
pub async fn export(state: &AppState, user: UserId) -> Result<serde_json::Value, ServiceError> {
    state.store.takeout(user).await?.ok_or(ServiceError::NotFound("account"))
}

/// Deletes an account for good; a live subscription is ended first, at once and without giving anything back, and one mail
/// tells of both. `confirm`, where given, must be its address.
///
/// # Errors
/// `Invalid` when the password or the confirmation is wrong; nothing is deleted when Stripe does not answer, or while
/// checkouts are being opened.
pub async fn delete(state: &AppState, user: UserId, password: &str, confirm: Option<&str>) -> Result<(), ServiceError> {
    let checked = checked_account(state, user, "password", password).await?;
    let confirmed = confirm.is_none_or(|confirm| confirm.trim().eq_ignore_ascii_case(&checked.email));
    if !confirmed {
        return Err(ServiceError::field("confirm", "Type the address of this account to delete it."));
    }
    let status = billing::status(state, user).await?;
    for _ in 0..DELETIONS {
        billing::cancel_for_deletion(state, user).await?;
        let txn = state.store.begin().await?;
        let account = still_checked(&txn, &checked).await?;
        // One that was opened meanwhile could still be paid.
        if txn.holds_open_checkout(user).await? {
            continue;
        }
        let (letter, now) = (letters::account_deleted(&state.config, &status), state.clock.now());
        if status.is_paid {
            // What is about money is always told.
            mails::enqueue(&txn, &account.email, &letter, now).await?;
        } else {
            mails::enqueue_bounded(&txn, &account.email, &letter, now).await?;
        }
        quota::leave(state, &txn, user, &account.email).await?;
        txn.delete_account(user).await?;
        txn.commit().await?;
        state.access.invalidate(user).await;
        state.work.mails.notify_one();
        tracing::info!(user.id = %user, "account deleted");
        return Ok(());
    }
    Err(ServiceError::Busy("deletion"))
}

/// Makes an operator: a new account, whose address counts as confirmed, or where `promote` says so an existing one that has
/// confirmed it, whose password stays. Whether it is new.
///
/// # Errors
/// `Invalid` when the address or the password is not taken, or is to be promoted and not confirmed; `EmailInUse` without
/// `promote`, `NotFound` with it where there is no such account.
pub async fn create_operator(
    state: &AppState,
    email: &str,
    password: &str,
    promote: bool,
) -> Result<bool, ServiceError> {
    let email = Email::parse(email).map_err(|fault| ServiceError::field("email", fault.to_string()))?;
    let now = state.clock.now();
    if let Some(account) = state.store.account_by_email(&email).await? {
        if !promote {
            return Err(ServiceError::EmailInUse);
        }
        // Anybody can have signed up with it beforehand, and would be the operator.
        if account.email_verified_at.is_none() {
            return Err(ServiceError::field("email", UNCONFIRMED));
        }
        let txn = state.store.begin().await?;
        txn.set_role(account.id, Role::Operator, now).await?;
        txn.commit().await?;
        state.access.invalidate(account.id).await;
        return Ok(false);
    }
    if promote {
        return Err(ServiceError::NotFound("account with this address"));
    }
    let password = NewPassword::parse(password, Some(&email))
        .map_err(|fault| ServiceError::field("password", fault.to_string()))?;
    let hash = state.hasher.hash(password.reveal()).await?;
    let new = NewAccount {
        id: UserId(new_id(now)),
        email: &email,
        full_name: "",
        password_hash: &hash,
        role: Role::Operator,
        // Nobody else could have asked for it: whoever runs the program knows who they are.
        is_verified: true,
        now,
    };
    let txn = state.store.begin().await?;
    txn.insert_account(&new).await?.map_err(|_| ServiceError::EmailInUse)?;
    txn.commit().await?;
    Ok(true)
}

/// Why an account is not promoted.
const UNCONFIRMED: &str = "Nobody has confirmed this address yet, so the account may be anybody's. Set a new password for it by \
    mail, at /forgot-password, so that nobody else knows it; confirm the address; then promote it.";

/// A signed-in person's account, if the password that they entered again is right.
///
/// # Errors
/// `Invalid` under `field` when not, `RateLimited` after many such.
pub(super) async fn checked_account(
    state: &AppState,
    user: UserId,
    field: &str,
    password: &str,
) -> Result<Account, ServiceError> {
    let place = state.hasher.reserve()?;
    let account = state.store.account(user).await?.ok_or(ServiceError::NotFound("account"))?;
    backoff::begin_try(state, Whose::SignedIn(user)).await?;
    let tried = bounded(password);
    let verdict = state.hasher.check(place, tried, Some(&account.password_hash)).await?;
    if verdict == Verdict::Wrong {
        return Err(ServiceError::field(field, "This is not your password."));
    }
    backoff::forget(state, Whose::SignedIn(user)).await;
    Ok(account)
}

/// The account whose password was checked, locked, if that is its password still. While one is checked it may become
/// another, by a mailed link or by whoever is signed in: what the old one began must not outlast it.
///
/// # Errors
/// `Busy` when it is another; `NotFound` when the account is gone.
pub(super) async fn still_checked(txn: &Transaction, checked: &Account) -> Result<Account, ServiceError> {
    let account = txn.lock_account(checked.id).await?.ok_or(ServiceError::NotFound("account"))?;
    if account.password_hash == checked.password_hash { Ok(account) } else { Err(ServiceError::Busy("password")) }
}

/// A password that somebody tries, cut off where it is longer than any: hashing costs by the length.
fn bounded(password: &str) -> &str {
    let end = (0..=LONGEST_TRY).rev().find(|end| password.is_char_boundary(*end)).unwrap_or(0);
    &password[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_try_is_cut_off_before_the_character_that_would_be_too_long() {
        let full = "a".repeat(LONGEST_TRY);
        for (tried, left) in [("", 0), ("short", 5), (full.as_str(), 1024), (&format!("{full}a"), 1024)] {
            assert_eq!(bounded(tried).len(), left);
        }
        // Two bytes a character, one byte off: the end falls inside of one.
        assert_eq!(bounded(&format!("a{}", "é".repeat(LONGEST_TRY))).len(), 1023);
    }
}
