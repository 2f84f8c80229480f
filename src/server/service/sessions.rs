//! Sign-ins: their tokens, who they belong to, and their end.

use crate::{
    domain::{
        account::{Me, Role, SessionView},
        id::{SessionId, UserId},
        plan::Plan,
        subscription::Outlook,
        time::Timestamp,
    },
    server::{
        auth::tokens::{random_token, stored_form},
        error::ServiceError,
        service::{access, client::Client},
        state::AppState,
        store::{Transaction, sessions::StoredSession, users::new_id},
    },
};
use serde::Serialize;
use std::{sync::Arc, time::Duration};
use utoipa::ToSchema;

/// So long after a token was made, what is known of its owner may have been read before it in another process: the
/// second for which that is kept, whole seconds in tokens, and clocks that differ.
const SLACK: Duration = Duration::from_secs(3);

/// Live sign-ins a person may have; the oldest make room.
const MOST: usize = 50;

const LOG_IN_AGAIN: &str = "This session has ended. Log in again.";

/// What signing in gives.
#[derive(Clone, Serialize, ToSchema)]
pub struct Tokens {
    /// A JWT, good for `expires_in` seconds.
    pub access_token: String,
    /// Opaque; exchanged for the next pair, once.
    pub refresh_token: String,
    /// `bearer`.
    #[schema(pattern = "^bearer$")]
    pub token_type: &'static str,
    /// Seconds for which the access token is good.
    pub expires_in: u64,
}

/// Who asks, and what they may do, as of at most a second ago.
#[derive(Clone, Debug, PartialEq)]
pub struct CurrentUser {
    /// As they see themselves.
    pub me: Me,
    /// The sign-in they came by.
    pub session: SessionId,
    /// Trader or operator.
    pub role: Role,
    /// The plan in force.
    pub plan: Plan,
    /// How it goes on.
    pub outlook: Outlook,
}

/// Begins a sign-in within `txn`.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn begin(
    state: &AppState,
    txn: &Transaction,
    user: UserId,
    client: &Client,
) -> Result<Tokens, ServiceError> {
    let now = state.clock.now();
    let session = StoredSession {
        id: SessionId(new_id(now)),
        user,
        user_agent: client.user_agent.clone(),
        ip: client.ip.to_string(),
        created_at: now,
        last_used_at: now,
        expires_at: now + refresh_lifetime(state),
        ended_at: None,
    };
    let refresh = random_token();
    txn.insert_session(&session).await?;
    txn.insert_refresh(&stored_form(&refresh), session.id, now, session.expires_at).await?;
    txn.end_sessions_beyond(user, MOST, "made room", now).await?;
    tokens(state, user, session.id, refresh, now)
}

/// The live sessions of a person, the newest first; `current` is the one asking.
///
/// # Errors
/// When the database does not answer.
pub async fn list(state: &AppState, user: UserId, current: SessionId) -> Result<Vec<SessionView>, ServiceError> {
    let sessions = state.store.live_sessions(user, state.clock.now()).await?;
    let view = |session: StoredSession| SessionView {
        id: session.id,
        created_at: session.created_at,
        last_used_at: session.last_used_at,
        expires_at: session.expires_at,
        user_agent: session.user_agent,
        ip: session.ip,
        current: session.id == current,
    };
    Ok(sessions.into_iter().map(view).collect())
}

/// Ends one of a person's sessions, at once in this process and within a second elsewhere.
///
/// # Errors
/// `NotFound` when it is none of theirs or has ended.
pub async fn end(state: &AppState, user: UserId, session: SessionId) -> Result<(), ServiceError> {
    if ended(state, user, session).await? { Ok(()) } else { Err(ServiceError::NotFound("session")) }
}

/// Ends the session that asks, as [`end`]; one that has ended meanwhile, by another tab or twice pressed, is no error.
///
/// # Errors
/// When the database does not answer.
pub async fn log_out(state: &AppState, current: &CurrentUser) -> Result<(), ServiceError> {
    ended(state, current.me.id, current.session).await.map(drop)
}

/// Whether it lived until now.
async fn ended(state: &AppState, user: UserId, session: SessionId) -> Result<bool, ServiceError> {
    let txn = state.store.begin().await?;
    let ended = txn.end_session(user, session, "ended", state.clock.now()).await?;
    txn.commit().await?;
    state.access.invalidate(user).await;
    Ok(ended)
}

