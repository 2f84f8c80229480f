//! Mails asked for by an address: none is lost, none too many is sent, and nobody learns who has an account.

use crate::{
    accounts::{mails, token},
    by_hand::{Hand, replica, user, with_site},
    harness::{Backend, PASSWORD, Process, Site, TestApp},
    on_both, on_each,
    stripe::number,
};
use futures::future::join_all;
use reqwest::Response;
use serde_json::json;
use signalbox::{
    domain::plan::Plan,
    server::service::{emails, mail_requests, passwords},
};
use std::time::Duration;

const FORGOT: &str = "/auth/forgot-password";
const RESEND: &str = "/auth/resend-verification";
/// Longer than a mail stays with a process that was killed.
const CLAIM_ENDS: Duration = Duration::from_secs(90);

async fn ask(app: &TestApp, path: &str, email: &str) -> Response {
    app.post(path, &json!({"email": email})).send().await.unwrap()
}

/// Waits until everything that was asked for is answered, and every mail is handed over.
pub async fn settled(app: &TestApp) {
    let nothing_waits = || async {
        let waiting = app.state.store.waiting().await.unwrap();
        (waiting.mail_requests, waiting.mails) == (0, 0)
    };
    app.until("every mail is sent", nothing_waits).await;
}

/// How many mails with a link to `page`, or other words, an address was sent.
pub async fn links(app: &TestApp, to: &str, page: &str) -> usize {
    mails(app, to).await.iter().filter(|mail| mail.body.contains(page)).count()
}

mod across_processes {
    use super::*;

    on_each!(a_request_outlives_the_program, a_killed_server_loses_no_mail, two_processes_together_send_no_more,);

    async fn a_request_outlives_the_program(backend: Backend) {
        with_site(Site::new(backend).await, |site| async move {
            let known = user(&site, Plan::Free).await.me.email;
            // It ends after it answered and before any job.
            let before = replica(&site, &Hand::new()).await;
            for address in [known.as_str(), "nobody@example.com"] {
                passwords::forgot(&before, address).await.unwrap();
                emails::resend(&before, address).await.unwrap();
            }
            let waiting = before.store.waiting().await.unwrap();
            assert_eq!(
                (waiting.mail_requests, waiting.mails),
                (4, 0),
                "both cost a row for each request, and nothing else"
            );
            before.store.clone().close().await.unwrap();
            drop(before);
            let app = TestApp::on(site).await;
            settled(&app).await;
            assert_eq!(links(&app, &known, "/reset-password").await, 1);
            assert_eq!(links(&app, &known, "/verify-email").await, 1);
            assert!(mails(&app, "nobody@example.com").await.is_empty());
            assert_eq!(number(&app, "SELECT count(*) FROM mails").await, 2);
            assert_eq!(mail_requests::answer_all(&app.state).await.unwrap(), 0);
            app.stop().await;
        })
        .await;
    }

    async fn a_killed_server_loses_no_mail(backend: Backend) {
        with_site(Site::new(backend).await, |site| async move {
            let server = Process::start(&site).await;
            let (base, client) = (server.base.clone(), reqwest::Client::new());
            let post = |path: &str, body: serde_json::Value| client.post(format!("{base}{path}")).json(&body).send();
            let addresses: Vec<String> = (0..6).map(|number| format!("trader-{number}@example.com")).collect();
            for email in &addresses {
                assert_eq!(
                    post("/auth/signup", json!({"email": email, "password": PASSWORD})).await.unwrap().status(),
                    201
                );
            }
            let answers = join_all(addresses.iter().map(|email| post(FORGOT, json!({"email": email})))).await;
            server.kill().await;
            assert!(answers.into_iter().all(|answer| answer.unwrap().status() == 202));
            let app = TestApp::on(site).await;
            app.clock.advance(CLAIM_ENDS);
            settled(&app).await;
            for email in &addresses {
                assert_eq!(links(&app, email, "/reset-password").await, 1, "{email}");
            }
            app.stop().await;
        })
        .await;
    }

    async fn two_processes_together_send_no_more(backend: Backend) {
        with_site(Site::new(backend).await, |site| async move {
            let hand = Hand::new();
            let (one, other) = (replica(&site, &hand).await, replica(&site, &hand).await);
            for _ in 0..3 {
                let known = user(&site, Plan::Free).await.me.email;
                let tasks = (0..12).map(|number| {
                    let (state, known) = (if number % 2 == 0 { &one } else { &other }.clone(), known.clone());
                    tokio::spawn(async move {
                        passwords::forgot(&state, &known).await.unwrap();
                        mail_requests::answer_all(&state).await.unwrap()
                    })
                });
                let mails: usize = join_all(tasks).await.into_iter().map(Result::unwrap).sum();
                assert_eq!(mails, 3);
            }
            let waiting = one.store.waiting().await.unwrap();
            assert_eq!((waiting.mail_requests, waiting.mails), (0, 9));
        })
        .await;
    }
}

on_both! {
    async fn nobody_learns_who_has_an_account(app: TestApp) {
        let account = app.sign_up().await;
        let confirmed = app.sign_up().await;
        let link = token(&app, &confirmed.email, "/verify-email", 1).await;
        app.post("/auth/verify-email", &json!({"token": link})).send().await.unwrap();
        for path in [FORGOT, RESEND] {
            let mut told = Vec::new();
            for email in [account.email.as_str(), confirmed.email.as_str(), "nobody@example.com"] {
                let answer = ask(&app, path, email).await;
                let headers: Vec<String> = answer.headers().keys().map(ToString::to_string).collect();
                told.push((answer.status().as_u16(), headers, answer.text().await.unwrap()));
            }
            assert_eq!((told[0].0, &told[0]), (202, &told[1]));
            assert_eq!(told[0], told[2]);
        }
        settled(&app).await;
        assert!(mails(&app, "nobody@example.com").await.is_empty());
        let sent = async |email: &str| (links(&app, email, "/verify-email").await, links(&app, email, "/reset-password").await);
        assert_eq!(sent(&account.email).await, (2, 1), "one of them at sign-up");
        assert_eq!(sent(&confirmed.email).await, (1, 1), "what is confirmed need not be confirmed again");
    }

    async fn the_fourth_within_an_hour_sends_none(app: TestApp) {
        let account = app.sign_up().await;
        for _ in 0..4 {
            assert_eq!(ask(&app, FORGOT, &account.email).await.status(), 202);
            settled(&app).await;
            app.clock.advance(Duration::from_secs(60));
        }
        assert_eq!(links(&app, &account.email, "/reset-password").await, 3);
        let last = token(&app, &account.email, "/reset-password", 3).await;
        let reset = json!({"token": last, "password": "a louder instrument"});
        assert_eq!(app.post("/auth/reset-password", &reset).send().await.unwrap().status(), 204, "the third stays good");
        join_all((0..6).map(|_| ask(&app, RESEND, &account.email))).await;
        settled(&app).await;
        assert_eq!(links(&app, &account.email, "/verify-email").await, 3, "the one at sign-up counts");
        app.clock.advance(Duration::from_secs(3600));
        for path in [FORGOT, RESEND] {
            assert_eq!(ask(&app, path, &account.email).await.status(), 202);
        }
        settled(&app).await;
        assert_eq!(links(&app, &account.email, "/reset-password").await, 4);
        assert_eq!(links(&app, &account.email, "/verify-email").await, 4);
    }
}
