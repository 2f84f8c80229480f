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

impl Payments {
    /// The price of `plan`: the configured one, else the one found at Stripe under a lookup key made of its terms,
    /// else a new one. Asked for once.
    ///
    /// # Errors
    /// As any call; `Refused` also for terms that Stripe does not know.
    pub async fn price(&self, name: &str, plan: &PlanConfig) -> Result<String, PaymentsError> {
        self.price.get_or_try_init(|| self.find_or_make_price(name, plan)).await.cloned()
    }

    async fn find_or_make_price(&self, name: &str, plan: &PlanConfig) -> Result<String, PaymentsError> {
        let key = format!("signalbox_{name}_{}_{}_{}", plan.interval, plan.currency, plan.amount);
        let listed: Prices =
            self.client.call(&ListPrice::new().active(true).lookup_keys(vec![key.clone()]).limit(1)).await?;
        if let Some(price) = listed.data.into_iter().next() {
            return Ok(price.id);
        }
        let metadata = HashMap::from([("plan".to_owned(), name.to_owned())]);
        let product: Made = self
            .client
            .make(&CreateProduct::new(plan.name.as_str()).metadata(metadata.clone()), &format!("product_{key}"))
            .await?;
        let request = CreatePrice::new(currency(&plan.currency)?)
            .product(product.id)
            .unit_amount(plan.amount)
            .recurring(CreatePriceRecurring::new(interval(&plan.interval)?))
            .lookup_key(key.as_str())
            .metadata(metadata);
        let price: Made = self.client.make(&request, &format!("price_{key}")).await?;
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
