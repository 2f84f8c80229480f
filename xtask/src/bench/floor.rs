//! The least that a request can cost: the crate `tests/bench`, beside which the
//! server is measured. Pinned and limited as the server is.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::fetch;
use super::load::{Load, Pace};
use super::server::{self, Server};
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
/// What the floor answers with: the signals feed.
const FEED: &str = "/api/v1/signals";
const WARM_UP: Duration = Duration::from_secs(1);
const TIME: Duration = Duration::from_secs(3);

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
    Floor::build(project)?;
    let body = fetch::get(server.address, FEED, &subscriber.bearer)?.body;
    let floor = Floor::start(project, folder, KEY, &body)?;
    let request = format!("GET /signals HTTP/1.1\r\nHost: {}\r\n{}\r\n", floor.address, subscriber.bearer).into_bytes();
    let load = |duration| {
        let load = Load { address: floor.address, connections: 64, pace: Pace::Closed, duration };
        load.run(|_| request.clone())?.only(200)
    };
    load(WARM_UP)?;
    let before = floor.cpu_time()?;
    let report = load(TIME)?;
    let used = floor.cpu_time()?.saturating_sub(before);
    Ok(used.as_secs_f64() * 1e6 / report.answers() as f64)
}

/// A running floor; stopped on drop.
pub struct Floor {
    pub address: SocketAddr,
    group: Group,
}

impl Floor {
    /// Builds it in the profile that the server is built in.
    ///
    /// # Errors
    /// When it does not compile.
    pub fn build(project: &Project) -> Result<()> {
        process::run(project.cargo("build").args(["--release", "--package", PACKAGE]))
    }

    /// Starts it with the key that tokens are signed with, to answer `body`.
    ///
    /// # Errors
    /// When it does not listen.
    pub fn start(project: &Project, folder: &Path, key: &str, body: &[u8]) -> Result<Self> {
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
