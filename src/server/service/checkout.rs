//! From wanting to pay to the hosted page, and back.
//!
//! A user has at most one checkout that can be paid: it is named by `users.checkout_generation`, which is part of the
//! idempotency key and goes on only when that checkout is closed.

use super::{
    billing,
    customers::{self, Customer},
    subscriptions,
};
use crate::{
    domain::{billing::BillingStatus, id::UserId},
    server::{
        config::PlanConfig,
        error::{ServiceError, chain},
        payments::{CheckoutOrder, CheckoutSession, CheckoutStatus, PaymentsError},
        state::AppState,
        store::{checkouts::Checkout as Kept, customers::Payer},
    },
};
use serde::Serialize;
use utoipa::ToSchema;

/// A hosted checkout that waits for a card.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Checkout {
    /// Where the card is entered.
    pub checkout_url: String,
    /// Stripe's name for it.
    pub session_id: String,
}

/// The plan that is sold, by its name in the configuration.
const SOLD: &str = "pro";

/// Rounds until one gives up: each loses only to somebody who opened or closed a checkout of the same user, or to
/// finding that the checkout, the customer or the price is gone.
const ROUNDS: usize = 6;

/// Opens a checkout for a person, or gives the one that is open.
///
/// # Errors
/// `AlreadySubscribed` with the portal's address for whoever has a live subscription; `Unavailable` when Stripe does
/// not answer.
pub async fn create(state: &AppState, user: UserId) -> Result<Checkout, ServiceError> {
    let mut first_price = None;
    for _ in 0..ROUNDS {
        let price = price(state).await?;
        let customer = customers::ensure(state, user).await?;
        if billing::live_subscription(state, user).await?.is_some() {
            let portal = billing::portal(state, user).await.inspect_err(|error| {
                tracing::warn!(error = chain(error), user.id = %user, "told of a live subscription without the portal");
            });
            return Err(ServiceError::AlreadySubscribed { portal_url: portal.ok() });
        }
        let found = match state.store.open_checkout(user).await? {
            Some(kept) => used_again(state, &kept).await?,
            // A new price that is refused too has another fault than being gone.
            None => {
                let may_renew = *first_price.get_or_insert_with(|| price.clone()) == price;
                opened(state, &customer, &price, may_renew).await?
            }
        };
        if let Some(checkout) = found {
            return Ok(checkout);
        }
    }
    Err(ServiceError::Busy("checkout"))
}

/// Where somebody stands who comes back from a checkout. Who is not paid yet need not wait for Stripe's event: where
/// the checkout is named, Stripe is asked at once.
///
/// # Errors
/// `NotFound` when it is not this person's checkout; `Unavailable` when Stripe does not answer.
pub async fn returned(state: &AppState, user: UserId, session_id: Option<&str>) -> Result<BillingStatus, ServiceError> {
    let status = billing::status(state, user).await?;
    let (false, Some(session_id)) = (status.is_paid, session_id) else { return Ok(status) };
    let session = match state.payments.checkout(session_id).await {
        Err(error) if error.is_missing() => return Err(ServiceError::NotFound("checkout")),
        other => other?,
    };
    if session.client_reference_id != Some(user.to_string()) {
        return Err(ServiceError::NotFound("checkout"));
    }
    settle(state, &session).await?;
    billing::status(state, user).await
}

/// Makes sure that there is a price to sell. A Stripe that does not answer is no reason not to start: the price is
/// then looked for at the first checkout.
///
/// # Errors
/// When the configured plan is none, or Stripe refuses it.
pub async fn ensure_price(state: &AppState) -> Result<(), ServiceError> {
    match price(state).await {
        Ok(_) => Ok(()),
        Err(ServiceError::Unavailable { source, .. }) => {
            tracing::warn!(error = &*source as &dyn std::error::Error, "the price is not known yet");
            Ok(())
        }
        Err(error) => Err(error),
    }
}

/// Why nobody could pay by the price that the operator named, or would pay something else than the pricing page says;
/// `None` where all is well, or it is ours to make.
///
/// # Errors
/// `Unavailable` when Stripe does not answer.
pub async fn price_fault(state: &AppState) -> Result<Option<String>, ServiceError> {
    Ok(state.payments.price_fault(sold(state)?).await?)
}

async fn price(state: &AppState) -> Result<String, ServiceError> {
    Ok(state.payments.price(SOLD, sold(state)?).await?)
}

fn sold(state: &AppState) -> Result<&PlanConfig, ServiceError> {
    let plan = state.config.plans.get(SOLD);
    plan.ok_or_else(|| ServiceError::internal("finding the price", "the configuration has no [plans.pro]"))
}

/// Writes down what came of a checkout that is open as far as we know; whether it is so no longer.
///
/// # Errors
/// `Unavailable` when Stripe does not answer.
pub async fn follow_up(state: &AppState, kept: &Kept) -> Result<bool, ServiceError> {
    let Some(session) = asked_for(state, kept).await? else { return Ok(true) };
    settle(state, &session).await?;
    Ok(session.status != CheckoutStatus::Open)
}

