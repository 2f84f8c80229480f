//! Subscriptions at Stripe.

use super::{Payments, error::PaymentsError, invoices::Invoice, reference};
use crate::domain::{plan::Plan, subscription::SubscriptionState, time::Timestamp};
use serde::Deserialize;
use std::collections::HashMap;
use stripe_billing::subscription::{
    CancelSubscription, CancelSubscriptionCancellationDetails, ListSubscription, RetrieveSubscription,
    UpdateSubscription,
};

/// Said at Stripe of what is ended with its account, so that whoever looks at it next knows, by whatever way they come.
const WITH_ACCOUNT: &str = "The account was deleted.";

/// A subscription as it is at Stripe.
#[derive(Clone, Debug)]
pub struct Subscription {
    pub id: String,
    pub customer_id: String,
    pub state: SubscriptionState,
    pub plan: Plan,
    pub price_id: String,
    pub current_period_start: Option<Timestamp>,
    pub current_period_end: Option<Timestamp>,
    /// Whether it ends with the current period, or at another time already set.
    pub cancel_at_period_end: bool,
    /// When it ends, where that is set.
    pub ends_at: Option<Timestamp>,
    pub trial_end: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    /// Whether it was ended because its owner deleted the account.
    pub ended_with_account: bool,
    pub created: Timestamp,
    /// The user named in its metadata.
    pub user_id: Option<String>,
    /// The newest invoice, where it was asked for.
    pub latest_invoice: Option<Invoice>,
}

impl Payments {
    /// A subscription with its newest invoice.
    ///
    /// # Errors
    /// As any call; `Refused` when there is none.
    pub async fn subscription(&self, id: &str) -> Result<Subscription, PaymentsError> {
        let request = RetrieveSubscription::new(reference::plain(id)?).expand(vec!["latest_invoice".to_owned()]);
        self.client.call::<Answer>(&request).await?.try_into()
    }

    /// The ids of a customer's subscriptions that are not over.
    ///
    /// # Errors
    /// As any call.
    pub async fn live_subscriptions_of(&self, customer_id: &str) -> Result<Vec<String>, PaymentsError> {
        let listed: Listed = self.client.call(&ListSubscription::new().customer(customer_id).limit(100)).await?;
        let live =
            |one: &ListedOne| SubscriptionState::from_stripe(&one.status).is_some_and(SubscriptionState::is_live);
        Ok(listed.data.into_iter().filter(live).map(|one| one.id).collect())
    }

    /// Lets a subscription end with its period, or go on after all.
    ///
    /// # Errors
    /// As any call; `Refused` when it is over.
    pub async fn set_cancel_at_period_end(&self, id: &str, ends: bool) -> Result<(), PaymentsError> {
        let request = UpdateSubscription::new(id).cancel_at_period_end(ends);
        self.client.call::<serde::de::IgnoredAny>(&request).await.map(drop)
    }

    /// Ends a subscription at once, without giving anything back, because its account is deleted. One that is over or
    /// unknown counts as ended.
    ///
    /// # Errors
    /// As any call.
    pub async fn cancel_with_account(&self, id: &str) -> Result<(), PaymentsError> {
        let details =
            CancelSubscriptionCancellationDetails { comment: Some(WITH_ACCOUNT.to_owned()), ..Default::default() };
        let request = CancelSubscription::new(id).cancellation_details(details);
        match self.client.call::<serde::de::IgnoredAny>(&request).await {
            Err(error) if error.is_missing() => Ok(()),
            other => other.map(drop),
        }
    }
}

#[derive(Deserialize)]
struct Listed {
    data: Vec<ListedOne>,
}

#[derive(Deserialize)]
struct ListedOne {
    id: String,
    status: String,
}

#[derive(Deserialize)]
struct Answer {
    id: String,
    #[serde(deserialize_with = "reference::required")]
    customer: String,
    status: String,
    items: Items,
    current_period_start: Option<i64>,
    current_period_end: Option<i64>,
    #[serde(default)]
    cancel_at_period_end: bool,
    cancel_at: Option<i64>,
    trial_end: Option<i64>,
    ended_at: Option<i64>,
    cancellation_details: Option<CancellationDetails>,
    created: i64,
    #[serde(default)]
    metadata: HashMap<String, String>,
    latest_invoice: Option<LatestInvoice>,
}

