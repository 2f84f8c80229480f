//! Customers at Stripe: one for each user.

use super::{Payments, error::PaymentsError, reference};
use serde::Deserialize;
use std::collections::HashMap;
use stripe_core::customer::{CreateCustomer, ListCustomer, UpdateCustomer};

#[derive(Deserialize)]
struct Customers {
    data: Vec<Customer>,
}

#[derive(Deserialize)]
struct Customer {
    id: String,
    #[serde(default)]
    metadata: HashMap<String, String>,
}

impl Payments {
    /// The customer that was made for a user, if it is still under this address.
    ///
    /// # Errors
    /// As any call.
    pub async fn find_customer(&self, user_id: &str, email: &str) -> Result<Option<String>, PaymentsError> {
        let found: Customers = self.client.call(&ListCustomer::new().email(email).limit(100)).await?;
        let theirs = |customer: &Customer| customer.metadata.get("user_id").is_some_and(|id| id == user_id);
        Ok(found.data.into_iter().find(theirs).map(|customer| customer.id))
    }

    /// Makes the customer of a user, once for each `key`.
    ///
    /// # Errors
    /// As any call.
    pub async fn make_customer(
        &self,
        user_id: &str,
        email: &str,
        name: &str,
        key: &str,
    ) -> Result<String, PaymentsError> {
        let metadata = HashMap::from([("user_id".to_owned(), user_id.to_owned())]);
        let mut request = CreateCustomer::new().email(email).metadata(metadata);
        if !name.is_empty() {
            request = request.name(name);
        }
        let made: Customer = self.client.make(&request, key).await?;
        Ok(made.id)
    }

    /// Gives a customer another address; giving the same twice is no matter.
    ///
    /// # Errors
    /// As any call; `Refused` when there is no such customer.
    pub async fn set_customer_email(&self, customer_id: &str, email: &str) -> Result<(), PaymentsError> {
        let request = UpdateCustomer::new(reference::plain(customer_id)?).email(email);
        self.client.call::<Customer>(&request).await.map(drop)
    }
}
