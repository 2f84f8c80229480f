use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::stand::{Inbox, KEY, browser, counts, id, kinds};

#[tokio::test]
async fn what_was_answered_survives_a_kill_and_webhooks_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let inbox = Inbox::default();
    *inbox.refuse.lock().unwrap() = usize::MAX;
    let hook = inbox.clone().serve();
    let addr = free_addr();
    let http = browser();
    let mut made = Vec::new();
    let mut child = start(&addr, &folder.path().join("state.json"), &hook, "development");
    wait_for(&http, &addr).await;
    for number in 0..20 {
        let form = [("name", number.to_string())];
        let answer =
            http.post(format!("http://{addr}/v1/customers")).bearer_auth(KEY).form(&form).send().await.unwrap();
        made.push(id(&answer.json().await.unwrap()));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let before = inbox.hooks.lock().unwrap().clone();
    *inbox.refuse.lock().unwrap() = 0;
    let mut child = start(&addr, &folder.path().join("state.json"), &hook, "development");
    wait_for(&http, &addr).await;
    for customer in &made {
        let answer = http.get(format!("http://{addr}/v1/customers/{customer}")).bearer_auth(KEY).send().await.unwrap();
        assert_eq!(answer.status(), 200);
    }
    let since = Instant::now();
    loop {
        let hooks = inbox.hooks.lock().unwrap()[before.len()..].to_vec();
        if counts(&hooks).len() == 20 {
            assert!(kinds(&hooks).iter().all(|kind| kind == "customer.created"));
            break;
        }
        assert!(since.elapsed() < Duration::from_secs(20), "{} of 20 webhooks came", counts(&hooks).len());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn production_refuses_to_start() {
    let folder = tempfile::tempdir().unwrap();
    let child = start(&free_addr(), &folder.path().join("state.json"), "http://127.0.0.1:9/", "production");
    let output = child.wait_with_output().unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("refuses to start in production"));
}

#[test]
fn two_cannot_share_a_state_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.json");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let config = || sandbox::Config {
        listen: ([127, 0, 0, 1], 0).into(),
        state_file: Some(file.clone()),
        ..sandbox::Config::default()
    };
    let first = runtime.block_on(sandbox::Sandbox::bind(config())).unwrap();
    let second = runtime.block_on(sandbox::Sandbox::bind(config()));
    assert!(second.unwrap_err().to_string().contains("another sandbox uses the state file"));
    drop(first);
    assert!(runtime.block_on(sandbox::Sandbox::bind(config())).is_ok());
}

#[test]
fn a_test_event_is_sent_from_the_command_line() {
    let inbox = Inbox::default();
    let send = |url: &str| {
        let command = ["trigger", "invoice.paid", "--url", url, "--secret", "whsec_x"];
        Command::new(env!("CARGO_BIN_EXE_stripe-sandbox")).args(command).output().unwrap()
    };
    let output = send(&inbox.clone().serve());
    assert!(output.status.success(), "{output:?}");
    let hook = inbox.hooks.lock().unwrap().remove(0);
    stripe_webhook::Webhook::construct_event(&hook.body, &hook.signature, "whsec_x").unwrap();
    assert_eq!(hook.event["data"]["object"]["object"], "invoice");
    assert!(!send("http://127.0.0.1:9/").status.success());
}

fn start(addr: &str, state: &Path, hook: &str, environment: &str) -> Child {
    Command::new(env!("CARGO_BIN_EXE_stripe-sandbox"))
        .args(["--addr", addr, "--webhook-url", hook, "--webhook-secret", "whsec_x", "--state"])
        .arg(state)
        .env("SIGNALBOX_ENV", environment)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Below the ports that the system gives to outgoing connections: one of these could take it before the program does.
fn free_addr() -> String {
    let mut addrs = std::iter::repeat_with(|| format!("127.0.0.1:{}", rand::random_range(10_000..32_000)));
    addrs.find(|addr| std::net::TcpListener::bind(addr).is_ok()).unwrap()
}

async fn wait_for(http: &reqwest::Client, addr: &str) {
    let since = Instant::now();
    while http.get(format!("http://{addr}/_sandbox/health")).send().await.is_err() {
        assert!(since.elapsed() < Duration::from_secs(10), "the sandbox did not start");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let health: Value = http.get(format!("http://{addr}/_sandbox/health")).send().await.unwrap().json().await.unwrap();
    assert_eq!(health["status"], "ok");
}
