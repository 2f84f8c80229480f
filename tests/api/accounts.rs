//! Passwords, addresses, export and deletion, with the mails they send.

use crate::{
    auth::{pair, part},
    harness::{Account, PASSWORD, TestApp},
    on_both,
    stripe::Stripe,
};
use serde_json::{Value, json};
use signalbox::{
    domain::{
        account::{Email, OutboxMail},
        id::{SignalId, UserId},
    },
    server::{
        error::ServiceError,
        service::{self, client::Client},
    },
};
use std::time::Duration;

const NEW: &str = "a louder instrument";

async fn status(request: reqwest::RequestBuilder) -> u16 {
    request.send().await.unwrap().status().as_u16()
}

async fn body(request: reqwest::RequestBuilder) -> Value {
    request.send().await.unwrap().json().await.unwrap()
}

fn log_in(app: &TestApp, email: &str, password: &str) -> reqwest::RequestBuilder {
    app.post("/auth/login", &json!({"email": email, "password": password}))
}

/// What was mailed to an address, the newest first.
pub async fn mails(app: &TestApp, to: &str) -> Vec<OutboxMail> {
    let all = service::mails::outbox(&app.state).await.unwrap();
    all.into_iter().filter(|mail| mail.to == to).collect()
}

/// The token of the newest mailed link to `page`, once there are `count` such mails.
pub async fn token(app: &TestApp, to: &str, page: &str, count: usize) -> String {
    let start = format!("{page}?token=");
    let tokens = || async {
        let of = |mail: OutboxMail| Some(mail.body.split_once(&start)?.1.split_whitespace().next()?.to_owned());
        mails(app, to).await.into_iter().filter_map(of).collect::<Vec<_>>()
    };
    app.until("the mail is there", || async { tokens().await.len() >= count }).await;
    tokens().await.remove(0)
}

/// Changes an account's address, by mail.
pub async fn move_to(app: &TestApp, account: &Account, email: &str) {
    let asked = json!({"email": email, "password": PASSWORD});
    assert_eq!(status(account.bearer(app.post("/auth/change-email", &asked))).await, 202);
    let link = token(app, email, "/verify-email", 1).await;
    assert_eq!(status(app.post("/auth/verify-email", &json!({"token": link}))).await, 204);
}

