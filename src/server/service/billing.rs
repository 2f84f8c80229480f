//! Plans, where a person stands, their payments and the portal.

use super::{
    checkout, customers, page,
    subscriptions::{self, Cause},
};
use crate::{
    domain::{
        billing::{BillingStatus, SubscriptionView, TransactionPage, TransactionView},
        id::{TransactionId, UserId},
        money::Money,
        plan::{Plan, PlanView},
        subscription::SubscriptionState,
        time::Timestamp,
    },
    server::{
        error::ServiceError,
        payments::{CheckoutStatus, events},
        state::AppState,
        store::{
            subscriptions::Subscription,
            transactions::{After, Transaction},
        },
    },
};

/// Payments on a page of the site.
const RECENT: u64 = 20;

/// What is sold.
pub fn plans(state: &AppState) -> Vec<PlanView> {
    let quota = state.config.quota;
    let free = PlanView {
        plan: Plan::Free,
        name: "Free".to_owned(),
        price: Money::inr(0),
        interval: None,
        features: vec![
            format!("{} fetches a day", quota.free_fetches_per_day),
            format!("The {} newest signals each time", quota.free_signals_per_fetch),
            format!("{} backtests a day by API", quota.free_backtests_per_day),
            "The whole settled record".to_owned(),
        ],
        available: true,
    };
    let pro = state.config.plans.get(Plan::Pro.as_str()).map(|plan| PlanView {
        plan: Plan::Pro,
        name: plan.name.clone(),
        price: Money::new(plan.amount, plan.currency.clone()),
        interval: Some(plan.interval.clone()),
        features: vec![
            "Every signal, the moment it is published".to_owned(),
            "Unlimited fetches, by page and by API".to_owned(),
            "Unlimited backtests by API".to_owned(),
            "Entry, target, stop and the reason for each".to_owned(),
            "Cancel at any time; it runs to the end of the period".to_owned(),
        ],
        available: true,
    });
    std::iter::once(free).chain(pro).collect()
}

/// Where a person stands with their plan.
pub async fn status(state: &AppState, user: UserId) -> Result<BillingStatus, ServiceError> {
    Ok(match foremost(state.store.subscriptions_of(user).await?) {
        None => BillingStatus {
            is_paid: false,
            plan: Plan::Free,
            status: None,
            current_period_end: None,
            cancel_at_period_end: false,
        },
        Some(row) => {
            let stands = state_of(&row)?;
            let paid = stands.gives_access();
            BillingStatus {
                is_paid: paid,
                plan: if paid { plan_of(&row)? } else { Plan::Free },
                status: Some(stands),
                current_period_end: row.current_period_end_at.map(Timestamp::from_millis),
                cancel_at_period_end: row.cancel_at_period_end,
            }
        }
    })
}

/// The newest payments of a person.
pub async fn recent_transactions(state: &AppState, user: UserId) -> Result<Vec<TransactionView>, ServiceError> {
    Ok(transactions(state, user, None, None, RECENT).await?.transactions)
}

/// A page of a person's payments, the newest first.
///
/// # Errors
/// `Invalid` when the cursor is none of ours.
pub async fn transactions(
    state: &AppState,
    user: UserId,
    kind: Option<&str>,
    cursor: Option<&str>,
    limit: u64,
) -> Result<TransactionPage, ServiceError> {
    let after = page::after(cursor, |id| id.parse().ok())?.map(|(created_at, id)| After { created_at, id });
    let rows = state.store.transactions_of(user, kind, after, limit + 1).await?;
    let (rows, next_cursor) = page::cut(rows, limit, |last| page::cursor(last.created_at, last.id));
    Ok(TransactionPage { transactions: rows.into_iter().map(transaction_view).collect(), next_cursor })
}

/// One of a person's payments.
///
/// # Errors
/// `NotFound` when it is not theirs.
pub async fn transaction(state: &AppState, user: UserId, id: TransactionId) -> Result<TransactionView, ServiceError> {
    let found = state.store.transaction_of(user, id).await?;
    found.map(transaction_view).ok_or(ServiceError::NotFound("payment"))
}

/// The address of the portal for a person.
pub async fn portal(state: &AppState, user: UserId) -> Result<String, ServiceError> {
    let back = state.config.link("/account");
    let customer = customers::ensure(state, user).await?;
    match state.payments.portal(&customer.id, &back).await {
        Err(error) if error.is_missing_customer() => {
            customers::forget(state, &customer).await?;
            let customer = customers::ensure(state, user).await?;
            Ok(state.payments.portal(&customer.id, &back).await?)
        }
        other => Ok(other?),
    }
}

