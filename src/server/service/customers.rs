//! Users as customers of Stripe's: one to one, under the same address.

use crate::{
    domain::id::UserId,
    server::{
        error::ServiceError,
        service::leases::{self, Held},
        state::AppState,
        store::customers::Payer,
    },
};
use std::time::Duration;
use uuid::Uuid;

/// Users taken at a time.
const PAGE: u64 = 50;

/// How long one idempotency key names the making of a user's customer. Stripe repeats a failure under the same key
/// for a day; a customer made just before the key changes is found by its address. One that was deleted is not made
/// again under its key: that goes by the user's generation too.
const KEY_MILLIS: i64 = 600_000;

/// Who tells Stripe of changed addresses. Half of it is longer than one call of Stripe may take.
const LEASE: &str = "customers";
const TTL: Duration = Duration::from_secs(60);

/// Makes the customers of users who have none; says how many. A user whom Stripe refuses is left for the next round.
///
/// # Errors
/// When the database or Stripe does not answer.
pub async fn create_missing(state: &AppState) -> Result<usize, ServiceError> {
    let (mut made, mut after) = (0, Uuid::nil());
    loop {
        let users = state.store.users_without_customer(after, PAGE).await?;
        let Some(last) = users.last() else { return Ok(made) };
        after = last.id;
        for payer in users {
            let id = payer.id;
            match made_for(state, payer).await {
                Ok(_) => made += 1,
                Err(error) if error.is_outage() => return Err(error),
                Err(error) => {
                    tracing::error!(error = &error as &dyn std::error::Error, user.id = %id, "no customer made");
                }
            }
        }
    }
}

/// A user with the customer they are, and the generation that they are it in.
pub struct Customer {
    /// Stripe's name for it.
    pub id: String,
    /// Who it is.
    pub payer: Payer,
}

/// Tells Stripe the addresses that changed since it heard of them; says how many. A user whom Stripe refuses is left for
/// the next round.
///
/// # Errors
/// When the database or Stripe does not answer; what was not told then is told in the next round.
pub async fn follow_addresses(state: &AppState) -> Result<usize, ServiceError> {
    if state.store.payer_of_outdated_customer(Uuid::nil()).await?.is_none() {
        return Ok(0);
    }
    let told = tell_addresses(state).await;
    leases::release(state, LEASE).await?;
    told
}

async fn tell_addresses(state: &AppState) -> Result<usize, ServiceError> {
    let (mut told, mut after) = (0, Uuid::nil());
    loop {
        // One replica at a time, each address read under its lease: of two changes Stripe hears the later one last.
        if leases::hold(state, LEASE, TTL).await? == Held::No {
            return Ok(told);
        }
        let Some(user) = state.store.payer_of_outdated_customer(after).await? else { return Ok(told) };
        after = user.id;
        match tell_address(state, &user).await {
            Ok(()) => told += 1,
            Err(error) if error.is_outage() => return Err(error),
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, user.id = %user.id, "address not told");
            }
        }
    }
}

async fn tell_address(state: &AppState, user: &Payer) -> Result<(), ServiceError> {
    let Some(customer) = &user.stripe_customer_id else { return Ok(()) };
    match state.payments.set_customer_email(customer, &user.email).await {
        // Another is made, under the new address.
        Err(error) if error.is_missing() => Ok(state.store.forget_customer(UserId(user.id), customer).await?),
        other => {
            other?;
            Ok(state.store.set_customer_email(UserId(user.id), customer, &user.email).await?)
        }
    }
}

/// The customer of a user, made now if there is none.
///
/// # Errors
/// `NotFound` when there is no such user, `Unavailable` when Stripe does not answer.
pub async fn ensure(state: &AppState, user: UserId) -> Result<Customer, ServiceError> {
    let payer = state.store.payer(user).await?.ok_or(ServiceError::NotFound("account"))?;
    match payer.stripe_customer_id.clone() {
        Some(id) => Ok(Customer { id, payer }),
        None => made_for(state, payer).await,
    }
}

/// Lets the next customer of a user be another: this one does not exist at Stripe.
///
/// # Errors
/// When the database does not answer.
pub async fn forget(state: &AppState, customer: &Customer) -> Result<(), ServiceError> {
    Ok(state.store.forget_customer(UserId(customer.payer.id), &customer.id).await?)
}

async fn made_for(state: &AppState, payer: Payer) -> Result<Customer, ServiceError> {
    let user = payer.id.to_string();
    let id = match state.payments.find_customer(&user, &payer.email).await? {
        Some(found) => found,
        None => {
            let (generation, window) = (payer.checkout_generation, state.clock.now().millis() / KEY_MILLIS);
            let key = format!("customer_{user}_{generation}_{window}");
            state.payments.make_customer(&user, &payer.email, &payer.full_name, &key).await?
        }
    };
    if state.store.set_customer(UserId(payer.id), &id, &payer.email).await? {
        return Ok(Customer { id, payer });
    }
    // Somebody else was first: theirs is the one.
    let payer = state.store.payer(UserId(payer.id)).await?.ok_or(ServiceError::NotFound("account"))?;
    let id = payer.stripe_customer_id.clone();
    let id = id.ok_or_else(|| ServiceError::internal("naming a customer", "neither was kept"))?;
    Ok(Customer { id, payer })
}
