//! The command line, with the real program on a database file.

use crate::accounts::token;
use crate::harness::{Backend, PASSWORD, Site, TestApp, run_to_end};
use serde_json::json;
use signalbox::{
    domain::account::{Email, Role},
    server::store::users::Account,
};
use std::sync::Arc;

const OPERATOR: &str = "operator@example.com";

/// What it said on standard output, or why it failed.
async fn admin_create(site: &Site, arguments: &[&str], input: &str) -> Result<String, String> {
    let arguments = [&["admin", "create"], arguments].concat();
    let output = run_to_end(site, &arguments, input).await;
    let text = |bytes| String::from_utf8(bytes).unwrap();
    if output.status.success() { Ok(text(output.stdout)) } else { Err(text(output.stderr)) }
}

async fn log_in(app: &TestApp, email: &str, password: &str) -> u16 {
    let answer = app.post("/auth/login", &json!({"email": email, "password": password})).send().await.unwrap();
    answer.status().as_u16()
}

async fn stored(app: &TestApp, email: &str) -> Account {
    let email = Email::parse(email).unwrap();
    app.state.store.account_by_email(&email).await.unwrap().unwrap()
}

async fn role(app: &TestApp, email: &str) -> Role {
    stored(app, email).await.role
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_is_made_once_and_logs_in() {
    let site = Arc::new(Site::new(Backend::Embedded).await);
    let given = [OPERATOR, "--password-stdin"];
    let weak = admin_create(&site, &given, "password1\n").await.unwrap_err();
    assert!(weak.contains("Choose another"), "{weak}");
    let said = admin_create(&site, &given, &format!("{PASSWORD}\n")).await.unwrap();
    assert_eq!(said, format!("Made {OPERATOR} an operator.\n"), "a refused password made no account");
    let again = admin_create(&site, &given, "another passphrase\n").await.unwrap_err();
    assert!(again.contains("there is such an account; add --promote"), "{again}");
    let nobody = admin_create(&site, &["nobody", "--password-stdin"], PASSWORD).await.unwrap_err();
    assert!(nobody.contains("name@example.com"), "{nobody}");
    let app = TestApp::on(site).await;
    assert_eq!(log_in(&app, OPERATOR, PASSWORD).await, 200);
    assert_eq!(log_in(&app, OPERATOR, "another passphrase").await, 401, "the refused one changed nothing");
    assert_eq!(role(&app, OPERATOR).await, Role::Operator);
    assert!(stored(&app, OPERATOR).await.email_verified_at.is_some(), "who runs the program answers for the address");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_made_where_none_is_given_and_a_trader_promoted() {
    let app = TestApp::spawn(Backend::Embedded).await;
    let said = admin_create(&app.site, &[OPERATOR], "").await.unwrap();
    let made = said.rsplit(' ').next().unwrap().trim();
    assert_eq!(log_in(&app, OPERATOR, made).await, 200, "{said}");
    let trader = app.sign_up().await;
    assert_eq!(role(&app, &trader.email).await, Role::Trader);
    let refused = admin_create(&app.site, &[&trader.email, "--promote"], "").await.unwrap_err();
    assert!(refused.contains("Nobody has confirmed this address yet"), "{refused}");
    assert_eq!(role(&app, &trader.email).await, Role::Trader);
    let link = token(&app, &trader.email, "/verify-email", 1).await;
    let confirmed = app.post("/auth/verify-email", &json!({"token": link})).send().await.unwrap();
    assert_eq!(confirmed.status(), 204);
    let said = admin_create(&app.site, &[&trader.email, "--promote"], "").await.unwrap();
    assert!(said.contains("the password stays as it was"), "{said}");
    assert_eq!(role(&app, &trader.email).await, Role::Operator);
    assert_eq!(log_in(&app, &trader.email, &trader.password).await, 200);
    app.stop().await;
}