/// A person's live subscription.
///
/// # Errors
/// `NotFound` when there is none.
pub async fn active_subscription(state: &AppState, user: UserId) -> Result<SubscriptionView, ServiceError> {
    let live = live_subscription(state, user).await?;
    live.as_ref().map_or(Err(ServiceError::NotFound("live subscription")), subscription_view)
}

/// One of a person's subscriptions.
///
/// # Errors
/// `NotFound` when it is not theirs.
pub async fn subscription(state: &AppState, user: UserId, id: &str) -> Result<SubscriptionView, ServiceError> {
    let unknown = || ServiceError::NotFound("subscription");
    // PostgreSQL takes a text with a zero in it for a fault of ours.
    if !events::is_plain(id) {
        return Err(unknown());
    }
    let found = state.store.subscription(id).await?.filter(|row| row.user_id == user.0);
    subscription_view(&found.ok_or_else(unknown)?)
}

/// Lets a person's plan end with its period, or go on after all.
///
/// # Errors
/// `NotFound` when there is no live subscription; `Unavailable` when Stripe does not answer.
pub async fn set_cancel_at_period_end(
    state: &AppState,
    user: UserId,
    ends: bool,
) -> Result<SubscriptionView, ServiceError> {
    let live = live_subscription(state, user).await?.ok_or(ServiceError::NotFound("live subscription"))?;
    if live.cancel_at_period_end != ends {
        state.payments.set_cancel_at_period_end(&live.id, ends).await?;
    }
    subscriptions::sync(state, &live.id, &Cause::default()).await?;
    subscription(state, user, &live.id).await
}

/// Ends whatever could still charge a person whose account is about to be deleted.
///
/// # Errors
/// `Unavailable` when Stripe does not answer: then the account must stay for now.
pub async fn cancel_for_deletion(state: &AppState, user: UserId) -> Result<(), ServiceError> {
    let Some(payer) = state.store.payer(user).await? else { return Ok(()) };
    let Some(customer) = payer.stripe_customer_id else { return Ok(()) };
    if let Some(open) = state.store.open_checkout(user).await? {
        state.payments.expire_checkout(&open.id).await?;
        checkout::close(state, &open.id, CheckoutStatus::Expired).await?;
    }
    let live = match state.payments.live_subscriptions_of(&customer).await {
        Err(error) if error.is_missing() => return Ok(()),
        other => other?,
    };
    for id in live {
        state.payments.cancel_with_account(&id).await?;
        subscriptions::sync(state, &id, &Cause::default()).await?;
    }
    Ok(())
}

/// A person's subscription that is not over, the one that gives access before others.
pub async fn live_subscription(state: &AppState, user: UserId) -> Result<Option<Subscription>, ServiceError> {
    let foremost = foremost(state.store.subscriptions_of(user).await?);
    Ok(foremost.filter(|row| row.state != SubscriptionState::Canceled.as_str()))
}

/// Of several, newest first: one that gives access, else one that is not over, else the newest.
fn foremost(mut rows: Vec<Subscription>) -> Option<Subscription> {
    rows.sort_by_key(|row| match SubscriptionState::from_stripe(&row.state) {
        Some(state) if state.gives_access() => 0,
        Some(state) if state.is_live() => 1,
        _ => 2,
    });
    rows.into_iter().next()
}

fn state_of(row: &Subscription) -> Result<SubscriptionState, ServiceError> {
    let unknown = || ServiceError::internal("reading a subscription", format!("unknown state {:?}", row.state));
    SubscriptionState::from_stripe(&row.state).ok_or_else(unknown)
}

fn plan_of(row: &Subscription) -> Result<Plan, ServiceError> {
    let unknown = || ServiceError::internal("reading a subscription", format!("unknown plan {:?}", row.plan));
    Plan::from_stored(&row.plan).ok_or_else(unknown)
}

fn subscription_view(row: &Subscription) -> Result<SubscriptionView, ServiceError> {
    Ok(SubscriptionView {
        id: row.id.clone(),
        plan: plan_of(row)?,
        status: state_of(row)?,
        current_period_start: row.current_period_start_at.map(Timestamp::from_millis),
        current_period_end: row.current_period_end_at.map(Timestamp::from_millis),
        cancel_at_period_end: row.cancel_at_period_end,
        ended_at: row.ended_at.map(Timestamp::from_millis),
        created_at: Timestamp::from_millis(row.created_at),
    })
}

fn transaction_view(row: Transaction) -> TransactionView {
    TransactionView {
        id: TransactionId(row.id),
        created_at: Timestamp::from_millis(row.created_at),
        amount: Money::new(row.amount, row.currency),
        status: row.status,
        description: row.description,
        invoice: (row.kind == subscriptions::INVOICE).then_some(row.stripe_id),
        invoice_url: row.invoice_url,
    }
}
