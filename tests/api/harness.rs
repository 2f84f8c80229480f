//! Builds the program with a database and a Stripe sandbox of its own, and talks to it over HTTP.
//!
//! `on_both!` runs each test on SQLite with the in-process cache and on PostgreSQL with Redis. The servers' addresses
//! come in `SIGNALBOX_TEST_DATABASE_URL` (with the right to create databases) and `SIGNALBOX_TEST_REDIS_URL`;
//! `cargo xtask test` sets both.

mod database;
mod process;

pub use database::Database;
use futures::FutureExt;
pub use process::{Process, run_to_end, said};
use serde_json::{Value, json};
use signalbox::{
    domain::time::Timestamp,
    server::{
        application::Application,
        clock::Clock,
        config::{Config, Variables},
        state::AppState,
    },
};
use std::{
    collections::HashMap,
    net::TcpListener,
    panic::AssertUnwindSafe,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU16, Ordering},
    },
    time::Duration,
};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// What the program runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// SQLite, all in one process.
    Embedded,
    /// PostgreSQL and Redis.
    ScaleOut,
}

/// The real time, moved by what a test asks for.
#[derive(Clone, Default)]
pub struct TestClock(Arc<AtomicI64>);

impl TestClock {
    pub fn advance(&self, span: Duration) {
        self.0.fetch_add(span.as_millis() as i64, Ordering::SeqCst);
    }

    fn clock(&self) -> Clock {
        let (offset, system) = (Arc::clone(&self.0), Clock::system());
        Clock::from_fn(move || Timestamp::from_millis(system.now().millis() + offset.load(Ordering::SeqCst)))
    }
}

/// Where several instances of the program can meet: one database, one Redis prefix, one data folder.
pub struct Site {
    pub backend: Backend,
    pub database: Database,
    pub data_dir: Arc<tempfile::TempDir>,
    redis_prefix: String,
    settings: HashMap<String, String>,
}

/// A running program.
pub struct TestApp {
    /// `http://127.0.0.1:PORT`.
    pub base: String,
    pub client: reqwest::Client,
    pub state: AppState,
    pub clock: TestClock,
    pub site: Arc<Site>,
    stop: CancellationToken,
    task: Option<JoinHandle<()>>,
}

/// Somebody who signed up.
#[derive(Clone, Debug)]
pub struct Account {
    pub email: String,
    pub password: String,
    pub access_token: String,
    pub refresh_token: String,
}

pub const PASSWORD: &str = "a calm instrument";

impl Site {
    pub async fn new(backend: Backend) -> Self {
        Self::with_settings(backend, &[]).await
    }

    /// With further variables, as from the environment.
    pub async fn with_settings(backend: Backend, settings: &[(&str, &str)]) -> Self {
        let data_dir = tempfile::tempdir().unwrap();
        let database = Database::create(backend, data_dir.path()).await;
        Self::of(backend, database, data_dir, settings)
    }

    /// On a PostgreSQL database that nobody has migrated yet.
    pub async fn before_migration(settings: &[(&str, &str)]) -> Self {
        Self::of(Backend::ScaleOut, Database::empty().await, tempfile::tempdir().unwrap(), settings)
    }

    fn of(backend: Backend, database: Database, data_dir: tempfile::TempDir, settings: &[(&str, &str)]) -> Self {
        Self {
            backend,
            database,
            data_dir: Arc::new(data_dir),
            redis_prefix: format!("signalbox-test-{}:", uuid::Uuid::now_v7()),
            settings: settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        }
    }

    /// The configuration of one instance; each listens on ports of its own.
    pub fn config(&self) -> Config {
        Config::from_variables(self.variables()).unwrap()
    }

    /// The environment of one instance.
    pub fn variables(&self) -> Variables {
        let set = |name: &str, value: String| (name.to_owned(), value);
        let mut variables: Variables = HashMap::from([
            set("LEPTOS_SITE_ADDR", format!("127.0.0.1:{}", free_port())),
            set("STRIPE_SANDBOX_ADDR", format!("127.0.0.1:{}", free_port())),
            set("SIGNALBOX_DATA_DIR", self.data_dir.path().display().to_string()),
            set("SIGNALBOX_SITE_DIR", site_dir(self.data_dir.path()).display().to_string()),
            set("DATABASE_URL", self.database.url.clone()),
            set("SIGNALBOX_REDIS__PREFIX", self.redis_prefix.clone()),
            // Many tests sign up from one address.
            set("SIGNALBOX_LIMITS__AUTH_PER_MINUTE", "1000".to_owned()),
        ]);
        if self.backend == Backend::ScaleOut {
            variables.insert("REDIS_URL".to_owned(), required("SIGNALBOX_TEST_REDIS_URL"));
        }
        variables.extend(self.settings.clone());
        variables
    }
}

impl TestApp {
    pub async fn spawn(backend: Backend) -> Self {
        Self::on(Arc::new(Site::new(backend).await)).await
    }

    pub async fn spawn_with(backend: Backend, settings: &[(&str, &str)]) -> Self {
        Self::on(Arc::new(Site::with_settings(backend, settings).await)).await
    }

    /// One more instance on a site; returns once it is ready.
    pub async fn on(site: Arc<Site>) -> Self {
        let app = Self::on_unready(site).await;
        app.until("the program is ready", || async { app.state.readiness.get() }).await;
        app
    }

