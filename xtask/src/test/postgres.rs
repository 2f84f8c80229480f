//! PostgreSQL for the tests: a private one on a free port, or a database of
//! our own on the server that the environment names.

use std::fs;
use std::net::SocketAddr;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use std::{env, process::id};

use nix::sys::signal::Signal;

use super::{address, programs};
use crate::error::{Doing, Error, Result};
use crate::http;
use crate::process::{self, Group};
use crate::scratch::Scratch;

/// The environment's names for a server to use instead of a private one.
const NAMES: [&str; 2] = ["TEST_DATABASE_URL", "DATABASE_URL"];
const PATIENCE: Duration = Duration::from_secs(30);

/// A server that tests may create databases on. Dropping it removes it, or
/// the database that was made for it.
pub struct Postgres {
    url: String,
    // Dropped in this order: the server, then its folder.
    _server: Option<Group>,
    _data: Option<Scratch>,
    created: Option<(String, String)>,
}

/// Where a private server's commits end.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Commits {
    /// Fast, and lost with the machine: for tests.
    ToMemory,
    /// As with real data: for measurements.
    ToDisk,
}

impl Postgres {
    /// The server named in the environment, else a private one.
    ///
    /// # Errors
    /// When the named one refuses, or no PostgreSQL can be found or installed.
    pub fn start(commits: Commits) -> Result<Self> {
        let named = NAMES.iter().filter_map(|name| env::var(name).ok());
        match named.into_iter().find(|url| url.starts_with("postgres")) {
            Some(url) => Self::named(&url),
            None => Self::private(commits),
        }
    }

    /// `postgres://…`, with the right to create databases.
    pub fn url(&self) -> &str {
        &self.url
    }

    fn named(server: &str) -> Result<Self> {
        programs::find_or_install(|| programs::find("psql"), &["postgresql-client"])?;
        let name = format!("signalbox_test_{}", id());
        psql(server, &format!("CREATE DATABASE {name}"))?;
        let created = Some((server.to_owned(), name.clone()));
        Ok(Self { url: address::with_path(server, &name), _server: None, _data: None, created })
    }

    fn private(commits: Commits) -> Result<Self> {
        let programs = programs::find_or_install(server_programs, &["postgresql"])?;
        let owner = Owner::of_servers()?;
        let scratch = Scratch::new("postgres")?;
        let data = scratch.path().join("data");
        fs::create_dir(&data).doing(format!("creating {}", data.display()))?;
        fs::set_permissions(&data, fs::Permissions::from_mode(0o700)).doing("protecting the data folder")?;
        if let Some(owner) = &owner {
            chown(&data, Some(owner.user), Some(owner.group)).doing("giving the data folder away")?;
            chown(scratch.path(), Some(owner.user), Some(owner.group)).doing("giving the data folder away")?;
        }
        let command = |program: &str| {
            let mut command = Command::new(programs.join(program));
            if let Some(owner) = &owner {
                command.uid(owner.user).gid(owner.group);
            }
            command.current_dir(scratch.path()).stdout(Stdio::null());
            command
        };
        process::run(
            command("initdb")
                .args(["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"])
                .arg(&data),
        )?;
        let address = http::free_address()?;
        let log = scratch.path().join("log");
        let log_file = fs::File::create(&log).doing(format!("creating {}", log.display()))?;
        let mut server =
            Group::spawn(command("postgres").arg("-D").arg(&data).args(settings(address, commits)).stderr(log_file))?
                // SIGTERM would wait for every client to leave.
                .stop_with(Signal::SIGINT);
        let url = format!("postgres://postgres@{address}/postgres");
        if let Err(error) = wait(&mut server, &programs, address) {
            eprint!("{}", fs::read_to_string(&log).unwrap_or_default());
            return Err(error);
        }
        Ok(Self { url, _server: Some(server), _data: Some(scratch), created: None })
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if let Some((server, name)) = &self.created
            && let Err(error) = psql(server, &format!("DROP DATABASE {name} WITH (FORCE)"))
        {
            eprintln!("the database {name} stays behind: {error}");
        }
    }
}

/// What makes a server fast and private: loopback only, no socket file that
/// another one could collide with, and for tests no disk syncs.
fn settings(address: SocketAddr, commits: Commits) -> Vec<String> {
    let port = format!("port={}", address.port());
    let private = [
        &*port,
        "listen_addresses=127.0.0.1",
        "unix_socket_directories=",
        "max_connections=400",
        "shared_buffers=64MB",
    ];
    let fast = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"];
    let fast = fast.into_iter().filter(|_| commits == Commits::ToMemory);
    private.into_iter().chain(fast).flat_map(|text| ["-c".to_owned(), text.to_owned()]).collect()
}

fn wait(server: &mut Group, programs: &std::path::Path, address: SocketAddr) -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let mut ready = Command::new(programs.join("pg_isready"));
        ready.args(["--quiet", "--host=127.0.0.1", "--port", &address.port().to_string()]);
        if ready.status().doing("asking for PostgreSQL")?.success() {
            return Ok(());
        }
        process::check_interrupted()?;
        if server.try_wait()?.is_some() || Instant::now() > deadline {
            return Err(Error::Check("the private PostgreSQL did not start; its log is above".into()));
        }
        thread::sleep(Duration::from_millis(50));
    }
}

/// The folder of the newest server's programs: Debian keeps them out of the
/// search path.
fn server_programs() -> Option<PathBuf> {
    let folders = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let versions = folders.filter_map(|folder| {
        let version: u32 = folder.file_name().to_str()?.parse().ok()?;
        let programs = folder.path().join("bin");
        ["initdb", "postgres"].iter().all(|name| programs.join(name).is_file()).then_some((version, programs))
    });
    let newest = versions.max_by_key(|(version, _)| *version).map(|(_, programs)| programs);
    newest.or_else(|| Some(programs::find("initdb")?.parent()?.to_owned()))
}

/// An unprivileged user: PostgreSQL refuses to run as root.
struct Owner {
    user: u32,
    group: u32,
}

impl Owner {
    /// `None` when this is not root anyway.
    fn of_servers() -> Result<Option<Self>> {
        let number = |arguments: &[&str]| {
            let text = process::output(Command::new("id").args(arguments).stderr(Stdio::null())).ok()?;
            text.trim().parse::<u32>().ok()
        };
        if number(&["-u"]) != Some(0) {
            return Ok(None);
        }
        for name in ["postgres", "nobody"] {
            if let (Some(user), Some(group)) = (number(&["-u", name]), number(&["-g", name])) {
                return Ok(Some(Self { user, group }));
            }
        }
        Err(Error::Missing("PostgreSQL does not run as root, and there is no user `postgres` or `nobody`".into()))
    }
}

fn psql(url: &str, statement: &str) -> Result<()> {
    let (address, password) = address::without_password(url);
    let mut command = Command::new("psql");
    command.args(["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--command", statement, &address]);
    command.stdin(Stdio::null()).envs(password.map(|password| ("PGPASSWORD", password)));
    let status = command.status().doing("starting psql")?;
    if status.success() { Ok(()) } else { Err(Error::Command { command: format!("psql: {statement}"), status }) }
}
