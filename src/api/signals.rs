//! Signals, gated by plan.

use super::error::Problem;
use crate::domain::{
    id::SignalId,
    signal::{Dashboard, Outcome, Proof, Side, SignalDetail, Standing},
};
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use crate::{
    domain::signal::FeedFilter,
    server::{rpc, service},
};

/// Where a reader of the dashboard stands; costs no fetch.
#[server(prefix = "/fn", endpoint = "standing", input = leptos::server_fn::codec::GetUrl)]
pub async fn load_standing() -> Result<Standing, Problem> {
    let user = rpc::require_user().await?;
    let request = rpc::request().await?;
    request.run(service::signals::standing(&request.state, &user)).await.inspect_err(rpc::tell_page)
}

/// What the dashboard shows of signals and market, of the signals only those of this symbol, side and outcome; costs no
/// fetch.
#[server(prefix = "/fn", endpoint = "dashboard", input = leptos::server_fn::codec::GetUrl)]
pub async fn load_dashboard(
    symbol: Option<String>,
    side: Option<Side>,
    outcome: Option<Outcome>,
) -> Result<Dashboard, Problem> {
    let user = rpc::require_user().await?;
    let request = rpc::request().await?;
    let filter = FeedFilter { symbol, side, outcome };
    request.run(service::signals::dashboard(&request.state, &user, filter)).await.inspect_err(rpc::tell_page)
}

/// Fetches the feed: costs a free user one of the day's fetches. Without JavaScript it leads back to where the dashboard
/// tells what it brought.
#[server(prefix = "/fn", endpoint = "fetch_signals")]
pub async fn fetch_signals() -> Result<(), Problem> {
    let user = rpc::require_user().await?;
    let request = rpc::request().await?;
    request.run(service::signals::feed(&request.state, &user)).await?;
    rpc::redirect_to(&rpc::local("/dashboard#plan"))
}

/// One signal, if the asking person may see it: settled ones are public.
#[server(prefix = "/fn", endpoint = "signal", input = leptos::server_fn::codec::GetUrl)]
pub async fn load_signal(id: SignalId) -> Result<SignalDetail, Problem> {
    let user = rpc::current_user().await?;
    let request = rpc::request().await?;
    request.run(service::signals::detail(&request.state, user.as_ref(), id)).await.inspect_err(rpc::tell_page)
}

/// The public record in short, and the newest settled signals.
#[server(prefix = "/fn", endpoint = "proof", input = leptos::server_fn::codec::GetUrl)]
pub async fn load_proof() -> Result<Proof, Problem> {
    let request = rpc::request().await?;
    request.run(service::signals::proof(&request.state)).await.inspect_err(rpc::tell_page)
}
