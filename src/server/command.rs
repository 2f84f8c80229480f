//! The command line, a file a command.

mod admin;
mod backtest;
mod events;
mod indicators;
mod output;
mod series;
mod serve;
mod stop;
mod verify;

use crate::server::{
    application::{self, StartError},
    config::Config,
    error::BoxError,
    telemetry,
};
use clap::{Parser, Subcommand};
use std::process::ExitCode;
use stop::{stop_signal, unless_stopped};

/// Runs a trading-signals business, and proves its record.
#[derive(Debug, Parser)]
#[command(name = "signalbox", version, about)]
pub struct Command {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, Subcommand)]
enum Action {
    #[command(flatten)]
    Site(SiteAction),
    /// Computes indicators over a file of candles.
    Indicators(indicators::Arguments),
    /// Tries a strategy on a file of candles.
    Backtest(backtest::Arguments),
    /// Checks a ledger: its chain, every commitment, every signature, and every outcome against the bundled candles.
    Verify(verify::Verify),
}

/// What works with the site's configuration and database.
#[derive(Debug, Subcommand)]
enum SiteAction {
    /// Serves the site and the API, and does the jobs (the default).
    Serve,
    /// Does the jobs alone.
    Worker,
    /// Brings the database's schema up to date.
    Migrate,
    /// Manages who runs the site.
    Admin {
        #[command(subcommand)]
        action: admin::AdminAction,
    },
    /// Shows, replays and dismisses Stripe's events that were given up.
    Events {
        #[command(subcommand)]
        action: events::EventsAction,
    },
}

/// Why a command was not done.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The program did not start, or did not end well.
    #[error(transparent)]
    Start(#[from] StartError),
    /// What was given cannot be worked with; the text says what and where.
    #[error("{0}")]
    Refused(#[source] BoxError),
    /// The answer could not be written.
    #[error("cannot write the answer: {0}")]
    Write(#[source] std::io::Error),
}

impl CommandError {
    /// 2 for what was given wrongly, as for an option that there is not; 1 for all else.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Refused(_) => ExitCode::from(2),
            Self::Start(_) | Self::Write(_) => ExitCode::FAILURE,
        }
    }

    /// What was given cannot be worked with.
    fn refused(reason: impl Into<BoxError>) -> Self {
        Self::Refused(reason.into())
    }
}

impl SiteAction {
    /// How much is logged: of what prints an answer, only what goes wrong.
    fn log_level(&self) -> &'static str {
        match self {
            Self::Serve | Self::Worker | Self::Migrate => "info",
            Self::Admin { .. } | Self::Events { .. } => "warn",
        }
    }
}

/// Does what the command line says.
///
/// # Errors
/// When it cannot be done; the text says what to do.
pub async fn run(command: Command) -> Result<(), CommandError> {
    match command.action.unwrap_or(Action::Site(SiteAction::Serve)) {
        Action::Site(action) => Ok(run_on_site(action).await?),
        // What only computes needs no configuration and logs nothing.
        Action::Indicators(arguments) => indicators::run(&arguments),
        Action::Backtest(arguments) => backtest::run(&arguments),
        Action::Verify(arguments) => arguments.run().await,
    }
}

async fn run_on_site(action: SiteAction) -> Result<(), StartError> {
    let config = Config::load()?;
    telemetry::init(config.environment, action.log_level());
    let stop = stop_signal();
    if matches!(action, SiteAction::Serve | SiteAction::Worker) {
        for warning in &config.warnings {
            tracing::warn!("{warning}");
        }
    }
    match action {
        SiteAction::Serve => serve::serve(config, stop).await,
        SiteAction::Worker => serve::work(config, stop).await,
        SiteAction::Migrate => unless_stopped(&stop, application::migrate(&config)).await.map(drop),
        SiteAction::Admin { action } => unless_stopped(&stop, admin::run(config, action)).await.map(drop),
        SiteAction::Events { action } => unless_stopped(&stop, events::run(config, action)).await.map(drop),
    }
}
