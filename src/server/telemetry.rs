//! Logs: for people in development, JSON in production.

use crate::server::config::Environment;
use std::io::IsTerminal;
use tracing_subscriber::{EnvFilter, fmt, prelude::*};

/// Starts logging to standard error, once for the whole program. `RUST_LOG` says how much, else `level`; an empty one
/// counts as unset, as any variable does, and one that cannot be read is told.
pub fn init(environment: Environment, level: &str) {
    let usual = || EnvFilter::new(format!("{level},sqlx=warn,apalis=warn"));
    let asked = std::env::var(EnvFilter::DEFAULT_ENV).ok().filter(|asked| !asked.trim().is_empty());
    let filter = asked.map_or_else(usual, |asked| {
        EnvFilter::try_new(&asked).unwrap_or_else(|error| {
            eprintln!("signalbox: RUST_LOG: `{asked}`: {error}; logging at the level {level}");
            usual()
        })
    });
    let registry = tracing_subscriber::registry().with(filter);
    let started = match environment {
        Environment::Production => {
            registry.with(fmt::layer().json().flatten_event(true).with_writer(std::io::stderr)).try_init()
        }
        Environment::Development => {
            // Colours are for a terminal; in a file they are noise.
            let plain = std::env::var_os("NO_COLOR").is_some_and(|set| !set.is_empty());
            let coloured = std::io::stderr().is_terminal() && !plain;
            let layer = fmt::layer().compact().with_target(false).with_ansi(coloured).with_writer(std::io::stderr);
            registry.with(layer).try_init()
        }
    };
    // A second call, as when several applications are built in one process, keeps the first subscriber.
    drop(started);
}
