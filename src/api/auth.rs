//! Signing up, in and out; forgotten passwords; confirming an address.

use super::error::Problem;
use crate::domain::account::{OutboxMail, Person};
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use crate::server::{rpc, service};

/// Who is signed in; `None` for a visitor.
#[server(prefix = "/fn", endpoint = "me", input = leptos::server_fn::codec::GetUrl)]
pub async fn current_user() -> Result<Option<Person>, Problem> {
    Ok(rpc::current_user().await?.map(|user| user.me.into()))
}

/// Makes an account, signs in and goes to `next`, else to the dashboard.
#[server(prefix = "/fn", endpoint = "sign_up")]
pub async fn sign_up(email: String, password: String, full_name: String, next: Option<String>) -> Result<(), Problem> {
    let request = rpc::request().await?;
    let typed = (email.clone(), full_name.clone());
    let request_for = service::accounts::SignUp { email, password, full_name };
    let made = request.run(service::accounts::sign_up(&request.state, request_for, &request.client)).await;
    let tokens = made.inspect_err(|_| rpc::keep_typed(&[("email", &typed.0), ("full_name", &typed.1)]))?;
    rpc::begin_session(&tokens)?;
    rpc::redirect_to(&rpc::local_or_dashboard(next))
}

/// Signs in and goes to `next`, else to the dashboard.
#[server(prefix = "/fn", endpoint = "log_in")]
pub async fn log_in(email: String, password: String, next: Option<String>) -> Result<(), Problem> {
    let request = rpc::request().await?;
    let signed_in = request.run(service::accounts::log_in(&request.state, &email, &password, &request.client)).await;
    let tokens = signed_in.inspect_err(|_| rpc::keep_typed(&[("email", &email)]))?;
    rpc::begin_session(&tokens)?;
    rpc::redirect_to(&rpc::local_or_dashboard(next))
}

/// Ends this session and goes to the landing page.
#[server(prefix = "/fn", endpoint = "log_out")]
pub async fn log_out() -> Result<(), Problem> {
    let request = rpc::request().await?;
    if let Some(user) = rpc::current_user().await? {
        request.run(service::sessions::log_out(&request.state, &user)).await?;
    }
    rpc::end_session()?;
    rpc::redirect_to(&rpc::local("/"))
}

/// Sends a link to set a new password, if there is such an account; says nothing about that.
#[server(prefix = "/fn", endpoint = "forgot_password")]
pub async fn forgot_password(email: String) -> Result<(), Problem> {
    let request = rpc::request().await?;
    let asked = request.run(service::passwords::forgot(&request.state, &email)).await;
    asked.inspect_err(|_| rpc::keep_typed(&[("email", &email)]))?;
    rpc::redirect_to(&rpc::local("/forgot-password?sent=1"))
}

/// Sets a new password by the link's token and ends every session.
#[server(prefix = "/fn", endpoint = "reset_password")]
pub async fn reset_password(token: String, password: String) -> Result<(), Problem> {
    let request = rpc::request().await?;
    request.run(service::passwords::reset(&request.state, &token, &password)).await?;
    rpc::end_session()?;
    rpc::redirect_to(&rpc::local("/login?reset=1"))
}

/// Confirms an address by the link's token.
#[server(prefix = "/fn", endpoint = "verify_email")]
pub async fn verify_email(token: String) -> Result<(), Problem> {
    let request = rpc::request().await?;
    request.run(service::emails::verify(&request.state, &token)).await?;
    rpc::redirect_to(&rpc::local("/verify-email?done=1"))
}

/// Sends the confirmation link once more.
#[server(prefix = "/fn", endpoint = "resend_verification")]
pub async fn resend_verification() -> Result<(), Problem> {
    let user = rpc::require_user().await?;
    let request = rpc::request().await?;
    request.run(service::emails::resend(&request.state, &user.me.email)).await?;
    rpc::redirect_to(&rpc::local("/account?sent=1"))
}

/// The mails of the development outbox, the newest first; not found in production, from another machine, nor under a foreign
/// name.
#[server(prefix = "/fn", endpoint = "outbox", input = leptos::server_fn::codec::GetUrl)]
pub async fn outbox() -> Result<Vec<OutboxMail>, Problem> {
    rpc::require_home().inspect_err(rpc::tell_page)?;
    let request = rpc::request().await?;
    request.run(service::mails::outbox(&request.state)).await.inspect_err(rpc::tell_page)
}
