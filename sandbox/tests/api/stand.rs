use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, LazyLock, Mutex};
use std::time::{Duration, Instant};

use axum::http::{HeaderMap, StatusCode};
use sandbox::{Config, Sandbox, Settings};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

pub const KEY: &str = "sk_test_sandbox";
pub const SECRET: &str = "whsec_first";

/// One webhook as it arrived.
#[derive(Debug, Clone)]
pub struct Hook {
    pub signature: String,
    pub body: String,
    pub event: Value,
}

/// A place that takes webhooks, and can be told to refuse them.
#[derive(Debug, Clone, Default)]
pub struct Inbox {
    pub hooks: Arc<Mutex<Vec<Hook>>>,
    pub refuse: Arc<Mutex<usize>>,
}

/// A running sandbox with an inbox.
pub struct Stand {
    pub url: String,
    pub inbox: Inbox,
    pub http: reqwest::Client,
    stop: CancellationToken,
}

/// The one that tests share which neither move the clock nor turn switches.
pub static SHARED: LazyLock<Stand> = LazyLock::new(|| Stand::start(|_| {}));

impl Stand {
    /// A sandbox of its own on a thread of its own, so that it outlives each test's runtime.
    pub fn start(change: impl FnOnce(&mut Settings)) -> Self {
        let inbox = Inbox::default();
        let hook_url = inbox.clone().serve();
        let mut settings = Settings {
            webhook_url: Some(hook_url),
            webhook_secrets: vec![SECRET.into(), "whsec_second".into()],
            retry_base_ms: 40,
            ..Settings::default()
        };
        change(&mut settings);
        let stop = CancellationToken::new();
        let until = stop.clone();
        let (send, receive) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            runtime().block_on(async move {
                let folder = tempfile::tempdir().unwrap();
                let config = Config {
                    listen: ([127, 0, 0, 1], 0).into(),
                    state_file: Some(folder.path().join("state.json")),
                    settings,
                    ..Config::default()
                };
                let sandbox = Sandbox::bind(config).await.unwrap();
                send.send(sandbox.url().to_owned()).unwrap();
                sandbox.run(until).await.unwrap();
            });
        });
        Self { url: receive.recv().unwrap(), inbox, http: browser(), stop }
    }

    pub async fn call(&self, method: &str, path: &str, form: &[(&str, &str)]) -> (u16, Value) {
        let method = method.parse().unwrap();
        let request = self.http.request(method, format!("{}/v1/{path}", self.url)).bearer_auth(KEY);
        let request = if form.is_empty() { request } else { request.form(form) };
        let answer = request.send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }

    pub async fn get(&self, path: &str) -> Value {
        let (status, body) = self.call("GET", path, &[]).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    pub async fn post(&self, path: &str, form: &[(&str, &str)]) -> Value {
        let (status, body) = self.call("POST", path, form).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    pub async fn control(&self, path: &str, body: Value) -> Value {
        let answer = self.http.post(format!("{}/_sandbox/{path}", self.url)).json(&body).send().await.unwrap();
        let status = answer.status();
        let body: Value = answer.json().await.unwrap();
        assert!(status.is_success(), "{path}: {body}");
        body
    }

    /// A monthly price of ₹499.
    pub async fn price(&self) -> String {
        self.price_of(49_900, "month").await
    }

    pub async fn price_of(&self, amount: u32, interval: &str) -> String {
        let amount = amount.to_string();
        let form = [
            ("currency", "inr"),
            ("unit_amount", amount.as_str()),
            ("recurring[interval]", interval),
            ("product_data[name]", "Pro"),
        ];
        id(&self.post("prices", &form).await)
    }

    /// An open checkout session for a subscription, with further parameters.
    pub async fn session(&self, more: &[(&str, &str)]) -> Value {
        let price = self.price().await;
        let mut form = vec![
            ("mode", "subscription"),
            ("line_items[0][price]", price.as_str()),
            ("success_url", "http://127.0.0.1:9/done?session={CHECKOUT_SESSION_ID}"),
            ("cancel_url", "http://127.0.0.1:9/back"),
            ("customer_email", "ada@example.com"),
        ];
        form.extend_from_slice(more);
        self.post("checkout/sessions", &form).await
    }

    /// Sends a hosted page's form; gives status, where it leads, and the page.
    pub async fn submit(&self, address: &str, form: &[(&str, &str)]) -> (u16, String, String) {
        let answer = self.http.post(address).form(form).send().await.unwrap();
        let status = answer.status().as_u16();
        let place = answer.headers().get("location").map(|value| value.to_str().unwrap().to_owned());
        (status, place.unwrap_or_default(), answer.text().await.unwrap())
    }

    pub async fn pay(&self, session: &Value, number: &str) -> (u16, String, String) {
        self.submit(session["url"].as_str().unwrap(), &card(number)).await
    }

    /// A paid subscription; gives its id.
    pub async fn subscribe(&self) -> String {
        let session = self.session(&[]).await;
        assert_eq!(self.pay(&session, "4242424242424242").await.0, 303);
        self.get(&format!("checkout/sessions/{}", id(&session))).await["subscription"].as_str().unwrap().to_owned()
    }

    /// Waits until the inbox has what is looked for.
    pub async fn hooks(&self, enough: impl Fn(&[Hook]) -> bool) -> Vec<Hook> {
        let since = Instant::now();
        loop {
            let hooks = self.inbox.hooks.lock().unwrap().clone();
            if enough(&hooks) {
                return hooks;
            }
            assert!(since.elapsed() < Duration::from_secs(10), "webhooks so far: {:?}", kinds(&hooks));
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// The types of all events, oldest first.
    pub async fn events(&self) -> Vec<String> {
        let list = self.get("events?limit=100").await;
        list["data"].as_array().unwrap().iter().rev().map(|event| event["type"].as_str().unwrap().to_owned()).collect()
    }
}

impl Drop for Stand {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Inbox {
    /// Takes webhooks on a thread of its own; gives the address.
    pub fn serve(self) -> String {
        let (send, receive) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            runtime().block_on(async move {
                let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
                send.send(format!("http://{}/hook", listener.local_addr().unwrap())).unwrap();
                let app = axum::Router::new().route(
                    "/hook",
                    axum::routing::post(
                        move |headers: HeaderMap, body: String| async move { self.take(&headers, body) },
                    ),
                );
                axum::serve(listener, app).await.unwrap();
            });
        });
        receive.recv().unwrap()
    }

    fn take(&self, headers: &HeaderMap, body: String) -> StatusCode {
        let signature = headers["stripe-signature"].to_str().unwrap().to_owned();
        let event = serde_json::from_str(&body).unwrap();
        self.hooks.lock().unwrap().push(Hook { signature, body, event });
        let mut refuse = self.refuse.lock().unwrap();
        if *refuse == 0 {
            return StatusCode::OK;
        }
        *refuse -= 1;
        StatusCode::INTERNAL_SERVER_ERROR
    }
}

pub fn card(number: &str) -> [(&'static str, &str); 3] {
    [("cardNumber", number), ("cardExpiry", "12/40"), ("cardCvc", "123")]
}

pub fn id(object: &Value) -> String {
    object["id"].as_str().unwrap().to_owned()
}

pub fn kinds(hooks: &[Hook]) -> Vec<String> {
    hooks.iter().map(|hook| hook.event["type"].as_str().unwrap().to_owned()).collect()
}

/// How often each event came.
pub fn counts(hooks: &[Hook]) -> HashMap<String, usize> {
    let mut counts = HashMap::new();
    hooks.iter().for_each(|hook| *counts.entry(id(&hook.event)).or_default() += 1);
    counts
}

/// Follows no redirects, so that a test sees them.
pub fn browser() -> reqwest::Client {
    // Tests have runtimes of their own, which a kept connection would not outlive.
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .pool_max_idle_per_host(0)
        .build()
        .unwrap()
}

/// A folder of this crate.
pub fn here(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(path)
}

pub fn advance(seconds: i64) -> Value {
    json!({"advance_seconds": seconds})
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}
