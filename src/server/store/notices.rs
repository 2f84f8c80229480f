//! What a person should know.

use super::{
    Store, StoreError, Transaction,
    entity::notice::{Column, Entity},
};
use crate::domain::{
    id::{NoticeId, UserId},
    notice::NoticeKind,
    time::Timestamp,
};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, Func},
};

pub use super::entity::notice::Model as Notice;

impl Store {
    /// A person's newest unread notices.
    pub async fn unread_notices(&self, user: UserId, limit: u64) -> Result<Vec<Notice>, StoreError> {
        let unread = Entity::find().filter(Column::UserId.eq(user.0)).filter(Column::ReadAt.is_null());
        let newest = unread.order_by_desc(Column::CreatedAt).order_by_desc(Column::Id).limit(limit);
        Ok(newest.all(self.reader()).await?)
    }
}

impl Transaction {
    /// Keeps a notice.
    pub async fn add_notice(&self, notice: Notice) -> Result<(), StoreError> {
        Entity::insert(notice.into_active_model().reset_all()).exec_without_returning(self.db()).await?;
        Ok(())
    }

    /// Dismisses a person's unread notices of these kinds.
    pub async fn read_notices_of_kinds(
        &self,
        user: UserId,
        kinds: &[NoticeKind],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if kinds.is_empty() {
            return Ok(());
        }
        Entity::update_many()
            .col_expr(Column::ReadAt, Expr::value(now.millis()))
            .filter(Column::UserId.eq(user.0))
            .filter(Column::ReadAt.is_null())
            .filter(Column::Kind.is_in(kinds.iter().map(|kind| kind.as_str())))
            .exec(self.db())
            .await?;
        Ok(())
    }

    /// Notes that a person has read one of their notices, when they first did; says whether it is theirs.
    pub async fn read_notice(&self, user: UserId, id: NoticeId, now: Timestamp) -> Result<bool, StoreError> {
        let first = Func::coalesce([Expr::col(Column::ReadAt), Expr::value(now.millis())]);
        let read = Entity::update_many()
            .col_expr(Column::ReadAt, first.into())
            .filter(Column::Id.eq(id.0))
            .filter(Column::UserId.eq(user.0))
            .exec(self.db())
            .await?;
        Ok(read.rows_affected == 1)
    }
}
