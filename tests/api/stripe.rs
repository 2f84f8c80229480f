//! Stripe's side of a test: the embedded sandbox's API, its hosted pages, and events signed as Stripe signs them.

use crate::harness::{TestApp, until};
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use serde_json::{Value, json};
use signalbox::{
    domain::{billing::BillingStatus, id::UserId},
    server::{
        clock::Clock,
        service::{billing, checkout, inbox},
    },
};
use std::collections::HashMap;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Pays.
pub const GOOD_CARD: &str = "4242 4242 4242 4242";
/// Is declined.
pub const DECLINED_CARD: &str = "4000 0000 0000 0002";
/// Is taken when it is saved, and refused when it is charged.
pub const FAILS_WHEN_CHARGED_CARD: &str = "4000 0000 0000 0341";

pub const DAY: i64 = 86_400;

/// The sandbox of a running program.
pub struct Stripe<'a>(pub &'a TestApp);

impl Stripe<'_> {
    pub fn base(&self) -> String {
        self.0.state.config.stripe.api_base.as_ref().unwrap().as_str().trim_end_matches('/').to_owned()
    }

    pub fn secret(&self) -> String {
        self.0.state.config.stripe.webhook_secrets[0].reveal().to_owned()
    }

    /// Asks its API.
    pub async fn get(&self, path: &str) -> Value {
        let request = self.0.client.get(format!("{}/v1/{path}", self.base())).bearer_auth("sk_test_signalbox");
        request.send().await.unwrap().json().await.unwrap()
    }

    async fn post(&self, path: &str, form: &[(&str, &str)]) -> Value {
        let request = self.0.client.post(format!("{}/v1/{path}", self.base())).bearer_auth("sk_test_signalbox");
        let answer = request.form(form).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}: {:?}", answer.text().await);
        answer.json().await.unwrap()
    }

    /// Ends a subscription at once, behind our back.
    pub async fn cancel(&self, subscription: &str) {
        self.delete(&format!("subscriptions/{subscription}")).await;
    }

    /// Deletes a customer behind our back.
    pub async fn delete_customer(&self, customer: &str) {
        self.delete(&format!("customers/{customer}")).await;
    }

    /// Lets a price be sold no more.
    pub async fn archive_price(&self, price: &str) {
        self.post(&format!("prices/{price}"), &[("active", "false")]).await;
    }

    async fn delete(&self, path: &str) {
        let request = self.0.client.delete(format!("{}/v1/{path}", self.base())).bearer_auth("sk_test_signalbox");
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 200, "{path}: {:?}", answer.text().await);
    }

    /// Changes how the sandbox behaves.
    pub async fn set(&self, settings: Value) {
        let url = format!("{}/_sandbox/config", self.base());
        let answer = self.0.client.post(url).json(&settings).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{:?}", answer.text().await);
    }

    /// Moves the sandbox's clock.
    pub async fn advance(&self, seconds: i64) {
        let url = format!("{}/_sandbox/clock", self.base());
        let answer = self.0.client.post(url).json(&json!({"advance_seconds": seconds})).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{:?}", answer.text().await);
    }

    /// Types a card into the hosted page.
    pub async fn pay(&self, checkout_url: &str, card: &str) -> reqwest::Response {
        let form =
            HashMap::from([("cardNumber", card), ("cardExpiry", "12/60"), ("cardCvc", "123"), ("cardName", "A")]);
        self.0.client.post(checkout_url).form(&form).send().await.unwrap()
    }

    /// Every event so far, the newest first.
    pub async fn events(&self) -> Vec<Value> {
        self.get("events?limit=100").await["data"].as_array().unwrap().clone()
    }

    /// Sends an event as Stripe would.
    pub async fn deliver(&self, event: &Value) -> u16 {
        self.send(&event.to_string(), &self.header(&event.to_string(), 0)).await.status().as_u16()
    }

    /// The signature of a body, made `ago` seconds ago.
    pub fn header(&self, body: &str, ago: i64) -> String {
        sandbox::sign(body, &[self.secret()], Clock::system().now().secs() - ago)
    }

    pub async fn send(&self, body: &str, signature: &str) -> reqwest::Response {
        self.webhook(body, signature).send().await.unwrap()
    }

    /// A webhook, not sent yet.
    pub fn webhook(&self, body: &str, signature: &str) -> reqwest::RequestBuilder {
        let request = self.0.client.post(self.0.url("/billing/webhook")).header("stripe-signature", signature);
        request.header("content-type", "application/json").body(body.to_owned())
    }

    /// Opens a checkout and pays, without waiting for what comes of it.
    pub async fn buy(&self, user: UserId, card: &str) {
        let checkout = checkout::create(&self.0.state, user).await.unwrap();
        let answer = self.pay(&checkout.checkout_url, card).await;
        assert_eq!(answer.status(), 303, "{:?}", answer.text().await);
    }

    /// Pays and waits for the event to make the user paid.
    pub async fn subscribe(&self, user: UserId) -> BillingStatus {
        self.buy(user, GOOD_CARD).await;
        let payments = || async { self.0.state.store.transactions_of(user, None, None, 10).await.unwrap().len() == 1 };
        self.0.until("the user is paid", || async { self.status(user).await.is_paid && payments().await }).await;
        self.worked_off().await;
        self.status(user).await
    }

    /// Lets a subscription be paid by another card from now on.
    pub async fn change_card(&self, subscription: &str, customer: &str, number: &str) {
        let card = [("type", "card"), ("card[number]", number), ("card[exp_month]", "12"), ("card[exp_year]", "60")];
        let made = self.post("payment_methods", &card).await;
        let method = made["id"].as_str().unwrap();
        self.post(&format!("payment_methods/{method}/attach"), &[("customer", customer)]).await;
        self.post(&format!("subscriptions/{subscription}"), &[("default_payment_method", method)]).await;
    }

    pub async fn status(&self, user: UserId) -> BillingStatus {
        billing::status(&self.0.state, user).await.unwrap()
    }

    /// Waits until every stored event that is due was worked off, by whomever.
    pub async fn worked_off(&self) {
        let done = || async {
            inbox::work_off(&self.0.state).await.unwrap();
            inbox::backlog(&self.0.state).await.unwrap().pending == 0
        };
        self.0.until("the events are worked off", done).await;
    }

    /// Waits until the sandbox has delivered every event to us, and all are worked off.
    pub async fn delivered(&self) {
        let known = || async {
            let mut all = true;
            for event in self.events().await {
                all &= self.0.state.store.stripe_event(event["id"].as_str().unwrap()).await.unwrap().is_some();
            }
            all
        };
        self.0.until("the events arrive", known).await;
        self.worked_off().await;
    }
}

