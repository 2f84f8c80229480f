//! Redis for the tests: a private one on a free port, or an empty index of
//! our own on the server that the environment names.

use std::env;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::{address, programs};
use crate::error::{Error, Result};
use crate::http;
use crate::process::{self, Group};
use crate::scratch::Scratch;

const NAMES: [&str; 2] = ["TEST_REDIS_URL", "REDIS_URL"];
const PATIENCE: Duration = Duration::from_secs(20);
/// Marks an index as taken by a test run.
const CLAIM: &str = "signalbox:test:claim";
/// As many as a Redis has unless it is told otherwise.
const INDEXES: u32 = 16;

/// A Redis index that nobody else uses. Dropping it stops the private server,
/// or empties the index that was ours.
pub struct Redis {
    url: String,
    // Dropped in this order: the server, then its folder.
    _server: Option<Group>,
    _data: Option<Scratch>,
    claimed: bool,
}

impl Redis {
    /// The server named in the environment, else a private one.
    ///
    /// # Errors
    /// When the named one has no empty index, or none can be found or installed.
    pub fn start() -> Result<Self> {
        match NAMES.iter().find_map(|name| env::var(name).ok().filter(|url| !url.is_empty())) {
            Some(url) => Self::named(&url),
            None => Self::private(),
        }
    }

    /// `redis://…/index`.
    pub fn url(&self) -> &str {
        &self.url
    }

    fn named(server: &str) -> Result<Self> {
        programs::find_or_install(|| programs::find("redis-cli"), &["redis-tools"])?;
        // The first index is everybody's default: look at the others first.
        for index in (1..INDEXES).chain([0]) {
            let url = address::with_path(server, &index.to_string());
            let Ok(size) = ask(&url, &["DBSIZE"]) else { continue };
            if size == "0" && ask(&url, &["SET", CLAIM, &std::process::id().to_string(), "NX"])? == "OK" {
                return Ok(Self { url, _server: None, _data: None, claimed: true });
            }
        }
        Err(Error::Check("the Redis named in the environment does not answer or has no empty index".into()))
    }

    fn private() -> Result<Self> {
        let program = programs::find_or_install(|| programs::find("redis-server"), &["redis-server"])?;
        let scratch = Scratch::new("redis")?;
        let address = http::free_address()?;
        let mut server = Group::spawn(
            Command::new(program)
                .args(["--port", &address.port().to_string(), "--bind", "127.0.0.1"])
                .args(["--save", "", "--appendonly", "no", "--dir"])
                .arg(scratch.path())
                .current_dir(scratch.path())
                .stdout(Stdio::null()),
        )?;
        let deadline = Instant::now() + PATIENCE;
        while std::net::TcpStream::connect(address).is_err() {
            process::check_interrupted()?;
            if server.try_wait()?.is_some() || Instant::now() > deadline {
                return Err(Error::Check("the private Redis did not start".into()));
            }
            thread::sleep(Duration::from_millis(50));
        }
        let url = format!("redis://{address}/0");
        Ok(Self { url, _server: Some(server), _data: Some(scratch), claimed: false })
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        // This index alone, and only because it was empty when it was taken.
        if self.claimed
            && let Err(error) = ask(&self.url, &["FLUSHDB"])
        {
            eprintln!("keys stay behind in the Redis index of this test run: {error}");
        }
    }
}

/// One command on the index that `url` names.
fn ask(url: &str, command: &[&str]) -> Result<String> {
    let (address, password) = address::without_password(url);
    let mut cli = Command::new("redis-cli");
    cli.args(["--no-auth-warning", "-e", "-u", &address]).args(command);
    cli.envs(password.map(|password| ("REDISCLI_AUTH", password)));
    process::output(&mut cli).map(|answer| answer.trim().to_owned())
}
