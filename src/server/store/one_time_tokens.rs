//! Links sent by mail, by their tokens' hashes.

use super::{Store, StoreError, Transaction, entity::one_time_token};
use crate::domain::{id::UserId, time::Timestamp};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};

/// What a link is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Confirms the account's address.
    VerifyEmail,
    /// Sets a new password.
    ResetPassword,
    /// Confirms another address and makes it the account's.
    ChangeEmail,
}

impl Purpose {
    /// The name it is stored under.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::VerifyEmail => "verify_email",
            Self::ResetPassword => "reset_password",
            Self::ChangeEmail => "change_email",
        }
    }

    /// From the name it is stored under.
    pub fn from_stored(name: &str) -> Option<Self> {
        [Self::VerifyEmail, Self::ResetPassword, Self::ChangeEmail].into_iter().find(|purpose| purpose.as_str() == name)
    }
}

/// A link to be sent.
pub struct NewLink<'a> {
    pub hash: &'a str,
    pub user: UserId,
    pub purpose: Purpose,
    /// The address that it is about.
    pub email: &'a str,
    pub now: Timestamp,
    pub expires_at: Timestamp,
}

impl Store {
    /// Whose a link is and the address that it is about, if it is still good.
    pub async fn link_is_about(
        &self,
        hash: &str,
        purpose: Purpose,
        now: Timestamp,
    ) -> Result<Option<(UserId, String)>, StoreError> {
        let row = one_time_token::Entity::find_by_id(hash.to_owned())
            .filter(one_time_token::Column::Purpose.eq(purpose.as_str()))
            .filter(one_time_token::Column::UsedAt.is_null())
            .filter(one_time_token::Column::ExpiresAt.gt(now.millis()))
            .one(self.reader())
            .await?;
        Ok(row.map(|row| (UserId(row.user_id), row.email)))
    }

    /// Removes links that expired before `time`.
    pub async fn forget_links_before(&self, time: Timestamp) -> Result<u64, StoreError> {
        let txn = self.begin().await?;
        let over = one_time_token::Column::ExpiresAt.lt(time.millis());
        let removed = one_time_token::Entity::delete_many().filter(over).exec(txn.db()).await?;
        txn.commit().await?;
        Ok(removed.rows_affected)
    }
}

impl Transaction {
    /// Stores a link in place of the person's earlier ones of its purpose.
    pub async fn insert_link(&self, link: &NewLink<'_>) -> Result<(), StoreError> {
        self.void_links(link.user, link.purpose, link.now).await?;
        let row = one_time_token::Model {
            hash: link.hash.to_owned(),
            user_id: link.user.0,
            purpose: link.purpose.as_str().to_owned(),
            email: link.email.to_owned(),
            created_at: link.now.millis(),
            expires_at: link.expires_at.millis(),
            used_at: None,
        };
        one_time_token::Entity::insert(row.into_active_model()).exec_without_returning(self.db()).await?;
        Ok(())
    }

    /// Makes a person's links of a purpose void. They stay until they are old, so that a late click is told why.
    pub async fn void_links(&self, user: UserId, purpose: Purpose, now: Timestamp) -> Result<(), StoreError> {
        one_time_token::Entity::update_many()
            .set(one_time_token::ActiveModel { used_at: Set(Some(now.millis())), ..Default::default() })
            .filter(one_time_token::Column::UserId.eq(user.0))
            .filter(one_time_token::Column::Purpose.eq(purpose.as_str()))
            .filter(one_time_token::Column::UsedAt.is_null())
            .exec(self.db())
            .await?;
        Ok(())
    }

    /// Uses a link, once: whose it is and the address that it is about. `None` when it was used, is too old, or never was.
    pub async fn use_link(
        &self,
        hash: &str,
        purpose: Purpose,
        now: Timestamp,
    ) -> Result<Option<(UserId, String)>, StoreError> {
        let used = one_time_token::Entity::update_many()
            .set(one_time_token::ActiveModel { used_at: Set(Some(now.millis())), ..Default::default() })
            .filter(one_time_token::Column::Hash.eq(hash))
            .filter(one_time_token::Column::Purpose.eq(purpose.as_str()))
            .filter(one_time_token::Column::UsedAt.is_null())
            .filter(one_time_token::Column::ExpiresAt.gt(now.millis()))
            .exec(self.db())
            .await?;
        if used.rows_affected == 0 {
            return Ok(None);
        }
        let row = one_time_token::Entity::find_by_id(hash.to_owned()).one(self.db()).await?;
        Ok(row.map(|row| (UserId(row.user_id), row.email)))
    }
}
