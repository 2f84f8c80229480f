//! Intake of Stripe's events: verified, stored, answered after the commit.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::Sha256;

use super::load::{Load, Pace};
use super::server::Server;
use super::stores::Stores;
use super::table::{Goal, Row};
use crate::error::{Error, Result};
use crate::project::Project;
use crate::scratch::Scratch;

const PATH: &str = "/api/v1/billing/webhook";
const SECRET: &str = "whsec_for_measurements_only_0123456789";
const TIME: Duration = Duration::from_secs(10);

/// How many events a second fit, and how long one waits at a thousand a second,
/// on SQLite and on PostgreSQL with Redis. Every event has an id of its own and
/// a type that nothing is done for.
///
/// # Errors
/// When an event is answered with something else than 200.
pub fn run(project: &Project) -> Result<Vec<Row>> {
    let secret = [("STRIPE_WEBHOOK_SECRET", SECRET)];
    let mut rows = {
        let scratch = Scratch::new("bench")?;
        measure(&Server::start(project, scratch.path(), &secret)?, "SQLite")?
    };
    let scratch = Scratch::new("bench")?;
    let stores = Stores::start()?;
    rows.extend(measure(&stores.serve(project, scratch.path(), &secret)?, "PostgreSQL")?);
    Ok(rows)
}

fn measure(server: &Server, database: &str) -> Result<Vec<Row>> {
    let load = |pace| Load { address: server.address, connections: 64, pace, duration: TIME };
    let closed = load(Pace::Closed).run(|number| event(server, "closed", number))?.only(200)?;
    let steady = load(Pace::Rate(1_000.0)).run(|number| event(server, "steady", number))?.only(200)?;
    Ok(vec![
        Row::new(format!("events a second, {database}"), closed.rate(), "/s", Goal::AtLeast(1_000.0)),
        Row::new(
            format!("p99 at 1,000 events a second, {database}"),
            steady.percentile_ms(0.99),
            "ms",
            Goal::AtMost(50.0),
        ),
    ])
}

fn event(server: &Server, run: &str, number: u64) -> Vec<u8> {
    let now = real_seconds();
    let body = json!({
        "id": format!("evt_{run}_{number}"),
        "object": "event",
        "api_version": "2025-03-31.basil",
        "created": now,
        "type": "product.updated",
        "livemode": false,
        "pending_webhooks": 1,
        "data": {"object": {"id": "prod_measured", "object": "product"}},
    })
    .to_string();
    // An HMAC takes a key of any length, so there is no error to speak of.
    let signature = signed(now, &body).unwrap_or_default();
    server.post(PATH, &format!("Stripe-Signature: t={now},v1={signature}\r\n"), &body)
}

fn signed(time: u64, body: &str) -> Result<String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes())
        .map_err(|error| Error::Check(format!("the webhook secret is no key: {error}")))?;
    mac.update(format!("{time}.{body}").as_bytes());
    Ok(hex::encode(mac.finalize().into_bytes()))
}

/// A signature is held against the real time.
#[expect(clippy::disallowed_methods, reason = "a measurement has no clock but the real one")]
fn real_seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}
