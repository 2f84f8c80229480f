//! Stripe, through async-stripe; the sandbox speaks the same HTTP.
//!
//! Requests are built by async-stripe. Answers are read by types of our own, which name only what we use and take
//! both of Stripe's shapes: `current_period_end` on the subscription or on its items, an invoice's `subscription` at
//! its top or under `parent`.

pub mod error;
pub mod events;
pub mod signature;

mod checkouts;
mod customers;
mod invoices;
mod portal;
mod prices;
mod reference;
mod stripe;
mod subscriptions;

pub use checkouts::{CheckoutOrder, CheckoutSession, CheckoutStatus};
pub use error::PaymentsError;
pub use invoices::{Invoice, InvoiceOutcome};
pub use subscriptions::Subscription;

use crate::server::{
    config::{Config, Environment},
    error::BoxError,
};
use std::net::SocketAddr;
use tokio::sync::Mutex;
use url::Url;

/// Where Stripe shows its own pages.
const STRIPE_PAGES: [&str; 2] = ["https://checkout.stripe.com", "https://billing.stripe.com"];

/// A client of Stripe's API. Calls end within their timeouts: a few seconds each.
pub struct Payments {
    client: stripe::Client,
    origins: Vec<String>,
    /// What is sold.
    price: Mutex<prices::Sold>,
}

impl Payments {
    /// From the configured key and address.
    ///
    /// # Errors
    /// When the key is unusable.
    pub fn new(config: &Config) -> Result<Self, BoxError> {
        let base = config.stripe.api_base.as_ref();
        let client = stripe::Client::new(config.stripe.secret_key.reveal(), base)?;
        let origins = match base {
            Some(base) => vec![base.origin().ascii_serialization()],
            None => STRIPE_PAGES.map(str::to_owned).to_vec(),
        };
        Ok(Self { client, origins, price: Mutex::new(prices::Sold::new(config.stripe.price_id.clone())) })
    }

    /// Whether an address belongs to the hosted payment pages.
    pub fn is_payment_page(&self, url: &str) -> bool {
        Url::parse(url).is_ok_and(|url| {
            let bare = url.username().is_empty() && url.password().is_none();
            bare && self.origins.contains(&url.origin().ascii_serialization())
        })
    }

    /// The origins of the hosted payment pages, which a form of ours may lead to.
    pub fn payment_origins(&self) -> &[String] {
        &self.origins
    }
}

/// The embedded sandbox's configuration: it keeps its state in the data folder and sends its events to this site.
pub fn sandbox_config(config: &Config, addr: SocketAddr) -> sandbox::Config {
    let mut site = config.site.addr;
    if site.ip().is_unspecified() {
        site.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
    }
    sandbox::Config {
        listen: addr,
        state_file: Some(config.data_dir.join("stripe_sandbox.json")),
        production: config.environment == Environment::Production,
        settings: sandbox::Settings {
            webhook_url: Some(format!("http://{site}/billing/webhook")),
            webhook_secrets: config.stripe.webhook_secrets.iter().take(1).map(|s| s.reveal().to_owned()).collect(),
            ..sandbox::Settings::default()
        },
        ..sandbox::Config::default()
    }
}
