//! What stands before every handler: problems, limits, origins, headers.

use crate::harness::{Backend, Site, TestApp};
use crate::on_both;
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};

on_both! {
    async fn unknown_paths_and_methods_are_problems(app: TestApp) {
        for (request, status, code) in [
            (app.get("/api/v1/nothing"), 404, "not_found"),
            (app.client.delete(app.url("/api/v1/auth/login")), 405, "method_not_allowed"),
            (app.client.put(app.url("/auth/login")), 405, "method_not_allowed"),
            (app.client.post(app.url("/nowhere")).header("accept", "application/json"), 404, "not_found"),
        ] {
            let response = request.send().await.unwrap();
            assert_eq!(response.status(), status);
            assert_eq!(response.headers()["content-type"], "application/problem+json");
            let id = response.headers()["x-request-id"].to_str().unwrap().to_owned();
            let allow = response.headers().get("allow").cloned();
            let problem: Value = response.json().await.unwrap();
            assert_eq!(problem["code"], code);
            assert_eq!(problem["status"], status);
            assert_eq!(problem["request_id"], id.as_str(), "{problem}");
            assert_eq!(allow.is_some(), status == 405);
        }
    }

    async fn unreadable_and_unknown_fields_are_told_apart(app: TestApp) {
        let login = |kind: &'static str, body: &'static str| {
            app.client.post(app.url("/api/v1/auth/login")).header("content-type", kind).body(body).send()
        };
        let unreadable = login("application/json", "{").await.unwrap();
        assert_eq!(unreadable.status(), 400);
        assert_eq!(unreadable.json::<Value>().await.unwrap()["code"], "unreadable");
        let unknown = login("application/json", r#"{"email":"a@example.com","password":"x","admin":true}"#).await.unwrap();
        assert_eq!(unknown.status(), 422);
        assert_eq!(unknown.json::<Value>().await.unwrap()["fields"][0]["field"], "admin");
        let missing = login("application/json", "{}").await.unwrap();
        assert_eq!(missing.status(), 422);
        let form = "username=nobody%40example.com&password=x";
        for (kind, status) in [
            ("application/x-www-form-urlencoded", 401),
            ("Application/X-WWW-Form-Urlencoded; charset=utf-8", 401),
            ("application/x-www-form-urlencodedfoo", 400),
            ("application/x-www-form-urlencoded+json", 400),
            ("application/jsonfoo", 400),
            ("text/plain", 400),
        ] {
            assert_eq!(login(kind, form).await.unwrap().status(), status, "{kind}");
        }
    }

    async fn a_body_is_an_object_whose_fields_have_names(app: TestApp) {
        let account = app.sign_up().await;
        for body in [json!([account.email, account.password]), json!([[account.email, account.password]])] {
            let response = app.post("/auth/login", &body).send().await.unwrap();
            assert_eq!(response.status(), 422, "{body}");
            let problem: Value = response.json().await.unwrap();
            assert_eq!(problem["fields"][0]["field"], "body", "{problem}");
        }
    }

    async fn bodies_are_bounded(app: TestApp) {
        let long = "x".repeat(70_000);
        let known_length = app.post("/auth/login", &json!({"email": long, "password": "x"})).send().await.unwrap();
        assert_eq!(known_length.status(), 413);
        assert_eq!(known_length.json::<Value>().await.unwrap()["code"], "too_large");
        // A body without a length is counted while it is read.
        let chunks = futures::stream::iter((0..70).map(|_| Ok::<_, std::io::Error>("x".repeat(1000))));
        let request = app.client.post(app.url("/auth/login")).header("content-type", "application/json");
        assert!(is_too_large(request.body(reqwest::Body::wrap_stream(chunks)).send().await));
    }

    async fn another_sites_requests_by_cookie_are_refused(app: TestApp) {
        let account = app.sign_up().await;
        let cookie = format!("signalbox_access={}", account.access_token);
        let logout = |site: Option<&'static str>| {
            let request = app.client.post(app.url("/api/v1/auth/logout")).header("cookie", &cookie);
            match site {
                Some(site) => request.header("sec-fetch-site", site),
                None => request,
            }
        };
        for site in [Some("cross-site"), Some("same-site"), None] {
            let response = logout(site).send().await.unwrap();
            assert_eq!(response.status(), 403, "{site:?}");
            assert_eq!(response.json::<Value>().await.unwrap()["code"], "cross_site");
        }
        let own = logout(Some("same-origin")).send().await.unwrap();
        assert!(own.status().is_success(), "{:?}", own.text().await);
        // Logging somebody in to another's account is a forgery too.
        let form = [("email", account.email.as_str()), ("password", account.password.as_str())];
        let forged = app.client.post(app.url("/fn/log_in")).form(&form).header("sec-fetch-site", "cross-site").send().await.unwrap();
        assert_eq!(forged.status(), 403);
    }

    async fn a_bearer_token_is_all_that_counts_and_nothing_else_stands_in_for_it(app: TestApp) {
        let (one, other) = (app.sign_up().await, app.sign_up().await);
        let me = |authorization: &str| {
            let request = app.get("/auth/me").header("cookie", format!("signalbox_access={}", one.access_token));
            request.header("authorization", authorization).send()
        };
        let who = me(&format!("Bearer {}", other.access_token)).await.unwrap().json::<Value>().await.unwrap();
        assert_eq!(who["email"], other.email.as_str(), "the cookie is not used beside it");
        let no_token = ["Bearer x", "Bearer", "Basic b25lOm90aGVy", "Digest a=b", "x"];
        for authorization in no_token {
            assert_eq!(me(authorization).await.unwrap().status(), 401, "{authorization}");
        }
        // Where the browser does not say where it comes from.
        let form = [("email", one.email.as_str()), ("password", one.password.as_str())];
        let good = format!("Bearer {}", one.access_token);
        for authorization in no_token.into_iter().chain([good.as_str()]) {
            let request = app.client.post(app.url("/fn/log_in")).header("authorization", authorization);
            let forged = request.form(&form).send().await.unwrap();
            assert_eq!(forged.status(), 403, "a server function acts by cookie: {authorization}");
            assert!(!forged.headers().contains_key("set-cookie"));
        }
        let log_out = |authorization: &str| {
            let request = app.client.post(app.url("/auth/logout")).header("authorization", authorization);
            request.header("cookie", format!("signalbox_access={}", one.access_token)).send()
        };
        assert_eq!(log_out("Basic b25lOm90aGVy").await.unwrap().status(), 403);
        assert_eq!(log_out(&format!("Bearer {}", other.access_token)).await.unwrap().status(), 204);
        assert_eq!(one.bearer(app.get("/auth/me")).send().await.unwrap().status(), 200, "that was the other one's");
    }

    async fn another_site_cannot_ask_server_functions_who_is_signed_in(app: TestApp) {
        let ask = |site: &'static str| {
            let request = app.get("/fn/sessions").header("accept", "text/html").header("sec-fetch-site", site);
            request.header("referer", "https://evil.example/").send()
        };
        let foreign = ask("cross-site").await.unwrap();
        assert_eq!(foreign.status(), 403);
        assert!(foreign.headers().get("location").is_none());
        assert_ne!(ask("same-origin").await.unwrap().status(), 403);
        let own = app.get("/auth/me").send().await.unwrap();
        assert_eq!(own.headers()["cache-control"], "private, no-store");
    }

    async fn answers_carry_the_headers_that_keep_browsers_safe(app: TestApp) {
        let response = app.get("/api/v1/health/live").send().await.unwrap();
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "same-origin"),
            ("cross-origin-opener-policy", "same-origin"),
        ] {
            assert_eq!(response.headers()[name], value);
        }
        assert!(response.headers()["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'"));
        assert!(!response.headers().contains_key("strict-transport-security"), "plain HTTP promises nothing");
    }

    async fn pages_come_compressed_as_the_browser_takes_them(app: TestApp) {
        let page = |accepted: &'static str| app.get("/terms").header("accept-encoding", accepted).send();
        let plain = page("identity").await.unwrap();
        assert!(!plain.headers().contains_key("content-encoding"));
        assert_eq!(plain.headers()["vary"], "accept-encoding", "so that no cache gives one to another's browser");
        let plain = plain.bytes().await.unwrap();
        for (accepted, coding) in [("gzip, deflate, br, zstd", "zstd"), ("gzip, deflate, br", "gzip")] {
            let packed = page(accepted).await.unwrap();
            assert_eq!(packed.headers()["content-encoding"], coding);
            assert_eq!(packed.headers()["content-type"], "text/html; charset=utf-8");
            let packed = packed.bytes().await.unwrap();
            assert!(packed.len() * 2 < plain.len(), "{coding}: {} of {}", packed.len(), plain.len());
        }
        let head = app.client.head(app.url("/terms")).header("accept-encoding", "zstd").send().await.unwrap();
        assert_eq!(head.status(), 200);
        assert!(!head.headers().contains_key("content-encoding"));
    }

    async fn another_loopback_name_is_sent_to_the_sites_own(app: TestApp) {
        let port = app.base.rsplit(':').next().unwrap();
        let by_name = |path: &str| app.get(path).header("host", format!("localhost:{port}")).send();
        let page = by_name("/login?next=%2Faccount").await.unwrap();
        assert_eq!(page.status(), 307);
        assert_eq!(page.headers()["location"], format!("{}/login?next=%2Faccount", app.base).as_str());
        assert_eq!(by_name("/api/v1/health/live").await.unwrap().status(), 200);
        let foreign = app.get("/login").header("host", "box.example").send().await.unwrap();
        assert_ne!(foreign.status(), 307);
        let tricky = by_name("//evil.example/").await.unwrap();
        assert_ne!(tricky.status(), 307);
    }

    async fn the_description_is_served_and_covers_the_api(app: TestApp) {
        for path in ["/openapi.json", "/api/v1/openapi.json"] {
            let document: Value = app.get(path).send().await.unwrap().json().await.unwrap();
            let paths = document["paths"].as_object().unwrap();
            assert!(paths.keys().all(|path| path.starts_with("/api/v1")), "{:?}", paths.keys());
            for path in ["/auth/signup", "/auth/login", "/auth/me", "/signals", "/billing/create-checkout", "/billing/webhook", "/health"] {
                assert!(paths.contains_key(&format!("/api/v1{path}")), "{path} is not described");
            }
            let answers = paths.values().flat_map(|path| path.as_object().unwrap().values());
            let answers = answers.flat_map(|operation| operation["responses"].as_object().unwrap().values());
            let undescribed = answers.filter(|answer| answer["description"].as_str().is_none_or(str::is_empty)).count();
            assert_eq!(undescribed, 0, "the standard wants a description of each answer");
            assert_eq!(undescribed_headers(paths), Vec::<String>::new());
            // A client that is made of the document has a function an operation, of that name.
            let operations = paths.values().flat_map(|path| path.as_object().unwrap().values());
            let mut names: Vec<&str> = operations.filter_map(|operation| operation["operationId"].as_str()).collect();
            assert!(names.len() > 40, "{names:?}");
            names.sort_unstable();
            let twice = names.windows(2).find(|pair| pair[0] == pair[1]);
            assert_eq!(twice, None);
        }
        for (path, same) in [
            ("/api/v1/symbols", "/api/v1/market/symbols"),
            ("/api/v1/strategies", "/api/v1/market/strategies"),
            ("/api/v1/", "/api/v1"),
        ] {
            let (short, long) = (app.get(path).send().await.unwrap(), app.get(same).send().await.unwrap());
            assert_eq!((short.status(), long.status()), (reqwest::StatusCode::OK, reqwest::StatusCode::OK), "{path}");
        }
        let docs = app.get("/docs/").send().await.unwrap();
        assert_eq!(docs.status(), 200);
    }
}

