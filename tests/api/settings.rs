//! Settings that cannot be worked with are refused at start by their names, and a start can be stopped.

use crate::harness::{Backend, Process, Site, free_port, required, said};
use signalbox::server::{
    application::Application,
    clock::Clock,
    config::{Config, StrategyConfig, Variables},
};
use std::{net::TcpListener, process::Stdio, time::Duration};
use tokio::process::Command;

/// Sooner than any call to what does not answer gives up.
const AT_ONCE: Duration = Duration::from_secs(3);

/// A site's environment with some of its variables set anew, or taken away by an empty value.
fn environment(site: &Site, settings: &[(&str, &str)]) -> Variables {
    let mut variables = site.variables();
    variables.extend(settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    variables
}

/// Why a program with these settings does not start.
async fn refusal(site: &Site, settings: &[(&str, &str)]) -> String {
    let config = match Config::from_variables(environment(site, settings)) {
        Ok(config) => config,
        Err(error) => return error.to_string(),
    };
    let started = Application::build(config, Clock::system()).await;
    started.err().map(|error| error.to_string()).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_worked_with_is_refused_by_its_name() {
    let site = Site::new(Backend::Embedded).await;
    assert_eq!(refusal(&site, &[]).await, "");
    for (variable, value, named) in [
        ("SIGNALBOX_PLANS__PRO__INTERVAL", "fortnight", "plans.pro.interval: `fortnight`"),
        ("SIGNALBOX_PLANS__PRO__AMOUNT", "0", "plans.pro.amount"),
        ("SIGNALBOX_PLANS__PRO__AMOUNT", "-49900", "plans.pro.amount"),
        ("SIGNALBOX_PLANS__PRO__CURRENCY", "rupees", "plans.pro.currency"),
        ("SIGNALBOX_SITE__REQUEST_TIMEOUT_SECONDS", "0", "site.request_timeout_seconds"),
        ("SIGNALBOX_SITE__DRAIN_SECONDS", "20", "site.stop_deadline_seconds"),
        ("SIGNALBOX_SITE__STOP_DEADLINE_SECONDS", "0", "site.stop_deadline_seconds"),
        ("SIGNALBOX_LIMITS__CONNECTIONS", "0", "limits.connections"),
        ("SIGNALBOX_MARKET__START", "yesterday", "market.start: `yesterday`"),
        ("SIGNALBOX_MARKET__START", "2026-03-24T00:00:00Z", "the last day of the candles, which is 2026-03-23"),
        ("SIGNALBOX_OPERATOR__TIME_ZONE", "Mars/Olympus", "operator.time_zone"),
        ("SIGNALBOX_SIGNALS__PUBLISH", "some", "signals.publish: `some` is neither all nor proven"),
        ("SIGNALBOX_ENV", "prod", "SIGNALBOX_ENV: `prod` is neither development nor production"),
        ("STRIPE_WEBHOOK_SECRET", ",", "STRIPE_WEBHOOK_SECRET"),
        ("STRIPE_WEBHOOK_SECRET", "whsec_1,,whsec_2", "STRIPE_WEBHOOK_SECRET"),
        ("LEDGER_KEY", "5f1c0b7e", "LEDGER_KEY"),
        ("LEDGER_KEY", &"0".repeat(64), "LEDGER_KEY: is too regular"),
        ("SMTP_URL", "mail.example", "SMTP_URL"),
        ("MAIL_FROM", "nobody", "MAIL_FROM"),
        ("ALLOWED_ORIGINS", "https://app.example, other.example", "ALLOWED_ORIGINS: `other.example`"),
        ("ALLOWED_ORIGINS", "https://app.example/path", "ALLOWED_ORIGINS"),
        ("ALLOWED_ORIGINS", "*", "ALLOWED_ORIGINS"),
        ("DATABASE_URL", "mysql://127.0.0.1/signalbox", "DATABASE_URL"),
    ] {
        let refused = refusal(&site, &[(variable, value)]).await;
        assert!(refused.contains(named), "{variable}={value}: {refused}");
    }
    assert_eq!(refusal(&site, &[("SIGNALBOX_MARKET__START", "2026-03-23T00:00:00Z")]).await, "", "one day is left");
    let secret = refusal(&site, &[("SMTP_URL", "smtp//user:hunter2@mail.example")]).await;
    assert!(secret.contains("SMTP_URL") && !secret.contains("hunter2"), "{secret}");
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_cannot_be_worked_with_is_told_at_once() {
    let site = Site::new(Backend::Embedded).await;
    let wrong = [
        ("SIGNALBOX_ENV", "prod", "SIGNALBOX_ENV: `prod` is neither development nor production"),
        ("LEPTOS_SITE_ADDR", "here", "LEPTOS_SITE_ADDR: `here` is no address"),
        ("FRONTEND_URL", "signals", "FRONTEND_URL: `signals`"),
        ("SIGNALBOX_LIMITS__CONNECTIONS", "many", "limits.connections: it is string \"many\""),
        ("SIGNALBOX_LIMITS__BODY_BYTES", "0", "limits.body_bytes: with 0"),
        ("SIGNALBOX_QUOTA__FREE", "5", "quota.free: unknown field `free`, expected one of `free_fetches_per_day`"),
        ("SIGNALBOX_OPERATOR__TIME_ZONE", "Mars/Olympus", "operator.time_zone: `Mars/Olympus`"),
        ("ACCESS_TOKEN_EXPIRE_MINUTES", "0", "ACCESS_TOKEN_EXPIRE_MINUTES: `0` is no positive whole number"),
        ("DATABASE_URL", "mysql://127.0.0.1/signalbox", "DATABASE_URL: use a sqlite:"),
        ("SECRET_KEY", "short", "SECRET_KEY: needs 32 bytes"),
        ("LEDGER_KEY", "5f1c0b7e", "LEDGER_KEY: needs 64 hex digits"),
        ("STRIPE_WEBHOOK_SECRET", ",", "STRIPE_WEBHOOK_SECRET: a secret in the list is empty"),
        ("STRIPE_API_BASE", "stripe", "STRIPE_API_BASE: `stripe`"),
        ("SMTP_URL", "mail.example", "SMTP_URL: it is no address like smtps://user:password@host"),
        ("MAIL_FROM", "nobody", "MAIL_FROM: `nobody` is no address like"),
        ("ALLOWED_ORIGINS", "*", "ALLOWED_ORIGINS: `*`"),
        ("TRUSTED_PROXIES", "me", "TRUSTED_PROXIES: `me`"),
    ];
    let settings = wrong.map(|(name, value, _)| (name, value));
    let refused = refusal(&site, &settings).await;
    for (_, _, told) in wrong {
        assert!(refused.contains(&format!("\n  {told}")), "{told} is not in {refused}");
    }
    assert!(refused.contains(&format!("{} settings", wrong.len())), "{refused}");
    assert!(!site.data_dir.path().join("stripe_webhook_secret").exists(), "a start that is refused makes no secrets");
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_that_cannot_be_made_are_told_at_once() {
    let site = Site::new(Backend::Embedded).await;
    let settings = [
        ("SIGNALBOX_SITE_DIR", "/nowhere"),
        ("SIGNALBOX_MARKET__START", "2030-01-01T00:00:00Z"),
        ("STRIPE_SECRET_KEY", "a key\nof two lines"),
    ];
    let refused = refusal(&site, &settings).await;
    for told in ["3 parts", "\n  site folder: ", "\n  strategies: market.start: ", "\n  payments: "] {
        assert!(refused.contains(told), "{told:?} is not in {refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_a_slip_away_from_a_setting_is_warned_of() {
    let settings = [("REDIS_URI", "redis://127.0.0.1"), ("STRIPE_SECRET", "sk_test_1"), ("HOSTNAME", "box")];
    let site = Site::with_settings(Backend::Embedded, &settings).await;
    std::fs::write(site.data_dir.path().join(".env"), "DATABASE_URI=sqlite:x\nTIMEZONE=Asia/Kolkata\nAPP_PORT=3000\n")
        .unwrap();
    Process::start(&site).await.kill().await;
    let log = said(&site);
    for (name, times) in [
        ("REDIS_URI (is REDIS_URL meant?)", 1),
        ("STRIPE_SECRET (is STRIPE_SECRET_KEY meant?)", 1),
        ("DATABASE_URI (is DATABASE_URL meant?)", 1),
        ("TIMEZONE", 1),
        ("HOSTNAME", 0),
        ("APP_PORT", 0),
    ] {
        assert_eq!(
            log.lines().filter(|line| line.contains("WARN") && line.contains(name)).count(),
            times,
            "{name}: {log}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_strategy_that_cannot_be_at_work_is_refused_by_its_name() {
    let site = Site::new(Backend::Embedded).await;
    for (name, param, reason) in [
        ("astrology", None, "strategy `astrology`: there is no strategy \"astrology\": there are mean-reversion"),
        ("macd", Some(("speed", 3.0)), "strategy `macd`: there is no parameter \"speed\""),
        (
            "supertrend",
            Some(("multiplier", 1e9)),
            "strategy `supertrend`: the parameter multiplier is 1000000000, outside",
        ),
    ] {
        let mut config = site.config();
        let params = param.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        config.strategies = vec![StrategyConfig { name: name.to_owned(), timeframes: vec!["1d".to_owned()], params }];
        let refused = Application::build(config, Clock::system()).await.err().unwrap().to_string();
        assert!(refused.contains(reason), "{refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_in_use_is_told_with_its_setting() {
    let site = Site::new(Backend::Embedded).await;
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for variable in ["LEPTOS_SITE_ADDR", "STRIPE_SANDBOX_ADDR"] {
        let refused = refusal(&site, &[(variable, &address)]).await;
        assert!(refused.contains(&address) && refused.contains(variable), "{refused}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_that_fails_has_left_the_database_alone() {
    let site = Site::new(Backend::Embedded).await;
    let database = site.data_dir.path().join("untouched.db");
    let url = format!("sqlite:{}?mode=rwc", database.display());
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    for (variable, value) in [
        ("SMTP_URL", "mail.example"),
        ("MAIL_FROM", "nobody"),
        ("LEDGER_KEY", "5f1c0b7e"),
        ("STRIPE_SECRET_KEY", "a key\nof two lines"),
        ("SIGNALBOX_SITE_DIR", "/nowhere"),
        ("SIGNALBOX_MARKET__START", "2030-01-01T00:00:00Z"),
        ("REDIS_URL", &format!("redis://127.0.0.1:{}", free_port())),
        ("LEPTOS_SITE_ADDR", &taken.local_addr().unwrap().to_string()),
    ] {
        let refused = refusal(&site, &[("DATABASE_URL", &url), (variable, value)]).await;
        assert!(!refused.is_empty() && !database.exists(), "{variable}: {refused}");
    }
    assert_eq!(refusal(&site, &[("DATABASE_URL", &url)]).await, "");
    assert!(database.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_postgres_that_lets_nobody_in_is_told_at_once_with_the_cause() {
    let site = Site::new(Backend::Embedded).await;
    let mut server = url::Url::parse(&required("SIGNALBOX_TEST_DATABASE_URL")).unwrap();
    server.set_path("no_such_database");
    let there = format!("{}:{}", server.host_str().unwrap(), server.port().unwrap_or(5432));
    let nobody = format!("127.0.0.1:{}", free_port());
    for (address, place, cause) in [
        (format!("postgres://signalbox:hunter2@{nobody}/signalbox"), nobody, "refused"),
        (server.to_string(), there, "database \"no_such_database\" does not exist"),
        ("postgres://signalbox:hunter2@127.0.0.1:port/signalbox".to_owned(), "DATABASE_URL".to_owned(), "invalid port"),
    ] {
        let refused = tokio::time::timeout(AT_ONCE, refusal(&site, &[("DATABASE_URL", &address)])).await;
        let refused = refused.unwrap_or_else(|_| panic!("it waits for {place}"));
        assert!(refused.contains(&place) && refused.contains(cause) && !refused.contains("hunter2"), "{refused}");
    }
}

#[tokio::test]
async fn production_names_all_that_it_lacks() {
    let site = Site::new(Backend::Embedded).await;
    let needed = ["FRONTEND_URL", "SECRET_KEY", "STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET", "SMTP_URL"];
    let refused = refusal(&site, &[("SIGNALBOX_ENV", "production")]).await;
    for name in needed {
        assert!(refused.contains(name), "{name}: {refused}");
    }
    // Another address of the API is no key to it.
    let some = [("SIGNALBOX_ENV", "production"), ("STRIPE_API_BASE", "http://127.0.0.1:9"), ("SMTP_URL", "smtp://box")];
    let refused = refusal(&site, &some).await;
    assert!(refused.contains("STRIPE_SECRET_KEY") && !refused.contains("SMTP_URL"), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_it_listens_is_logged() {
    let site = Site::with_settings(Backend::Embedded, &[("RUST_LOG", "info")]).await;
    let process = Process::start(&site).await;
    let address = process.base.trim_start_matches("http://").to_owned();
    process.kill().await;
    let log = said(&site);
    assert!(log.lines().any(|line| line.contains("listening") && line.contains(&address)), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_level_that_cannot_be_read_is_told_and_the_usual_one_taken() {
    let site = Site::with_settings(Backend::Embedded, &[("RUST_LOG", "signalbox=loud")]).await;
    let process = Process::start(&site).await;
    process.kill().await;
    let log = said(&site);
    assert!(log.lines().any(|line| line.contains("RUST_LOG") && line.contains("signalbox=loud")), "{log}");
    assert!(log.contains("listening"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_of_an_env_file_says_the_same_to_whoever_reads_it() {
    let site = Site::new(Backend::Embedded).await;
    let is_name = |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
    let lines = include_str!("../../.env.example").lines().filter_map(|line| line.strip_prefix('#'));
    let set: Vec<_> = lines.filter_map(|line| line.split_once('=')).filter(|(name, _)| is_name(name)).collect();
    assert!(set.len() > 20, "{set:?}");
    for (name, value) in &set {
        // As `docker run --env-file` reads it, quotes and all; and as we do.
        let ours = dotenvy::from_read_iter(format!("{name}={value}").as_bytes()).next().unwrap().unwrap();
        assert_eq!((ours.0.as_str(), ours.1.as_str()), (*name, *value));
    }
    let from = set.iter().find(|(name, _)| *name == "MAIL_FROM").unwrap();
    assert_eq!(refusal(&site, &[*from]).await, "");
    // The sender's name is the site's where none is set, whatever stands in it.
    assert_eq!(refusal(&site, &[("SIGNALBOX_SITE__NAME", "Rao, Sons & \"Co.\"")]).await, "");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_start_that_waits_is_stopped_at_once() {
    for (variable, scheme) in [("DATABASE_URL", "postgres://signalbox@"), ("REDIS_URL", "redis://")] {
        for action in ["serve", "worker"] {
            let site = Site::new(Backend::Embedded).await;
            // Takes connections, and never says a word.
            let silent = tokio::net::TcpListener::bind(("127.0.0.1", free_port())).await.unwrap();
            let address = format!("{scheme}{}", silent.local_addr().unwrap());
            let mut child = Command::new(required("SIGNALBOX_TEST_BIN"))
                .arg(action)
                .current_dir(site.data_dir.path())
                .env_clear()
                .envs(environment(&site, &[(variable, &address)]))
                .stdout(Stdio::null())
                .stderr(Stdio::piped())
                .kill_on_drop(true)
                .spawn()
                .unwrap();
            let held = tokio::time::timeout(Duration::from_secs(20), silent.accept()).await.unwrap().unwrap();
            let killed = Command::new("kill").arg(child.id().unwrap().to_string()).status().await.unwrap();
            assert!(killed.success());
            let ended = tokio::time::timeout(AT_ONCE, child.wait()).await;
            let ended = ended.unwrap_or_else(|_| panic!("{action} still waits for {variable}")).unwrap();
            assert!(ended.success(), "{action} {variable}: {ended}");
            drop(held);
        }
    }
}
