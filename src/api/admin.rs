//! What the operator sees and does; for everyone else there is nothing here.

use super::error::Problem;
use crate::domain::operation::Operation;
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use crate::server::{rpc, service};

/// Events on a page.
#[cfg(feature = "ssr")]
const PAGE: u64 = 50;
/// Accounts on a page.
#[cfg(feature = "ssr")]
const ACCOUNTS: u64 = 20;

/// How the business does, its accounts, what waits, and the events that were given up: of the accounts those after
/// `accounts`, of the events those after `cursor`, else the newest.
#[server(prefix = "/fn", endpoint = "operation", input = leptos::server_fn::codec::GetUrl)]
pub async fn load_operation(cursor: Option<String>, accounts: Option<String>) -> Result<Operation, Problem> {
    rpc::require_operator().await.inspect_err(rpc::tell_page)?;
    let request = rpc::request().await?;
    let look = async {
        Ok(Operation {
            business: service::business::figures(&request.state).await?,
            accounts: service::business::accounts(&request.state, accounts.as_deref(), ACCOUNTS).await?,
            queues: service::health::queues(&request.state).await?,
            poison: service::inbox::given_up(&request.state, cursor.as_deref(), PAGE).await?,
        })
    };
    request.run(look).await.inspect_err(rpc::tell_page)
}

/// Lets an event that was given up be tried anew.
#[server(prefix = "/fn", endpoint = "replay_event")]
pub async fn replay_event(id: String) -> Result<(), Problem> {
    rpc::require_operator().await?;
    let request = rpc::request().await?;
    request.run(service::inbox::replay(&request.state, &id)).await?;
    rpc::redirect_to(&rpc::local("/admin?replayed=1"))
}

/// Notes that nothing is to be done about an event that was given up.
#[server(prefix = "/fn", endpoint = "dismiss_event")]
pub async fn dismiss_event(id: String) -> Result<(), Problem> {
    rpc::require_operator().await?;
    let request = rpc::request().await?;
    request.run(service::inbox::dismiss(&request.state, &id)).await?;
    rpc::redirect_to(&rpc::local("/admin?dismissed=1"))
}
