//! The program as a value: built from a configuration, run until stopped.

use crate::server::{
    auth::{hasher::Hasher, tokens::TokenKeys},
    backtests::Backtests,
    cache,
    clock::Clock,
    config::{AccountsConfig, Config, ConfigError},
    deadline::Deadline,
    error::{BoxError, ServiceError},
    http::{self, assets::Assets},
    jobs, mail, market,
    payments::Payments,
    service::{self, access::AccessCache, desk::Desk, feed::FeedCache, history::RecordCache},
    state::{AppState, Parts, Readiness, WorkBell},
    store::Store,
};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use std::{net::SocketAddr, sync::OnceLock, time::Duration};
use tokio::{net::TcpListener, task::JoinError};
use tokio_util::sync::CancellationToken;

/// Why the program did not start, or did not end well.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The configuration is refused.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The database lacks migrations.
    #[error("the database's schema is {pending} migrations behind: run `signalbox migrate` first")]
    Migrations {
        /// How many.
        pending: usize,
    },
    /// An address cannot be listened on.
    #[error("cannot listen on {addr}: {source}; set {setting} to another address")]
    Listen {
        /// Which.
        addr: SocketAddr,
        /// Where it is set.
        setting: &'static str,
        /// What the system said.
        source: std::io::Error,
    },
    /// A part did not come up.
    #[error("{part}: {source}")]
    Part {
        /// Which.
        part: &'static str,
        /// Why.
        source: BoxError,
    },
    /// Several parts did not come up.
    #[error("{} parts cannot be made as configured:{}", .0.len(), lines(.0))]
    Parts(Vec<StartError>),
}

fn lines(errors: &[StartError]) -> String {
    errors.iter().map(|error| format!("\n  {error}")).collect()
}

/// The parts that did not come up, gathered, so that they are told at once.
#[derive(Default)]
struct Failed(Vec<StartError>);

impl Failed {
    /// A part, or `None` with why there is none.
    fn take<T, E: Into<BoxError>>(&mut self, part: &'static str, made: Result<T, E>) -> Option<T> {
        made.map_err(|error| self.0.push(StartError::part(part)(error.into()))).ok()
    }

    /// The one, or all of them.
    fn into_error(mut self) -> StartError {
        match self.0.pop() {
            Some(only) if self.0.is_empty() => only,
            last => {
                self.0.extend(last);
                StartError::Parts(self.0)
            }
        }
    }
}

/// The part that `DATABASE_URL` names.
const DATABASE: &str = "database (DATABASE_URL)";

impl StartError {
    fn part(part: &'static str) -> impl FnOnce(BoxError) -> Self {
        move |source| Self::Part { part, source }
    }
}

/// The program, listening but not yet answering.
pub struct Application {
    state: AppState,
    listener: TcpListener,
    sandbox: Option<sandbox::Sandbox>,
}

