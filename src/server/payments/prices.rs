//! The price that is sold.

use super::{Payments, error::PaymentsError};
use crate::server::config::PlanConfig;
use serde::Deserialize;
use std::collections::HashMap;
use stripe_product::{
    price::{CreatePrice, CreatePriceRecurring, CreatePriceRecurringInterval, ListPrice},
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
