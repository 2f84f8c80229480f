//! Stripe's billing portal.

use super::{Payments, error::PaymentsError};
use serde::Deserialize;
use stripe_billing::billing_portal_session::CreateBillingPortalSession;

#[derive(Deserialize)]
struct PortalSession {
    url: String,
}

impl Payments {
    /// A new address of the portal for a customer; it leads back to `return_url`.
    ///
    /// # Errors
    /// As any call.
    pub async fn portal(&self, customer_id: &str, return_url: &str) -> Result<String, PaymentsError> {
        let request = CreateBillingPortalSession::new().customer(customer_id).return_url(return_url);
        let session: PortalSession = self.client.call(&request).await?;
        Ok(session.url)
    }
}
