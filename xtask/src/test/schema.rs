//! API fuzzing: schemathesis against a server of its own, as the operator, who pays.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use serde_json::json;

use super::unit;
use crate::bench::fetch;
use crate::bench::subscriber::{self, Subscriber};
use crate::error::{Doing, Error, Result};
use crate::http;
use crate::process::{self, Group};
use crate::project::{Profile, Project};
use crate::python;
use crate::scratch::Scratch;

const VERSION: &str = "4.32.5";
const SECONDS: u32 = 60;
const LONG_SECONDS: u32 = 1_800;
/// For each of what ends the session.
const ENDING_SECONDS: u32 = 5;
/// The same requests at every run.
const SEED: &str = "499";
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance";
/// What ends the session that asks: were it among the others, these would only be refused from then on.
const ENDING: [&str; 4] = ["logout", "delete_me", "change_password", "end_session"];
/// Tells of sessions that can be ended.
const LIST: &str = "list_sessions";
/// The limits are not what is tested here, nor does a token of the long run get too old.
const RAISED_LIMITS: [(&str, &str); 4] = [
    ("SIGNALBOX_LIMITS__AUTH_PER_MINUTE", "1000000"),
    ("SIGNALBOX_LIMITS__REQUESTS_PER_MINUTE", "10000000"),
    ("SIGNALBOX_LIMITS__REQUESTS_BURST", "1000000"),
    ("ACCESS_TOKEN_EXPIRE_MINUTES", "120"),
];

/// Fuzzes for a little more than a minute, or half an hour.
///
/// # Errors
/// When Python is missing, or an answer is not what the document says.
pub fn run(project: &Project, long: bool) -> Result<()> {
    let folder = project.cache.join(format!("schemathesis-{VERSION}"));
    let program = python::installed(&folder, &[&format!("schemathesis=={VERSION}")])?.join("schemathesis");
    let scratch = Scratch::new("schema")?;
    let addresses = [http::free_address()?, http::free_address()?];
    let log_path = scratch.path().join("log");
    let log = fs::File::create(&log_path).doing("creating the server's log")?;
    let errors = log.try_clone().doing("creating the server's log")?;
    let mut server =
        Group::spawn(signalbox(project, scratch.path(), addresses).arg("serve").stdout(log).stderr(errors))?;
    let fuzzer = Fuzzer { program, folder: scratch.path(), address: addresses[0] };
    let fuzzed = http::wait_for_health(&mut server, addresses[0], Duration::from_secs(120)).and_then(|()| {
        let operator = Subscriber::at(addresses[0])?;
        subscriber::confirm(addresses[0])?;
        let promotion = ["admin", "create", subscriber::EMAIL, "--promote"];
        process::run(signalbox(project, scratch.path(), addresses).args(promotion))?;
        fuzzer.all(&operator.bearer, if long { LONG_SECONDS } else { SECONDS })?;
        ENDING.iter().try_for_each(|name| fuzzer.ending(name))
    });
    let alive = server.try_wait()?.is_none();
    server.stop();
    if fuzzed.is_err() || !alive {
        show_end(&log_path);
    }
    fuzzed?;
    if alive { Ok(()) } else { Err(Error::Check("the server ended while it was fuzzed".into())) }
}

/// The program with its data in `folder`, and the addresses of its site and its sandbox.
fn signalbox(project: &Project, folder: &Path, [site, sandbox]: [SocketAddr; 2]) -> Command {
    let mut command = Command::new(project.server(Profile::Dev));
    unit::environment(&mut command, project);
    command
        .current_dir(folder)
        .env("SIGNALBOX_DATA_DIR", folder.join("data"))
        .env("LEPTOS_SITE_ADDR", site.to_string())
        .env("STRIPE_SANDBOX_ADDR", sandbox.to_string())
        .envs(RAISED_LIMITS);
    command
}

struct Fuzzer<'run> {
    program: PathBuf,
    folder: &'run Path,
    address: SocketAddr,
}

impl Fuzzer<'_> {
    /// All but what ends the session; its token, a line of a request's head, is good to the end.
    fn all(&self, bearer: &str, seconds: u32) -> Result<()> {
        let fuzzed = self.run(bearer, seconds, ENDING.iter().flat_map(|name| ["--exclude-operation-id", name]));
        for path in ["/api/v1/auth/me", "/api/v1/admin/webhook-events"] {
            fetch::get(self.address, path, bearer)?;
        }
        fuzzed
    }

    /// One that ends the session, as somebody of its own.
    fn ending(&self, name: &str) -> Result<()> {
        let email = format!("{name}@example.com");
        let body = json!({"email": email, "password": "a long enough passphrase 499"}).to_string();
        let answer = fetch::post_json(self.address, "/api/v1/auth/signup", "", &body, 201)?;
        let bearer = format!("Authorization: Bearer {}\r\n", answer.json_text("access_token")?);
        let chosen = [name, LIST].into_iter().flat_map(|name| ["--include-operation-id", name]);
        self.run(&bearer, ENDING_SECONDS, chosen)
    }

    fn run<'name>(&self, bearer: &str, seconds: u32, chosen: impl Iterator<Item = &'name str>) -> Result<()> {
        process::run(
            Command::new(&self.program)
                .args(["run", "--checks", CHECKS, "--seed", SEED, "--max-time", &seconds.to_string()])
                .args(["--continue-on-failure", "--request-timeout", "20", "--header", bearer.trim_end()])
                .args(chosen)
                .arg(format!("http://{}/api/v1/openapi.json", self.address))
                .current_dir(self.folder),
        )
    }
}

/// The last lines of the server's log, which say what a 5xx was.
fn show_end(log: &Path) {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    let from = lines.len().saturating_sub(60);
    println!("The end of the server's log:");
    for line in &lines[from..] {
        println!("  {line}");
    }
}
