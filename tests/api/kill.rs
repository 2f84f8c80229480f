//! `kill -9` at random points while webhooks arrive: no event that was answered 200 is lost, and none acts twice.
//!
//! The program is a process of its own; the Stripe sandbox lives in the test's, so that it survives and notes what was
//! answered. `SIGNALBOX_TEST_SEED` repeats a run's choices, as far as chance lies with the test.

mod facts;

use crate::{
    harness::{Backend, PASSWORD, Process, Site, TestApp, free_port, said},
    on_each,
    stripe::{DAY, GOOD_CARD, OwnStripe, Stripe},
};
use facts::Facts;
use rand::{RngExt, SeedableRng, rngs::StdRng};
use sea_orm::EntityTrait;
use serde_json::{Value, json};
use signalbox::server::store::entity::stripe_event;
use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
    time::{Duration, Instant},
};

/// Kills in a run.
const ROUNDS: usize = 8;
/// Who pays from the beginning.
const PAYERS: usize = 6;
/// A kill comes within so many milliseconds of the first webhook.
const LATEST_KILL: u64 = 300;
const SECRET: &str = "whsec_that_survives_the_server";
const KEY: &str = "sk_test_signalbox";
/// Longer than what a process had taken stays its own after its end: events 30 s, mails 60 s.
const CLAIMS_END: Duration = Duration::from_secs(90);

on_each!(killed_servers_lose_no_event_and_double_none);