/// The headers that answers have and that the description does not tell.
fn undescribed_headers(paths: &serde_json::Map<String, Value>) -> Vec<String> {
    let of = |status: &str, answer: &Value| -> &[&str] {
        match status {
            "401" => &["www-authenticate"],
            "405" => &["allow"],
            "429" => &["retry-after", "ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"],
            "503" if answer["content"].get("application/problem+json").is_some() => &["retry-after"],
            _ => &[],
        }
    };
    let mut missing = Vec::new();
    for (path, operations) in paths {
        for (method, operation) in operations.as_object().unwrap() {
            for (status, answer) in operation["responses"].as_object().unwrap() {
                let is_made = path == "/api/v1/backtest/run" && status == "202";
                let expected = of(status, answer).iter().chain(&["x-request-id"]).chain(is_made.then_some(&"location"));
                let absent = expected.filter(|name| answer["headers"].get(name).is_none());
                missing.extend(absent.map(|name| format!("{method} {path} {status} {name}")));
            }
        }
    }
    missing
}

#[tokio::test(flavor = "multi_thread")]
async fn every_method_that_allow_names_is_answered() {
    let app = TestApp::spawn(Backend::Embedded).await;
    let document: Value = app.get("/openapi.json").send().await.unwrap().json().await.unwrap();
    let described = document["paths"].as_object().unwrap().keys().cloned();
    let others = ["/signals", "/signals/latest", "/billing/portal", "/terms", "/openapi.json", "/fn/me"];
    for path in described.chain(others.map(str::to_owned)) {
        let ask = |method: &str| {
            let request = app.client.request(method.parse().unwrap(), app.url(&path.replace(['{', '}'], "")));
            async { request.header("sec-fetch-site", "same-origin").send().await.unwrap() }
        };
        let refused = ask("PUT").await;
        assert_eq!(refused.status(), 405, "{path}");
        let allow = refused.headers()["allow"].to_str().unwrap().to_owned();
        for method in allow.split(',').map(str::trim) {
            assert_ne!(ask(method).await.status(), 405, "{method} {path}: {allow}");
        }
    }
    app.stop().await;
}