/// Ends the session that a refresh token belongs to.
///
/// # Errors
/// `Unauthenticated` when it belongs to none that lives.
pub async fn end_by_token(state: &AppState, refresh_token: &str) -> Result<(), ServiceError> {
    let refused = || ServiceError::Unauthenticated(LOG_IN_AGAIN);
    let txn = state.store.begin().await?;
    let stored = txn.lock_refresh(&stored_form(refresh_token)).await?.ok_or_else(refused)?;
    let session = txn.session(stored.session).await?.ok_or_else(refused)?;
    let ended = txn.end_session(session.user, session.id, "ended", state.clock.now()).await?;
    txn.commit().await?;
    state.access.invalidate(session.user).await;
    if ended { Ok(()) } else { Err(refused()) }
}

/// Exchanges a refresh token for the next pair. The token just replaced still answers for a moment, with the same
/// successor, so that parallel requests of one client agree; later its use means that it was stolen, and ends the
/// session.
///
/// # Errors
/// `Unauthenticated` when it is not good.
pub async fn refresh(state: &AppState, refresh_token: &str, client: &Client) -> Result<Tokens, ServiceError> {
    let now = state.clock.now();
    let hash = stored_form(refresh_token);
    let txn = state.store.begin().await?;
    let stored = txn.lock_refresh(&hash).await?.filter(|token| token.expires_at > now);
    let stored = stored.ok_or(ServiceError::Unauthenticated(LOG_IN_AGAIN))?;
    let session = txn.session(stored.session).await?.filter(|session| session.ended_at.is_none());
    let session = session.ok_or(ServiceError::Unauthenticated(LOG_IN_AGAIN))?;
    let successor = state.tokens.successor(refresh_token);
    let grace = Duration::from_secs(u64::from(state.config.accounts.refresh_grace_seconds));
    match stored.replaced_at {
        None => {
            let expires_at = now + refresh_lifetime(state);
            txn.replace_refresh(&hash, now).await?;
            txn.insert_refresh(&stored_form(&successor), session.id, now, expires_at).await?;
            txn.touch_session(session.id, &client.ip.to_string(), now, expires_at).await?;
            txn.commit().await?;
        }
        Some(replaced_at) if now.since(replaced_at) <= grace => {}
        Some(_) => {
            txn.end_session(session.user, session.id, "reuse", now).await?;
            txn.commit().await?;
            state.access.invalidate(session.user).await;
            tracing::warn!(session.id = %session.id, "a replaced refresh token came again: the session was ended");
            return Err(ServiceError::Unauthenticated(LOG_IN_AGAIN));
        }
    }
    tokens(state, session.user, session.id, successor, now)
}

/// Who an access token belongs to, if it is good and its session lives.
///
/// # Errors
/// `Unauthenticated` when not.
pub async fn authenticate(state: &AppState, access_token: &str) -> Result<Arc<CurrentUser>, ServiceError> {
    let refused = ServiceError::Unauthenticated("The access token is no longer good. Refresh it, or log in again.");
    let now = state.clock.now();
    let Ok(claims) = state.tokens.verify(access_token, now) else { return Err(refused) };
    let mut known = access::of(state, claims.user).await?;
    // A session opened in another process a moment ago is not among those read before it.
    if known.by(claims.session, now).is_none() && claims.issued_at + SLACK >= known.read_at() {
        state.access.invalidate(claims.user).await;
        known = access::of(state, claims.user).await?;
    }
    known.by(claims.session, now).cloned().ok_or(refused)
}

fn tokens(
    state: &AppState,
    user: UserId,
    session: SessionId,
    refresh_token: String,
    now: Timestamp,
) -> Result<Tokens, ServiceError> {
    let lifetime = Duration::from_secs(u64::from(state.config.accounts.access_token_expire_minutes) * 60);
    let access_token = state.tokens.access_token(user, session, now, lifetime);
    let access_token = access_token.map_err(|error| ServiceError::internal("signing an access token", error))?;
    Ok(Tokens { access_token, refresh_token, token_type: "bearer", expires_in: lifetime.as_secs() })
}

fn refresh_lifetime(state: &AppState) -> Duration {
    Duration::from_secs(u64::from(state.config.accounts.refresh_token_expire_days) * 86_400)
}
