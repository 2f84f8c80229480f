//! What a person should know.

use super::error::Problem;
use crate::domain::{id::NoticeId, notice::NoticeView};
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use crate::server::{rpc, service};

/// What who asks should know and has not dismissed, the newest first.
#[server(prefix = "/fn", endpoint = "notices", input = leptos::server_fn::codec::GetUrl)]
pub async fn unread_notices() -> Result<Vec<NoticeView>, Problem> {
    let user = rpc::require_user().await?;
    let request = rpc::request().await?;
    let (state, user) = (&request.state, user.me.id);
    if rpc::is_on_page() {
        return request.run(service::notices::lately_unread(state, user)).await;
    }
    // A script asks after it has dismissed one, perhaps by another process.
    request.run(service::notices::unread(state, user)).await
}

/// Dismisses one. Without JavaScript it leads back to the page it was on, as every form does that names no other.
#[server(prefix = "/fn", endpoint = "read_notice")]
pub async fn read_notice(id: NoticeId) -> Result<(), Problem> {
    let user = rpc::require_user().await?;
    let request = rpc::request().await?;
    request.run(service::notices::read(&request.state, user.me.id, id)).await
}