impl Application {
    /// Connects what there is to connect and listens.
    ///
    /// # Errors
    /// When the database, Redis or an address does not answer, or the schema is behind.
    pub async fn build(config: Config, clock: Clock) -> Result<Self, StartError> {
        let sandbox = bind_sandbox(&config).await?;
        let addr = config.site.addr;
        let listener = TcpListener::bind(addr).await.map_err(|source| StartError::Listen {
            addr,
            setting: "LEPTOS_SITE_ADDR",
            source,
        })?;
        let state = build_state(config, clock).await?;
        Ok(Self { state, listener, sandbox })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// When the system does not tell.
    pub fn addr(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// The state, for tests that ask a service directly.
    pub fn state(&self) -> &AppState {
        &self.state
    }

    /// Answers until `stop`, then: no longer ready, no more connections, the requests and the jobs' rounds under way are
    /// finished and the database is closed, all of it by one deadline.
    pub async fn run_until_stopped(self, stop: CancellationToken) {
        let Self { state, listener, sandbox } = self;
        let (jobs_stop, sandbox_stop) = (CancellationToken::new(), CancellationToken::new());
        let sandbox = sandbox.map(|sandbox| tokio::spawn(sandbox.run(sandbox_stop.clone())));
        let working = tokio::spawn(start_work(state.clone(), jobs_stop.clone()));
        let (connections, deadline) = http::server::serve(&state, listener, stop).await;
        jobs_stop.cancel();
        let requests = async {
            connections.shutdown().await;
            // What the last of them asked for.
            service::backtests::stop(&state).await;
        };
        let jobs = async {
            service::backtests::stop(&state).await;
            join(working).await;
        };
        tokio::join!(deadline.bound("requests", requests), deadline.bound("jobs", jobs));
        sandbox_stop.cancel();
        if let Some(sandbox) = sandbox
            && let Some(Some(Err(error))) = deadline.bound("the Stripe sandbox", join(sandbox)).await
        {
            tracing::error!(error = &error as &dyn std::error::Error, "the Stripe sandbox ended badly");
        }
        close(&state, deadline).await;
        tracing::info!("stopped");
    }
}

/// Runs the jobs alone until `stop`, for `signalbox worker`; their rounds under way are finished by the deadline.
pub async fn run_worker(state: AppState, stop: CancellationToken) {
    let mut working = tokio::spawn(start_work(state.clone(), stop.clone()));
    tokio::select! {
        // Only what went wrong ends them before.
        _ = join(&mut working) => return,
        () = stop.cancelled() => {}
    }
    let deadline = Deadline::from_now(&state.config);
    deadline.bound("jobs", join(&mut working)).await;
    close(&state, deadline).await;
    tracing::info!("stopped");
}

/// Closes the database, so that SQLite folds its log into the file: whoever copies the one file has all.
async fn close(state: &AppState, deadline: Deadline) {
    if let Some(Err(error)) = deadline.bound("the database", state.store.clone().close()).await {
        tracing::error!(error = &error as &dyn std::error::Error, "the database was not closed");
    }
}

/// Everything but the listeners. What can be told without the database comes before it: a start that fails on another
/// setting has changed nothing there.
///
/// # Errors
/// As [`Application::build`].
pub async fn build_state(config: Config, clock: Clock) -> Result<AppState, StartError> {
    let mut failed = Failed::default();
    let assets = failed.take("site folder", Assets::find(config.site_dir.as_deref()));
    let market = failed.take("market data", market::open(&config.market));
    let desk = market.as_ref().and_then(|market| failed.take("strategies", Desk::open(&config, market.as_ref())));
    let payments = failed.take("payments", Payments::new(&config));
    let mailer = failed.take("mail", mail::open(&config.mail));
    let AccountsConfig { hashing_threads, hashing_queue, .. } = config.accounts;
    let hasher = failed.take("password hashing", Hasher::new(hashing_threads, hashing_queue));
    let backtests = failed.take("backtests", Backtests::new(config.limits.backtest_queue));
    let (Some(assets), Some(market), Some(desk), Some(payments), Some(mailer), Some(hasher), Some(backtests)) =
        (assets, market, desk, payments, mailer, hasher, backtests)
    else {
        return Err(failed.into_error());
    };
    let metrics = prometheus()?;
    let cache = cache::connect(&config.redis).await.map_err(|e| StartError::part("redis")(e.into()))?;
    let store = open_store(&config).await?;
    Ok(AppState::new(Parts {
        tokens: TokenKeys::new(&config.secret_key),
        signer: engine::ledger::Signer::from_secret(config.ledger_key.reveal()),
        access: AccessCache::default(),
        feed: FeedCache::default(),
        record: RecordCache::default(),
        intake: service::intake::Intake::default(),
        readiness: Readiness::default(),
        work: WorkBell::default(),
        started_at: clock.now(),
        config,
        clock,
        store,
        cache,
        market,
        desk,
        payments,
        mailer,
        hasher,
        backtests,
        assets,
        metrics,
    }))
}

/// The database with its schema up to date: SQLite's is brought there, PostgreSQL's must be.
async fn open_store(config: &Config) -> Result<Store, StartError> {
    let store = Store::connect(&config.database).await.map_err(|e| StartError::part(DATABASE)(e.into()))?;
    if store.is_sqlite() {
        store.migrate().await.map_err(|e| StartError::part("migration")(e.into()))?;
    } else {
        let pending = store.pending_migrations().await.map_err(|e| StartError::part(DATABASE)(e.into()))?;
        if pending > 0 {
            return Err(StartError::Migrations { pending });
        }
    }
    Ok(store)
}

/// One recorder for the whole program, however many applications are built in it.
fn prometheus() -> Result<PrometheusHandle, StartError> {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    if let Some(handle) = HANDLE.get() {
        return Ok(handle.clone());
    }
    match PrometheusBuilder::new().install_recorder() {
        Ok(handle) => Ok(HANDLE.get_or_init(|| handle).clone()),
        Err(error) => HANDLE.get().cloned().ok_or_else(|| StartError::part("metrics")(error.into())),
    }
}

async fn bind_sandbox(config: &Config) -> Result<Option<sandbox::Sandbox>, StartError> {
    let Some(addr) = config.stripe.sandbox_addr else { return Ok(None) };
    let bound = sandbox::Sandbox::bind(crate::server::payments::sandbox_config(config, addr)).await;
    bound.map(Some).map_err(|error| match error {
        sandbox::Error::Listen(addr, source) => StartError::Listen { addr, setting: "STRIPE_SANDBOX_ADDR", source },
        error => StartError::part("Stripe sandbox")(error.into()),
    })
}

/// What must be there before the first request is welcome, then the jobs until `stop`.
async fn start_work(state: AppState, stop: CancellationToken) {
    let mut pause = Duration::from_millis(250);
    while let Err(error) = prepare(&state).await {
        tracing::error!(error = &error as &dyn std::error::Error, "not ready yet, trying again");
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(pause) => pause = (pause * 2).min(Duration::from_secs(10)),
        }
    }
    state.readiness.set(true);
    jobs::run(state, stop).await;
}

async fn prepare(state: &AppState) -> Result<(), ServiceError> {
    service::publish::backfill(state).await?;
    service::checkout::ensure_price(state).await
}

async fn join<T>(task: impl Future<Output = Result<T, JoinError>>) -> Option<T> {
    match task.await {
        Ok(value) => Some(value),
        Err(error) => {
            tracing::error!(error = &error as &dyn std::error::Error, "a task ended badly");
            None
        }
    }
}

/// Brings the database's schema up to date.
///
/// # Errors
/// When the database does not answer or refuses a migration.
pub async fn migrate(config: &Config) -> Result<(), StartError> {
    let store = Store::connect(&config.database).await.map_err(|e| StartError::part(DATABASE)(e.into()))?;
    store.migrate().await.map_err(|e| StartError::part("migration")(e.into()))?;
    tracing::info!("the database's schema is up to date");
    Ok(())
}
