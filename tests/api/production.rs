//! Production over HTTP: what is stricter there than on a developer's machine, and the key that it makes itself.

use crate::harness::{Account, Backend, PASSWORD, Process, Site, TestApp, said};
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use signalbox::server::service::accounts;

const TOKEN: &str = "a token of whoever scrapes";

/// All that production needs. Its Stripe does not answer, nor does its mail server.
const SETTINGS: [(&str, &str); 8] = [
    ("SIGNALBOX_ENV", "production"),
    ("FRONTEND_URL", "https://signals.example"),
    ("SECRET_KEY", "5f1c0b7e9a3d4286b1f0c9d8e7a6b5c4"),
    ("STRIPE_SECRET_KEY", "sk_live_51Signals"),
    ("STRIPE_WEBHOOK_SECRET", "whsec_9f8e7d6c5b4a"),
    ("STRIPE_API_BASE", "http://127.0.0.1:9"),
    ("SMTP_URL", "smtp://127.0.0.1:9"),
    ("METRICS_TOKEN", TOKEN),
];

async fn production() -> TestApp {
    TestApp::spawn_with(Backend::Embedded, &SETTINGS).await
}

async fn status(request: RequestBuilder) -> u16 {
    request.send().await.unwrap().status().as_u16()
}

/// The cookies that logging in by the site's form sets, whole.
async fn cookies(app: &TestApp, account: &Account) -> Vec<String> {
    let form = [("email", account.email.as_str()), ("password", account.password.as_str())];
    let answer = app.client.post(app.url("/fn/log_in")).header("sec-fetch-site", "same-origin").form(&form);
    let answer = answer.send().await.unwrap();
    assert!(!answer.status().is_client_error() && !answer.status().is_server_error(), "{}", answer.status());
    answer.headers().get_all("set-cookie").iter().map(|line| line.to_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_https_and_bound_to_the_host() {
    let app = production().await;
    for path in ["/", "/health", "/api/v1/signals", "/no-such-page", "/dev/outbox"] {
        let answer = app.get(path).header("accept", "text/html").send().await.unwrap();
        let told = answer.headers()["strict-transport-security"].to_str().unwrap();
        assert_eq!(told, "max-age=63072000; includeSubDomains", "{path}");
    }
    assert_eq!(status(app.get("/dev/outbox").header("accept", "text/html")).await, 404);
    let account = app.sign_up().await;
    let set = cookies(&app, &account).await;
    assert_eq!(set.len(), 2, "{set:?}");
    for (cookie, name) in set.iter().zip(["__Host-signalbox_access=", "__Host-signalbox_refresh="]) {
        assert!(cookie.starts_with(name), "{cookie}");
        for attribute in ["; Path=/;", "; HttpOnly", "; SameSite=Lax", "; Secure"] {
            assert!(cookie.contains(attribute), "{attribute}: {cookie}");
        }
        assert!(!cookie.contains("Domain"), "{cookie}");
    }
    let pair = set[0].split(';').next().unwrap();
    assert_eq!(status(app.get("/auth/me").header("cookie", pair)).await, 200);
    let bare = pair.trim_start_matches("__Host-");
    assert_eq!(status(app.get("/auth/me").header("cookie", bare)).await, 401, "another subdomain can set that one");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_operator_and_the_token_see_inside() {
    let app = production().await;
    let trader = app.sign_up().await;
    accounts::create_operator(&app.state, "operator@example.com", PASSWORD, false).await.unwrap();
    let asked = json!({"email": "operator@example.com", "password": PASSWORD});
    let tokens: Value = app.post("/auth/login", &asked).send().await.unwrap().json().await.unwrap();
    let operator = tokens["access_token"].as_str().unwrap();
    for path in ["/metrics", "/health/detailed", "/health/queues", "/api/v1/metrics", "/api/v1/health/detailed"] {
        for host in ["127.0.0.1", "localhost", "signals.example"] {
            assert_eq!(status(app.get(path).header("host", host)).await, 401, "{host}{path}");
        }
        for wrong in ["", "a token", &TOKEN[1..], &format!("{TOKEN}s")] {
            assert_eq!(status(app.get(path).bearer_auth(wrong)).await, 401, "{path} {wrong:?}");
        }
        assert_eq!(status(trader.bearer(app.get(path))).await, 403, "{path}");
        assert_eq!(status(app.get(path).bearer_auth(operator)).await, 200, "{path}");
        assert_eq!(status(app.get(path).bearer_auth(TOKEN)).await, 200, "{path}");
    }
    assert_eq!(status(app.get("/health")).await, 200, "a load balancer needs no token");
    app.stop().await;
}

/// The key that the ledger of a new process is signed with.
async fn public_key(site: &Site) -> String {
    let process = Process::start(site).await;
    let head: Value = reqwest::get(format!("{}/api/v1/ledger/head", process.base)).await.unwrap().json().await.unwrap();
    process.kill().await;
    head["public_key"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_key_that_nobody_gave_is_made_kept_and_told_of() {
    let site = Site::with_settings(Backend::Embedded, &SETTINGS).await;
    let first = public_key(&site).await;
    let kept = std::fs::read_to_string(site.data_dir.path().join("ledger_key")).unwrap();
    assert_eq!(kept.len(), 64, "{kept:?}");
    let log = said(&site);
    let told: Vec<_> = log.lines().filter(|line| line.contains("LEDGER_KEY")).collect();
    assert_eq!(told.len(), 1, "{log}");
    assert!(told[0].contains("WARN") && !log.contains(&kept), "{}", told[0]);
    assert_eq!(public_key(&site).await, first, "it stays the same");
    let given = [SETTINGS.as_slice(), &[("LEDGER_KEY", kept.as_str())]].concat();
    let site = Site::with_settings(Backend::Embedded, &given).await;
    assert_eq!(public_key(&site).await, first);
    assert!(!said(&site).contains("LEDGER_KEY"), "{}", said(&site));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_the_demonstration_still_or_misspells_a_setting_is_told_once() {
    let odd = [
        ("SIGNALBOX_OPERATOR__NAME", "Asha Rao Research"),
        ("SIGNALBOX_QUOTA_FREE", "5"),
        ("SIGNALBOX_SERVICE_HOST", "10.96.0.7"),
    ];
    let site = Site::with_settings(Backend::Embedded, &[SETTINGS.as_slice(), &odd].concat()).await;
    Process::start(&site).await.kill().await;
    let log = said(&site);
    let told = |name: &str| log.lines().filter(|line| line.contains("WARN") && line.contains(name)).count();
    for (name, times) in [
        ("SIGNALBOX_OPERATOR__REGISTRATION", 1),
        ("SIGNALBOX_OPERATOR__EMAIL", 1),
        ("SIGNALBOX_OPERATOR__ADDRESS", 1),
        ("SIGNALBOX_OPERATOR__NAME", 0),
        ("SIGNALBOX_OPERATOR__TIME_ZONE", 0),
        ("SIGNALBOX_QUOTA_FREE", 1),
        ("SIGNALBOX_SERVICE_HOST", 0),
    ] {
        assert_eq!(told(name), times, "{name}: {log}");
    }
}
