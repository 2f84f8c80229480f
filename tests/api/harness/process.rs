//! The program as its own process, which can be killed, or runs to its end. Its file comes in `SIGNALBOX_TEST_BIN`; `cargo xtask test`
//! builds it and sets that.

use super::{Site, required};
use signalbox::server::config::Variables;
use std::{
    fs::File,
    process::{ExitStatus, Output, Stdio},
    time::{Duration, Instant},
};
use tokio::{
    io::AsyncWriteExt,
    process::{Child, Command},
};

/// How long a start may take on a busy machine.
const START: Duration = Duration::from_secs(30);

/// A running `signalbox serve` or `signalbox worker`; killed when it is dropped.
pub struct Process {
    /// `http://127.0.0.1:PORT`.
    pub base: String,
    child: Child,
}

impl Process {
    /// Starts a server on `site` and returns once it is ready.
    pub async fn start(site: &Site) -> Self {
        let mut started = Self::spawn(site, "serve");
        let (client, begun, url) = (reqwest::Client::new(), Instant::now(), format!("{}/health/ready", started.base));
        let ready = || async {
            let answer = client.get(&url).send().await;
            answer.is_ok_and(|answer| answer.status() == 200)
        };
        while !ready().await {
            let ended = started.child.try_wait().unwrap();
            assert!(ended.is_none() && begun.elapsed() < START, "not ready ({ended:?}): {}", said(site));
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        started
    }

    /// Starts one that does `action` on `site`. What it says is added to `server.log` in the data folder.
    pub fn spawn(site: &Site, action: &str) -> Self {
        let variables = site.variables();
        let base = format!("http://{}", variables["LEPTOS_SITE_ADDR"]);
        let log = File::options().create(true).append(true).open(site.data_dir.path().join("server.log")).unwrap();
        let mut command = program(site, variables);
        command.arg(action).stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        Self { base, child: command.spawn().unwrap() }
    }

    /// Tells it to stop, as an operator would.
    pub async fn tell_to_stop(&self) {
        let told = Command::new("kill").arg(self.child.id().unwrap().to_string()).status().await.unwrap();
        assert!(told.success());
    }

    /// Waits until it has ended by itself; fails the test where it takes longer than `most`.
    pub async fn ended_within(mut self, most: Duration) -> ExitStatus {
        tokio::time::timeout(most, self.child.wait()).await.expect("it runs still").unwrap()
    }

    /// Ends it as a power cut would, and waits until it is gone.
    pub async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }
}

/// Runs it on `site` to its end, with this on its standard input.
pub async fn run_to_end(site: &Site, arguments: &[&str], input: &str) -> Output {
    let mut command = program(site, site.variables());
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let written = child.stdin.take().unwrap().write_all(input.as_bytes()).await;
    let output = child.wait_with_output().await.unwrap();
    assert!(written.is_ok() || !output.status.success(), "it did not read what it was given");
    output
}

fn program(site: &Site, variables: Variables) -> Command {
    let mut command = Command::new(required("SIGNALBOX_TEST_BIN"));
    command.current_dir(site.data_dir.path()).env_clear().env("RUST_LOG", "warn").envs(variables).kill_on_drop(true);
    command
}

/// What the processes of a site have said so far.
pub fn said(site: &Site) -> String {
    std::fs::read_to_string(site.data_dir.path().join("server.log")).unwrap_or_default()
}