/// A checkout that we opened before, as it is at Stripe. One that Stripe does not know is closed.
async fn asked_for(state: &AppState, kept: &Kept) -> Result<Option<CheckoutSession>, ServiceError> {
    match state.payments.checkout(&kept.id).await {
        Err(error) if error.is_missing() => {
            close(state, &kept.id, CheckoutStatus::Expired).await?;
            Ok(None)
        }
        other => Ok(Some(other?)),
    }
}

/// The checkout that we opened before, if Stripe says that it can still be paid.
async fn used_again(state: &AppState, kept: &Kept) -> Result<Option<Checkout>, ServiceError> {
    match asked_for(state, kept).await? {
        Some(CheckoutSession { status: CheckoutStatus::Open, customer_is_gone: true, id, .. }) => {
            state.payments.expire_checkout(&id).await?;
            close(state, &id, CheckoutStatus::Expired).await?;
        }
        Some(CheckoutSession { status: CheckoutStatus::Open, url: Some(url), id, .. }) => {
            return Ok(Some(Checkout { checkout_url: url, session_id: id }));
        }
        Some(session) => settle(state, &session).await?,
        None => {}
    }
    Ok(None)
}

/// A new checkout; `None` when the ground moved and it should be looked at again.
async fn opened(
    state: &AppState,
    customer: &Customer,
    price: &str,
    may_renew: bool,
) -> Result<Option<Checkout>, ServiceError> {
    let payer = &customer.payer;
    let live = match state.payments.live_subscriptions_of(&customer.id).await {
        Err(error) if error.is_missing() => return replaced(state, customer).await,
        other => other?,
    };
    if !live.is_empty() {
        // Their event is still to come.
        for subscription in &live {
            subscriptions::sync(state, subscription, &subscriptions::Cause::default()).await?;
        }
        if billing::live_subscription(state, UserId(payer.id)).await?.is_some() {
            return Ok(None);
        }
    }
    let order = CheckoutOrder {
        user_id: payer.id.to_string(),
        customer_id: customer.id.clone(),
        price_id: price.to_owned(),
        success_url: state.config.link("/dashboard?checkout=success&session_id={CHECKOUT_SESSION_ID}"),
        cancel_url: state.config.link("/dashboard?checkout=canceled"),
        key: format!("checkout_{}_{}", payer.id, payer.checkout_generation),
    };
    match state.payments.open_checkout(&order).await {
        Ok(session) => keep(state, payer, session).await,
        Err(error) if error.is_missing_customer() => replaced(state, customer).await,
        Err(error) => {
            // Stripe gives the same failure again for the same key; another try needs another.
            next_generation(state, payer).await?;
            match error {
                PaymentsError::Refused { ref code, .. } if code == "idempotency_error" => Ok(None),
                // Another is found or made.
                error if may_renew && error.is_price_gone() && state.payments.forget_price(price).await => Ok(None),
                error => Err(error.into()),
            }
        }
    }
}

/// Nothing opened: the customer was deleted at Stripe, and the next look makes another.
async fn replaced(state: &AppState, customer: &Customer) -> Result<Option<Checkout>, ServiceError> {
    customers::forget(state, customer).await?;
    Ok(None)
}

/// Keeps a checkout that was opened, unless its generation is over: then only who kept it before that has seen it,
/// and nobody else shall.
async fn keep(state: &AppState, payer: &Payer, session: CheckoutSession) -> Result<Option<Checkout>, ServiceError> {
    let txn = state.store.begin().await?;
    if !txn.holds_checkout_generation(payer.id, payer.checkout_generation).await? {
        drop(txn);
        let kept = state.store.open_checkout(UserId(payer.id)).await?;
        if kept.is_none_or(|kept| kept.id != session.id) {
            state.payments.expire_checkout(&session.id).await?;
        }
        return Ok(None);
    }
    let Some(url) = session.url.clone() else {
        return Err(ServiceError::internal("opening a checkout", "Stripe gave no address"));
    };
    txn.add_checkout(Kept {
        id: session.id.clone(),
        user_id: payer.id,
        url: url.clone(),
        status: CheckoutStatus::Open.as_str().to_owned(),
        created_at: session.created_at().millis(),
        expires_at: session.expires_at().millis(),
    })
    .await?;
    txn.commit().await?;
    Ok(Some(Checkout { checkout_url: url, session_id: session.id }))
}

/// Writes down what came of a checkout: its subscription first, so that there is no moment in which another could
/// be opened.
async fn settle(state: &AppState, session: &CheckoutSession) -> Result<(), ServiceError> {
    if let Some(subscription) = &session.subscription {
        let cause = subscriptions::Cause { user: session.client_reference_id.clone(), ..Default::default() };
        subscriptions::sync(state, subscription, &cause).await?;
    }
    if session.status == CheckoutStatus::Open {
        return Ok(());
    }
    close(state, &session.id, session.status).await
}

/// Notes that a checkout is closed.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn close(state: &AppState, id: &str, status: CheckoutStatus) -> Result<(), ServiceError> {
    let txn = state.store.begin().await?;
    txn.close_checkout(id, status.as_str()).await?;
    Ok(txn.commit().await?)
}

async fn next_generation(state: &AppState, payer: &Payer) -> Result<(), ServiceError> {
    let txn = state.store.begin().await?;
    if txn.holds_checkout_generation(payer.id, payer.checkout_generation).await? {
        txn.next_checkout_generation(payer.id).await?;
    }
    Ok(txn.commit().await?)
}
