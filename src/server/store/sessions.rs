//! Sign-ins and their refresh tokens.

use super::{
    Store, StoreError, Transaction,
    entity::{refresh_token, session},
};
use crate::domain::{
    id::{SessionId, UserId},
    time::Timestamp,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};

/// A stored sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredSession {
    pub id: SessionId,
    pub user: UserId,
    pub user_agent: String,
    pub ip: String,
    pub created_at: Timestamp,
    pub last_used_at: Timestamp,
    pub expires_at: Timestamp,
    pub ended_at: Option<Timestamp>,
}

/// A stored refresh token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRefresh {
    pub session: SessionId,
    pub expires_at: Timestamp,
    pub replaced_at: Option<Timestamp>,
}

impl From<session::Model> for StoredSession {
    fn from(row: session::Model) -> Self {
        Self {
            id: SessionId(row.id),
            user: UserId(row.user_id),
            user_agent: row.user_agent,
            ip: row.ip,
            created_at: Timestamp::from_millis(row.created_at),
            last_used_at: Timestamp::from_millis(row.last_used_at),
            expires_at: Timestamp::from_millis(row.expires_at),
            ended_at: row.ended_at.map(Timestamp::from_millis),
        }
    }
}

impl Store {
    /// A person's sign-ins that live, the newest first.
    pub async fn live_sessions(&self, user: UserId, now: Timestamp) -> Result<Vec<StoredSession>, StoreError> {
        let rows = session::Entity::find()
            .filter(session::Column::UserId.eq(user.0))
            .filter(session::Column::EndedAt.is_null())
            .filter(session::Column::ExpiresAt.gt(now.millis()))
            .order_by_desc(session::Column::CreatedAt)
            .all(self.reader())
            .await?;
        Ok(rows.into_iter().map(StoredSession::from).collect())
    }

    /// Removes sign-ins that ended or expired before `time`, with their tokens.
    pub async fn forget_sessions_before(&self, time: Timestamp) -> Result<u64, StoreError> {
        let txn = self.begin().await?;
        let over = Condition::any()
            .add(session::Column::EndedAt.lt(time.millis()))
            .add(session::Column::ExpiresAt.lt(time.millis()));
        let removed = session::Entity::delete_many().filter(over).exec(txn.db()).await?;
        txn.commit().await?;
        Ok(removed.rows_affected)
    }
}

impl Transaction {
    /// Stores a sign-in.
    pub async fn insert_session(&self, new: &StoredSession) -> Result<(), StoreError> {
        let row = session::Model {
            id: new.id.0,
            user_id: new.user.0,
            user_agent: new.user_agent.clone(),
            ip: new.ip.clone(),
            created_at: new.created_at.millis(),
            last_used_at: new.last_used_at.millis(),
            expires_at: new.expires_at.millis(),
            ended_at: None,
            ended_reason: None,
        };
        session::Entity::insert(row.into_active_model()).exec_without_returning(self.db()).await?;
        Ok(())
    }

    /// Stores a refresh token by its hash.
    pub async fn insert_refresh(
        &self,
        hash: &str,
        session: SessionId,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let row = refresh_token::Model {
            hash: hash.to_owned(),
            session_id: session.0,
            created_at: now.millis(),
            expires_at: expires_at.millis(),
            replaced_at: None,
        };
        refresh_token::Entity::insert(row.into_active_model()).exec_without_returning(self.db()).await?;
        Ok(())
    }

    /// A refresh token by its hash, locked until this transaction ends.
    pub async fn lock_refresh(&self, hash: &str) -> Result<Option<StoredRefresh>, StoreError> {
        let mut query = refresh_token::Entity::find_by_id(hash.to_owned());
        if !self.is_sqlite() {
            query = query.lock_exclusive();
        }
        Ok(query.one(self.db()).await?.map(|row| StoredRefresh {
            session: SessionId(row.session_id),
            expires_at: Timestamp::from_millis(row.expires_at),
            replaced_at: row.replaced_at.map(Timestamp::from_millis),
        }))
    }

    /// A sign-in.
    pub async fn session(&self, id: SessionId) -> Result<Option<StoredSession>, StoreError> {
        Ok(session::Entity::find_by_id(id.0).one(self.db()).await?.map(StoredSession::from))
    }

    /// Marks a refresh token as replaced.
    pub async fn replace_refresh(&self, hash: &str, now: Timestamp) -> Result<(), StoreError> {
        let change = refresh_token::ActiveModel { replaced_at: Set(Some(now.millis())), ..Default::default() };
        refresh_token::Entity::update_many()
            .set(change)
            .filter(refresh_token::Column::Hash.eq(hash))
            .exec(self.db())
            .await?;
        Ok(())
    }

    /// Notes that a sign-in was used.
    pub async fn touch_session(
        &self,
        id: SessionId,
        ip: &str,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let change = session::ActiveModel {
            ip: Set(ip.to_owned()),
            last_used_at: Set(now.millis()),
            expires_at: Set(expires_at.millis()),
            ..Default::default()
        };
        session::Entity::update_many().set(change).filter(session::Column::Id.eq(id.0)).exec(self.db()).await?;
        Ok(())
    }

    /// Ends a person's sign-in; whether it lived.
    pub async fn end_session(
        &self,
        user: UserId,
        id: SessionId,
        reason: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let one = Condition::all().add(session::Column::Id.eq(id.0)).add(session::Column::UserId.eq(user.0));
        Ok(self.end_sessions(one, reason, now).await? > 0)
    }

    /// Ends all of a person's sign-ins but one.
    pub async fn end_sessions_of(
        &self,
        user: UserId,
        but: Option<SessionId>,
        reason: &str,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let mut all = Condition::all().add(session::Column::UserId.eq(user.0));
        if let Some(kept) = but {
            all = all.add(session::Column::Id.ne(kept.0));
        }
        self.end_sessions(all, reason, now).await
    }

    /// Ends a person's oldest live sign-ins beyond `most`.
    pub async fn end_sessions_beyond(
        &self,
        user: UserId,
        most: usize,
        reason: &str,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let rows = session::Entity::find()
            .filter(session::Column::UserId.eq(user.0))
            .filter(session::Column::EndedAt.is_null())
            .order_by_desc(session::Column::CreatedAt)
            .order_by_desc(session::Column::Id)
            .all(self.db())
            .await?;
        let beyond: Vec<_> = rows.iter().skip(most).map(|row| row.id).collect();
        if !beyond.is_empty() {
            self.end_sessions(Condition::all().add(session::Column::Id.is_in(beyond)), reason, now).await?;
        }
        Ok(())
    }

    async fn end_sessions(&self, which: Condition, reason: &str, now: Timestamp) -> Result<u64, StoreError> {
        let change = session::ActiveModel {
            ended_at: Set(Some(now.millis())),
            ended_reason: Set(Some(reason.to_owned())),
            ..Default::default()
        };
        let ended = session::Entity::update_many()
            .set(change)
            .filter(which)
            .filter(session::Column::EndedAt.is_null())
            .exec(self.db())
            .await?;
        Ok(ended.rows_affected)
    }
}
