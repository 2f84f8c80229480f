//! Plans, checkout, the portal and payments.

use super::error::Problem;
use crate::domain::{
    billing::{BillingStatus, TransactionView},
    plan::PlanView,
};
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use crate::server::{error::ServiceError, rpc, service};

/// What is sold.
#[server(prefix = "/fn", endpoint = "plans", input = leptos::server_fn::codec::GetUrl)]
pub async fn plans() -> Result<Vec<PlanView>, Problem> {
    let request = rpc::request().await?;
    Ok(service::billing::plans(&request.state))
}

/// Where the asking person stands with their plan.
#[server(prefix = "/fn", endpoint = "billing_status", input = leptos::server_fn::codec::GetUrl)]
pub async fn load_billing_status() -> Result<BillingStatus, Problem> {
    let user = rpc::require_user().await?;
    let request = rpc::request().await?;
    request.run(service::billing::status(&request.state, user.me.id)).await
}

/// The newest payments of who asks.
#[server(prefix = "/fn", endpoint = "transactions", input = leptos::server_fn::codec::GetUrl)]
pub async fn transactions() -> Result<Vec<TransactionView>, Problem> {
    let user = rpc::require_user().await?;
    let request = rpc::request().await?;
    request.run(service::billing::recent_transactions(&request.state, user.me.id)).await
}

/// Goes to the hosted checkout; whoever pays already goes to the portal.
#[server(prefix = "/fn", endpoint = "start_checkout")]
pub async fn start_checkout() -> Result<(), Problem> {
    let user = rpc::require_user().await?;
    let request = rpc::request().await?;
    match service::checkout::create(&request.state, user.me.id).await {
        Ok(checkout) => rpc::redirect_to_payments(&checkout.checkout_url),
        Err(ServiceError::AlreadySubscribed { portal_url: Some(portal) }) => rpc::redirect_to_payments(&portal),
        Err(error) => Err(rpc::fail(error)),
    }
}

/// Where somebody stands who comes back from a checkout. Stripe is asked at once, because its event may be late.
/// `session_id` is the one in the address that the checkout led back to; without it only the event tells.
#[server(prefix = "/fn", endpoint = "confirm_checkout")]
pub async fn confirm_checkout(session_id: Option<String>) -> Result<BillingStatus, Problem> {
    let user = rpc::require_user().await?;
    let request = rpc::request().await?;
    let returned = service::checkout::returned(&request.state, user.me.id, session_id.as_deref());
    let status = request.run(returned).await?;
    // A page is of whoever asked for it as they stood then: the browser asks anew, and all of the next one is of who pays.
    // It names no checkout, so that this happens once.
    if status.is_paid && !user.me.is_paid && session_id.is_some() && rpc::is_on_page() {
        rpc::redirect_to(&rpc::local("/dashboard?checkout=success"))?;
    }
    Ok(status)
}

/// Goes to the portal, where a plan is canceled or resumed and a card changed.
#[server(prefix = "/fn", endpoint = "open_portal")]
pub async fn open_portal() -> Result<(), Problem> {
    let user = rpc::require_user().await?;
    let request = rpc::request().await?;
    let url = request.run(service::billing::portal(&request.state, user.me.id)).await?;
    rpc::redirect_to_payments(&url)
}
