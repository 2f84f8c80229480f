use std::net::SocketAddr;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Where the sandbox listens, where it keeps its state, and how it behaves at first.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The JSON file that holds everything; `None` keeps it in memory only.
    pub state_file: Option<PathBuf>,
    /// What the addresses it gives out begin with; `None` is `http://` and the listening address.
    pub public_url: Option<String>,
    /// Whether this is a production environment, in which the sandbox refuses to start.
    pub production: bool,
    /// How many events are kept; older ones go, unless they are still to be delivered.
    pub keep_events: usize,
    /// What `/_sandbox/config` can change while it runs.
    pub settings: Settings,
}

/// How the sandbox behaves; can be read and changed at `/_sandbox/config`, and is set anew from
/// [`Config`] at every start.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Milliseconds before every API answer.
    pub delay_ms: u64,
    /// The share of API calls, 0 to 1, that answer 500 without doing anything; spread evenly.
    pub failure_rate: f64,
    /// Every webhook is sent twice.
    pub duplicates: bool,
    /// Webhooks are sent out of order.
    pub reorder: bool,
    /// Milliseconds between an event and its first webhook.
    pub webhook_delay_ms: u64,
    /// Webhook payloads have the shapes from before API version 2025-03-31.
    pub old_shapes: bool,
    /// Where webhooks go; `None` sends none but to endpoints made over the API.
    pub webhook_url: Option<String>,
    /// What webhooks are signed with, one `v1` each.
    pub webhook_secrets: Vec<String>,
    /// Milliseconds before the first retry of a webhook; doubles with each further one.
    pub retry_base_ms: u64,
    /// The longest pause between two retries of a webhook, in milliseconds.
    pub retry_max_ms: u64,
    /// How many webhooks are under way at the same time, at least 1.
    pub parallel_webhooks: usize,
    /// How long a webhook may take, in milliseconds.
    pub webhook_timeout_ms: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 12111)),
            state_file: None,
            public_url: None,
            production: false,
            keep_events: 2000,
            settings: Settings::default(),
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            delay_ms: 0,
            failure_rate: 0.0,
            duplicates: false,
            reorder: false,
            webhook_delay_ms: 0,
            old_shapes: false,
            webhook_url: None,
            webhook_secrets: Vec::new(),
            retry_base_ms: 500,
            retry_max_ms: 60_000,
            parallel_webhooks: 8,
            webhook_timeout_ms: 10_000,
        }
    }
}

impl Settings {
    /// Says what is wrong with these settings, in words.
    pub(crate) fn problem(&self) -> Option<String> {
        if !(0.0..=1.0).contains(&self.failure_rate) {
            return Some("failure_rate must be between 0 and 1".into());
        }
        if self.delay_ms > 60_000 || self.webhook_delay_ms > 3_600_000 {
            return Some("delay_ms must be at most 60000, webhook_delay_ms at most 3600000".into());
        }
        if self.retry_base_ms == 0 || self.retry_max_ms < self.retry_base_ms {
            return Some("retry_base_ms must be at least 1 and at most retry_max_ms".into());
        }
        if self.webhook_timeout_ms == 0 || !(1..=256).contains(&self.parallel_webhooks) {
            return Some("webhook_timeout_ms must be at least 1, parallel_webhooks 1 to 256".into());
        }
        let url = self.webhook_url.as_deref()?;
        match reqwest::Url::parse(url) {
            Ok(url) if matches!(url.scheme(), "http" | "https") => None,
            _ => Some(format!("webhook_url is not an http address: {url}")),
        }
    }
}
