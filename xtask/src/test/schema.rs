//! API fuzzing: schemathesis against a server of its own, as a signed-up user.

use std::fs;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};

use super::unit;
use crate::error::{Doing, Error, Result};
use crate::http;
use crate::process::{self, Group};
use crate::project::{Profile, Project};
use crate::python;
use crate::scratch::Scratch;

const VERSION: &str = "4.32.5";
const SECONDS: u32 = 60;
const LONG_SECONDS: u32 = 1_800;
/// The same requests at every run.
const SEED: &str = "499";
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance";
/// The limits are not what is tested here.
const RAISED_LIMITS: [(&str, &str); 3] = [
    ("SIGNALBOX_LIMITS__AUTH_PER_MINUTE", "1000000"),
    ("SIGNALBOX_LIMITS__REQUESTS_PER_MINUTE", "10000000"),
    ("SIGNALBOX_LIMITS__REQUESTS_BURST", "1000000"),
];

/// Fuzzes for about a minute, or half an hour.
///
/// # Errors
/// When Python is missing, or an answer is not what the document says.
pub fn run(project: &Project, long: bool) -> Result<()> {
    let folder = project.cache.join(format!("schemathesis-{VERSION}"));
    let schemathesis = python::installed(&folder, &[&format!("schemathesis=={VERSION}")])?.join("schemathesis");
    let scratch = Scratch::new("schema")?;
    let address = http::free_address()?;
    let log_path = scratch.path().join("log");
    let log = fs::File::create(&log_path).doing("creating the server's log")?;
    let errors = log.try_clone().doing("creating the server's log")?;
    let mut command = Command::new(project.server(Profile::Dev));
    unit::environment(&mut command, project);
    command
        .arg("serve")
        .current_dir(scratch.path())
        .stdout(log)
        .stderr(errors)
        .env("SIGNALBOX_DATA_DIR", scratch.path().join("data"))
        .env("LEPTOS_SITE_ADDR", address.to_string())
        .env("STRIPE_SANDBOX_ADDR", http::free_address()?.to_string())
        .envs(RAISED_LIMITS);
    let mut server = Group::spawn(&mut command)?;
    let fuzzed = http::wait_for_health(&mut server, address, Duration::from_secs(120)).and_then(|()| {
        let token = sign_up(address)?;
        let seconds = if long { LONG_SECONDS } else { SECONDS };
        process::run(
            Command::new(&schemathesis)
                .args(["run", "--checks", CHECKS, "--seed", SEED, "--max-time", &seconds.to_string()])
                .args(["--continue-on-failure", "--request-timeout", "20"])
                .args(["--header", &format!("Authorization: Bearer {token}")])
                .arg(format!("http://{address}/api/v1/openapi.json"))
                .current_dir(scratch.path()),
        )
    });
    let alive = server.try_wait()?.is_none();
    server.stop();
    if fuzzed.is_err() || !alive {
        show_end(&log_path);
    }
    fuzzed?;
    if alive { Ok(()) } else { Err(Error::Check("the server ended while it was fuzzed".into())) }
}

fn sign_up(address: std::net::SocketAddr) -> Result<String> {
    let body = json!({"email": "fuzz@example.com", "password": "a long enough passphrase 499"}).to_string();
    let answer = http::request(address, "POST", "/api/v1/auth/signup", Some(&body))?;
    let value: Value = serde_json::from_str(&answer.body).unwrap_or_default();
    value["access_token"].as_str().map(str::to_owned).ok_or_else(|| {
        Error::Check(format!("signing up a user for the fuzzing answered {}: {}", answer.status, answer.body))
    })
}

/// The last lines of the server's log, which say what a 5xx was.
fn show_end(log: &std::path::Path) {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    let from = lines.len().saturating_sub(60);
    println!("The end of the server's log:");
    for line in &lines[from..] {
        println!("  {line}");
    }
}
