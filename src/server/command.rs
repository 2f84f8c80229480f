//! The command line.

mod verify;

use crate::server::{
    application::{self, Application, StartError},
    auth::tokens::random_token,
    clock::Clock,
    config::Config,
    error::ServiceError,
    service::{accounts, inbox},
    telemetry,
};
use clap::{Parser, Subcommand};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Runs a trading-signals business, and proves its record.
#[derive(Debug, Parser)]
#[command(name = "signalbox", version, about)]
pub struct Command {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Serves the site and the API, and does the jobs (the default).
    Serve,
    /// Does the jobs alone.
    Worker,
    /// Brings the database's schema up to date.
    Migrate,
    /// Manages who runs the site.
    Admin {
        #[command(subcommand)]
        action: AdminAction,
    },
    /// Shows, replays and dismisses Stripe's events that were given up.
    Events {
        #[command(subcommand)]
        action: EventsAction,
    },
    /// Checks a ledger: its chain, every commitment, every signature, and every outcome against the bundled candles.
    Verify(verify::Verify),
}

#[derive(Debug, Subcommand)]
enum EventsAction {
    /// Lists them, the newest first, with what each failed with.
    List,
    /// Lets one be tried anew.
    Replay {
        /// Stripe's name for it: evt_…
        id: String,
    },
    /// Notes that nothing is to be done about one. It is kept, and no longer counts as waiting.
    Dismiss {
        /// Stripe's name for it: evt_…
        id: String,
    },
}

#[derive(Debug, Subcommand)]
enum AdminAction {
    /// Makes an operator's account. Without a password given, one is made and printed once.
    Create {
        /// Signs in with it.
        email: String,
        /// Reads the password from standard input, one line.
        #[arg(long)]
        password_stdin: bool,
        /// The password; standard input is safer.
        #[arg(long, env = "SIGNALBOX_ADMIN_PASSWORD", hide_env_values = true, conflicts_with = "password_stdin")]
        password: Option<String>,
        /// Makes an existing account an operator's; its password stays.
        #[arg(long)]
        promote: bool,
    },
}

impl Action {
    /// How much is logged: of what prints an answer, only what goes wrong.
    fn log_level(&self) -> &'static str {
        match self {
            Self::Serve | Self::Worker | Self::Migrate => "info",
            Self::Admin { .. } | Self::Events { .. } | Self::Verify(_) => "warn",
        }
    }
}

/// How long the database may take to close.
const CLOSING: Duration = Duration::from_secs(5);

/// Events listed at most.
const LISTED: u64 = 200;

/// Does what the command line says.
///
/// # Errors
/// When it cannot be done; the text says what to do.
pub async fn run(command: Command) -> Result<(), StartError> {
    let action = command.action.unwrap_or(Action::Serve);
    let stop = stop_signal();
    let level = action.log_level();
    // Not for all: whoever checks a ledger runs no site, and needs no settings.
    let begin = || {
        let config = Config::load()?;
        telemetry::init(config.environment, level);
        Ok::<_, StartError>(config)
    };
    match action {
        Action::Serve => serve(begin()?, stop).await,
        Action::Worker => work(begin()?, stop).await,
        Action::Migrate => {
            let config = begin()?;
            unless_stopped(&stop, application::migrate(&config)).await.map(drop)
        }
        Action::Admin { action } => unless_stopped(&stop, admin(begin()?, action)).await.map(drop),
        Action::Events { action } => unless_stopped(&stop, events(begin()?, action)).await.map(drop),
        Action::Verify(verify) => unless_stopped(&stop, verify.run()).await.map(drop),
    }
}

/// What comes of `work`, unless a stop comes first: a database or Redis that does not answer keeps nobody waiting.
async fn unless_stopped<T>(
    stop: &CancellationToken,
    work: impl Future<Output = Result<T, StartError>>,
) -> Result<Option<T>, StartError> {
    tokio::select! {
        done = work => done.map(Some),
        () = stop.cancelled() => {
            tracing::info!("stopped before it had begun");
            Ok(None)
        }
    }
}