async fn killed_servers_lose_no_event_and_double_none(backend: Backend) {
    let seed = std::env::var("SIGNALBOX_TEST_SEED").map_or_else(|_| rand::random(), |text| text.parse().unwrap());
    println!("SIGNALBOX_TEST_SEED={seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let world = World::new(backend).await;
    let server = Process::start(&world.site).await;
    for _ in 0..PAYERS {
        let token = world.sign_up(&server).await.unwrap();
        world.buy(&server, &token).await.unwrap();
    }
    world.all_paid(PAYERS).await;
    let old = world.live().await;
    world.round(&mut random, server, &old).await;
    for _ in 1..ROUNDS {
        let server = Process::start(&world.site).await;
        world.round(&mut random, server, &old).await;
    }
    let facts = world.at_rest().await;
    println!("{}", said(&world.site));
    world.end().await;
    facts.check();
}

/// A site whose programs come and go, and a Stripe that stays.
struct World {
    site: Arc<Site>,
    stripe: String,
    client: reqwest::Client,
    sandbox: OwnStripe,
}

impl World {
    async fn new(backend: Backend) -> Self {
        let addr = format!("127.0.0.1:{}", free_port());
        let settings = sandbox::Settings {
            webhook_url: Some(format!("http://{addr}/billing/webhook")),
            webhook_secrets: vec![SECRET.to_owned()],
            duplicates: true,
            reorder: true,
            retry_base_ms: 20,
            retry_max_ms: 100,
            ..sandbox::Settings::default()
        };
        let sandbox = OwnStripe::start(0, settings).await;
        let stripe = sandbox.url.clone();
        let settings = [
            ("LEPTOS_SITE_ADDR", addr.as_str()),
            ("STRIPE_SECRET_KEY", KEY),
            ("STRIPE_API_BASE", &stripe),
            ("STRIPE_WEBHOOK_SECRET", SECRET),
        ];
        let site = Arc::new(Site::with_settings(backend, &settings).await);
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { site, stripe, client, sandbox }
    }

    /// Stripe stirs, webhooks arrive, somebody tries to subscribe, and the server is killed amidst all that.
    async fn round(&self, random: &mut StdRng, server: Process, old: &[String]) {
        let wait = Duration::from_millis(random.random_range(0..LATEST_KILL));
        let one = &old[random.random_range(0..old.len())];
        let deed = random.random_range(0..3);
        let base = server.base.clone();
        let kill = async {
            tokio::time::sleep(wait).await;
            server.kill().await;
        };
        let newcomer = async {
            // The server may be gone at any step.
            if let Ok(token) = self.sign_up_at(&base).await {
                drop(self.buy_at(&base, &token).await);
            }
        };
        let stirring = async {
            self.control("clock", json!({"advance_seconds": 31 * DAY})).await;
            match deed {
                0 => self.change(one, "true").await,
                1 => self.change(one, "false").await,
                _ => {}
            }
        };
        tokio::join!(kill, newcomer, stirring);
        self.nothing_answered_is_lost().await;
    }

    /// What was answered 200 stands in the database now, without a program that could still mend it.
    async fn nothing_answered_is_lost(&self) {
        let answered = self.deliveries("delivered").await;
        let stored = self.stored().await;
        let lost: Vec<_> = answered.difference(&stored).collect();
        assert!(lost.is_empty(), "answered 200 and not stored: {lost:?}\n{}", said(&self.site));
    }

    /// Starts a last time, lets all arrive and be worked off, and looks.
    async fn at_rest(&self) -> Facts {
        let app = TestApp::on(Arc::clone(&self.site)).await;
        app.until("every event arrives", || async { self.deliveries("pending").await.is_empty() }).await;
        app.clock.advance(CLAIMS_END);
        Stripe(&app).worked_off().await;
        app.until("every mail is sent", || async { facts::waiting_mails(&app.site).await == 0 }).await;
        let facts = Facts::gather(self).await;
        app.stop().await;
        facts
    }

    async fn end(self) {
        self.sandbox.end().await;
        self.site.database.remove().await;
    }

    async fn sign_up(&self, server: &Process) -> reqwest::Result<String> {
        self.sign_up_at(&server.base).await
    }

    async fn sign_up_at(&self, base: &str) -> reqwest::Result<String> {
        let email = format!("trader-{}@example.com", uuid::Uuid::now_v7());
        let body = json!({"email": email, "password": PASSWORD, "full_name": "Asha Rao"});
        let answer = self.client.post(format!("{base}/auth/signup")).json(&body).send().await?.error_for_status()?;
        Ok(answer.json::<Value>().await?["access_token"].as_str().unwrap().to_owned())
    }

    async fn buy(&self, server: &Process, token: &str) -> reqwest::Result<()> {
        self.buy_at(&server.base, token).await
    }

    async fn buy_at(&self, base: &str, token: &str) -> reqwest::Result<()> {
        let checkout = self.client.post(format!("{base}/billing/create-checkout")).bearer_auth(token).send().await?;
        let checkout: Value = checkout.error_for_status()?.json().await?;
        let card = HashMap::from([("cardNumber", GOOD_CARD), ("cardExpiry", "12/60"), ("cardCvc", "123")]);
        self.client.post(checkout["checkout_url"].as_str().unwrap()).form(&card).send().await?.error_for_status()?;
        Ok(())
    }

    async fn all_paid(&self, payers: usize) {
        let begun = Instant::now();
        while facts::payments(&self.site).await < payers || !self.deliveries("pending").await.is_empty() {
            assert!(begun.elapsed() < Duration::from_secs(20), "not paid: {}", said(&self.site));
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// The subscriptions at Stripe that are not over.
    async fn live(&self) -> Vec<String> {
        let all = self.list("subscriptions?status=all").await;
        all.iter().filter(|one| one["status"] != "canceled").map(|one| text(one, "id")).collect()
    }

    /// Lets a subscription end with its period, or not. One that is over is refused, which is no matter here.
    async fn change(&self, subscription: &str, ends: &str) {
        let url = format!("{}/v1/subscriptions/{subscription}", self.stripe);
        let form = HashMap::from([("cancel_at_period_end", ends)]);
        self.client.post(url).bearer_auth(KEY).form(&form).send().await.unwrap();
    }

    async fn control(&self, what: &str, body: Value) {
        let answer = self.client.post(format!("{}/_sandbox/{what}", self.stripe)).json(&body).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{:?}", answer.text().await);
    }

    /// Everything of a kind at Stripe.
    async fn list(&self, path: &str) -> Vec<Value> {
        let (mut all, mut after) = (Vec::new(), String::new());
        loop {
            let sign = if path.contains('?') { '&' } else { '?' };
            let url = format!("{}/v1/{path}{sign}limit=100{after}", self.stripe);
            let page = self.client.get(url).bearer_auth(KEY).send().await.unwrap().error_for_status().unwrap();
            let mut page: Value = page.json().await.unwrap();
            all.append(page["data"].as_array_mut().unwrap());
            if page["has_more"] != true {
                return all;
            }
            after = format!("&starting_after={}", text(all.last().unwrap(), "id"));
        }
    }

    /// The events with a delivery in this state.
    async fn deliveries(&self, state: &str) -> BTreeSet<String> {
        let answer = self.client.get(format!("{}/_sandbox/deliveries", self.stripe)).send().await.unwrap();
        let list: Value = answer.json().await.unwrap();
        let such = list["deliveries"].as_array().unwrap().iter().filter(|one| one["state"] == state);
        such.map(|one| text(one, "event")).collect()
    }

    async fn stored(&self) -> BTreeSet<String> {
        let database = sea_orm::Database::connect(&self.site.database.url).await.unwrap();
        let rows = stripe_event::Entity::find().all(&database).await.unwrap();
        database.close().await.unwrap();
        rows.into_iter().map(|row| row.id).collect()
    }
}

fn text(object: &Value, field: &str) -> String {
    object[field].as_str().unwrap().to_owned()
}
