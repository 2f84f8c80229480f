//! The ledger over HTTP, and the command line that checks it.

use super::check;
use crate::{harness::run_to_end, on_both};
use serde_json::Value;

on_both! {
    async fn everybody_can_read_the_ledger_and_check_it(app: TestApp) {
        let get = |path: String| {
            let request = app.get(&path);
            async move { request.send().await.unwrap() }
        };
        app.until("the ledger is signed", || async {
            app.state.store.newest_checkpoint().await.unwrap().is_some()
        }).await;
        let answer = get("/api/v1/ledger/export".to_owned()).await;
        assert_eq!(answer.headers()["content-type"], "application/x-ndjson");
        let text = answer.text().await.unwrap();
        let report = check(&text);
        assert_eq!(report.fault, None);
        assert!(report.reveals >= 20 && report.checkpoints >= 1, "{report:?}");
        let head: Value = get("/api/v1/ledger/head".to_owned()).await.json().await.unwrap();
        assert!(head["entries"].as_u64().unwrap() >= report.entries);
        assert_eq!(head["public_key"], report.keys[0].to_string());
        // The pages hold the same.
        let (mut cursor, mut entries, mut checkpoints) = (String::new(), Vec::new(), Vec::new());
        loop {
            let page: Value = get(format!("/api/v1/ledger?limit=40{cursor}")).await.json().await.unwrap();
            entries.extend(page["entries"].as_array().unwrap().clone());
            checkpoints.extend(page["checkpoints"].as_array().unwrap().clone());
            let Some(next) = page["next_cursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let exported: Vec<&Value> = lines.iter().filter(|line| line.get("entry").is_some()).collect();
        assert_eq!(entries.iter().take(exported.len()).collect::<Vec<_>>(), exported);
        let signed: Vec<&Value> = lines.iter().filter(|line| line.get("checkpoint").is_some()).collect();
        assert_eq!(checkpoints.iter().take(signed.len()).collect::<Vec<_>>(), signed);
        for (path, field) in [("limit=0", "limit"), ("limit=201", "limit"), ("cursor=x", "cursor"), ("cursor=-1", "cursor"), ("after=1", "after")] {
            let refused = get(format!("/api/v1/ledger?{path}")).await;
            assert_eq!(refused.status(), 422, "{path}");
            assert_eq!(refused.json::<Value>().await.unwrap()["fields"][0]["field"], field);
        }
    }

    async fn the_command_line_checks_a_site_and_a_file(app: TestApp) {
        app.until("the ledger is signed", || async {
            app.state.store.newest_checkpoint().await.unwrap().is_some()
        }).await;
        let run = async |arguments: &[&str]| {
            let output = run_to_end(&app.site, arguments, "").await;
            let text = |bytes| String::from_utf8(bytes).unwrap();
            (output.status.code(), text(output.stdout), text(output.stderr))
        };
        let (code, said, error) = run(&["verify", &app.base]).await;
        assert_eq!((code, error.as_str()), (Some(0), ""), "{said}");
        assert!(said.starts_with("sound: ") && said.contains(&app.state.signer.public_key().to_string()), "{said}");
        let text = app.get("/api/v1/ledger/export").send().await.unwrap().text().await.unwrap();
        let file = app.site.data_dir.path().join("ledger.jsonl");
        let path = file.to_str().unwrap();
        let key = app.state.signer.public_key().to_string();
        std::fs::write(&file, &text).unwrap();
        let (code, said, _) = run(&["verify", path, "--json", "--key", &key]).await;
        let report: Value = serde_json::from_str(&said).unwrap();
        assert_eq!((code, &report["fault"]), (Some(0), &Value::Null));
        std::fs::write(&file, text.replacen("\"outcome\":\"stop\"", "\"outcome\":\"stoq\"", 1)).unwrap();
        let (code, said, error) = run(&["verify", path]).await;
        let line = text.lines().position(|line| line.contains("\"outcome\":\"stop\"")).unwrap() + 1;
        assert_eq!(code, Some(1), "{said}");
        assert!(error.contains("the ledger is not sound: entry ") && error.contains(&format!("(line {line}): ")), "{error}");
        let (code, _, error) = run(&["verify", "no-such-file"]).await;
        assert!(code == Some(1) && error.contains("no-such-file: No such file"), "{error}");
        let (code, _, error) = run(&["verify", &app.url("/health")]).await;
        assert!(code == Some(1) && error.contains("a ledger begins with"), "{error}");
        let (code, _, error) = run(&["verify", &app.url("/nowhere")]).await;
        assert!(code == Some(1) && error.contains("answered 404"), "{error}");
    }
}
