use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::billing::due;
use crate::config::Config;
use crate::router;
use crate::state::State;
use crate::store::{OpenError, Store};
use crate::webhook::delivery;

/// How long requests may go on after the stop.
const GRACE: Duration = Duration::from_secs(5);

/// A sandbox that has its port and its state; [`Sandbox::run`] lets it answer.
#[derive(Debug)]
pub struct Sandbox {
    listener: TcpListener,
    addr: SocketAddr,
    url: String,
    store: Arc<Store>,
}

/// Why a sandbox did not start, or stopped.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The sandbox takes any test card as money.
    #[error(
        "the Stripe sandbox refuses to start in production (SIGNALBOX_ENV=production): set STRIPE_SECRET_KEY to use Stripe"
    )]
    Production,
    /// A setting that makes no sense.
    #[error("{0}")]
    Settings(String),
    /// The address is taken or not this machine's.
    #[error("the Stripe sandbox cannot listen on {0}: {1}")]
    Listen(SocketAddr, #[source] std::io::Error),
    /// The state file cannot be used.
    #[error(transparent)]
    State(#[from] OpenError),
    /// A test event could not be sent.
    #[error("the test event could not be sent: {0}")]
    Send(#[source] reqwest::Error),
    /// A test event was not taken.
    #[error("the test event was answered with {0}")]
    Refused(u16),
    /// Serving ended.
    #[error("the Stripe sandbox stopped: {0}")]
    Serve(#[source] std::io::Error),
}

impl Sandbox {
    /// Takes the port and reads the state file. From here on connections are accepted, and are
    /// answered once it runs. Refuses in production, whether the configuration or `SIGNALBOX_ENV`
    /// says so.
    pub async fn bind(config: Config) -> Result<Self, Error> {
        if config.production || std::env::var("SIGNALBOX_ENV").is_ok_and(|name| name == "production") {
            return Err(Error::Production);
        }
        if let Some(problem) = config.settings.problem() {
            return Err(Error::Settings(problem));
        }
        let failed = |error| Error::Listen(config.listen, error);
        let listener = TcpListener::bind(config.listen).await.map_err(failed)?;
        let addr = listener.local_addr().map_err(failed)?;
        let url = config.public_url.clone().unwrap_or_else(|| format!("http://{addr}"));
        let url = url.trim_end_matches('/').to_owned();
        let state = State::new(config.settings, url.clone(), config.keep_events);
        let store = Store::open(state, config.state_file)?;
        Ok(Self { listener, addr, url, store })
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// What its addresses begin with, without a slash at the end; also where its API is.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Answers, sends webhooks and follows the clock until stopped; then the state is in its file.
    pub async fn run(self, stop: CancellationToken) -> Result<(), Error> {
        let writing = CancellationToken::new();
        let writer = tokio::spawn(self.store.clone().write_changes(writing.clone()));
        let deliverer = tokio::spawn(delivery::deliver(self.store.clone(), stop.clone()));
        let clock = tokio::spawn(follow_clock(self.store.clone(), stop.clone()));
        let app = router::router(self.store.clone()).into_make_service_with_connect_info::<SocketAddr>();
        let serving = axum::serve(self.listener, app).with_graceful_shutdown(stop.clone().cancelled_owned());
        let deadline = async {
            stop.cancelled().await;
            tokio::time::sleep(GRACE).await;
        };
        let result = tokio::select! {
            result = serving => result.map_err(Error::Serve),
            () = deadline => Ok(()),
        };
        stop.cancel();
        let _ = tokio::join!(deliverer, clock);
        writing.cancel();
        let _ = writer.await;
        result
    }
}

/// Does what becomes due as the real time goes on.
async fn follow_clock(store: Arc<Store>, stop: CancellationToken) {
    loop {
        store.with(|state| due::run_until(state, state.now()));
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(Duration::from_secs(1)) => {}
        }
    }
}
