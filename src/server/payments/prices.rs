//! The price that is sold.

use super::{Payments, error::PaymentsError, reference};
use crate::{domain::money::Money, server::config::PlanConfig};
use serde::Deserialize;
use std::collections::HashMap;
use stripe_product::{
    price::{CreatePrice, CreatePriceRecurring, CreatePriceRecurringInterval, ListPrice, RetrievePrice},
    product::CreateProduct,
};
use stripe_types::Currency;

#[derive(Deserialize)]
struct Prices {
    data: Vec<Made>,
}

#[derive(Deserialize)]
struct Made {
    id: String,
}

/// What a price is at Stripe.
#[derive(Deserialize)]
struct Terms {
    active: bool,
    currency: String,
    /// None where the amount depends on how many are sold, or on the payer.
    unit_amount: Option<i64>,
    /// None where it is paid once.
    recurring: Option<Recurring>,
}

#[derive(Deserialize)]
struct Recurring {
    interval: String,
    interval_count: u32,
}

impl Terms {
    /// Why it is not what the pricing page promises, a phrase each.
    fn faults(&self, plan: &PlanConfig) -> Vec<String> {
        let mut faults = Vec::new();
        if !self.active {
            faults.push("it is archived and no longer sold".to_owned());
        }
        match &self.recurring {
            None => faults.push("it is paid once, and no subscription".to_owned()),
            Some(Recurring { interval, interval_count: 1 }) if *interval == plan.interval => {}
            Some(Recurring { interval, interval_count }) => {
                let span =
                    if *interval_count == 1 { interval.clone() } else { format!("{interval_count} {interval}s") };
                faults.push(format!("it is paid every {span}, and not every {}", plan.interval));
            }
        }
        let promised = Money::new(plan.amount, plan.currency.to_ascii_lowercase());
        match self.unit_amount {
            None => faults.push("it has no fixed amount".to_owned()),
            Some(amount) => {
                let costs = Money::new(amount, self.currency.clone());
                if costs != promised {
                    faults.push(format!("it costs {costs}, and not the {promised} of the pricing page"));
                }
            }
        }
        faults
    }
}

/// What is known of the price that is sold.
pub(super) enum Sold {
    /// The operator named it.
    Configured(String),
    /// It was found, or made.
    Found(String),
    /// It is still to be found or made, in place of the one that Stripe does not sell any more.
    Unknown { gone: Option<String> },
}

impl Sold {
    pub(super) fn new(configured: Option<String>) -> Self {
        configured.map_or(Self::Unknown { gone: None }, Self::Configured)
    }
}

impl Payments {
    /// The price of `plan`: the configured one, else the one found at Stripe under a lookup key made of its terms,
    /// else a new one. Asked for once.
    ///
    /// # Errors
    /// As any call; `Refused` also for terms that Stripe does not know.
    pub async fn price(&self, name: &str, plan: &PlanConfig) -> Result<String, PaymentsError> {
        let mut sold = self.price.lock().await;
        let gone = match &*sold {
            Sold::Configured(id) | Sold::Found(id) => return Ok(id.clone()),
            Sold::Unknown { gone } => gone.as_deref(),
        };
        let id = self.find_or_make_price(name, plan, gone).await?;
        *sold = Sold::Found(id.clone());
        Ok(id)
    }

    /// Why the configured price cannot be sold as `plan` is shown, in words; `None` where it can, or none is configured.
    ///
    /// # Errors
    /// `Unavailable` and `Unreadable`, as any call. What Stripe refuses is among the reasons.
    pub async fn price_fault(&self, plan: &PlanConfig) -> Result<Option<String>, PaymentsError> {
        let id = match &*self.price.lock().await {
            Sold::Configured(id) => id.clone(),
            Sold::Found(_) | Sold::Unknown { .. } => return Ok(None),
        };
        let asked = async { self.client.call::<Terms>(&RetrievePrice::new(reference::plain(&id)?)).await };
        let faults = match asked.await {
            Err(refused @ PaymentsError::Refused { .. }) => vec![refused.to_string()],
            other => other?.faults(plan),
        };
        Ok((!faults.is_empty()).then(|| format!("STRIPE_PRICE_ID {id}: {}", faults.join("; "))))
    }