/// A Stripe that the test starts and ends, apart from the programs that use it.
pub struct OwnStripe {
    /// Where its API is.
    pub url: String,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl OwnStripe {
    /// One with nothing in it.
    pub async fn start(port: u16, settings: sandbox::Settings) -> Self {
        let listen = ([127, 0, 0, 1], port).into();
        let config = sandbox::Config { listen, settings, ..sandbox::Config::default() };
        let sandbox = sandbox::Sandbox::bind(config).await.unwrap();
        let (url, stop) = (sandbox.url().to_owned(), CancellationToken::new());
        let running = sandbox.run(stop.clone());
        Self { url, stop, task: tokio::spawn(async move { running.await.unwrap() }) }
    }

    /// Ends it, and all that it knew.
    pub async fn end(self) {
        self.stop.cancel();
        self.task.await.unwrap();
    }
}

/// Waits until a sandbox has told somebody which subscriptions a customer has, as who deletes an account asks once
/// they have looked for an open checkout.
pub async fn until_subscriptions_are_told(base: &str, customer: &str) {
    let told = || async {
        let calls = reqwest::get(format!("{base}/_sandbox/calls")).await.unwrap();
        let calls: Value = calls.json().await.unwrap();
        let about = |call: &Value| call["path"] == "/v1/subscriptions" && call["query"].to_string().contains(customer);
        calls["calls"].as_array().unwrap().iter().any(about)
    };
    until("somebody asked for the customer's subscriptions", told).await;
}

/// A connection of the test's own, to look where the API does not show.
pub async fn database(app: &TestApp) -> DatabaseConnection {
    sea_orm::Database::connect(&app.site.database.url).await.unwrap()
}

/// The first column of the first row, a number.
pub async fn number(app: &TestApp, query: &str) -> i64 {
    let db = database(app).await;
    let statement = Statement::from_string(db.get_database_backend(), query);
    let row = db.query_one_raw(statement).await.unwrap().unwrap();
    let found = row.try_get_by_index::<i64>(0).unwrap();
    db.close().await.unwrap();
    found
}

/// Somebody new.
pub async fn trader(app: &TestApp) -> UserId {
    let account = app.sign_up().await;
    let me: Value = account.bearer(app.get("/auth/me")).send().await.unwrap().json().await.unwrap();
    me["id"].as_str().unwrap().parse().unwrap()
}