    /// One more instance on a site that may lack what it needs to become ready.
    pub async fn on_unready(site: Arc<Site>) -> Self {
        let clock = TestClock::default();
        let application = Application::build(site.config(), clock.clock()).await.unwrap();
        let base = format!("http://{}", application.addr().unwrap());
        let state = application.state().clone();
        let stop = CancellationToken::new();
        let task = tokio::spawn(application.run_until_stopped(stop.clone()));
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { base, client, state, clock, site, stop, task: Some(task) }
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    pub fn get(&self, path: &str) -> reqwest::RequestBuilder {
        self.client.get(self.url(path))
    }

    pub fn post(&self, path: &str, body: &Value) -> reqwest::RequestBuilder {
        self.client.post(self.url(path)).json(body)
    }

    /// Signs up somebody new.
    pub async fn sign_up(&self) -> Account {
        let email = format!("trader-{}@example.com", uuid::Uuid::now_v7());
        let body = json!({"email": email, "password": PASSWORD, "full_name": "Asha Rao"});
        let response = self.post("/auth/signup", &body).send().await.unwrap();
        assert_eq!(response.status(), 201, "{:?}", response.text().await);
        let tokens: Value = response.json().await.unwrap();
        let text = |name: &str| tokens[name].as_str().unwrap().to_owned();
        Account {
            email,
            password: PASSWORD.to_owned(),
            access_token: text("access_token"),
            refresh_token: text("refresh_token"),
        }
    }

    /// See [`until`].
    pub async fn until<F: Future<Output = bool>>(&self, what: &str, ready: impl Fn() -> F) {
        until(what, ready).await;
    }

    /// Stops it as SIGTERM would and waits until it has.
    pub async fn stop(mut self) {
        self.stop.cancel();
        if let Some(task) = self.task.take() {
            task.await.unwrap();
        }
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

impl Account {
    pub fn bearer(&self, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        request.bearer_auth(&self.access_token)
    }
}

/// Asks `ready` until it says yes; fails the test after 20 seconds.
pub async fn until<F: Future<Output = bool>>(what: &str, ready: impl Fn() -> F) {
    let wait = async {
        while !ready().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), wait).await.unwrap_or_else(|_| panic!("not within 20 s: {what}"));
}

/// Runs a test on a site of its own, and removes the site whatever the test does.
pub async fn run<F: Future<Output = ()>>(backend: Backend, test: impl FnOnce(TestApp) -> F) {
    let app = TestApp::spawn(backend).await;
    let site = Arc::clone(&app.site);
    let result = AssertUnwindSafe(test(app)).catch_unwind().await;
    site.database.remove().await;
    if let Err(panic) = result {
        std::panic::resume_unwind(panic);
    }
}

/// Each test on both backends, as `embedded::name` and `scale_out::name`.
#[macro_export]
macro_rules! on_both {
    ($($(#[$attribute:meta])* async fn $name:ident($app:ident: TestApp) $body:block)*) => {
        $($(#[$attribute])* async fn $name($app: $crate::harness::TestApp) $body)*

        mod embedded {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                $crate::harness::run($crate::harness::Backend::Embedded, super::$name).await;
            })*
        }

        mod scale_out {
            $(#[tokio::test(flavor = "multi_thread")]
            async fn $name() {
                $crate::harness::run($crate::harness::Backend::ScaleOut, super::$name).await;
            })*
        }
    };
}

/// An address variable that the tests cannot do without.
pub fn required(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is not set: run the tests with `cargo xtask test`"))
}

/// A port that is free now, below those that the system gives to outgoing connections: one of these could take it
/// before the test does. Nor does another test: they run in processes of their own, each of which looks in a part of the
/// range that hardly another looks in, and gives none twice.
pub fn free_port() -> u16 {
    const PART: u16 = 40;
    static GIVEN: AtomicU16 = AtomicU16::new(0);
    let part = u16::try_from(std::process::id() % 550).unwrap();
    let mut ports = std::iter::repeat_with(|| 10_000 + part * PART + GIVEN.fetch_add(1, Ordering::Relaxed) % PART);
    ports.find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).unwrap()
}

/// The built site beside the test program, else the names alone: pages are tested in the browser.
fn site_dir(data_dir: &std::path::Path) -> PathBuf {
    let built = std::env::current_exe().unwrap().ancestors().nth(2).unwrap().join("site");
    if built.join("assets.json").is_file() {
        return built;
    }
    let folder = data_dir.join("site");
    std::fs::create_dir_all(&folder).unwrap();
    let file = |name: &str| format!("/pkg/{name}");
    let lab: serde_json::Map<_, _> = ["page", "worker", "charts", "chart", "module", "verify", "checker", "verifier"]
        .map(|name| (name.to_owned(), file(name).into()))
        .into_iter()
        .collect();
    let series: serde_json::Map<_, _> = ["NIFTY_1d", "BANKNIFTY_1d", "BTCUSDT_1h", "BTCUSDT_1d", "ETHUSDT_1d"]
        .map(|name| (name.to_owned(), file(name).into()))
        .into_iter()
        .collect();
    let names = json!({
        "js": file("signalbox.js"), "wasm": file("signalbox.wasm"), "css": file("signalbox.css"),
        "lab": lab, "series": series,
    });
    std::fs::write(folder.join("assets.json"), names.to_string()).unwrap();
    folder
}
