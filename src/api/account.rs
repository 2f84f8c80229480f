//! What people do with their own account.

use super::error::Problem;
use crate::domain::{account::SessionView, id::SessionId};
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use crate::server::{rpc, service};

/// The sessions of who asks, the newest first.
#[server(prefix = "/fn", endpoint = "sessions", input = leptos::server_fn::codec::GetUrl)]
pub async fn sessions() -> Result<Vec<SessionView>, Problem> {
    let user = rpc::require_user().await?;
    let request = rpc::request().await?;
    request.run(service::sessions::list(&request.state, user.me.id, user.session)).await
}

/// Ends one session; the own one signs out.
#[server(prefix = "/fn", endpoint = "end_session")]
pub async fn end_session(id: SessionId) -> Result<(), Problem> {
    let user = rpc::require_user().await?;
    let request = rpc::request().await?;
    request.run(service::sessions::end(&request.state, user.me.id, id)).await?;
    if id == user.session {
        rpc::end_session()?;
        return rpc::redirect_to(&rpc::local("/"));
    }
    rpc::redirect_to(&rpc::local("/account#sessions"))
}

/// Changes what one is called.
#[server(prefix = "/fn", endpoint = "change_name")]
pub async fn change_name(full_name: String) -> Result<(), Problem> {
    let user = rpc::require_user().await?;
    let request = rpc::request().await?;
    let changed = request.run(service::accounts::change_name(&request.state, user.me.id, &full_name)).await;
    changed.inspect_err(|_| rpc::keep_typed(&[("full_name", &full_name)]))?;
    rpc::redirect_to(&rpc::local("/account?saved=name"))
}

/// Changes the password and ends every other session.
#[server(prefix = "/fn", endpoint = "change_password")]
pub async fn change_password(current_password: String, new_password: String) -> Result<(), Problem> {
    let user = rpc::require_user().await?;
    let request = rpc::request().await?;
    let change = service::passwords::change(&request.state, user.me.id, user.session, &current_password, &new_password);
    request.run(change).await?;
    rpc::redirect_to(&rpc::local("/account?saved=password"))
}

/// Sends a link to the new address; it becomes the account's once the link is followed.
#[server(prefix = "/fn", endpoint = "change_email")]
pub async fn change_email(email: String, password: String) -> Result<(), Problem> {
    let user = rpc::require_user().await?;
    let request = rpc::request().await?;
    let asked = request.run(service::emails::change(&request.state, user.me.id, &email, &password)).await;
    asked.inspect_err(|_| rpc::keep_typed(&[("email", &email)]))?;
    rpc::redirect_to(&rpc::local("/account?saved=email"))
}

/// Deletes the account for good: `confirm` is the account's address.
#[server(prefix = "/fn", endpoint = "delete_account")]
pub async fn delete_account(password: String, confirm: String) -> Result<(), Problem> {
    let user = rpc::require_user().await?;
    let request = rpc::request().await?;
    let deleted = request.run(service::accounts::delete(&request.state, user.me.id, &password, Some(&confirm))).await;
    deleted.inspect_err(|_| rpc::keep_typed(&[("confirm", &confirm)]))?;
    rpc::end_session()?;
    rpc::redirect_to(&rpc::local("/?deleted=1"))
}