#[derive(Deserialize)]
struct CancellationDetails {
    comment: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum LatestInvoice {
    Id(#[expect(dead_code, reason = "not expanded: nothing is known of it")] String),
    Expanded(Box<Invoice>),
}

#[derive(Deserialize)]
struct Items {
    data: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
    price: Price,
    current_period_start: Option<i64>,
    current_period_end: Option<i64>,
}

#[derive(Deserialize)]
struct Price {
    id: String,
    #[serde(default)]
    metadata: HashMap<String, String>,
    recurring: Option<Recurring>,
}

#[derive(Deserialize)]
struct Recurring {
    interval: String,
}

impl TryFrom<Answer> for Subscription {
    type Error = PaymentsError;

    fn try_from(answer: Answer) -> Result<Self, PaymentsError> {
        let state = SubscriptionState::from_stripe(&answer.status).ok_or_else(|| {
            PaymentsError::Unreadable(format!("{} has the unknown status {:?}", answer.id, answer.status))
        })?;
        let items = &answer.items.data;
        let first = items.first().ok_or_else(|| PaymentsError::Unreadable(format!("{} has no items", answer.id)))?;
        let start = answer.current_period_start.or_else(|| items.iter().filter_map(|i| i.current_period_start).min());
        let end = answer.current_period_end.or_else(|| items.iter().filter_map(|i| i.current_period_end).max());
        let ends = answer.cancel_at_period_end || answer.cancel_at.is_some();
        Ok(Self {
            plan: plan_of(&first.price),
            price_id: first.price.id.clone(),
            state,
            current_period_start: start.map(Timestamp::from_secs),
            current_period_end: end.map(Timestamp::from_secs),
            // An end may also be set as a time; ours is always a period's.
            cancel_at_period_end: ends,
            ends_at: answer.cancel_at.or(end.filter(|_| ends)).map(Timestamp::from_secs),
            trial_end: answer.trial_end.map(Timestamp::from_secs),
            ended_at: answer.ended_at.map(Timestamp::from_secs),
            ended_with_account: answer.cancellation_details.and_then(|details| details.comment).as_deref()
                == Some(WITH_ACCOUNT),
            created: Timestamp::from_secs(answer.created),
            user_id: answer.metadata.get("user_id").cloned(),
            latest_invoice: match answer.latest_invoice {
                Some(LatestInvoice::Expanded(invoice)) => Some(*invoice),
                _ => None,
            },
            id: answer.id,
            customer_id: answer.customer,
        })
    }
}

/// What a price gives: what it says itself, else by its interval. Whoever pays an older price keeps their plan.
fn plan_of(price: &Price) -> Plan {
    let named = price.metadata.get("plan").and_then(|name| Plan::from_stored(name));
    let yearly = price.recurring.as_ref().is_some_and(|recurring| recurring.interval == "year");
    named.filter(|plan| *plan != Plan::Free).unwrap_or(if yearly { Plan::ProYearly } else { Plan::Pro })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn parsed(mut value: serde_json::Value, more: serde_json::Value) -> Subscription {
        value.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        serde_json::from_value::<Answer>(value).unwrap().try_into().unwrap()
    }

    #[test]
    fn both_shapes_say_the_same() {
        let bare =
            json!({"id": "sub_1", "customer": "cus_1", "status": "active", "created": 1, "latest_invoice": "in_1"});
        let price = json!({"id": "price_1", "recurring": {"interval": "month"}});
        let old = json!({
            "current_period_start": 10, "current_period_end": 20, "items": {"data": [{"price": price}]}
        });
        let new = json!({
            "customer": {"id": "cus_1"},
            "items": {"data": [{"price": price, "current_period_start": 10, "current_period_end": 20}]}
        });
        for shape in [old, new] {
            let subscription = parsed(bare.clone(), shape);
            assert_eq!(subscription.current_period_start, Some(Timestamp::from_secs(10)));
            assert_eq!(subscription.current_period_end, Some(Timestamp::from_secs(20)));
            assert_eq!((subscription.customer_id.as_str(), subscription.plan), ("cus_1", Plan::Pro));
        }
    }

    #[test]
    fn an_end_is_the_time_that_is_set_else_the_periods() {
        let bare = json!({
            "id": "sub_1", "customer": "cus_1", "status": "active", "created": 1, "current_period_end": 20,
            "items": {"data": [{"price": {"id": "price_1", "recurring": {"interval": "month"}}}]}
        });
        let ends = |more| {
            let subscription = parsed(bare.clone(), more);
            (subscription.cancel_at_period_end, subscription.ends_at.map(Timestamp::secs))
        };
        assert_eq!(ends(json!({})), (false, None));
        assert_eq!(ends(json!({"cancel_at_period_end": true})), (true, Some(20)));
        assert_eq!(ends(json!({"cancel_at_period_end": true, "cancel_at": 20})), (true, Some(20)));
        assert_eq!(ends(json!({"cancel_at": 75})), (true, Some(75)));
    }
}
