//! The configuration: `Leptos.toml`, then the environment, which wins. The file shipped with the source is the
//! built-in default, so that every value stands in one place.

use crate::domain::{plan::FreeLimits, time::Timestamp};
use config::{File, FileFormat};
use http::HeaderValue;
use ipnet::IpNet;
use serde::Deserialize;
use std::{
    collections::HashMap,
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};
use url::Url;

mod addresses;
mod checks;
mod names;
mod refusals;
mod secret;
mod secrets;
mod sections;
mod warnings;

pub use refusals::{Refusal, Refusals};
pub use secret::{LedgerKey, Secret};
use {refusals::refused, sections::Sections};

/// A market day.
const DAY: Duration = Duration::from_secs(86_400);

/// The configuration file, unless another is named.
const FILE: &str = "Leptos.toml";

/// Why the program cannot start as configured.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The shipped file does not parse.
    #[error("configuration: {0}")]
    Unreadable(#[from] config::ConfigError),
    /// A line of `.env` does not parse.
    #[error("configuration: .env: {0}; a value with spaces stands in quotes, and each variable on a line of its own")]
    DotEnv(dotenvy::Error),
    /// Values that are not allowed, or missing: all of them, with what is wrong and what to do.
    #[error("configuration: {0}")]
    Refused(Refusals),
    /// What is kept in the data folder cannot be used.
    #[error("data folder {path}: {source}")]
    DataDir {
        /// Where.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// Development shows more and allows plain HTTP; production refuses whatever is unsafe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Environment {
    /// A developer's machine, or a demonstration.
    Development,
    /// Real people and money.
    Production,
}

/// Everything the program is told.
#[derive(Clone, Debug)]
pub struct Config {
    pub environment: Environment,
    pub data_dir: PathBuf,
    /// The built site; `None`: beside the program.
    pub site_dir: Option<PathBuf>,
    pub site: SiteConfig,
    /// The site's public address, without a trailing slash.
    pub frontend_url: Url,
    pub operator: OperatorConfig,
    pub accounts: AccountsConfig,
    pub quota: QuotaConfig,
    pub limits: LimitsConfig,
    pub market: MarketConfig,
    pub signals: SignalsConfig,
    pub strategies: Vec<StrategyConfig>,
    pub plans: HashMap<String, PlanConfig>,
    pub database: DatabaseConfig,
    pub redis: RedisConfig,
    /// Signs access tokens; at least 32 bytes.
    pub secret_key: Secret,
    /// Signs the ledger's checkpoints.
    pub ledger_key: LedgerKey,
    pub stripe: StripeConfig,
    pub mail: MailConfig,
    /// Sites whose scripts may call the API, as browsers write them.
    pub allowed_origins: Vec<HeaderValue>,
    pub trusted_proxies: Vec<IpNet>,
    pub metrics_token: Option<Secret>,
    /// What is told at start though it can be worked with, each a sentence for the log.
    pub warnings: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SiteConfig {
    pub name: String,
    #[serde(deserialize_with = "sections::address")]
    pub addr: SocketAddr,
    pub request_timeout_seconds: u64,
    pub drain_seconds: u64,
    pub stop_deadline_seconds: u64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OperatorConfig {
    pub name: String,
    pub registration: String,
    pub email: String,
    pub address: String,
    pub time_zone: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccountsConfig {
    pub access_token_expire_minutes: u32,
    pub refresh_token_expire_days: u32,
    pub refresh_grace_seconds: u32,
    pub hashing_threads: usize,
    pub hashing_queue: usize,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuotaConfig {
    pub free_fetches_per_day: u32,
    pub free_signals_per_fetch: u32,
    pub free_backtests_per_day: u32,
}

impl QuotaConfig {
    /// What a free user may use of each feature in a day.
    pub fn free_limits(&self) -> FreeLimits {
        FreeLimits { signals: self.free_fetches_per_day, backtests: self.free_backtests_per_day }
    }
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitsConfig {
    pub auth_per_minute: u32,
    pub requests_per_minute: u32,
    pub requests_burst: u32,
    pub webhooks_per_minute: u32,
    pub connections: usize,
    pub header_timeout_seconds: u64,
    pub write_timeout_seconds: u64,
    pub body_bytes: usize,
    pub webhook_body_bytes: usize,
    pub backtest_body_bytes: usize,
    pub backtest_queue: usize,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MarketConfig {
    #[serde(deserialize_with = "sections::market_start")]
    pub start: Timestamp,
    pub days_per_minute: f64,
    pub backfill_days: u32,
    pub feed_cache_seconds: u64,
    pub symbols: Vec<SymbolConfig>,
}

impl MarketConfig {
    /// Where the record of a new site begins: market time.
    pub fn record_start(&self) -> Timestamp {
        self.start - DAY * self.backfill_days
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SymbolConfig {
    pub symbol: String,
    pub name: String,
    pub quote: String,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignalsConfig {
    pub publish: Publish,
}

/// Whose signals are published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Publish {
    /// Every strategy's, the unproven told to be so.
    All,
    /// Only those of strategies that are proven on the series.
    Proven,
}

impl TryFrom<String> for Publish {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.as_str() {
            "all" => Ok(Self::All),
            "proven" => Ok(Self::Proven),
            _ => Err(format!("`{text}` is neither all nor proven")),
        }
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StrategyConfig {
    pub name: String,
    pub timeframes: Vec<String>,
    #[serde(default)]
    pub params: HashMap<String, f64>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanConfig {
    pub name: String,
    pub amount: i64,
    pub currency: String,
    pub interval: String,
}

#[derive(Clone, Debug)]
pub struct DatabaseConfig {
    /// `sqlite:…` or `postgres:…`.
    pub url: String,
    pub max_connections: u32,
}

impl DatabaseConfig {
    /// Whether the address names an SQLite file.
    pub fn is_sqlite(&self) -> bool {
        self.url.starts_with("sqlite:")
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RedisConfig {
    /// `redis://…`; without one all is kept in process.
    pub url: Option<String>,
    /// Begins every key, so that several sites can share one Redis.
    pub prefix: String,
}

#[derive(Clone, Debug)]
pub struct StripeConfig {
    pub secret_key: Secret,
    /// Newest first; while one is rolled, both are good.
    pub webhook_secrets: Vec<Secret>,
    /// The Pro price; made in the sandbox at start when unset.
    pub price_id: Option<String>,
    pub publishable_key: Option<String>,
    /// Where Stripe's API is, without a trailing slash; `None` is Stripe's own.
    pub api_base: Option<Url>,
    /// Where the embedded sandbox listens; `None` when it is not run in this program.
    pub sandbox_addr: Option<SocketAddr>,
}

#[derive(Clone, Debug)]
pub struct MailConfig {
    /// `None`: files in the outbox folder.
    pub smtp_url: Option<Secret>,
    pub from: String,
    pub outbox: PathBuf,
}

/// The environment's variables, `.env` already among them. Empty ones count as unset.
pub type Variables = HashMap<String, String>;

impl Config {
    /// Reads `.env`, the configuration file and the environment.
    ///
    /// # Errors
    /// When a value does not parse, or production is asked for with something unsafe: with all that is wrong.
    pub fn load() -> Result<Self, ConfigError> {
        let from_dot_env = read_dot_env()?;
        let variables = set_ones(std::env::vars());
        let named = variables.get("SIGNALBOX_CONFIG").map(String::as_str);
        let file = named.unwrap_or(FILE);
        // One that is there and cannot be read is not passed over.
        let required = named.is_some() || Path::new(file).exists();
        let source = File::new(file, FileFormat::Toml).required(required);
        let mut refusals = Refusals::default();
        let read = config::Config::builder().add_source(source).build();
        let sections = match read.map_err(|error| refused(file, error.to_string())) {
            Ok(read) => Sections::read(read, &variables, &mut refusals)?,
            // What is set beside it may rest on what it says.
            Err(refusal) => {
                refusals.add(refusal);
                Sections::bundled()?
            }
        };
        let mut config = Self::from_parts(sections, &variables, refusals)?;
        config.warnings.extend(warnings::of_dot_env(&from_dot_env));
        Ok(config)
    }

    /// From the built-in defaults and `variables` alone.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn from_variables(variables: Variables) -> Result<Self, ConfigError> {
        let (variables, mut refusals) = (set_ones(variables), Refusals::default());
        let sections = Sections::read(config::Config::default(), &variables, &mut refusals)?;
        Self::from_parts(sections, &variables, refusals)
    }

    fn from_parts(mut sections: Sections, variables: &Variables, mut refusals: Refusals) -> Result<Self, ConfigError> {
        let get = |name: &str| variables.get(name).cloned();
        let data_dir = PathBuf::from(get("SIGNALBOX_DATA_DIR").unwrap_or_else(|| "data".to_owned()));
        let environment = refusals.take(environment(variables)).unwrap_or(Environment::Development);
        if let Some(addr) = refusals.take(addresses::listen_addr(variables, sections.site.addr)) {
            sections.site.addr = addr;
        }
        let accounts = &mut sections.accounts;
        for (name, value) in [
            ("ACCESS_TOKEN_EXPIRE_MINUTES", &mut accounts.access_token_expire_minutes),
            ("REFRESH_TOKEN_EXPIRE_DAYS", &mut accounts.refresh_token_expire_days),
        ] {
            refusals.take(override_number(variables, name, value));
        }
        let frontend_url = refusals.take(addresses::frontend_url(get("FRONTEND_URL"), sections.site.addr));
        let database_url = get("DATABASE_URL").or_else(|| sections.database.url.clone());
        let database = refusals.take(database(database_url, &data_dir, sections.database.max_connections));
        let given = secrets::Given::read(variables, environment, &mut refusals);
        let mail = mail(variables, &sections, &data_dir);
        let allowed_origins = refusals.take(addresses::origins(get("ALLOWED_ORIGINS")));
        let trusted_proxies = refusals.take(addresses::proxies(get("TRUSTED_PROXIES")));
        refusals.add_all(checks::nonsense(&sections));
        refusals.add_all(checks::of_mail(&mail));
        if environment == Environment::Production {
            refusals.add_all(checks::unsafe_in_production(variables, frontend_url.as_ref()));
        }
        let folder = std::fs::create_dir_all(&data_dir);
        refusals
            .take(folder.map_err(|error| refused("SIGNALBOX_DATA_DIR", format!("{}: {error}", data_dir.display()))));
        let (Some(frontend_url), Some(database), Some(given)) = (frontend_url, database, given) else {
            return Err(ConfigError::Refused(refusals));
        };
        refusals.none()?;
        let kept = given.or_kept(&data_dir)?;
        let mut config = Self {
            environment,
            stripe: kept.stripe,
            mail,
            site_dir: get("SIGNALBOX_SITE_DIR").map(PathBuf::from),
            site: sections.site,
            frontend_url,
            operator: sections.operator,
            accounts: sections.accounts,
            quota: sections.quota,
            limits: sections.limits,
            market: sections.market,
            signals: sections.signals,
            strategies: sections.strategies,
            plans: sections.plans,
            database,
            redis: RedisConfig { url: get("REDIS_URL").or(sections.redis.url), ..sections.redis },
            secret_key: kept.secret_key,
            ledger_key: kept.ledger_key,
            allowed_origins: allowed_origins.unwrap_or_default(),
            trusted_proxies: trusted_proxies.unwrap_or_default(),
            metrics_token: get("METRICS_TOKEN").map(Secret::from),
            data_dir,
            warnings: Vec::new(),
        };
        config.warnings = warnings::of(&config, variables)?;
        Ok(config)
    }

    /// Whether cookies are `Secure` and named with the `__Host-` prefix.
    pub fn is_https(&self) -> bool {
        self.frontend_url.scheme() == "https"
    }

    /// `path` (with its leading slash) on the public address.
    pub fn link(&self, path: &str) -> String {
        format!("{}{path}", self.frontend_url.as_str().trim_end_matches('/'))
    }
}

/// Adds what stands in `.env` to the environment, which wins; the names there.
fn read_dot_env() -> Result<Vec<String>, ConfigError> {
    let path = match dotenvy::dotenv() {
        Ok(path) => path,
        // No `.env` is the usual case.
        Err(error) if error.not_found() => return Ok(Vec::new()),
        Err(error) => return Err(ConfigError::DotEnv(error)),
    };
    let lines = dotenvy::from_path_iter(path).map_err(ConfigError::DotEnv)?;
    let set = set_ones(lines.collect::<Result<Vec<_>, _>>().map_err(ConfigError::DotEnv)?);
    Ok(set.into_keys().collect())
}

/// Those that are set to something.
fn set_ones(variables: impl IntoIterator<Item = (String, String)>) -> Variables {
    variables.into_iter().filter(|(_, value)| !value.trim().is_empty()).collect()
}

fn environment(variables: &Variables) -> Result<Environment, Refusal> {
    match variables.get("SIGNALBOX_ENV").map(String::as_str) {
        None | Some("development") => Ok(Environment::Development),
        Some("production") => Ok(Environment::Production),
        Some(other) => Err(refused("SIGNALBOX_ENV", format!("`{other}` is neither development nor production"))),
    }
}

fn database(given: Option<String>, data_dir: &Path, max_connections: u32) -> Result<DatabaseConfig, Refusal> {
    let url = given.unwrap_or_else(|| format!("sqlite:{}?mode=rwc", data_dir.join("signalbox.db").display()));
    let known = ["sqlite:", "postgres:", "postgresql:"].iter().any(|scheme| url.starts_with(scheme));
    if known {
        Ok(DatabaseConfig { url, max_connections })
    } else {
        Err(refused("DATABASE_URL", "use a sqlite:, postgres: or postgresql: address"))
    }
}

fn mail(variables: &Variables, sections: &Sections, data_dir: &Path) -> MailConfig {
    // In quotes, since a name may have a comma.
    let sender = || format!("\"{}\" <{}>", sections.site.name.replace(['"', '\\'], ""), sections.operator.email);
    MailConfig {
        smtp_url: variables.get("SMTP_URL").cloned().map(Secret::from),
        from: variables.get("MAIL_FROM").cloned().unwrap_or_else(sender),
        outbox: data_dir.join("outbox"),
    }
}

fn override_number(variables: &Variables, name: &str, value: &mut u32) -> Result<(), Refusal> {
    if let Some(text) = variables.get(name) {
        let number = text.parse().ok().filter(|number| *number > 0);
        *value = number.ok_or_else(|| refused(name, format!("`{text}` is no positive whole number")))?;
    }
    Ok(())
}
