//! Invoices at Stripe.

use super::{Payments, error::PaymentsError, reference};
use crate::domain::{money::Money, time::Timestamp};
use serde::{Deserialize, Deserializer};
use stripe_billing::invoice::RetrieveInvoice;

/// An invoice as it is at Stripe.
#[derive(Clone, Debug)]
pub struct Invoice {
    pub id: String,
    pub customer_id: Option<String>,
    /// The subscription it is for.
    pub subscription_id: Option<String>,
    pub outcome: InvoiceOutcome,
    /// What was paid, or is owed.
    pub amount: Money,
    pub description: String,
    /// Stripe's page of it.
    pub url: Option<String>,
    /// When it was paid, else made.
    pub at: Timestamp,
    /// Whether it is a subscription's first, paid under the eyes of who subscribes.
    pub is_first: bool,
}

/// What became of an invoice so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InvoiceOutcome {
    /// Nothing was tried yet, or it was given up.
    None,
    /// Paid.
    Paid,
    /// A payment was tried and failed.
    Failed,
}

impl Payments {
    /// An invoice.
    ///
    /// # Errors
    /// As any call; `Refused` when there is none.
    pub async fn invoice(&self, id: &str) -> Result<Invoice, PaymentsError> {
        self.client.call(&RetrieveInvoice::new(reference::plain(id)?)).await
    }
}

#[derive(Deserialize)]
struct Answer {
    id: String,
    #[serde(default, deserialize_with = "reference::optional")]
    customer: Option<String>,
    #[serde(default, deserialize_with = "reference::optional")]
    subscription: Option<String>,
    parent: Option<Parent>,
    status: Option<String>,
    #[serde(default)]
    amount_paid: i64,
    #[serde(default)]
    amount_due: i64,
    currency: String,
    #[serde(default)]
    attempted: bool,
    billing_reason: Option<String>,
    hosted_invoice_url: Option<String>,
    created: i64,
    status_transitions: Option<Transitions>,
    lines: Option<Lines>,
}

#[derive(Deserialize)]
struct Parent {
    subscription_details: Option<SubscriptionDetails>,
}

#[derive(Deserialize)]
struct SubscriptionDetails {
    #[serde(default, deserialize_with = "reference::optional")]
    subscription: Option<String>,
}

#[derive(Deserialize)]
struct Transitions {
    paid_at: Option<i64>,
}

#[derive(Deserialize)]
struct Lines {
    data: Vec<Line>,
}

#[derive(Deserialize)]
struct Line {
    description: Option<String>,
}

impl<'de> Deserialize<'de> for Invoice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Answer::deserialize(deserializer).map(Self::from)
    }
}

impl From<Answer> for Invoice {
    fn from(answer: Answer) -> Self {
        let outcome = match answer.status.as_deref() {
            Some("paid") => InvoiceOutcome::Paid,
            Some("open") if answer.attempted => InvoiceOutcome::Failed,
            _ => InvoiceOutcome::None,
        };
        let paid_at = answer.status_transitions.and_then(|transitions| transitions.paid_at);
        let line = answer.lines.and_then(|lines| lines.data.into_iter().find_map(|line| line.description));
        let under_parent = answer.parent.and_then(|p| p.subscription_details).and_then(|d| d.subscription);
        let amount = if outcome == InvoiceOutcome::Paid { answer.amount_paid } else { answer.amount_due };
        Self {
            id: answer.id,
            customer_id: answer.customer,
            subscription_id: answer.subscription.or(under_parent),
            outcome,
            amount: Money::new(amount, answer.currency),
            description: line.unwrap_or_else(|| "Subscription".to_owned()),
            url: answer.hosted_invoice_url,
            at: Timestamp::from_secs(paid_at.unwrap_or(answer.created)),
            is_first: answer.billing_reason.as_deref() == Some("subscription_create"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn both_shapes_name_the_subscription() {
        for shape in [
            json!({"subscription": "sub_1"}),
            json!({"subscription": {"id": "sub_1"}}),
            json!({"parent": {"type": "subscription_details", "subscription_details": {"subscription": "sub_1"}}}),
        ] {
            let mut value = json!({"id": "in_1", "currency": "inr", "created": 1, "status": "open", "attempted": true,
                "amount_due": 49900});
            value.as_object_mut().unwrap().extend(shape.as_object().unwrap().clone());
            let invoice: Invoice = serde_json::from_value(value).unwrap();
            assert_eq!(invoice.subscription_id.as_deref(), Some("sub_1"));
            assert_eq!((invoice.outcome, invoice.amount), (InvoiceOutcome::Failed, Money::inr(49_900)));
        }
    }
}
