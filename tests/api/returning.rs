//! Whoever deletes their account and signs up again gets no more than anybody has.

use crate::{
    by_hand::{Hand, replica, with_site},
    harness::{Backend, PASSWORD, Site},
    mail_requests::{links, settled},
    on_both,
    quota::{exceeded, fetch, flush},
    stripe::until_subscriptions_are_told,
};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;
use signalbox::{
    domain::plan::Feature,
    server::{
        error::ServiceError,
        service::{
            accounts::{self, SignUp},
            client::Client,
            customers, publish,
            quota::{self, Day},
            sessions::{self, CurrentUser},
            upkeep,
        },
        state::AppState,
        store::usage::StoredFetch,
    },
};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const EMAIL: &str = "asha@example.com";

mod by_service {
    use super::{a_fetch_during_the_deletion_counts, the_days_fetches_outlive_the_account};

    crate::on_each!(the_days_fetches_outlive_the_account, a_fetch_during_the_deletion_counts);
}

async fn sign_up(state: &AppState, email: &str) -> CurrentUser {
    let request = SignUp { email: email.to_owned(), password: PASSWORD.to_owned(), full_name: String::new() };
    let client = Client { ip: [127, 0, 0, 1].into(), is_local: true, user_agent: "a test".to_owned() };
    let tokens = accounts::sign_up(state, request, &client).await.unwrap();
    sessions::authenticate(state, &tokens.access_token).await.unwrap().as_ref().clone()
}

async fn delete(state: &AppState, user: &CurrentUser) -> Result<(), ServiceError> {
    accounts::delete(state, user.me.id, PASSWORD, None).await
}

/// The first column of every row, a text.
async fn texts(site: &Site, query: &str) -> Vec<String> {
    let db = sea_orm::Database::connect(&site.database.url).await.unwrap();
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), query)).await.unwrap();
    db.close().await.unwrap();
    rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}

async fn used(state: &AppState, user: &CurrentUser) -> u32 {
    quota::state(state, user.me.id).await.unwrap().used
}

async fn the_days_fetches_outlive_the_account(backend: Backend) {
    with_site(Site::new(backend).await, |site| async move {
        let hand = Hand::new();
        let (one, other) = (replica(&site, &hand).await, replica(&site, &hand).await);
        publish::backfill(&one).await.unwrap();
        let first = sign_up(&one, EMAIL).await;
        for _ in 0..2 {
            fetch(&one, &first).await.unwrap();
        }
        delete(&one, &first).await.unwrap();
        let kept = texts(&site, "SELECT name || feature FROM former_usage").await;
        assert_eq!(kept.len(), 1);
        assert!(!kept[0].contains("asha") && !kept[0].contains("example"), "{kept:?}");
        flush(&site).await;
        let second = sign_up(&other, "  Asha@Example.COM ").await;
        assert_eq!(used(&other, &second).await, 2);
        fetch(&other, &second).await.unwrap();
        exceeded(&fetch(&other, &second).await);
        assert_eq!(used(&one, &sign_up(&one, "ravi@example.com").await).await, 0, "nobody else's");
        delete(&other, &second).await.unwrap();
        let third = sign_up(&one, EMAIL).await;
        exceeded(&fetch(&one, &third).await);
        delete(&one, &third).await.unwrap();
        // The day is over: nothing is held against anybody, and nothing kept.
        hand.step(Duration::from_secs(86_400));
        let fourth = sign_up(&one, EMAIL).await;
        assert_eq!(used(&one, &fourth).await, 0);
        fetch(&one, &fourth).await.unwrap();
        delete(&one, &fourth).await.unwrap();
        upkeep::forget_old(&one).await.unwrap();
        assert_eq!(texts(&site, "SELECT name FROM former_usage").await.len(), 1, "today's alone");
        hand.step(Duration::from_secs(86_400));
        upkeep::forget_old(&one).await.unwrap();
        assert!(texts(&site, "SELECT name FROM former_usage").await.is_empty());
    })
    .await;
}

