//! Users as customers of Stripe's: one to one.

use crate::{
    domain::id::UserId,
    server::{error::ServiceError, state::AppState, store::customers::Payer},
};
use uuid::Uuid;

/// Users taken at a time.
const PAGE: u64 = 50;

/// How long one idempotency key names the making of a user's customer. Stripe repeats a failure under the same key
/// for a day; a customer made just before the key changes is found by its address. One that was deleted is not made
/// again under its key: that goes by the user's generation too.
const KEY_MILLIS: i64 = 600_000;

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
        for user in &users {
            match made_for(state, user).await {
                Ok(_) => made += 1,
                Err(error @ ServiceError::Unavailable { .. }) => return Err(error),
                Err(error) => {
                    tracing::error!(error = &error as &dyn std::error::Error, user.id = %user.id, "no customer made");
                }
            }
        }
    }
}

/// The customer of a user, made now if there is none.
///
/// # Errors
/// `NotFound` when there is no such user, `Unavailable` when Stripe does not answer.
pub async fn ensure(state: &AppState, user: UserId) -> Result<String, ServiceError> {
    let payer = state.store.payer(user).await?.ok_or(ServiceError::NotFound("account"))?;
    match payer.stripe_customer_id {
        Some(customer) => Ok(customer),
        None => made_for(state, &payer).await,
    }
}

async fn made_for(state: &AppState, user: &Payer) -> Result<String, ServiceError> {
    let id = user.id.to_string();
    let customer = match state.payments.find_customer(&id, &user.email).await? {
        Some(found) => found,
        None => {
            let (generation, window) = (user.checkout_generation, state.clock.now().millis() / KEY_MILLIS);
            let key = format!("customer_{id}_{generation}_{window}");
            state.payments.make_customer(&id, &user.email, &user.full_name, &key).await?
        }
    };
    if state.store.set_customer(UserId(user.id), &customer).await? {
        return Ok(customer);
    }
    // Somebody else was first: theirs is the one.
    let now = state.store.payer(UserId(user.id)).await?.ok_or(ServiceError::NotFound("account"))?;
    now.stripe_customer_id.ok_or_else(|| ServiceError::internal("naming a customer", "neither was kept"))
}
