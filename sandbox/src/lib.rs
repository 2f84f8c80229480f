//! A Stripe of our own for development and tests: the part of Stripe's HTTP API that Signalbox calls,
//! its hosted Checkout and billing portal pages, and signed webhooks. It speaks real HTTP, keeps its
//! state in one JSON file, and refuses to start in production.
//!
//! ```no_run
//! # async fn start() -> Result<(), sandbox::Error> {
//! let sandbox = sandbox::Sandbox::bind(sandbox::Config::default()).await?;
//! println!("listening on {}", sandbox.addr());
//! sandbox.run(tokio_util::sync::CancellationToken::new()).await
//! # }
//! ```

/// What Stripe's `/v1` addresses do, one file a noun.
mod api;
/// What happens to money over time: paying, renewing, cancelling.
mod billing;
/// Test cards, and the checks of what was typed.
mod card;
/// The clock that object times follow, and that can be moved.
mod clock;
/// How the sandbox is set up.
mod config;
/// The sandbox's own addresses under `/_sandbox/`.
mod control;
/// Replacing ids by the objects they name.
mod expand;
/// Form bodies with brackets.
mod form;
/// Object ids in Stripe's style.
mod ids;
/// The payload shapes from before API version 2025-03-31.
mod legacy;
/// The hosted pages.
mod page;
/// Reading parameters, with Stripe's errors for wrong ones.
mod params;
/// Which address does what.
mod router;
/// Binding, running and stopping.
mod server;
/// The unused fields of each kind of object.
mod shape;
/// All that the sandbox knows.
mod state;
/// The state's file.
mod store;
/// Stripe's error objects.
mod stripe_error;
/// Events, their signatures and their delivery.
mod webhook;

pub use config::{Config, Settings};
pub use server::{Error, Sandbox};
pub use webhook::signature::sign;
pub use webhook::trigger::send_test_event;
