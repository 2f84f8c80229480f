//! The configuration: `Leptos.toml`, then the environment, which wins. The file shipped with the source is the
//! built-in default, so that every value stands in one place.

use crate::domain::{plan::FreeLimits, time::Timestamp};
use config::{Environment as EnvSource, File, FileFormat};
use http::HeaderValue;
use ipnet::IpNet;
use serde::Deserialize;
use std::{collections::HashMap, net::SocketAddr, path::PathBuf, time::Duration};
use url::Url;

mod addresses;
mod checks;
mod secret;
mod secrets;
mod warnings;

pub use secret::{LedgerKey, Secret};

/// A market day.
const DAY: Duration = Duration::from_secs(86_400);

/// The defaults, as shipped.
const DEFAULTS: &str = include_str!("../../Leptos.toml");

/// Why the program cannot start as configured.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file or a variable does not parse.
    #[error("configuration: {0}")]
    Unreadable(#[from] config::ConfigError),
    /// A line of `.env` does not parse.
    #[error("configuration: .env: {0}; a value with spaces stands in quotes, and each variable on a line of its own")]
    DotEnv(dotenvy::Error),
    /// A value that is not allowed; says which, and what to do.
    #[error("configuration: {name}: {problem}")]
    Refused {
        /// The variable or key.
        name: &'static str,
        /// What is wrong and what to set.
        problem: String,
    },
    /// Production lacks variables: all of them, with what each is.
    #[error("configuration: production needs what is not set: {0}")]
    Missing(String),
    /// The data folder cannot be used.
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
    #[serde(deserialize_with = "market_start")]
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

/// The sections that the file alone holds.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sections {
    site: SiteConfig,
    operator: OperatorConfig,
    accounts: AccountsConfig,
    quota: QuotaConfig,
    limits: LimitsConfig,
    market: MarketConfig,
    signals: SignalsConfig,
    strategies: Vec<StrategyConfig>,
    database: DatabaseSection,
    redis: RedisConfig,
    plans: HashMap<String, PlanConfig>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DatabaseSection {
    url: Option<String>,
    max_connections: u32,
}

/// The environment's variables, `.env` already among them. Empty ones count as unset.
pub type Variables = HashMap<String, String>;

impl Config {
    /// Reads `.env`, the configuration file and the environment.
    ///
    /// # Errors
    /// When a value does not parse, or production is asked for with something unsafe.
    pub fn load() -> Result<Self, ConfigError> {
        match dotenvy::dotenv() {
            // No `.env` is the usual case.
            Err(error) if !error.not_found() => return Err(ConfigError::DotEnv(error)),
            _ => {}
        }
        let file = std::env::var("SIGNALBOX_CONFIG").unwrap_or_else(|_| "Leptos.toml".to_owned());
        // One that is there and cannot be read is not passed over.
        let required = std::env::var_os("SIGNALBOX_CONFIG").is_some() || std::path::Path::new(&file).exists();
        let source = File::new(&file, FileFormat::Toml).required(required);
        let text = config::Config::builder().add_source(source).build()?;
        Self::from_parts(text, std::env::vars().collect())
    }

    /// From the built-in defaults and `variables` alone.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn from_variables(variables: Variables) -> Result<Self, ConfigError> {
        Self::from_parts(config::Config::default(), variables)
    }

    fn from_parts(file: config::Config, variables: Variables) -> Result<Self, ConfigError> {
        let variables: Variables = variables.into_iter().filter(|(_, value)| !value.trim().is_empty()).collect();
        let mut sections = read_sections(file, &variables)?;
        let get = |name: &str| variables.get(name).cloned();
        let environment = match get("SIGNALBOX_ENV").as_deref() {
            None | Some("development") => Environment::Development,
            Some("production") => Environment::Production,
            Some(other) => {
                return Err(refused("SIGNALBOX_ENV", format!("`{other}` is neither development nor production")));
            }
        };
        if environment == Environment::Production {
            checks::refuse_gaps(&variables)?;
        }
        sections.site.addr = addresses::listen_addr(&variables, sections.site.addr)?;
        override_number(&variables, "ACCESS_TOKEN_EXPIRE_MINUTES", &mut sections.accounts.access_token_expire_minutes)?;
        override_number(&variables, "REFRESH_TOKEN_EXPIRE_DAYS", &mut sections.accounts.refresh_token_expire_days)?;
        let data_dir = PathBuf::from(get("SIGNALBOX_DATA_DIR").unwrap_or_else(|| "data".to_owned()));
        std::fs::create_dir_all(&data_dir).map_err(|source| ConfigError::DataDir { path: data_dir.clone(), source })?;
        let frontend_url = addresses::frontend_url(get("FRONTEND_URL"), sections.site.addr)?;
        let database =
            database(get("DATABASE_URL").or(sections.database.url), &data_dir, sections.database.max_connections)?;
        let secret_key = secrets::secret_key(get("SECRET_KEY"), &data_dir, environment)?;
        let ledger_key = secrets::ledger_key(get("LEDGER_KEY"), &data_dir)?;
        let mut config = Self {
            environment,
            stripe: secrets::stripe(&variables, &data_dir)?,
            mail: MailConfig {
                smtp_url: get("SMTP_URL").map(Secret::from),
                from: get("MAIL_FROM")
                    .unwrap_or_else(|| format!("{} <{}>", sections.site.name, sections.operator.email)),
                outbox: data_dir.join("outbox"),
            },
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
            secret_key,
            ledger_key,
            allowed_origins: addresses::origins(get("ALLOWED_ORIGINS"))?,
            trusted_proxies: addresses::proxies(get("TRUSTED_PROXIES"))?,
            metrics_token: get("METRICS_TOKEN").map(Secret::from),
            data_dir,
            warnings: Vec::new(),
        };
        config.refuse_nonsense()?;
        config.refuse_unsafe_production()?;
        config.warnings = warnings::of(&config, &variables)?;
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

fn refused(name: &'static str, problem: String) -> ConfigError {
    ConfigError::Refused { name, problem }
}

fn read_sections(file: config::Config, variables: &Variables) -> Result<Sections, ConfigError> {
    let environment =
        EnvSource::with_prefix("SIGNALBOX").prefix_separator("_").separator("__").try_parsing(true).source(Some(
            variables.iter().filter(|(name, _)| name.contains("__")).map(|(k, v)| (k.clone(), v.clone())).collect(),
        ));
    let merged = config::Config::builder()
        .add_source(File::from_str(DEFAULTS, FileFormat::Toml))
        .add_source(file)
        .add_source(environment)
        .build()?;
    Ok(merged.try_deserialize()?)
}

fn market_start<'de, D: serde::Deserializer<'de>>(value: D) -> Result<Timestamp, D::Error> {
    let text = String::deserialize(value)?;
    Timestamp::parse(&text).map_err(|error| {
        serde::de::Error::custom(format!("market.start: `{text}` is {error}, like 2024-06-01T00:00:00Z"))
    })
}

fn database(
    given: Option<String>,
    data_dir: &std::path::Path,
    max_connections: u32,
) -> Result<DatabaseConfig, ConfigError> {
    let url = given.unwrap_or_else(|| format!("sqlite:{}?mode=rwc", data_dir.join("signalbox.db").display()));
    let known = ["sqlite:", "postgres:", "postgresql:"].iter().any(|scheme| url.starts_with(scheme));
    if !known {
        return Err(refused("DATABASE_URL", "use a sqlite:, postgres: or postgresql: address".to_owned()));
    }
    if max_connections == 0 {
        return Err(refused("database.max_connections", "at least one is needed".to_owned()));
    }
    Ok(DatabaseConfig { url, max_connections })
}

fn override_number(variables: &Variables, name: &'static str, value: &mut u32) -> Result<(), ConfigError> {
    if let Some(text) = variables.get(name) {
        *value = text
            .parse()
            .ok()
            .filter(|number| *number > 0)
            .ok_or_else(|| refused(name, format!("`{text}` is no positive whole number")))?;
    }
    Ok(())
}
