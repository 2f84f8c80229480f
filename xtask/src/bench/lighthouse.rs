//! Lighthouse's scores of landing, login and dashboard, in a Chromium without
//! a window.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::median::median;
use super::server::Server;
use super::subscriber::Subscriber;
use super::table::{Goal, Row};
use crate::error::{Doing, Error, Result};
use crate::npm;
use crate::process;
use crate::project::Project;
use crate::scratch::Scratch;
use crate::test::programs;

const TIMES: usize = 5;
const PAGES: [(&str, &str); 3] = [("landing", "/"), ("login", "/login"), ("dashboard", "/dashboard")];
/// Lighthouse's names of what it judges. How a page is found matters where
/// search engines come: on the landing page.
const CATEGORIES: [&str; 4] = ["performance", "accessibility", "best-practices", "seo"];
const CHROMIUM: &str = "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run \
                        --disable-background-networking --disable-component-update --disable-sync";

/// The median of five for each page and category, as points of 100, with
/// Lighthouse's own telephone and network, and what code the visits fetched,
/// which `size` only reads out of the page. The dashboard is a paying user's.
///
/// # Errors
/// When Node.js or Chromium is missing, or a page cannot be judged.
pub fn run(project: &Project) -> Result<Vec<Row>> {
    npm::require_node()?;
    let tool = npm::installed(project, "xtask/lighthouse", "lighthouse")?.join("node_modules/.bin/lighthouse");
    let chromium = programs::chromium()?;
    let scratch = Scratch::new("bench")?;
    let server = Server::start(project, scratch.path(), &[])?;
    let subscriber = Subscriber::sign_up(&server)?;
    let mut rows = Vec::new();
    for (page, path) in PAGES {
        let cookie = (page == "dashboard").then_some(&*subscriber.cookie);
        let judge = Judge { tool: &tool, chromium: &chromium, folder: scratch.path(), cookie };
        let address = format!("http://{}{path}", server.address);
        let reports = (0..TIMES).map(|_| judge.report(&address)).collect::<Result<Vec<_>>>()?;
        for category in categories(page) {
            let scores = reports.iter().map(|report| score(report, category)).collect::<Result<Vec<_>>>()?;
            let name = category.replace('-', " ");
            rows.push(Row::new(format!("{page}: {name}"), median(scores.into_iter()), "", Goal::AtLeast(95.0)));
        }
        let fetched = median(reports.iter().map(fetched));
        rows.push(Row::new(format!("{page}: WASM and JS that a visit fetches"), fetched, "kB", Goal::None));
        keep(project, page, reports.last())?;
    }
    Ok(rows)
}

fn categories(page: &str) -> &'static [&'static str] {
    if page == "landing" { &CATEGORIES } else { &CATEGORIES[..3] }
}

/// One run of the tool after the other.
struct Judge<'run> {
    tool: &'run Path,
    chromium: &'run Path,
    folder: &'run Path,
    cookie: Option<&'run str>,
}

impl Judge<'_> {
    fn report(&self, address: &str) -> Result<Value> {
        let output = self.folder.join("lighthouse.json");
        // This process is bound to one core; a browser has more.
        let mut command = Command::new("taskset");
        command
            .args(["--cpu-list", "0,1"])
            .arg(self.tool)
            .args([address, "--quiet", "--output=json", "--output-path"])
            .arg(&output)
            .arg(format!("--only-categories={}", CATEGORIES.join(",")))
            .arg(format!("--chrome-flags={CHROMIUM}"))
            .env("CHROME_PATH", self.chromium)
            .current_dir(self.folder)
            .stdout(Stdio::null());
        if let Some(cookie) = self.cookie {
            // A file, because arguments are public.
            let headers = self.folder.join("headers.json");
            fs::write(&headers, json!({"Cookie": cookie}).to_string()).doing("writing the headers")?;
            command.arg("--extra-headers").arg(headers);
        }
        process::run(&mut command)?;
        let text = fs::read_to_string(&output).doing("reading Lighthouse's report")?;
        let report: Value = serde_json::from_str(&text).unwrap_or_default();
        let landed = report["finalDisplayedUrl"].as_str().unwrap_or_default();
        if landed == address {
            return Ok(report);
        }
        Err(Error::Check(format!("Lighthouse was sent from {address} to {landed}")))
    }
}

/// Points of 100.
fn score(report: &Value, category: &str) -> Result<f64> {
    let score = report["categories"][category]["score"].as_f64();
    score.map(|share| share * 100.0).ok_or_else(|| {
        Error::Check(format!("Lighthouse gives no score for {category}: {}", report["runtimeError"]["message"]))
    })
}

/// The WASM and JS of a visit as it came over the wire, heads included, in kB.
fn fetched(report: &Value) -> f64 {
    let requests = report["audits"]["network-requests"]["details"]["items"].as_array();
    let code = requests.into_iter().flatten().filter(|request| {
        let path = request["url"].as_str().unwrap_or_default().split('?').next().unwrap_or_default();
        path.ends_with(".wasm") || path.ends_with(".js")
    });
    code.filter_map(|request| request["transferSize"].as_f64()).sum::<f64>() / 1e3
}

/// The last report stays in the target folder, for whoever wants to know why.
fn keep(project: &Project, page: &str, report: Option<&Value>) -> Result<()> {
    let folder = project.target.join("lighthouse");
    fs::create_dir_all(&folder).doing(format!("creating {}", folder.display()))?;
    let path = folder.join(format!("{page}.json"));
    let text = report.map(Value::to_string).unwrap_or_default();
    fs::write(&path, text).doing(format!("writing {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_is_points_of_100_or_an_error() {
        let report = json!({"categories": {"seo": {"score": 0.92}, "performance": {"score": null}}});
        assert!((score(&report, "seo").unwrap() - 92.0).abs() < 1e-9);
        assert!(score(&report, "performance").is_err());
    }

    #[test]
    fn only_code_counts_as_fetched() {
        let items = json!([
            {"url": "http://127.0.0.1:1/pkg/a.wasm", "transferSize": 400_000},
            {"url": "http://127.0.0.1:1/pkg/a.js?b=c", "transferSize": 20_000},
            {"url": "http://127.0.0.1:1/pkg/a.css", "transferSize": 9_000},
        ]);
        let report = json!({"audits": {"network-requests": {"details": {"items": items}}}});
        assert!((fetched(&report) - 420.0).abs() < 1e-9);
    }

    #[test]
    fn search_engines_come_to_the_landing_page_only() {
        assert!(categories("landing").contains(&"seo"));
        assert!(!categories("dashboard").contains(&"seo"));
    }
}