    /// Lets the price be looked for anew: Stripe does not sell this one any more. Whether there may be another; in place
    /// of the configured one nothing is sold.
    pub async fn forget_price(&self, id: &str) -> bool {
        let mut sold = self.price.lock().await;
        if matches!(&*sold, Sold::Found(found) if found == id) {
            *sold = Sold::Unknown { gone: Some(id.to_owned()) };
        }
        !matches!(&*sold, Sold::Configured(_))
    }

    async fn find_or_make_price(
        &self,
        name: &str,
        plan: &PlanConfig,
        gone: Option<&str>,
    ) -> Result<String, PaymentsError> {
        let key = format!("signalbox_{name}_{}_{}_{}", plan.interval, plan.currency, plan.amount);
        let listed: Prices =
            self.client.call(&ListPrice::new().active(true).lookup_keys(vec![key.clone()]).limit(1)).await?;
        if let Some(price) = listed.data.into_iter().find(|price| Some(price.id.as_str()) != gone) {
            return Ok(price.id);
        }
        // Under the key of the one that is gone, Stripe would answer with that one for a day.
        let once = gone.map_or_else(|| key.clone(), |gone| format!("{key}_after_{gone}"));
        let metadata = HashMap::from([("plan".to_owned(), name.to_owned())]);
        let product: Made = self
            .client
            .make(&CreateProduct::new(plan.name.as_str()).metadata(metadata.clone()), &format!("product_{once}"))
            .await?;
        let request = CreatePrice::new(currency(&plan.currency)?)
            .product(product.id)
            .unit_amount(plan.amount)
            .recurring(CreatePriceRecurring::new(interval(&plan.interval)?))
            .lookup_key(key.as_str())
            // One that is no longer sold may hold it still.
            .transfer_lookup_key(true)
            .metadata(metadata);
        let price: Made = self.client.make(&request, &format!("price_{once}")).await?;
        tracing::info!(stripe.price = price.id, plan = name, "made the price at Stripe");
        Ok(price.id)
    }
}

fn currency(code: &str) -> Result<Currency, PaymentsError> {
    code.parse().map_err(|_| unknown("currency", code))
}

fn interval(name: &str) -> Result<CreatePriceRecurringInterval, PaymentsError> {
    match name {
        "month" => Ok(CreatePriceRecurringInterval::Month),
        "year" => Ok(CreatePriceRecurringInterval::Year),
        other => Err(unknown("interval", other)),
    }
}

fn unknown(what: &str, value: &str) -> PaymentsError {
    PaymentsError::Unreadable(format!("the plan's {what} `{value}` is not known"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn faults(price: serde_json::Value) -> Vec<String> {
        let plan = PlanConfig {
            name: "Pro".to_owned(),
            amount: 49_900,
            currency: "INR".to_owned(),
            interval: "month".to_owned(),
        };
        serde_json::from_value::<Terms>(price).unwrap().faults(&plan)
    }

    #[test]
    fn a_price_is_held_against_what_the_page_promises() {
        let monthly = json!({"interval": "month", "interval_count": 1});
        assert_eq!(
            faults(json!({"active": true, "currency": "inr", "unit_amount": 49_900, "recurring": monthly})),
            [""; 0]
        );
        assert_eq!(
            faults(json!({"active": false, "currency": "usd", "unit_amount": 49_900, "recurring": null})),
            [
                "it is archived and no longer sold",
                "it is paid once, and no subscription",
                "it costs $499.00, and not the ₹499 of the pricing page"
            ]
        );
        let quarterly = json!({"interval": "month", "interval_count": 3});
        assert_eq!(
            faults(json!({"active": true, "currency": "inr", "unit_amount": null, "recurring": quarterly})),
            ["it is paid every 3 months, and not every month", "it has no fixed amount"]
        );
    }
}
