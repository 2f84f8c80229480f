//! A Stripe that says no: the price is gone, or the key is no good.

use crate::{
    harness::{Account, Backend, Site, TestApp, free_port},
    on_each,
    stripe::{GOOD_CARD, OwnStripe, Stripe, number},
    webhooks::event,
};
use serde_json::{Value, json};
use signalbox::{
    domain::id::UserId,
    server::{
        config::Config,
        payments::Payments,
        service::{checkout, inbox},
    },
};
use std::{sync::Arc, time::Duration};

const KEY: &str = "sk_test_signalbox";

on_each!(
    a_stripe_begun_anew_sells_at_a_price_made_anew,
    in_place_of_an_archived_price_another_is_made,
    a_configured_price_that_is_gone_has_nothing_in_its_place,
    a_key_that_is_refused_is_told_as_not_available_and_gives_no_event_up,
);

async fn create_checkout(app: &TestApp, account: &Account) -> (u16, Value) {
    let request = account.bearer(app.client.post(app.url("/billing/create-checkout")));
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status() == 503, answer.headers().contains_key("retry-after"));
    (answer.status().as_u16(), answer.json().await.unwrap())
}

async fn id_of(app: &TestApp, account: &Account) -> UserId {
    let me: Value = account.bearer(app.get("/auth/me")).send().await.unwrap().json().await.unwrap();
    me["id"].as_str().unwrap().parse().unwrap()
}

fn is_unavailable(answer: &(u16, Value)) -> bool {
    answer.0 == 503 && answer.1["code"] == "unavailable" && !answer.1.to_string().contains("No such")
}

async fn a_stripe_begun_anew_sells_at_a_price_made_anew(backend: Backend) {
    let port = free_port();
    let stripe = OwnStripe::start(port, sandbox::Settings::default()).await;
    let settings = [("STRIPE_SECRET_KEY", KEY), ("STRIPE_API_BASE", stripe.url.as_str())];
    let app = TestApp::spawn_with(backend, &settings).await;
    let account = app.sign_up().await;
    let (status, first) = create_checkout(&app, &account).await;
    assert_eq!(status, 200, "{first}");
    stripe.end().await;
    let stripe = OwnStripe::start(port, sandbox::Settings::default()).await;
    let (status, second) = create_checkout(&app, &account).await;
    assert_eq!(status, 200, "{second}");
    assert_ne!(first["session_id"], second["session_id"]);
    Stripe(&app).pay(second["checkout_url"].as_str().unwrap(), GOOD_CARD).await;
    let user = id_of(&app, &account).await;
    let session = second["session_id"].as_str();
    assert!(checkout::returned(&app.state, user, session).await.unwrap().is_paid);
    app.site.database.remove().await;
    stripe.end().await;
}

async fn in_place_of_an_archived_price_another_is_made(backend: Backend) {
    let app = TestApp::spawn(backend).await;
    let (stripe, plan) = (Stripe(&app), &app.state.config.plans["pro"]);
    let first = app.state.payments.price("pro", plan).await.unwrap();
    stripe.archive_price(&first).await;
    let accounts = [app.sign_up().await, app.sign_up().await];
    let opened = futures::future::join_all(accounts.iter().map(|account| create_checkout(&app, account))).await;
    assert!(opened.iter().all(|(status, _)| *status == 200), "{opened:?}");
    let second = app.state.payments.price("pro", plan).await.unwrap();
    assert_ne!(first, second);
    let sold = stripe.get("prices?active=true&limit=100").await;
    assert_eq!(sold["data"].as_array().unwrap().len(), 1, "one for both: {sold}");
    assert_eq!(sold["data"][0]["unit_amount"], 49_900);
    app.site.database.remove().await;
}

async fn a_configured_price_that_is_gone_has_nothing_in_its_place(backend: Backend) {
    let app = TestApp::spawn_with(backend, &[("STRIPE_PRICE_ID", "price_of_another_account")]).await;
    let account = app.sign_up().await;
    for _ in 0..2 {
        let refused = create_checkout(&app, &account).await;
        assert!(is_unavailable(&refused), "{refused:?}");
    }
    assert_eq!(Stripe(&app).get("prices").await["data"], json!([]), "nobody said what else to sell");
    app.until("the operator is told", || async {
        let report: Value = app.get("/health/detailed").send().await.unwrap().json().await.unwrap();
        let mut jobs = report["jobs"].as_array().unwrap().iter();
        let told = jobs.find(|job| job["name"] == "stripe-price").and_then(|job| job["last_error"].as_str());
        told.is_some_and(|told| told.contains("price_of_another_account: Stripe refused (404"))
            && report["status"] == "degraded"
    })
    .await;
    assert_eq!(number(&app, "SELECT count(*) FROM checkouts").await, 0);
    app.site.database.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_configured_price_is_held_against_the_pricing_page() {
    let app = TestApp::spawn(Backend::Embedded).await;
    let (stripe, plan) = (Stripe(&app), &app.state.config.plans["pro"]);
    let sold = app.state.payments.price("pro", plan).await.unwrap();
    let fault = async |price: &str, amount: &str| {
        let mut variables = app.site.variables();
        variables.extend([
            ("STRIPE_API_BASE".to_owned(), stripe.base()),
            ("STRIPE_PRICE_ID".to_owned(), price.to_owned()),
            ("SIGNALBOX_PLANS__PRO__AMOUNT".to_owned(), amount.to_owned()),
        ]);
        let config = Config::from_variables(variables).unwrap();
        Payments::new(&config).unwrap().price_fault(&config.plans["pro"]).await.unwrap()
    };
    assert_eq!(app.state.payments.price_fault(plan).await.unwrap(), None, "none is configured");
    assert_eq!(fault(&sold, "49900").await, None);
    let told = fault(&sold, "99900").await.unwrap();
    assert_eq!(told, format!("STRIPE_PRICE_ID {sold}: it costs ₹499, and not the ₹999 of the pricing page"));
    stripe.archive_price(&sold).await;
    assert!(fault(&sold, "49900").await.unwrap().contains("archived"));
    assert!(fault("no price/at all", "49900").await.unwrap().contains("Stripe refused (404"));
    app.stop().await;
}

async fn a_key_that_is_refused_is_told_as_not_available_and_gives_no_event_up(backend: Backend) {
    let stripe = OwnStripe::start(0, sandbox::Settings::default()).await;
    let settings = [("STRIPE_SECRET_KEY", "sk_live_revoked"), ("STRIPE_API_BASE", stripe.url.as_str())];
    let app = TestApp::on_unready(Arc::new(Site::with_settings(backend, &settings).await)).await;
    let account = app.sign_up().await;
    let refused = create_checkout(&app, &account).await;
    assert!(is_unavailable(&refused), "{refused:?}");
    assert!(!app.state.readiness.get(), "it does not start with a key that is no good");
    let changed = event("evt_changed", "customer.subscription.updated", &json!({"id": "sub_1"}));
    assert_eq!(Stripe(&app).deliver(&changed).await, 200);
    for _ in 0..8 {
        inbox::work_off(&app.state).await.unwrap();
        app.clock.advance(Duration::from_secs(600));
    }
    let kept = app.state.store.stripe_event("evt_changed").await.unwrap().unwrap();
    assert_eq!((kept.state.as_str(), kept.attempts), ("pending", 8), "it waits for another key");
    app.site.database.remove().await;
    stripe.end().await;
}
