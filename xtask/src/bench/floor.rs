//! The least that a request can cost: the crate `tests/bench`, beside which the
//! server is measured. Pinned and limited as the server is.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::{server, usage};
use crate::error::{Doing, Result};
use crate::http;
use crate::process::{self, Group};
use crate::project::{Profile, Project};
use crate::settings;

/// The crate, and its program.
const PACKAGE: &str = "floor";

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