on_both! {
    async fn what_an_old_password_began_is_not_done_once_there_is_another(app: TestApp) {
        let account = app.sign_up().await;
        let user: UserId = body(account.bearer(app.get("/auth/me"))).await["id"].as_str().unwrap().parse().unwrap();
        let address = Email::parse(&account.email).unwrap();
        let session = app.state.store.live_sessions(user, app.state.clock.now()).await.unwrap().remove(0).id;
        let (mut password, mut next) = (PASSWORD, NEW);
        for way in ["log in", "change the password", "change the address", "delete"] {
            // Another password that is about to be there, while the old one is being checked.
            let hash = app.state.hasher.hash(next).await.unwrap();
            let txn = app.state.store.begin().await.unwrap();
            txn.lock_account(user).await.unwrap();
            let (state, email) = (app.state.clone(), account.email.clone());
            let begun = tokio::spawn(async move {
                let client = Client { ip: [127, 0, 0, 1].into(), is_local: true, user_agent: "a test".to_owned() };
                match way {
                    "log in" => service::accounts::log_in(&state, &email, password, &client).await.map(drop),
                    "change the password" => service::passwords::change(&state, user, session, password, "a third one").await,
                    "change the address" => service::emails::change(&state, user, "thief@example.com", password).await,
                    _ => service::accounts::delete(&state, user, password, None).await,
                }
            });
            app.site.database.until_somebody_waits().await;
            txn.set_password_hash(user, &hash, app.state.clock.now()).await.unwrap();
            txn.commit().await.unwrap();
            let refused = begun.await.unwrap();
            // Where it had not come far, it finds that the password is wrong.
            let by_password =
                matches!(refused, Err(ServiceError::Busy("password") | ServiceError::Unauthenticated(_) | ServiceError::Invalid(_)));
            assert!(by_password, "{way}: {refused:?}");
            (password, next) = (next, password);
        }
        let now = app.state.store.account_by_email(&address).await.unwrap().expect("it was not deleted");
        assert_eq!(now.id, user);
        assert_eq!(app.state.store.live_sessions(user, app.state.clock.now()).await.unwrap().len(), 1);
        assert!(mails(&app, "thief@example.com").await.is_empty());
        assert_eq!(status(log_in(&app, &account.email, password)).await, 200, "the last of them is the password");
    }

    async fn whoever_logs_out_twice_is_logged_out(app: TestApp) {
        let account = app.sign_up().await;
        let log_out = || status(account.bearer(app.client.post(app.url("/auth/logout"))));
        let told = futures::future::join_all((0..8).map(|_| log_out())).await;
        assert!(told.contains(&204), "{told:?}");
        // Whoever comes later is nobody any more.
        assert!(told.iter().all(|status| [204, 401].contains(status)), "{told:?}");
        assert_eq!(log_out().await, 401);
    }

    async fn a_forgotten_password_is_set_anew_by_mail(app: TestApp) {
        let account = app.sign_up().await;
        let ask = || app.post("/auth/forgot-password", &json!({"email": account.email}));
        assert_eq!(status(ask()).await, 202);
        let first = token(&app, &account.email, "/reset-password", 1).await;
        app.clock.advance(Duration::from_secs(120));
        assert_eq!(status(ask()).await, 202);
        let second = token(&app, &account.email, "/reset-password", 2).await;
        let reset = |token: &str, password: &str| app.post("/auth/reset-password", &json!({"token": token, "password": password}));
        assert_eq!(status(reset(&first, NEW)).await, 422, "the newer link replaced it");
        let weak = body(reset(&second, "password1")).await;
        assert_eq!(weak["fields"][0]["field"], "password");
        assert_eq!(status(reset(&second, NEW)).await, 204, "a refused password does not use the link up");
        assert_eq!(body(reset(&second, NEW)).await["fields"][0]["field"], "token", "once");
        assert_eq!(status(account.bearer(app.get("/auth/me"))).await, 401, "every session ended");
        assert_eq!(status(log_in(&app, &account.email, PASSWORD)).await, 401);
        assert_eq!(status(log_in(&app, &account.email, NEW)).await, 200);
        let told = || async { mails(&app, &account.email).await.iter().any(|mail| mail.subject.contains("changed")) };
        app.until("the owner was told", told).await;
    }

    async fn a_reset_link_is_good_for_an_hour_and_lifts_the_wait(app: TestApp) {
        let account = app.sign_up().await;
        for _ in 0..5 {
            assert_eq!(status(log_in(&app, &account.email, "a wrong instrument")).await, 401);
        }
        assert_eq!(status(log_in(&app, &account.email, PASSWORD)).await, 429);
        app.post("/auth/forgot-password", &json!({"email": account.email})).send().await.unwrap();
        let link = token(&app, &account.email, "/reset-password", 1).await;
        assert_eq!(status(app.post("/auth/reset-password", &json!({"token": link, "password": NEW}))).await, 204);
        assert_eq!(status(log_in(&app, &account.email, NEW)).await, 200);
        app.clock.advance(Duration::from_secs(120));
        app.post("/auth/forgot-password", &json!({"email": account.email})).send().await.unwrap();
        let late = token(&app, &account.email, "/reset-password", 2).await;
        app.clock.advance(Duration::from_secs(3600));
        assert_eq!(status(app.post("/auth/reset-password", &json!({"token": late, "password": PASSWORD}))).await, 422);
    }

    async fn a_changed_password_ends_the_other_sessions(app: TestApp) {
        let account = app.sign_up().await;
        let other = body(log_in(&app, &account.email, PASSWORD)).await;
        let change = |old: &str, new: &str| {
            account.bearer(app.post("/auth/change-password", &json!({"current_password": old, "new_password": new})))
        };
        assert_eq!(body(change("wrong instrument", NEW)).await["fields"][0]["field"], "current_password");
        assert_eq!(body(change(PASSWORD, "short")).await["fields"][0]["field"], "new_password");
        assert_eq!(status(change(PASSWORD, NEW)).await, 204);
        assert_eq!(status(account.bearer(app.get("/auth/me"))).await, 200);
        assert_eq!(status(app.get("/auth/me").bearer_auth(other["access_token"].as_str().unwrap())).await, 401);
        assert_eq!(status(log_in(&app, &account.email, NEW)).await, 200);
    }

    async fn addresses_are_confirmed_and_changed_by_mail(app: TestApp) {
        let account = app.sign_up().await;
        let link = token(&app, &account.email, "/verify-email", 1).await;
        let verify = |token: &str| app.post("/auth/verify-email", &json!({"token": token}));
        assert_eq!(status(verify(&link)).await, 204);
        assert_eq!(body(account.bearer(app.get("/auth/me"))).await["email_verified"], true);
        assert_eq!(status(verify(&link)).await, 422, "once");
        let change = |email: &str, password: &str| {
            account.bearer(app.post("/auth/change-email", &json!({"email": email, "password": password})))
        };
        let rival = app.sign_up().await;
        assert_eq!(body(change("new@example.com", "wrong instrument")).await["fields"][0]["field"], "password");
        assert_eq!(body(change(&rival.email, PASSWORD)).await["code"], "email_in_use");
        assert_eq!(status(change("new@example.com", PASSWORD)).await, 202);
        assert_eq!(status(log_in(&app, "new@example.com", PASSWORD)).await, 401, "not before it is confirmed");
        let theirs = rival.bearer(app.post("/auth/change-email", &json!({"email": "new@example.com", "password": PASSWORD})));
        assert_eq!(status(theirs).await, 202);
        token(&app, "new@example.com", "/verify-email", 2).await;
        let links: Vec<String> = mails(&app, "new@example.com").await.into_iter()
            .map(|mail| mail.body.split_once("token=").unwrap().1.split_whitespace().next().unwrap().to_owned()).collect();
        let (one, two) = tokio::join!(status(verify(&links[0])), status(verify(&links[1])));
        let mut both = [one, two];
        both.sort_unstable();
        assert_eq!(both, [204, 409], "the address goes to one of them");
        assert_eq!(status(log_in(&app, "new@example.com", PASSWORD)).await, 200);
        let told = || async { mails(&app, &account.email).await.iter().any(|mail| mail.body.contains("new@example.com")) };
        app.until("the old address was told", told).await;
    }

    async fn links_to_a_left_address_are_void(app: TestApp) {
        let account = app.sign_up().await;
        let confirm = token(&app, &account.email, "/verify-email", 1).await;
        let forgot = json!({"email": account.email});
        assert_eq!(status(app.post("/auth/forgot-password", &forgot)).await, 202);
        let reset = token(&app, &account.email, "/reset-password", 1).await;
        move_to(&app, &account, "right@example.com").await;
        assert_eq!(status(app.post("/auth/verify-email", &json!({"token": confirm}))).await, 422);
        assert_eq!(body(account.bearer(app.get("/auth/me"))).await["email"], "right@example.com");
        let taken_over = json!({"token": reset, "password": NEW});
        assert_eq!(status(app.post("/auth/reset-password", &taken_over)).await, 422);
        assert_eq!(status(log_in(&app, "right@example.com", PASSWORD)).await, 200);
    }

    async fn stripe_hears_of_a_changed_address(app: TestApp) {
        let (stripe, account) = (Stripe(&app), app.sign_up().await);
        let customer = async || {
            let me = body(account.bearer(app.get("/auth/me"))).await;
            let payer = app.state.store.payer(me["id"].as_str().unwrap().parse().unwrap()).await.unwrap().unwrap();
            payer.stripe_customer_id
        };
        app.until("there is a customer", || async { customer().await.is_some() }).await;
        let path = format!("customers/{}", customer().await.unwrap());
        let known_as = async |email: &str| stripe.get(&path).await["email"] == email;
        move_to(&app, &account, "second@example.com").await;
        app.until("Stripe knows", || known_as("second@example.com")).await;
        // A Stripe that refuses is told later, and once.
        stripe.set(json!({"failure_rate": 1.0})).await;
        move_to(&app, &account, "third@example.com").await;
        let failed = service::customers::follow_addresses(&app.state).await;
        assert!(matches!(failed, Err(ServiceError::Unavailable { dependency: "stripe", .. })), "{failed:?}");
        assert_eq!(app.state.store.waiting().await.unwrap().customers, 1);
        stripe.set(json!({"failure_rate": 0.0})).await;
        let told = || async { service::customers::follow_addresses(&app.state).await.is_ok() && known_as("third@example.com").await };
        app.until("Stripe knows", told).await;
        app.until("it is noted", || async { app.state.store.waiting().await.unwrap().customers == 0 }).await;
        assert_eq!(service::customers::follow_addresses(&app.state).await.unwrap(), 0, "nothing is left to tell");
    }

    async fn the_export_is_whole_and_the_deletion_final(app: TestApp) {
        let account = app.sign_up().await;
        assert_eq!(status(account.bearer(app.get("/signals"))).await, 200);
        let response = account.bearer(app.get("/auth/export")).send().await.unwrap();
        assert!(response.headers()["content-disposition"].to_str().unwrap().starts_with("attachment"));
        let export: Value = response.json().await.unwrap();
        assert_eq!(export["profile"]["email"], account.email.as_str());
        assert_eq!(export["sessions"].as_array().unwrap().len(), 1);
        assert_eq!(export["fetches"].as_array().unwrap().len(), 1);
        let brought: Vec<SignalId> = serde_json::from_value(export["fetches"][0]["signals"].clone()).unwrap();
        assert_eq!(brought.len(), 3, "{export}");
        let written = export.to_string();
        assert!(!written.contains("argon2") && !written.contains(&account.refresh_token));
        let delete = |password: &str| account.bearer(app.client.delete(app.url("/auth/me"))).json(&json!({"password": password}));
        assert_eq!(body(delete("wrong instrument")).await["fields"][0]["field"], "password");
        assert_eq!(status(delete(PASSWORD)).await, 204);
        assert_eq!(status(account.bearer(app.get("/auth/me"))).await, 401);
        assert_eq!(status(app.post("/auth/refresh", &json!({"refresh_token": account.refresh_token}))).await, 401);
        assert_eq!(status(log_in(&app, &account.email, PASSWORD)).await, 401);
        let again = json!({"email": account.email, "password": NEW});
        assert_eq!(status(app.post("/auth/signup", &again)).await, 201, "the address is free again");
    }

    async fn of_two_processes_one_sends_a_mail(app: TestApp) {
        let (app, other) = pair(app.site.backend).await;
        let addresses = futures::future::join_all((0..5).map(|_| async { app.sign_up().await.email })).await;
        // Beside the jobs of both, which do the same.
        let (one, two) = tokio::join!(service::mails::send_due(&app.state), service::mails::send_due(&other.state));
        assert!(one.unwrap() + two.unwrap() <= 5, "each mail was sent by one of them");
        for address in &addresses {
            app.until("the mail is sent", || async { !mails(&app, address).await.is_empty() }).await;
        }
        assert_eq!(service::mails::send_due(&other.state).await.unwrap(), 0);
        assert_eq!(service::mails::outbox(&app.state).await.unwrap().len(), 5, "none was sent twice");
        part((app, other)).await;
    }

    async fn operators_are_made_and_promoted(app: TestApp) {
        let make = |email: &'static str, promote| service::accounts::create_operator(&app.state, email, NEW, promote);
        assert!(make("desk@example.com", false).await.unwrap());
        assert!(matches!(make("desk@example.com", false).await, Err(ServiceError::EmailInUse)));
        assert!(!make("desk@example.com", true).await.unwrap());
        let first_come = app.sign_up().await;
        let promoted = service::accounts::create_operator(&app.state, &first_come.email, NEW, true).await;
        assert!(matches!(promoted, Err(ServiceError::Invalid(_))), "whoever signed up with the address is not its owner yet");
        let nobody = make("nobody@example.com", true).await;
        assert!(matches!(nobody, Err(ServiceError::NotFound(_))), "a mistyped address makes no operator");
        assert_eq!(status(log_in(&app, "desk@example.com", NEW)).await, 200);
    }
}
