//! The ledger over HTTP, and the command line that checks it.

use super::check;
use crate::{
    harness::{Site, free_port, run_to_end},
    on_both,
};
use engine::ledger::{
    Entry, Event, Hash, Instant, MAX_UNSIGNED, Publication, canonical, end_line, entry_line, header_line,
};
use serde_json::Value;

/// The exit code, the answer, and what was said beside it.
async fn run_on(site: &Site, arguments: &[&str], input: &str) -> (Option<i32>, String, String) {
    let output = run_to_end(site, arguments, input).await;
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// A ledger of so many publications that nobody signed: as anybody can make one, whatever they leave out.
fn unsigned(entries: u64) -> String {
    let (mut text, mut prev_hash) = (header_line(), Hash::NONE);
    for seq in 1..=entries {
        let signal_id = format!("signal-{seq}");
        let event = Event::Publication(Publication { commitment: Hash::of(&signal_id), signal_id });
        let entry = canonical(&Entry { at: Instant::from_secs(1_717_200_000), event, prev_hash, seq }).unwrap();
        prev_hash = Hash::of(&entry);
        text += &entry_line(&entry, &prev_hash);
    }
    text + &end_line(entries, prev_hash).unwrap()
}

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
        app.until("the ledger is signed up to its newest entries", || async {
            let (newest, signed) = (app.state.store.newest_ledger_entry(), app.state.store.newest_checkpoint());
            let (newest, signed) = (newest.await.unwrap(), signed.await.unwrap());
            signed.is_some_and(|signed| newest.unwrap().seq - signed.seq <= MAX_UNSIGNED.cast_signed())
        }).await;
        let run = async |arguments: &[&str]| run_on(&app.site, arguments, "").await;
        let (code, said, error) = run(&["verify", &app.base]).await;
        assert_eq!((code, error.as_str()), (Some(0), ""), "{said}");
        assert!(said.starts_with("sound: ") && said.contains(&app.state.signer.public_key().to_string()), "{said}");
        let (code, _, error) = run(&["verify", &app.url("/track-record?symbol=NIFTY")]).await;
        assert_eq!((code, error.as_str()), (Some(0), ""), "a page of the site leads to its ledger");
        let text = app.get("/api/v1/ledger/export").send().await.unwrap().text().await.unwrap();
        let file = app.site.data_dir.path().join("ledger.jsonl");
        let path = file.to_str().unwrap();
        let key = app.state.signer.public_key().to_string();
        std::fs::write(&file, &text).unwrap();
        let (code, said, _) = run(&["verify", path, "--json", "--key", &key]).await;
        let report: Value = serde_json::from_str(&said).unwrap();
        assert_eq!((code, &report["fault"]), (Some(0), &Value::Null));
        let came_to = format!(
            "the signals came to: {} won, {} lost, {} expired; {} open; all together ",
            report["won"],
            report["lost"],
            report["expired"],
            report["publications"].as_u64().unwrap() - report["reveals"].as_u64().unwrap(),
        );
        let (_, said, _) = run(&["verify", path]).await;
        assert!(said.contains(&came_to), "{said}");
        // Held to the key of another site.
        let another = engine::ledger::Signer::from_secret(&[7; 32]).public_key().to_string();
        let (code, said, error) = run(&["verify", path, "--key", &another]).await;
        assert!(code == Some(1) && error.contains("none of the keys expected"), "{error}");
        assert!(said.contains(&format!("signed by another key than expected, {key};")), "{said}");
        assert!(!said.contains("nothing is signed") && !said.contains("by nobody"), "{said}");
        let (code, said, _) = run_on(&app.site, &["verify", "-"], &text).await;
        assert!(code == Some(0) && said.contains("not shown: whose key that is"), "{said}");
        // A place that was noted earlier.
        let head = format!("{}:{}", report["entries"], report["head"].as_str().unwrap());
        let (code, ..) = run(&["verify", path, "--head", &head]).await;
        assert_eq!(code, Some(0));
        let (code, _, error) = run(&["verify", path, "--head", &format!("2:{}", "0".repeat(64))]).await;
        assert!(code == Some(1) && error.contains("entry 2 (line ") && error.contains("was noted"), "{error}");
        let (code, _, error) = run(&["verify", path, "--head", &format!("9{head}")]).await;
        assert!(code == Some(1) && error.contains("the ledger ends before entry 9"), "{error}");
        let (code, _, error) = run(&["verify", path, "--head", "2"]).await;
        assert!(code == Some(2) && error.contains("a colon, and its hash"), "{error}");
        std::fs::write(&file, text.replacen("\"outcome\":\"stop\"", "\"outcome\":\"stoq\"", 1)).unwrap();
        let (code, said, error) = run(&["verify", path]).await;
        let line = text.lines().position(|line| line.contains("\"outcome\":\"stop\"")).unwrap() + 1;
        assert_eq!(code, Some(1), "{said}");
        assert!(error.contains("the ledger is not sound: entry ") && error.contains(&format!("(line {line}): ")), "{error}");
        std::fs::write(&file, [0x1f, 0x8b, 8, 0]).unwrap();
        let nobody = format!("http://127.0.0.1:{}", free_port());
        for (ledger, reason) in [
            ("no-such-file", "no-such-file: cannot be read: No such file"),
            (&app.url("/health"), "this is no ledger: line 1: a ledger begins with"),
            (&app.url("/pricing"), "a site has its own at /api/v1/ledger/export"),
            (&app.url("/nowhere"), "answered 404"),
            (&nobody, "Connection refused"),
            (path, "this is compressed"),
            ("-", "this is no ledger"),
        ] {
            let (code, said, error) = run(&["verify", ledger]).await;
            assert_eq!((code, said.as_str()), (Some(2), ""), "{ledger}");
            assert!(error.contains(reason), "{error}");
        }
    }

    async fn a_ledger_that_is_not_signed_does_not_pass_for_the_sites(app: TestApp) {
        let key = app.state.signer.public_key().to_string();
        let text = unsigned(100);
        let (code, said, _) = run_on(&app.site, &["verify", "-"], &text).await;
        assert_eq!(code, Some(0));
        assert!(said.contains("nothing is signed") && said.contains("not shown: 100 entries at the end are signed by nobody"), "{said}");
        let (code, _, error) = run_on(&app.site, &["verify", "-", "--key", &key], &text).await;
        assert!(code == Some(1) && error.contains("none of the 100 entries is signed by a key expected"), "{error}");
        let (code, said, _) = run_on(&app.site, &["verify", "-", "--json", "--key", &key], &text).await;
        let report: Value = serde_json::from_str(&said).unwrap();
        assert!(code == Some(1) && report["fault"]["wrong"].as_str().unwrap().contains("signed by a key"), "{said}");
    }
}
