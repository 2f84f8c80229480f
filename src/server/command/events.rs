//! Stripe's events that were given up, by command.

use crate::server::{
    application::{self, StartError},
    clock::Clock,
    config::Config,
    error::ServiceError,
    service::inbox,
};
use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(super) enum EventsAction {
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

/// Events listed at most.
const LISTED: u64 = 200;

/// Does what is asked about them.
pub(super) async fn run(config: Config, action: EventsAction) -> Result<(), StartError> {
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
