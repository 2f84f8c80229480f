//! Billing by HTTP.

use crate::{
    api::error::Problem,
    domain::{
        billing::{BillingStatus, SubscriptionView, TransactionPage, TransactionView},
        id::TransactionId,
        plan::PlanView,
    },
    server::{
        http::{
            extract::{Path, Query},
            identity::{Deliberate, User, deliberate},
            problem::{Failure, Refusals},
            rest::page,
        },
        service::{billing, checkout, subscriptions},
        state::AppState,
    },
};
use axum::{Json, extract::State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

/// The routes under `/billing`.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(create_checkout))
        .routes(routes!(status))
        .routes(routes!(plans))
        .routes(deliberate(routes!(portal)))
        .routes(routes!(transactions))
        .routes(routes!(transaction))
        .routes(routes!(invoices))
        .routes(routes!(active_subscription))
        .routes(routes!(subscription))
        .routes(routes!(cancel))
        .routes(routes!(resume))
}

/// Which page.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct PageQuery {
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
    /// How many, 50 unless said.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u64>,
}

/// Where a plan is managed.
#[derive(Serialize, ToSchema)]
struct Portal {
    /// Stripe's portal; good for a few minutes.
    portal_url: String,
}

/// Every plan.
#[derive(Serialize, ToSchema)]
struct Plans {
    /// The cheapest first.
    plans: Vec<PlanView>,
}

/// Opens the hosted checkout of the paid plan, or gives the one that is open.
#[utoipa::path(post, path = "/billing/create-checkout", tag = "billing", security(("bearer" = [])), responses(
    (status = 200, body = checkout::Checkout),
    Refusals,
    (status = 409, description = "Subscribed already (`already_subscribed`), with the portal", body = Problem, content_type = "application/problem+json"),
))]
async fn create_checkout(State(state): State<AppState>, user: User) -> Result<Json<checkout::Checkout>, Failure> {
    Ok(Json(checkout::create(&state, user.0.me.id).await?))
}

/// Where the asking person stands with their plan.
#[utoipa::path(get, path = "/billing/status", tag = "billing", security(("bearer" = [])),
    responses((status = 200, body = BillingStatus), Refusals))]
async fn status(State(state): State<AppState>, user: User) -> Result<Json<BillingStatus>, Failure> {
    Ok(Json(billing::status(&state, user.0.me.id).await?))
}

/// What is sold.
#[utoipa::path(get, path = "/billing/plans", tag = "billing", responses((status = 200, body = Plans), Refusals))]
async fn plans(State(state): State<AppState>) -> Json<Plans> {
    Json(Plans { plans: billing::plans(&state) })
}

/// A new address of Stripe's portal, where a plan is canceled or resumed and a card changed. By cookie only for the site's
/// own pages.
#[utoipa::path(get, path = "/billing/portal", tag = "billing", security(("bearer" = [])),
    responses((status = 200, body = Portal), Refusals))]
async fn portal(_: Deliberate, State(state): State<AppState>, user: User) -> Result<Json<Portal>, Failure> {
    Ok(Json(Portal { portal_url: billing::portal(&state, user.0.me.id).await? }))
}

/// The payments of who asks, the newest first.
#[utoipa::path(get, path = "/billing/transactions", tag = "billing", security(("bearer" = [])), params(PageQuery),
    responses((status = 200, body = TransactionPage), Refusals))]
async fn transactions(
    State(state): State<AppState>,
    user: User,
    Query(page): Query<PageQuery>,
) -> Result<Json<TransactionPage>, Failure> {
    listed(&state, &user, None, &page).await
}

/// The invoices of who asks, the newest first.
#[utoipa::path(get, path = "/billing/invoices", tag = "billing", security(("bearer" = [])), params(PageQuery),
    responses((status = 200, body = TransactionPage), Refusals))]
async fn invoices(
    State(state): State<AppState>,
    user: User,
    Query(page): Query<PageQuery>,
) -> Result<Json<TransactionPage>, Failure> {
    listed(&state, &user, Some(subscriptions::INVOICE), &page).await
}

/// One payment.
#[utoipa::path(get, path = "/billing/transactions/{id}", tag = "billing", security(("bearer" = [])),
    params(("id" = TransactionId, Path, description = "Its id")),
    responses((status = 200, body = TransactionView), Refusals))]
async fn transaction(
    State(state): State<AppState>,
    user: User,
    Path(id): Path<TransactionId>,
) -> Result<Json<TransactionView>, Failure> {
    Ok(Json(billing::transaction(&state, user.0.me.id, id).await?))
}

/// The subscription that is not over.
#[utoipa::path(get, path = "/billing/subscriptions/active", tag = "billing", security(("bearer" = [])),
    responses((status = 200, body = SubscriptionView), Refusals))]
async fn active_subscription(State(state): State<AppState>, user: User) -> Result<Json<SubscriptionView>, Failure> {
    Ok(Json(billing::active_subscription(&state, user.0.me.id).await?))
}

/// One subscription, over or not.
#[utoipa::path(get, path = "/billing/subscriptions/{id}", tag = "billing", security(("bearer" = [])),
    params(("id" = String, Path, description = "Stripe's name for it")),
    responses((status = 200, body = SubscriptionView), Refusals))]
async fn subscription(
    State(state): State<AppState>,
    user: User,
    Path(id): Path<String>,
) -> Result<Json<SubscriptionView>, Failure> {
    Ok(Json(billing::subscription(&state, user.0.me.id, &id).await?))
}

/// Lets the subscription end with its period. Asking again changes nothing.
#[utoipa::path(post, path = "/billing/subscriptions/cancel", tag = "billing", security(("bearer" = [])),
    responses((status = 200, body = SubscriptionView), Refusals))]
async fn cancel(State(state): State<AppState>, user: User) -> Result<Json<SubscriptionView>, Failure> {
    Ok(Json(billing::set_cancel_at_period_end(&state, user.0.me.id, true).await?))
}

/// Takes a cancellation back before the period is over. Asking again changes nothing.
#[utoipa::path(post, path = "/billing/subscriptions/resume", tag = "billing", security(("bearer" = [])),
    responses((status = 200, body = SubscriptionView), Refusals))]
async fn resume(State(state): State<AppState>, user: User) -> Result<Json<SubscriptionView>, Failure> {
    Ok(Json(billing::set_cancel_at_period_end(&state, user.0.me.id, false).await?))
}

async fn listed(
    state: &AppState,
    user: &User,
    kind: Option<&str>,
    asked: &PageQuery,
) -> Result<Json<TransactionPage>, Failure> {
    let limit = page::LIST.asked(asked.limit)?;
    Ok(Json(billing::transactions(state, user.0.me.id, kind, asked.cursor.as_deref(), limit).await?))
}
