//! A storm of wrong logins, and how the other visitors fare in it.

use std::thread;
use std::time::Duration;

use serde_json::json;

use super::load::{Load, Pace};
use super::server::Server;
use super::table::{Goal, Row};
use crate::error::{Error, Result};
use crate::project::Project;
use crate::scratch::Scratch;

const TIME: Duration = Duration::from_secs(30);

/// 200 wrong logins at once, each from another address, for 30 seconds;
/// beside them the landing page 100 times a second.
///
/// # Errors
/// When the server does not start, or a visitor is not answered with 200.
pub fn run(project: &Project) -> Result<Vec<Row>> {
    let scratch = Scratch::new("bench")?;
    // The storm's addresses are forwarded ones, so that they can be many.
    let server = Server::start(project, scratch.path(), &[("TRUSTED_PROXIES", "127.0.0.1")])?;
    let storm = Load { address: server.address, connections: 200, pace: Pace::Closed, duration: TIME };
    let visitors = Load { address: server.address, connections: 32, pace: Pace::Rate(100.0), duration: TIME };
    let (storm, visitors) = thread::scope(|scope| {
        let storm = scope.spawn(|| storm.run(|number| wrong_login(&server, number)));
        let visitors = visitors.run(|_| server.get("/", "Accept: text/html\r\n"));
        let storm = storm.join().unwrap_or_else(|_| Err(Error::Check("the storm's thread panicked".into())));
        (storm, visitors)
    });
    let (storm, visitors) = (storm?, visitors?.only(200)?);
    Ok(vec![
        Row::new("p99 of other requests in the storm", visitors.percentile_ms(0.99), "ms", Goal::AtMost(50.0)),
        Row::new("wrong logins checked a second (401)", storm.count(401) as f64 / storm.seconds, "/s", Goal::None),
        Row::new("turned away, queue full (503)", storm.count(503) as f64 / storm.seconds, "/s", Goal::None),
        Row::new("resident memory in the storm", server.resident_mib()?, "MiB", Goal::None),
    ])
}

fn wrong_login(server: &Server, number: u64) -> Vec<u8> {
    let body = json!({"email": format!("nobody{number}@example.com"), "password": "wrong passphrase 499"}).to_string();
    let address = format!("10.{}.{}.{}", number >> 16 & 255, number >> 8 & 255, number & 255);
    server.post("/api/v1/auth/login", &format!("X-Forwarded-For: {address}\r\n"), &body)
}
