//! `stripe-sandbox`: the sandbox as a program of its own.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use sandbox::{Config, Sandbox, Settings};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

/// A Stripe of our own for development and tests.
#[derive(Debug, Parser)]
#[command(name = "stripe-sandbox", version)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: Serve,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Sends one signed test event to an address.
    Trigger(Trigger),
}

#[derive(Debug, clap::Args)]
struct Trigger {
    /// The event's type, such as invoice.paid.
    kind: String,
    /// Where to send it.
    #[arg(long, env = "STRIPE_SANDBOX_WEBHOOK_URL", default_value = "http://127.0.0.1:3000/api/v1/billing/webhook")]
    url: String,
    /// What it is signed with; several are separated by commas.
    #[arg(long, env = "STRIPE_WEBHOOK_SECRET", value_delimiter = ',', required = true, hide_env_values = true)]
    secret: Vec<String>,
    /// The object that the event is about, as JSON; otherwise an empty one of the type's kind.
    #[arg(long)]
    data: Option<String>,
}

#[derive(Debug, clap::Args)]
struct Serve {
    /// Where to listen.
    #[arg(long, env = "STRIPE_SANDBOX_ADDR", default_value = "127.0.0.1:12111")]
    addr: SocketAddr,
    /// The file that keeps everything.
    #[arg(long, env = "STRIPE_SANDBOX_STATE", default_value = "stripe-sandbox.json")]
    state: PathBuf,
    /// What its addresses begin with, when not http:// and the listening address.
    #[arg(long, env = "STRIPE_SANDBOX_URL")]
    public_url: Option<String>,
    /// Where webhooks go.
    #[arg(long, env = "STRIPE_SANDBOX_WEBHOOK_URL")]
    webhook_url: Option<String>,
    /// What webhooks are signed with; several are separated by commas.
    #[arg(long, env = "STRIPE_WEBHOOK_SECRET", value_delimiter = ',', hide_env_values = true)]
    webhook_secret: Vec<String>,
    /// Milliseconds before every API answer.
    #[arg(long, default_value_t = 0)]
    delay_ms: u64,
    /// The share of API calls, 0 to 1, that fail.
    #[arg(long, default_value_t = 0.0)]
    failure_rate: f64,
    /// Send every webhook twice.
    #[arg(long)]
    duplicates: bool,
    /// Send webhooks out of order.
    #[arg(long)]
    reorder: bool,
    /// Milliseconds between an event and its first webhook.
    #[arg(long, default_value_t = 0)]
    webhook_delay_ms: u64,
    /// Webhook payloads in the shapes from before API version 2025-03-31.
    #[arg(long)]
    old_shapes: bool,
    /// Production refuses to start.
    #[arg(long, env = "SIGNALBOX_ENV", default_value = "development")]
    environment: String,
}

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let arguments = Arguments::parse();
    let result = match arguments.command {
        Some(Command::Trigger(trigger)) => send(trigger).await,
        None => serve(arguments.serve).await,
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("stripe-sandbox: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(arguments: Serve) -> Result<(), sandbox::Error> {
    let sandbox = Sandbox::bind(config(arguments)).await?;
    println!("The Stripe sandbox listens on {}", sandbox.url());
    let stop = CancellationToken::new();
    let signal = stop.clone();
    tokio::spawn(async move {
        wait_for_signal().await;
        signal.cancel();
    });
    sandbox.run(stop).await
}

async fn send(trigger: Trigger) -> Result<(), sandbox::Error> {
    let data = trigger.data.as_deref().map(serde_json::from_str).transpose();
    let data = data.map_err(|error| sandbox::Error::Settings(format!("--data is no JSON: {error}")))?;
    let status = sandbox::send_test_event(&trigger.url, &trigger.secret, &trigger.kind, data).await?;
    println!("{} answered {status} to {}", trigger.url, trigger.kind);
    if (200..300).contains(&status) { Ok(()) } else { Err(sandbox::Error::Refused(status)) }
}

fn config(arguments: Serve) -> Config {
    let settings = Settings {
        delay_ms: arguments.delay_ms,
        failure_rate: arguments.failure_rate,
        duplicates: arguments.duplicates,
        reorder: arguments.reorder,
        webhook_delay_ms: arguments.webhook_delay_ms,
        old_shapes: arguments.old_shapes,
        webhook_url: arguments.webhook_url,
        webhook_secrets: arguments.webhook_secret,
        ..Settings::default()
    };
    Config {
        listen: arguments.addr,
        state_file: Some(arguments.state),
        public_url: arguments.public_url,
        production: arguments.environment == "production",
        settings,
        ..Config::default()
    }
}

async fn wait_for_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        result = tokio::signal::ctrl_c() => if result.is_err() { std::future::pending().await },
    }
}
