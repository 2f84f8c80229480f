//! Everything that is kept about a person, for them to take along. Not the mails on their way to them, nor what was asked
//! of us for their address, which is gone once a job has seen it.

use super::{
    Store, StoreError,
    entity::{feed_fetch, notice, session, subscription, transaction, usage_window, user},
    usage::{self, StoredFetch},
};
use crate::domain::{id::UserId, time::Timestamp};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::{Value, json};

impl Store {
    /// Everything but secrets, as JSON; `None` when there is no such person.
    pub async fn takeout(&self, id: UserId) -> Result<Option<Value>, StoreError> {
        let db = self.reader();
        let Some(user) = user::Entity::find_by_id(id.0).one(db).await? else { return Ok(None) };
        let sessions = session::Entity::find().filter(session::Column::UserId.eq(id.0)).all(db).await?;
        let windows = usage_window::Entity::find().filter(usage_window::Column::UserId.eq(id.0)).all(db).await?;
        let fetches = feed_fetch::Entity::find().filter(feed_fetch::Column::UserId.eq(id.0)).all(db).await?;
        let fetches = fetches.iter().map(usage::read).collect::<Result<Vec<StoredFetch>, _>>()?;
        let subscriptions = subscription::Entity::find().filter(subscription::Column::UserId.eq(id.0)).all(db).await?;
        let payments = transaction::Entity::find()
            .filter(transaction::Column::UserId.eq(id.0))
            .order_by_asc(transaction::Column::CreatedAt)
            .all(db)
            .await?;
        let notices = notice::Entity::find().filter(notice::Column::UserId.eq(id.0)).all(db).await?;
        Ok(Some(json!({
            "profile": profile(&user),
            "sessions": sessions.iter().map(session_entry).collect::<Vec<_>>(),
            "usage": windows.iter().map(|row| json!({
                "feature": row.feature, "window_start": at(row.window_start_at), "used": row.used,
            })).collect::<Vec<_>>(),
            "fetches": fetches.iter().map(|fetch| json!({
                "fetched_at": fetch.fetched_at, "signals": fetch.signals,
            })).collect::<Vec<_>>(),
            "subscriptions": subscriptions.iter().map(subscription_entry).collect::<Vec<_>>(),
            "transactions": payments.iter().map(payment_entry).collect::<Vec<_>>(),
            "notices": notices.iter().map(|row| json!({
                "created_at": at(row.created_at), "kind": row.kind, "message": row.message,
                "read_at": row.read_at.map(at),
            })).collect::<Vec<_>>(),
        })))
    }
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis)
}

fn profile(row: &user::Model) -> Value {
    json!({
        "id": row.id,
        "email": row.email,
        "full_name": row.full_name,
        "role": row.role,
        "email_verified_at": row.email_verified_at.map(at),
        "stripe_customer_id": row.stripe_customer_id,
        "stripe_email": row.stripe_email,
        "created_at": at(row.created_at),
    })
}

fn session_entry(row: &session::Model) -> Value {
    json!({
        "id": row.id,
        "user_agent": row.user_agent,
        "ip": row.ip,
        "created_at": at(row.created_at),
        "last_used_at": at(row.last_used_at),
        "ended_at": row.ended_at.map(at),
    })
}

fn subscription_entry(row: &subscription::Model) -> Value {
    json!({
        "id": row.id,
        "state": row.state,
        "plan": row.plan,
        "current_period_end": row.current_period_end_at.map(at),
        "cancel_at_period_end": row.cancel_at_period_end,
        "created_at": at(row.created_at),
    })
}

fn payment_entry(row: &transaction::Model) -> Value {
    json!({
        "id": row.id,
        "kind": row.kind,
        "amount": row.amount,
        "currency": row.currency,
        "status": row.status,
        "description": row.description,
        "created_at": at(row.created_at),
    })
}
