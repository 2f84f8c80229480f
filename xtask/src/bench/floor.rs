//! The least that a request can cost: the crate `tests/bench`, beside which the
//! server is measured. Pinned and limited as the server is.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::fetch;
use super::server::{self, Server};
use super::side::Side;
use super::subscriber::Subscriber;
use super::usage;
use crate::error::{Doing, Result};
use crate::http;
use crate::process::{self, Group};
use crate::project::{Profile, Project};
use crate::settings;

/// The crate, and its program.
const PACKAGE: &str = "floor";

/// Server and floor verify the same token, so they share a key.
pub const KEY: &str = "a key for measurements only, 0123456789";
/// Microseconds of CPU that a request cost the floor on the machine that the
/// goals were set on. A goal in floors holds on any machine.
const WHERE_GOALS_WERE_SET: f64 = 7.8;
/// Where the floor answers.
pub const PATH: &str = "/signals";
/// What the floor answers with: the signals feed.
const FEED: &str = "/api/v1/signals";

/// A cost in microseconds on the machine that the goals were set on, in floors.
pub fn floors(micros: f64) -> f64 {
    micros / WHERE_GOALS_WERE_SET
}

/// Microseconds of CPU that a request costs the floor here and now, beside a
/// `server` that was started with [`KEY`].
///
/// # Errors
/// When it does not compile or start, or answers something else than 200.
pub fn cost(project: &Project, folder: &Path, server: &Server, subscriber: &Subscriber) -> Result<f64> {
    let body = fetch::get(server.address, FEED, &subscriber.bearer)?.body;
    let floor = Floor::start(project, folder, KEY, &body)?;
    let side = Side::warm(floor.address, PATH, subscriber)?;
    Ok(side.turn(|| floor.cpu_time())?.cpu)
}

/// A running floor; stopped on drop.
pub struct Floor {
    pub address: SocketAddr,
    group: Group,
}

impl Floor {
    /// Builds it in the profile that the server is built in, and starts it with
    /// the key that tokens are signed with, to answer `body`.
    ///
    /// # Errors
    /// When it does not compile or listen.
    pub fn start(project: &Project, folder: &Path, key: &str, body: &[u8]) -> Result<Self> {
        process::run(project.cargo("build").args(["--release", "--package", PACKAGE]))?;
        let file = folder.join("floor-body");
        std::fs::write(&file, body).doing("writing the floor's answer")?;
        let address = http::free_address()?;
        let mut command = Command::new("taskset");
        settings::forget(&mut command);
        command
            .args(server::PINNED)
            .arg(project.built(Profile::Release).join(PACKAGE))
            .env("TOKIO_WORKER_THREADS", "1")
            .env("FLOOR_ADDR", address.to_string())
            .env("SECRET_KEY", key)
            .env("FLOOR_BODY", file);
        let mut group = Group::spawn(&mut command)?;
        server::wait_to_listen(&mut group, address)?;
        Ok(Self { address, group })
    }

    /// CPU time used so far.
    ///
    /// # Errors
    /// When it is gone.
    pub fn cpu_time(&self) -> Result<Duration> {
        usage::cpu_time(self.group.id())
    }
}