/// Whether a body was refused for its size. The answer may come while it is still being sent, and the connection be
/// closed under it: then all that its sender learns is that it cannot go on.
pub fn is_too_large(answer: reqwest::Result<reqwest::Response>) -> bool {
    match answer {
        Ok(answer) => answer.status() == 413,
        Err(error) => !error.is_timeout() && !error.is_connect() && (error.is_request() || error.is_body()),
    }
}

/// An address that nobody has and no test asked for before, so that no account's own back-off answers.
fn nobody() -> String {
    format!("nobody-{}@example.com", uuid::Uuid::now_v7())
}

#[tokio::test(flavor = "multi_thread")]
async fn logins_are_limited_by_address_and_say_so() {
    let app = TestApp::spawn_with(
        Backend::Embedded,
        &[("SIGNALBOX_LIMITS__AUTH_PER_MINUTE", "10"), ("TRUSTED_PROXIES", "127.0.0.1")],
    )
    .await;
    let login = |from: &str| {
        let body = json!({"email": nobody(), "password": "wrong passphrase"});
        app.post("/auth/login", &body).header("x-forwarded-for", from.to_owned()).send()
    };
    for left in (0..10).rev() {
        let response = login("203.0.113.1").await.unwrap();
        assert_eq!(response.status(), 401);
        assert_eq!(response.headers()["ratelimit-limit"], "10");
        assert_eq!(response.headers()["ratelimit-remaining"], left.to_string().as_str());
    }
    let refused = login("203.0.113.1").await.unwrap();
    assert_eq!(refused.status(), 429);
    let wait: u64 = refused.headers()["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    assert_eq!(refused.headers()["ratelimit-remaining"], "0");
    assert_eq!(refused.json::<Value>().await.unwrap()["code"], "rate_limited");
    assert_eq!(login("203.0.113.2").await.unwrap().status(), 401, "another address is not limited");
    let (one, other) = ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9");
    for _ in 0..10 {
        login(one).await.unwrap();
    }
    assert_eq!(login(other).await.unwrap().status(), 429, "an IPv6 /64 counts as one");
    app.stop().await;
}

const HTML: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

/// A login as the site's own form sends it.
fn form(app: &TestApp, accepted: &'static str) -> reqwest::RequestBuilder {
    let form = [("email", nobody()), ("password", "wrong passphrase".to_owned())];
    let request = app.client.post(app.url("/fn/log_in")).form(&form).header("accept", accepted);
    request.header("sec-fetch-site", "same-origin").header("referer", app.url("/login?next=%2Faccount"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_is_told_by_a_page_that_it_came_too_often() {
    let app = TestApp::spawn_with(Backend::Embedded, &[("SIGNALBOX_LIMITS__AUTH_PER_MINUTE", "10")]).await;
    for _ in 0..10 {
        assert_eq!(form(&app, HTML).send().await.unwrap().status(), 302);
    }
    let refused = form(&app, HTML).header("accept-encoding", "gzip").send().await.unwrap();
    assert_eq!(refused.status(), 429);
    let header = |name: &str| refused.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("content-type"), "text/html; charset=utf-8");
    assert!((1..=60).contains(&header("retry-after").parse().unwrap()));
    assert_eq!((header("ratelimit-remaining"), header("cache-control")), ("0".into(), "private, no-store".into()));
    let (policy, id) = (header("content-security-policy"), header("x-request-id"));
    assert!(policy.starts_with("default-src 'none'; style-src 'self'"), "{policy}");
    let page = refused.text().await.unwrap();
    for told in [
        "<h1>Too many requests</h1>",
        "Try again in ",
        "Nothing was changed.",
        "href=\"/login?next=%2Faccount\"",
        &app.state.assets.entry.css,
        &id,
    ] {
        assert!(page.contains(told), "{told}: {page}");
    }
    assert!(!page.contains("<script"), "nothing in it runs");
    let program = form(&app, "application/json").send().await.unwrap();
    assert_eq!(
        (program.status().as_u16(), &program.headers()["content-type"]),
        (429, &"application/problem+json".parse().unwrap())
    );
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_stands_before_pages_is_told_to_browsers_by_a_page() {
    let app = TestApp::spawn(Backend::Embedded).await;
    let long = "x".repeat(70_000);
    for (request, status, title) in [
        (app.client.post(app.url("/fn/log_in")).header("sec-fetch-site", "cross-site"), 403, "from another site"),
        (app.client.post(app.url("/nowhere?a=<b>")), 404, "Not found"),
        (app.get("/fn/log_in"), 405, "Method not allowed"),
        (app.client.post(app.url("/fn/forgot_password")).body(long), 413, "The request is too large"),
        (app.get("/signals"), 401, "Sign in first"),
    ] {
        let answer = request.header("accept", HTML).send().await.unwrap();
        assert_eq!(answer.status(), status, "{title}");
        assert_eq!(answer.headers()["content-type"], "text/html; charset=utf-8", "{title}");
        assert_eq!(answer.headers().contains_key("allow"), status == 405);
        assert_eq!(answer.headers().contains_key("www-authenticate"), status == 401);
        let page = answer.text().await.unwrap();
        assert!(page.contains(title), "{page}");
    }
    for path in ["/api/v1/nothing", "/api/v1/auth/me", "/health/none", "/metrics/none"] {
        let answer = app.client.post(app.url(path)).header("accept", HTML).send().await.unwrap();
        assert!(answer.status().is_client_error(), "{path}");
        assert_eq!(answer.headers()["content-type"], "application/problem+json", "{path}");
    }
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn named_sites_scripts_may_call_the_api_and_read_what_it_tells() {
    let settings = [
        ("ALLOWED_ORIGINS", "https://App.example/, http://localhost:5173"),
        ("SIGNALBOX_LIMITS__AUTH_PER_MINUTE", "2"),
    ];
    let app = TestApp::spawn_with(Backend::Embedded, &settings).await;
    let body = json!({"email": nobody(), "password": "wrong passphrase"});
    let login = |origin: &'static str| app.post("/api/v1/auth/login", &body).header("origin", origin).send();
    // The last one is refused before the API is asked.
    for (origin, status) in [("https://app.example", 401), ("http://localhost:5173", 401), ("https://app.example", 429)]
    {
        let answer = login(origin).await.unwrap();
        assert_eq!(answer.status(), status);
        assert_eq!(answer.headers()["access-control-allow-origin"], origin);
        assert!(!answer.headers().contains_key("access-control-allow-credentials"));
        let exposed = answer.headers()["access-control-expose-headers"].to_str().unwrap();
        let exposed: Vec<&str> = exposed.split(',').map(str::trim).collect();
        let sent = answer.headers().keys().map(reqwest::header::HeaderName::as_str);
        let told: Vec<&str> = sent.filter(|name| name.starts_with("ratelimit-") || *name == "retry-after").collect();
        assert_eq!(told.len(), if status == 429 { 4 } else { 3 }, "{told:?}");
        assert!(told.iter().chain(&["x-request-id"]).all(|name| exposed.contains(name)), "{exposed:?}");
    }
    let foreign = login("https://evil.example").await.unwrap();
    assert!(!foreign.headers().contains_key("access-control-allow-origin"));
    let asked = app
        .client
        .request(reqwest::Method::OPTIONS, app.url("/api/v1/signals"))
        .header("origin", "https://app.example");
    let asked =
        asked.header("access-control-request-method", "GET").header("access-control-request-headers", "authorization");
    let allowed = asked.send().await.unwrap();
    assert_eq!(allowed.status(), 200);
    assert!(allowed.headers()["access-control-allow-headers"].to_str().unwrap().contains("authorization"));
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn forwarded_addresses_of_strangers_do_not_count() {
    let app = TestApp::spawn_with(Backend::Embedded, &[("SIGNALBOX_LIMITS__AUTH_PER_MINUTE", "3")]).await;
    let mut statuses = Vec::new();
    for number in 0..4 {
        let body = json!({"email": nobody(), "password": "wrong passphrase"});
        let request = app.post("/auth/login", &body).header("x-forwarded-for", format!("198.51.100.{number}"));
        statuses.push(request.send().await.unwrap().status().as_u16());
    }
    assert_eq!(statuses, [401, 401, 401, 429]);
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_hold_over_replicas() {
    let settings = [("SIGNALBOX_LIMITS__AUTH_PER_MINUTE", "4"), ("STRIPE_API_BASE", "http://127.0.0.1:9")];
    let site = Arc::new(Site::with_settings(Backend::ScaleOut, &settings).await);
    let (one, two) = (TestApp::on_unready(Arc::clone(&site)).await, TestApp::on_unready(Arc::clone(&site)).await);
    let mut statuses = Vec::new();
    for number in 0..6 {
        let app = if number % 2 == 0 { &one } else { &two };
        let body = json!({"email": nobody(), "password": "wrong passphrase"});
        statuses.push(app.post("/auth/login", &body).send().await.unwrap().status().as_u16());
    }
    assert_eq!(statuses, [401, 401, 401, 401, 429, 429]);
    one.stop().await;
    two.stop().await;
    site.database.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_head_is_cut_off() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let app = TestApp::spawn_with(Backend::Embedded, &[("SIGNALBOX_LIMITS__HEADER_TIMEOUT_SECONDS", "1")]).await;
    let mut stream = tokio::net::TcpStream::connect(app.base.trim_start_matches("http://")).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n").await.unwrap();
    let mut rest = Vec::new();
    let end = tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut rest)).await;
    assert!(end.is_ok(), "the connection is still open after 10 seconds");
    app.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_takes_nothing_of_an_answer_is_cut_off() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let settings = [("SIGNALBOX_LIMITS__WRITE_TIMEOUT_SECONDS", "1"), ("SIGNALBOX_LIMITS__CONNECTIONS", "1")];
    let app = TestApp::spawn_with(Backend::Embedded, &settings).await;
    let mut stream = tokio::net::TcpStream::connect(app.base.trim_start_matches("http://")).await.unwrap();
    // Together more than what the two ends of a connection hold.
    let many = "GET /api/v1/openapi.json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".repeat(100);
    stream.write_all(many.as_bytes()).await.unwrap();
    assert_eq!(stream.read_u8().await.unwrap(), b'H', "it has the only place, and is answered");
    let other = app.get("/health/live").timeout(Duration::from_secs(10)).send().await;
    assert_eq!(other.expect("the place is given up").status(), 200);
    app.stop().await;
}
