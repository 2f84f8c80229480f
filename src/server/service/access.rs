//! Who may do what: read from the database, kept for at most a second.
//!
//! So whatever is stored in this process counts at once (`invalidate`), and whatever another process stores counts
//! within a second, with no message between them.

use crate::{
    domain::{
        account::{Me, Role},
        id::{SessionId, UserId},
        notice::NoticeView,
        plan::Plan,
        time::Timestamp,
    },
    server::{error::ServiceError, service::sessions::CurrentUser, state::AppState, store::users::Account},
};
use moka::future::Cache;
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::sync::OnceCell;

/// How long what was read is believed.
const KEPT: Duration = Duration::from_millis(800);
/// People kept at most.
const PEOPLE: u64 = 100_000;
/// Counters of changes; people share them, at the cost of a reading too many now and then.
const EPOCHS: usize = 1024;

/// What is known of people, for at most a second.
pub struct AccessCache {
    kept: Cache<UserId, Arc<Access>>,
    /// Raised by each change in this process, so that what was read before it no longer counts, even where the
    /// reading ends after it.
    epochs: Box<[AtomicU64]>,
}

/// What a person may do, and by which sign-ins; none for whom there is no account.
#[derive(Debug)]
pub struct Access {
    sessions: Vec<(SessionId, Timestamp, Arc<CurrentUser>)>,
    /// What they should know and have not dismissed; read when it is first asked for.
    notices: OnceCell<Vec<NoticeView>>,
    read_at: Timestamp,
    epoch: u64,
}

impl Default for AccessCache {
    fn default() -> Self {
        Self {
            kept: Cache::builder().max_capacity(PEOPLE).time_to_live(KEPT).build(),
            epochs: (0..EPOCHS).map(|_| AtomicU64::new(0)).collect(),
        }
    }
}

impl AccessCache {
    /// From now on nothing read before counts for this person; for after the commit of what changes their profile,
    /// role, sign-ins, subscriptions or notices.
    pub async fn invalidate(&self, user: UserId) {
        self.epoch(user).fetch_add(1, Ordering::AcqRel);
        self.kept.invalidate(&user).await;
    }

    fn epoch(&self, user: UserId) -> &AtomicU64 {
        // The last bytes of an id are random.
        let [.., high, low] = *user.0.as_bytes();
        &self.epochs[usize::from(u16::from_be_bytes([high, low])) % EPOCHS]
    }
}

impl Access {
    /// Who comes by this sign-in, if it lives.
    pub fn by(&self, session: SessionId, now: Timestamp) -> Option<&Arc<CurrentUser>> {
        let found = self.sessions.iter().find(|(id, expires_at, _)| *id == session && now < *expires_at);
        found.map(|(_, _, user)| user)
    }

    /// What they should know and have not dismissed, by `read` where nobody has asked yet.
    ///
    /// # Errors
    /// Those of `read`; the next who asks reads again.
    pub async fn notices<F>(&self, read: impl FnOnce() -> F) -> Result<&[NoticeView], ServiceError>
    where
        F: Future<Output = Result<Vec<NoticeView>, ServiceError>>,
    {
        self.notices.get_or_try_init(read).await.map(Vec::as_slice)
    }

    /// When it was read.
    pub fn read_at(&self) -> Timestamp {
        self.read_at
    }
}

/// What is known of a person; of any number who ask at once, one asks the database.
///
/// # Errors
/// When the database does not answer.
pub async fn of(state: &AppState, user: UserId) -> Result<Arc<Access>, ServiceError> {
    let cache = &state.access;
    loop {
        let epoch = cache.epoch(user).load(Ordering::Acquire);
        let access = match cache.kept.get(&user).await {
            Some(kept) => kept,
            None => {
                let read = cache.kept.try_get_with(user, load(state, user, epoch)).await;
                read.map_err(|error| ServiceError::unavailable("database", error.to_string()))?
            }
        };
        if access.epoch >= epoch {
            return Ok(access);
        }
        // A reading that had begun before the last change.
        cache.kept.invalidate(&user).await;
    }
}

async fn load(state: &AppState, user: UserId, epoch: u64) -> Result<Arc<Access>, ServiceError> {
    let read_at = state.clock.now();
    let Some(account) = state.store.account(user).await? else {
        return Ok(Arc::new(Access { sessions: Vec::new(), notices: OnceCell::new(), read_at, epoch }));
    };
    let (plan, outlook) = state.store.plan_of(user).await?;
    let live = state.store.live_sessions(user, read_at).await?;
    let (me, role) = (me(&account, plan), account.role);
    let sessions = live.into_iter().map(|row| {
        let current = CurrentUser { me: me.clone(), session: row.id, role, plan, outlook };
        (row.id, row.expires_at, Arc::new(current))
    });
    Ok(Arc::new(Access { sessions: sessions.collect(), notices: OnceCell::new(), read_at, epoch }))
}

fn me(account: &Account, plan: Plan) -> Me {
    Me {
        id: account.id,
        email: account.email.clone(),
        full_name: account.full_name.clone(),
        is_paid: plan != Plan::Free,
        email_verified: account.email_verified_at.is_some(),
        created_at: account.created_at,
        is_operator: account.role == Role::Operator,
    }
}
