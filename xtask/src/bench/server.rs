//! A release server for a measurement, on core 0 with one worker thread.

use std::fs::File;
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use super::usage;
use crate::error::{Doing, Error, Result};
use crate::http;
use crate::process::{self, Group};
use crate::project::{Profile, Project};
use crate::settings;

/// The limits are not what is measured.
const RAISED_LIMITS: [(&str, &str); 4] = [
    ("SIGNALBOX_LIMITS__AUTH_PER_MINUTE", "100000000"),
    ("SIGNALBOX_LIMITS__REQUESTS_PER_MINUTE", "100000000"),
    ("SIGNALBOX_LIMITS__REQUESTS_BURST", "10000000"),
    ("SIGNALBOX_LIMITS__WEBHOOKS_PER_MINUTE", "100000000"),
];

/// The arguments of `taskset` for what is measured.
pub const PINNED: [&str; 2] = ["--cpu-list", "0"];
const PATIENCE: Duration = Duration::from_secs(60);

/// A running server; stopped on drop.
pub struct Server {
    pub address: SocketAddr,
    group: Group,
    /// From its start to its first answer with 200.
    pub first_answer: Duration,
}

impl Server {
    /// Starts one that keeps its data in `folder`, with `further` settings.
    ///
    /// # Errors
    /// When it does not answer.
    pub fn start(project: &Project, folder: &Path, further: &[(&str, &str)]) -> Result<Self> {
        let address = http::free_address()?;
        let log = File::create(folder.join("log")).doing("creating the server's log")?;
        let errors = log.try_clone().doing("creating the server's log")?;
        let mut command = Command::new("taskset");
        command.args(PINNED).arg(project.server(Profile::Release)).arg("serve");
        set(&mut command, folder, further);
        command
            .stdout(log)
            .stderr(errors)
            .env("TOKIO_WORKER_THREADS", "1")
            .env("LEPTOS_SITE_ADDR", address.to_string())
            .env("STRIPE_SANDBOX_ADDR", http::free_address()?.to_string())
            .envs(RAISED_LIMITS);
        let started = Instant::now();
        let mut group = Group::spawn(&mut command)?;
        http::wait_for_health(&mut group, address, PATIENCE)?;
        Ok(Self { address, first_answer: started.elapsed(), group })
    }

    /// Brings the database of these settings to the newest schema.
    ///
    /// # Errors
    /// When the program refuses.
    pub fn migrate(project: &Project, folder: &Path, settings: &[(&str, &str)]) -> Result<()> {
        let mut command = Command::new(project.server(Profile::Release));
        command.arg("migrate");
        set(&mut command, folder, settings);
        process::run(&mut command)
    }

    /// CPU time used so far.
    ///
    /// # Errors
    /// When it is gone.
    pub fn cpu_time(&self) -> Result<Duration> {
        usage::cpu_time(self.group.id())
    }

    /// Resident memory now, in MiB.
    ///
    /// # Errors
    /// When it is gone.
    pub fn resident_mib(&self) -> Result<f64> {
        usage::resident_mib(self.group.id())
    }

    /// The bytes of a GET request, as a browser of today sends it.
    pub fn get(&self, path: &str, headers: &str) -> Vec<u8> {
        format!(
            "GET {path} HTTP/1.1\r\nHost: {}\r\nAccept-Encoding: gzip, deflate, br, zstd\r\n{headers}\r\n",
            self.address
        )
        .into_bytes()
    }

    /// The bytes of a POST request with a JSON body.
    pub fn post(&self, path: &str, headers: &str, body: &str) -> Vec<u8> {
        format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n{headers}\r\n{body}",
            self.address,
            body.len()
        )
        .into_bytes()
    }
}

/// These settings and no others, and its data in `folder`.
fn set(command: &mut Command, folder: &Path, settings: &[(&str, &str)]) {
    settings::forget(command);
    command
        .current_dir(folder)
        .env("RUST_LOG", "warn")
        .env("SIGNALBOX_DATA_DIR", folder.join("data"))
        .envs(settings.iter().copied());
}

/// Waits until something listens on `address`.
///
/// # Errors
/// When the program ends before, or does not listen within a minute.
pub fn wait_to_listen(group: &mut Group, address: SocketAddr) -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    while TcpStream::connect(address).is_err() {
        process::check_interrupted()?;
        if group.try_wait()?.is_some() || Instant::now() > deadline {
            return Err(Error::Check(format!("`{}` did not listen on {address}", group.name())));
        }
        thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}