async fn work(config: Config, stop: CancellationToken) -> Result<(), StartError> {
    if let Some(state) = unless_stopped(&stop, application::build_state(config, Clock::system())).await? {
        application::run_worker(state, stop).await;
    }
    Ok(())
}

async fn serve(config: Config, stop: CancellationToken) -> Result<(), StartError> {
    let building = Application::build(config, Clock::system());
    let Some(application) = unless_stopped(&stop, building).await? else { return Ok(()) };
    let config = &application.state().config;
    let address = application.addr().unwrap_or(config.site.addr);
    tracing::info!(%address, site = %config.frontend_url, "listening");
    let store = application.state().store.clone();
    let outcome = application.run_until_stopped(stop).await;
    // So that SQLite folds its log into the database: whoever copies the one file has all.
    match tokio::time::timeout(CLOSING, store.close()).await {
        Ok(closed) => closed.map_err(|error| StartError::Part { part: "database", source: error.into() })?,
        Err(_) => tracing::warn!("the database was still in use at the end"),
    }
    outcome
}

async fn events(config: Config, action: EventsAction) -> Result<(), StartError> {
    let refused = |source: ServiceError| StartError::Part { part: "events", source: source.into() };
    let state = application::build_state(config, Clock::system()).await?;
    match action {
        EventsAction::List => {
            let page = inbox::given_up(&state, None, LISTED).await.map_err(refused)?;
            for event in &page.events {
                let error = event.error.as_deref().unwrap_or("-");
                println!("{}  {}  {}  {} tries\n  {error}", event.received_at, event.id, event.kind, event.attempts);
            }
            if page.events.is_empty() {
                eprintln!("No event was given up.");
            }
            if page.next_cursor.is_some() {
                println!("… and older ones.");
            }
        }
        EventsAction::Replay { id } => {
            inbox::replay(&state, &id).await.map_err(refused)?;
            println!("{id} is tried anew in the next round of the running program's jobs.");
        }
        EventsAction::Dismiss { id } => {
            inbox::dismiss(&state, &id).await.map_err(refused)?;
            println!("{id} is kept, and no longer counts as waiting.");
        }
    }
    Ok(())
}

async fn admin(config: Config, action: AdminAction) -> Result<(), StartError> {
    let AdminAction::Create { email, password_stdin, password, promote } = action;
    let refused = |source| StartError::Part { part: "admin create", source };
    let (given, made) = match password {
        Some(given) => (given, false),
        None if password_stdin => (read_line().map_err(|error| refused(error.into()))?, false),
        None => (random_token(), true),
    };
    let state = application::build_state(config, Clock::system()).await?;
    match accounts::create_operator(&state, &email, &given, promote).await {
        Ok(true) if made => println!("Made {email} an operator. The password, shown this once: {given}"),
        Ok(true) => println!("Made {email} an operator."),
        Ok(false) => println!("{email} is an operator now; the password stays as it was."),
        Err(ServiceError::EmailInUse) => {
            return Err(refused("there is such an account; add --promote to make it an operator's".into()));
        }
        Err(ServiceError::Invalid(faults)) => {
            let faults: Vec<String> = faults.into_iter().map(|fault| fault.message).collect();
            return Err(refused(faults.join(" ").into()));
        }
        Err(error) => return Err(refused(error.into())),
    }
    Ok(())
}

fn read_line() -> std::io::Result<String> {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// Cancelled by Ctrl-C or SIGTERM, from this call on.
fn stop_signal() -> CancellationToken {
    let token = CancellationToken::new();
    let (stop, told) = (token.clone(), told_to_stop());
    tokio::spawn(async move {
        told.await;
        stop.cancel();
    });
    token
}

/// Listens at once, not only when it is first awaited: a signal that comes between would end the program uncleanly.
#[cfg(unix)]
fn told_to_stop() -> impl Future<Output = ()> {
    use tokio::signal::unix::{SignalKind, signal};
    let (terminate, interrupt) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
    async move {
        match (terminate, interrupt) {
            (Ok(mut terminate), Ok(mut interrupt)) => tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            },
            _ => drop(tokio::signal::ctrl_c().await),
        }
    }
}

#[cfg(not(unix))]
async fn told_to_stop() {
    drop(tokio::signal::ctrl_c().await);
}
