//! The program as its own process, which can be killed. Its file comes in `SIGNALBOX_TEST_BIN`; `cargo xtask test`
//! builds it and sets that.

use super::{Site, required};
use std::{
    fs::File,
    process::Stdio,
    time::{Duration, Instant},
};
use tokio::process::{Child, Command};

/// How long a start may take on a busy machine.
const START: Duration = Duration::from_secs(30);

/// A running `signalbox serve`; killed when it is dropped.
pub struct Process {
    /// `http://127.0.0.1:PORT`.
    pub base: String,
    child: Child,
}

impl Process {
    /// Starts one on `site` and returns once it is ready. What it says is added to `server.log` in the data folder.
    pub async fn start(site: &Site) -> Self {
        let variables = site.variables();
        let base = format!("http://{}", variables["LEPTOS_SITE_ADDR"]);
        let log = File::options().create(true).append(true).open(site.data_dir.path().join("server.log")).unwrap();
        let mut child = Command::new(required("SIGNALBOX_TEST_BIN"))
            .arg("serve")
            .current_dir(site.data_dir.path())
            .env_clear()
            .env("RUST_LOG", "warn")
            .envs(variables)
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let (client, begun) = (reqwest::Client::new(), Instant::now());
        let ready = || async {
            let answer = client.get(format!("{base}/health/ready")).send().await;
            answer.is_ok_and(|answer| answer.status() == 200)
        };
        while !ready().await {
            let ended = child.try_wait().unwrap();
            assert!(ended.is_none() && begun.elapsed() < START, "not ready ({ended:?}): {}", said(site));
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Self { base, child }
    }

    /// Ends it as a power cut would, and waits until it is gone.
    pub async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }
}

/// What the processes of a site have said so far.
pub fn said(site: &Site) -> String {
    std::fs::read_to_string(site.data_dir.path().join("server.log")).unwrap_or_default()
}
