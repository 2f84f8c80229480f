//! What a page brings along whose browser computes.

use crate::on_both;

/// The value of an attribute in a page.
fn attribute<'a>(page: &'a str, name: &str) -> &'a str {
    let (_, rest) = page.split_once(&format!("{name}=\"")).unwrap_or_else(|| panic!("no {name} in the page"));
    rest.split('"').next().unwrap()
}

on_both! {
    async fn a_page_may_run_workers_of_the_site_and_a_worker_may_only_run_its_module(app: TestApp) {
        for (path, module) in [("/backtest", "lab_bg"), ("/verify", "verifier_bg")] {
            let page = app.get(path).header("accept", "text/html").send().await.unwrap();
            assert_eq!(page.status(), 200);
            let policy = page.headers()["content-security-policy"].to_str().unwrap().to_owned();
            assert!(policy.contains("worker-src 'self';") && policy.contains("style-src 'self';"), "{policy}");
            let text = page.text().await.unwrap();
            assert!(attribute(&text, "data-module").contains(module));
            let worker = app.get(attribute(&text, "data-worker")).send().await.unwrap();
            assert_eq!(worker.status(), 200, "built by `cargo xtask build`");
            let policy = &worker.headers()["content-security-policy"];
            assert_eq!(policy, "default-src 'none'; script-src 'wasm-unsafe-eval'");
            assert_eq!(worker.headers()["cache-control"], "public, max-age=31536000, immutable");
        }
    }

    async fn every_configured_series_is_served_whole(app: TestApp) {
        let page = app.get("/backtest").header("accept", "text/html").send().await.unwrap().text().await.unwrap();
        let mut rows = Vec::new();
        for part in page.split("data-series=\"").skip(1) {
            let offered: Vec<&str> = part.split('"').next().unwrap().split(' ').collect();
            for pair in offered.chunks(2) {
                let file = app.get(pair[1]).send().await.unwrap();
                assert_eq!((file.status().as_u16(), &file.headers()["content-type"]), (200, &"text/csv".parse().unwrap()));
                rows.push((pair[0].to_owned(), file.text().await.unwrap().lines().count() - 1));
            }
        }
        let expected = [("1d", 4_480), ("1d", 707), ("1h", 18_000), ("1d", 2_871), ("1d", 2_000)];
        assert_eq!(rows, expected.map(|(timeframe, rows)| (timeframe.to_owned(), rows)));
    }
}
