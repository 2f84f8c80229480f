use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;

use crate::stand::{SECRET, Stand, here};

#[test]
fn the_python_library_works_unchanged() {
    let stand = Stand::start(|_| {});
    let python = python_with_stripe();
    run(Command::new(python).arg(here("tests/clients/python/calls.py")).args([&stand.url, SECRET]));
}

#[tokio::test]
async fn the_node_library_works_unchanged() {
    let stand = Stand::start(|_| {});
    stand.subscribe().await;
    let hook = stand.hooks(|hooks| !hooks.is_empty()).await.remove(0);
    let webhook = json!({"body": hook.body, "signature": hook.signature, "secret": SECRET}).to_string();
    let folder = node_with_stripe();
    run(Command::new("node").arg(folder.join("calls.mjs")).args([&stand.url, &webhook]));
}

/// An interpreter that has Stripe's library, from an environment in the cache.
fn python_with_stripe() -> PathBuf {
    let wanted = here("tests/clients/python/requirements.txt");
    let folder = cache("python");
    let python = folder.join("bin/python");
    if !up_to_date(&folder, &wanted) {
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder));
        run(Command::new(&python)
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"])
            .arg(&wanted));
        stamp(&folder, &wanted);
    }
    python
}

/// A folder with the script beside Stripe's library.
fn node_with_stripe() -> PathBuf {
    let from = here("tests/clients/node");
    let wanted = from.join("package-lock.json");
    let folder = cache("node");
    fs::create_dir_all(&folder).unwrap();
    for file in ["package.json", "package-lock.json", "calls.mjs"] {
        fs::copy(from.join(file), folder.join(file)).unwrap();
    }
    if !up_to_date(&folder, &wanted) {
        run(Command::new("npm").args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(&folder));
        stamp(&folder, &wanted);
    }
    folder
}

fn cache(name: &str) -> PathBuf {
    let base = std::env::var_os("SIGNALBOX_TEST_CACHE")
        .map_or_else(|| PathBuf::from(env!("CARGO_TARGET_TMPDIR")), PathBuf::from);
    base.join("stripe-clients").join(name)
}

fn up_to_date(folder: &Path, wanted: &Path) -> bool {
    fs::read(folder.join("installed")).is_ok_and(|installed| installed == fs::read(wanted).unwrap())
}

fn stamp(folder: &Path, wanted: &Path) {
    fs::copy(wanted, folder.join("installed")).unwrap();
}

fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?} cannot be run: {error}"));
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?} failed\n{out}\n{err}");
}
