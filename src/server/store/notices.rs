//! What a person should know.

use super::{
    Store, StoreError, Transaction,
    entity::notice::{Column, Entity},
};
use crate::domain::id::UserId;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect};

pub use super::entity::notice::Model as Notice;

impl Store {
    /// A person's newest unread notices.
    pub async fn unread_notices(&self, user: UserId, limit: u64) -> Result<Vec<Notice>, StoreError> {
        let unread = Entity::find().filter(Column::UserId.eq(user.0)).filter(Column::ReadAt.is_null());
        Ok(unread.order_by_desc(Column::CreatedAt).limit(limit).all(self.reader()).await?)
    }
}

impl Transaction {
    /// Keeps a notice.
    pub async fn add_notice(&self, notice: Notice) -> Result<(), StoreError> {
        Entity::insert(notice.into_active_model().reset_all()).exec_without_returning(self.db()).await?;
        Ok(())
    }
}
