//! What is wrong with a call of a server function is told as the REST API tells it, by status and code.

use crate::{
    frame::is_too_large,
    harness::{Backend, PASSWORD, TestApp},
};
use base64::{Engine, engine::general_purpose::URL_SAFE};
use reqwest::RequestBuilder;
use serde_json::{Value, json};

const FORM: &str = "application/x-www-form-urlencoded";

fn log_in(app: &TestApp) -> RequestBuilder {
    app.client.post(app.url("/fn/log_in")).header("sec-fetch-site", "same-origin").header("content-type", FORM)
}

/// The status, the code, and the first field that is wrong.
async fn told(request: RequestBuilder) -> (u16, String, String) {
    let answer = request.send().await.unwrap();
    let (status, text) = (answer.status().as_u16(), answer.text().await.unwrap());
    let problem: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{status}: {text:?}"));
    assert_eq!(problem["status"], status, "{problem}");
    assert!(problem["request_id"].is_string(), "{problem}");
    let field = problem["fields"][0]["field"].as_str().unwrap_or_default();
    (status, problem["code"].as_str().unwrap().to_owned(), field.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_caller_did_wrong_is_no_fault_of_ours() {
    let app = TestApp::spawn(Backend::Embedded).await;
    let cases: [(&[u8], u16, &str, &str); 6] = [
        (b"", 422, "validation_failed", "email"),
        (b"email=a%40example.com", 422, "validation_failed", "password"),
        (b"email=\xff\xfe&password=x", 400, "unreadable", ""),
        (b"email[a][b][c][d][e][f][g][h]=1&password=x", 400, "unreadable", ""),
        (b"email=a&email=b&password=x", 400, "unreadable", ""),
        (b"email=nobody%40example.com&password=x", 401, "unauthenticated", ""),
    ];
    for (body, status, code, field) in cases {
        let answer = told(log_in(&app).body(body)).await;
        assert_eq!(answer, (status, code.to_owned(), field.to_owned()), "{}", String::from_utf8_lossy(body));
    }
    for (query, status) in [("", 422), ("?id=none", 400), ("?id[a]=b", 400)] {
        assert_eq!(told(app.get(&format!("/fn/signal{query}"))).await.0, status, "{query}");
    }
    for request in [app.get("/fn/log_in"), app.client.post(app.url("/fn/me")).header("sec-fetch-site", "same-origin")] {
        assert_eq!(told(request).await.0, 405);
    }
    let chunks = futures::stream::iter((0..70).map(|_| Ok::<_, std::io::Error>("x".repeat(1000))));
    assert!(is_too_large(log_in(&app).body(reqwest::Body::wrap_stream(chunks)).send().await));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_without_scripts_is_led_back_whatever_is_wrong() {
    let app = TestApp::spawn(Backend::Embedded).await;
    for body in ["", "email[a]=b&password=x", "email=nobody%40example.com&password=x"] {
        let form = log_in(&app).header("accept", "text/html").header("referer", app.url("/login")).body(body);
        let answer = form.send().await.unwrap();
        assert_eq!(answer.status(), 302, "{body}");
        let there = answer.headers()["location"].to_str().unwrap();
        assert!(there.starts_with("/login?"), "{there}");
    }
    app.stop().await;
}

/// Where a login that fails leads a browser without scripts, from this page.
async fn led_back_to(app: &TestApp, page: &str) -> String {
    let form = log_in(app).header("accept", "text/html").header("referer", page);
    let answer = form.body("email=nobody%40example.com&password=x").send().await.unwrap();
    assert_eq!(answer.status(), 302, "{page}");
    answer.headers()["location"].to_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn back_leads_to_no_other_site() {
    let app = TestApp::spawn(Backend::Embedded).await;
    for (page, start) in [
        ("https://evil.example/login", "/login?__path="),
        ("https://evil.example//evil.example/login", "/"),
        ("https://evil.example", "/?__path="),
        ("nonsense", "/"),
    ] {
        let there = led_back_to(&app, page).await;
        assert!(there.starts_with(start) && !there.starts_with("//") && !there.contains("evil"), "{page}: {there}");
    }
    // Nor where nothing went wrong, and the function itself leads nowhere.
    let account = app.sign_up().await;
    let read = |path: &str| {
        let request = app.client.post(app.url(path)).header("accept", "text/html");
        let request = request.header("cookie", format!("signalbox_access={}", account.access_token));
        request.header("sec-fetch-site", "same-origin").header("referer", "https://evil.example/notices?a=b")
    };
    let form = [("id", uuid::Uuid::nil().to_string())];
    let done = read("/fn/read_notice").form(&form).send().await.unwrap();
    let there = done.headers()["location"].to_str().unwrap();
    assert!(there.starts_with("/notices?a=b"), "{there}");
    let elsewhere = read("/fn/start_checkout").header("content-type", FORM).send().await.unwrap();
    let there = elsewhere.headers()["location"].to_str().unwrap();
    assert!(there.contains("/c/pay/"), "the payment page is on a site of its own: {there}");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_puts_no_words_of_its_own_into_a_form() {
    let app = TestApp::spawn(Backend::Embedded).await;
    let page = async |address: &str| {
        let answer = app.client.get(address).header("accept", "text/html").send().await.unwrap();
        let there = answer.headers().get("location").map(|there| there.to_str().unwrap().to_owned());
        (answer.status().as_u16(), there, answer.text().await.unwrap())
    };
    let ours = app.url(&led_back_to(&app, &app.url("/login")).await);
    let (status, _, html) = page(&ours).await;
    assert_eq!(status, 200, "{ours}");
    assert!(html.contains("The e-mail address or the password is wrong."), "{html}");
    // What Leptos would make of any text.
    let error = json!({"type": "x", "title": "x", "status": 401, "code": "x", "detail": "Call 555-EVIL to unlock."});
    let error = URL_SAFE.encode(error.to_string());
    let theirs = url::form_urlencoded::byte_serialize(error.as_bytes()).collect::<String>();
    let bare = app.url(&format!("/login?next=%2Faccount&__path=%2Ffn%2Flog_in&__err={theirs}"));
    let seal = ours.split_once("__seal=").unwrap().1;
    for forged in [bare.clone(), format!("{bare}&__seal={seal}"), format!("{ours}&__err={theirs}")] {
        let (status, there, html) = page(&forged).await;
        assert_eq!(status, 307, "{forged}");
        assert!(!html.contains("555-EVIL"));
        assert!(there.unwrap().starts_with("/login"), "{forged}");
    }
    assert_eq!(page(&bare).await.1.as_deref(), Some("/login?next=%2Faccount"));
    // Nor does the form bring along what stood in the address before.
    let there = led_back_to(&app, &bare).await;
    assert!(!there.contains(&theirs), "{there}");
    assert!(page(&app.url(&there)).await.2.contains("The e-mail address or the password is wrong."));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_for_developers_is_told_at_this_machine_under_its_own_names_alone() {
    let app = TestApp::spawn(Backend::Embedded).await;
    let account = app.sign_up().await;
    app.until("a mail is kept", || async { !crate::accounts::mails(&app, &account.email).await.is_empty() }).await;
    let port = app.base.rsplit(':').next().unwrap();
    let under = async |host: String, path: &str| {
        let answer = app.get(path).header("host", host).header("accept", "text/html").send().await.unwrap();
        let status = answer.status().as_u16();
        (status, answer.text().await.unwrap().contains("/verify-email?token="))
    };
    for host in
        ["rebound.example".to_owned(), format!("rebound.example:{port}"), format!("127.0.0.1.evil.example:{port}")]
    {
        let (status, told) = under(host.clone(), "/dev/outbox").await;
        assert_eq!((status, told), (404, false), "{host}");
        assert!(!under(host.clone(), "/fn/outbox").await.1, "{host}");
        for path in ["/metrics", "/health/detailed", "/health/queues"] {
            assert_eq!(under(host.clone(), path).await.0, 401, "{host}{path}");
        }
    }
    // Nor to anybody who comes from elsewhere, whatever name they send.
    for path in ["/dev/outbox", "/fn/outbox", "/metrics", "/health/queues"] {
        let passed_on = app.get(path).header("x-forwarded-for", "127.0.0.1").header("accept", "text/html");
        let answer = passed_on.send().await.unwrap();
        let status = answer.status().as_u16();
        assert!(!answer.text().await.unwrap().contains("/verify-email?token="), "{path}");
        assert!(path == "/fn/outbox" || matches!(status, 401 | 404), "{path}: {status}");
    }
    let own = format!("127.0.0.1:{port}");
    assert_eq!(under(own.clone(), "/dev/outbox").await, (200, true));
    for host in [own, format!("localhost:{port}")] {
        assert!(under(host.clone(), "/fn/outbox").await.1, "{host}");
        assert_eq!(under(host, "/health/queues").await.0, 200);
    }
    app.stop().await;
    let named = TestApp::spawn_with(Backend::Embedded, &[("FRONTEND_URL", "http://box.example:3000")]).await;
    let outbox =
        named.get("/dev/outbox").header("host", "box.example").header("accept", "text/html").send().await.unwrap();
    assert_eq!(outbox.status(), 200, "the site's own name");
    named.stop().await;
    let behind = TestApp::spawn_with(Backend::Embedded, &[("TRUSTED_PROXIES", "127.0.0.1")]).await;
    for (from, status) in [("203.0.113.1", 404), ("127.0.0.1", 200)] {
        let asked = behind.get("/dev/outbox").header("x-forwarded-for", from).header("accept", "text/html");
        assert_eq!(asked.send().await.unwrap().status(), status, "by a proxy, from {from}");
    }
    behind.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_typed_into_a_form_survives_its_failure() {
    let app = TestApp::spawn(Backend::Embedded).await;
    let account = app.sign_up().await;
    let long = "Asha ".repeat(30);
    let in_use = account.email.as_str();
    for (page, function, form, kept) in [
        (
            "/signup",
            "sign_up",
            json!({"email": in_use, "password": "x", "full_name": "Asha \"A\" Rao; अ"}),
            &["email", "full_name"][..],
        ),
        ("/login", "log_in", json!({"email": "nobody@example.com", "password": "not this one"}), &["email"]),
        ("/forgot-password", "forgot_password", json!({"email": "asha@example"}), &["email"]),
        ("/account", "change_name", json!({"full_name": long}), &["full_name"]),
        ("/account", "change_email", json!({"email": "elsewhere@example.com", "password": "not this one"}), &["email"]),
        ("/account", "delete_account", json!({"confirm": "other@example.com", "password": PASSWORD}), &["confirm"]),
    ] {
        let session =
            if page == "/account" { format!("signalbox_access={}", account.access_token) } else { String::new() };
        let asked = app.client.post(app.url(&format!("/fn/{function}"))).header("sec-fetch-site", "same-origin");
        let asked = asked.header("accept", "text/html").header("referer", app.url(page)).header("cookie", &session);
        let failed = asked.form(&form).send().await.unwrap();
        let there = failed.headers()["location"].to_str().unwrap();
        assert!(there.contains("__err="), "{function} did not fail: {there}");
        let cookie = failed.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap();
        assert!(!cookie.contains("password="), "{cookie}");
        let shown = async |there: &str| {
            let cookies = format!("{session}; {cookie}");
            let page = app.get(there).header("accept", "text/html").header("cookie", cookies).send().await.unwrap();
            assert_eq!(page.status(), 200, "{there}");
            page.text().await.unwrap()
        };
        let (page_again, page_anew) = (shown(there).await, shown(page).await);
        for field in kept {
            let typed = form[field].as_str().unwrap();
            let value = format!("value=\"{}\"", typed.replace('"', "&quot;"));
            assert!(page_again.contains(&value), "{function} {field}: {page_again}");
            assert!(!page_anew.contains(&value), "{function} {field}: without a failure nothing is filled in");
        }
    }
    app.stop().await;
}