async fn a_fetch_during_the_deletion_counts(backend: Backend) {
    let stripe = sandbox::Sandbox::bind(sandbox::Config { listen: ([127, 0, 0, 1], 0).into(), ..Default::default() });
    let stripe = stripe.await.unwrap();
    let base = stripe.url().to_owned();
    let serving = tokio::spawn(stripe.run(CancellationToken::new()));
    with_site(Site::with_settings(backend, &[("STRIPE_API_BASE", &base)]).await, |site| async move {
        let hand = Hand::new();
        let (one, other) = (replica(&site, &hand).await, replica(&site, &hand).await);
        publish::backfill(&one).await.unwrap();
        let today = Day::today(&one).unwrap().start;
        for before in 0..2 {
            let email = format!("trader-{before}@example.com");
            let user = sign_up(&one, &email).await;
            for _ in 0..before {
                fetch(&one, &user).await.unwrap();
            }
            let customer = customers::ensure(&one, user.me.id).await.unwrap();
            // One that is granted, and not yet there for others to see when the deletion begins.
            let txn = one.store.begin().await.unwrap();
            assert!(txn.hold_account(user.me.id).await.unwrap());
            let ordinal = txn.take_use(user.me.id, Feature::Signals, today, 3).await.unwrap().unwrap();
            let (there, gone) = (other.clone(), user.clone());
            let deletion = tokio::spawn(async move { delete(&there, &gone).await });
            until_subscriptions_are_told(&base, &customer.id).await;
            site.database.until_somebody_waits().await;
            assert!(!deletion.is_finished(), "it waits for the fetch");
            let brought = StoredFetch { fetched_at: hand.clock().now(), signals: Vec::new() };
            txn.keep_fetch(user.me.id, today, ordinal, &brought).await.unwrap();
            txn.commit().await.unwrap();
            deletion.await.unwrap().unwrap();
            exceeded(&fetch(&one, &user).await);
            assert_eq!(used(&one, &sign_up(&one, &email).await).await, before + 1);
        }
    })
    .await;
    serving.abort();
}

on_both! {
    async fn signing_up_again_mails_an_address_no_more(app: TestApp) {
        let asked = json!({"email": EMAIL, "password": PASSWORD});
        let cycle = async || {
            let tokens = app.post("/auth/signup", &asked).send().await.unwrap();
            assert_eq!(tokens.status(), 201);
            let tokens: serde_json::Value = tokens.json().await.unwrap();
            assert_eq!(app.post("/auth/forgot-password", &json!({"email": EMAIL})).send().await.unwrap().status(), 202);
            settled(&app).await;
            let delete = app.client.delete(app.url("/auth/me")).bearer_auth(tokens["access_token"].as_str().unwrap());
            assert_eq!(delete.json(&json!({"password": PASSWORD})).send().await.unwrap().status(), 204);
            settled(&app).await;
        };
        let sent = async || {
            let of = async |words: &str| links(&app, EMAIL, words).await;
            (of("/verify-email").await, of("/reset-password").await, of("were deleted").await)
        };
        for _ in 0..5 {
            cycle().await;
        }
        assert_eq!(sent().await, (3, 3, 3));
        app.clock.advance(Duration::from_secs(3600));
        cycle().await;
        assert_eq!(sent().await, (4, 4, 4), "an hour later there is room again");
    }

    async fn a_moved_account_leaves_the_days_fetches_with_its_old_address(app: TestApp) {
        use crate::accounts::move_to;
        let account = app.sign_up().await;
        for _ in 0..3 {
            assert_eq!(account.bearer(app.get("/signals")).send().await.unwrap().status(), 200);
        }
        move_to(&app, &account, "elsewhere@example.com").await;
        let again = app.post("/auth/signup", &json!({"email": account.email, "password": PASSWORD})).send().await.unwrap();
        let again: serde_json::Value = again.json().await.unwrap();
        let refused = app.get("/signals").bearer_auth(again["access_token"].as_str().unwrap()).send().await.unwrap();
        assert_eq!(refused.status(), 403);
    }
}
