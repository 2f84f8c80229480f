//! Secrets: from the environment, else made once and kept in the data folder; in production the ledger's key alone.

use super::{
    ConfigError, Environment, LedgerKey, Refusal, Secret, StripeConfig, Variables,
    refusals::{Refusals, refused},
};
use std::{io::Write, net::SocketAddr, path::Path};
use url::Url;

/// The shortest key that signs access tokens, in bytes (HS256's own length).
const MIN_KEY_BYTES: usize = 32;

/// Keys that stand in example files and so are known to everybody.
const EXAMPLES: [&str; 4] = ["change-me", "changeme", "your-secret-key", "secret"];

/// What the environment gives of them. What it does not give is made and kept once nothing is refused.
pub(super) struct Given {
    secret_key: Option<Secret>,
    ledger_key: Option<LedgerKey>,
    webhook_secrets: Option<Vec<Secret>>,
    stripe: Stripe,
}

/// All of them.
pub(super) struct Kept {
    pub secret_key: Secret,
    pub ledger_key: LedgerKey,
    pub stripe: StripeConfig,
}

impl Given {
    /// What is given; `None` where something of it is refused.
    pub(super) fn read(variables: &Variables, environment: Environment, refusals: &mut Refusals) -> Option<Self> {
        let get = |name: &str| variables.get(name).cloned();
        let secret_key = refusals.take(get("SECRET_KEY").map(|key| secret_key(key, environment)).transpose());
        let ledger_key = refusals.take(get("LEDGER_KEY").map(|key| ledger_key(&key, false)).transpose());
        let webhook_secrets = get("STRIPE_WEBHOOK_SECRET").map(|text| webhook_secrets(&text)).transpose();
        let webhook_secrets = refusals.take(webhook_secrets);
        let stripe = Stripe::read(variables, refusals);
        Some(Self {
            secret_key: secret_key?,
            ledger_key: ledger_key?,
            webhook_secrets: webhook_secrets?,
            stripe: stripe?,
        })
    }

    /// With those of `data_dir` where none are given.
    pub(super) fn or_kept(self, data_dir: &Path) -> Result<Kept, ConfigError> {
        let refused = |refusal| {
            let mut refusals = Refusals::default();
            refusals.add(refusal);
            ConfigError::Refused(refusals)
        };
        // What was made here is long and random enough, unless somebody changed it.
        let secret_key = match self.secret_key {
            Some(given) => given,
            None => secret_key(kept_secret(data_dir, "secret_key", "")?, Environment::Development).map_err(refused)?,
        };
        let ledger_key = match self.ledger_key {
            Some(given) => given,
            // Several replicas on one database need the same: who has another signs nothing.
            None => ledger_key(&kept_secret(data_dir, "ledger_key", "")?, true).map_err(refused)?,
        };
        let webhook_secrets = match self.webhook_secrets {
            Some(given) => given,
            None => vec![Secret::from(kept_secret(data_dir, "stripe_webhook_secret", "whsec_")?)],
        };
        Ok(Kept { secret_key, ledger_key, stripe: self.stripe.with(webhook_secrets) })
    }
}

fn secret_key(key: String, environment: Environment) -> Result<Secret, Refusal> {
    if key.len() < MIN_KEY_BYTES {
        return Err(refused(
            "SECRET_KEY",
            format!("needs {MIN_KEY_BYTES} bytes or more, for example from `openssl rand -hex 32`"),
        ));
    }
    let lower = key.to_lowercase();
    let varied = key.bytes().collect::<std::collections::HashSet<_>>().len() >= 8;
    let known = !varied || EXAMPLES.iter().any(|example| lower.contains(example));
    if environment == Environment::Production && known {
        return Err(refused("SECRET_KEY", "is an example or too regular; make one with `openssl rand -hex 32`"));
    }
    Ok(Secret::from(key))
}

fn ledger_key(text: &str, is_kept: bool) -> Result<LedgerKey, Refusal> {
    let mut key = [0; 32];
    hex::decode_to_slice(text.trim(), &mut key).map_err(|_| {
        refused("LEDGER_KEY", "needs 64 hex digits of a random key, for example from `openssl rand -hex 32`")
    })?;
    if key.iter().collect::<std::collections::HashSet<_>>().len() < 8 {
        return Err(refused("LEDGER_KEY", "is too regular; make one with `openssl rand -hex 32`"));
    }
    Ok(LedgerKey::new(key, is_kept))
}

/// Stripe, but for what its webhooks are signed with.
struct Stripe {
    secret_key: Option<String>,
    price_id: Option<String>,
    publishable_key: Option<String>,
    api_base: Option<Url>,
    sandbox_addr: Option<SocketAddr>,
}

impl Stripe {
    fn read(variables: &Variables, refusals: &mut Refusals) -> Option<Self> {
        let get = |name: &str| variables.get(name).cloned();
        let (secret_key, base) = (get("STRIPE_SECRET_KEY"), get("STRIPE_API_BASE"));
        let addr = get("STRIPE_SANDBOX_ADDR").unwrap_or_else(|| "127.0.0.1:12111".to_owned());
        let addr = refusals.take(sandbox_addr(&addr));
        let base = refusals.take(base.map(|text| api_base(&text)).transpose());
        let (addr, base) = (addr?, base?);
        let is_sandbox = secret_key.is_none() && base.is_none();
        let of_sandbox = || format!("http://{addr}").parse().ok();
        Some(Self {
            api_base: if is_sandbox { of_sandbox() } else { base },
            sandbox_addr: is_sandbox.then_some(addr),
            secret_key,
            price_id: get("STRIPE_PRICE_ID"),
            publishable_key: get("STRIPE_PUBLISHABLE_KEY"),
        })
    }

    fn with(self, webhook_secrets: Vec<Secret>) -> StripeConfig {
        StripeConfig {
            secret_key: Secret::from(self.secret_key.unwrap_or_else(|| "sk_test_signalbox".to_owned())),
            webhook_secrets,
            price_id: self.price_id,
            publishable_key: self.publishable_key,
            api_base: self.api_base,
            sandbox_addr: self.sandbox_addr,
        }
    }
}

fn sandbox_addr(text: &str) -> Result<SocketAddr, Refusal> {
    let no_address = || refused("STRIPE_SANDBOX_ADDR", format!("`{text}` is no address like 127.0.0.1:12111"));
    let addr: SocketAddr = text.parse().map_err(|_| no_address())?;
    // One that is taken for an address, and is in none: with a scope, for example.
    if Url::parse(&format!("http://{addr}")).is_ok() { Ok(addr) } else { Err(no_address()) }
}

fn api_base(text: &str) -> Result<Url, Refusal> {
    Url::parse(text).map_err(|error| {
        refused("STRIPE_API_BASE", format!("`{text}` is no address like https://api.stripe.com: {error}"))
    })
}

/// The secrets of a list. An empty one would be a mistake somebody finds out when no event is taken.
fn webhook_secrets(text: &str) -> Result<Vec<Secret>, Refusal> {
    let secrets: Vec<&str> = text.split(',').map(str::trim).collect();
    if secrets.contains(&"") {
        return Err(refused("STRIPE_WEBHOOK_SECRET", "a secret in the list is empty: whsec_… or whsec_…,whsec_…"));
    }
    Ok(secrets.into_iter().map(|secret| Secret::from(secret.to_owned())).collect())
}

/// The secret kept in `data_dir` under `name`; made at the first call, readable by its owner only.
fn kept_secret(data_dir: &Path, name: &str, prefix: &str) -> Result<String, ConfigError> {
    let path = data_dir.join(name);
    let fault = |source| ConfigError::DataDir { path: path.clone(), source };
    if let Some(kept) = read_kept(&path).map_err(fault)? {
        return Ok(kept);
    }
    let secret = format!("{prefix}{}", hex::encode(rand::random::<[u8; 32]>()));
    let draft = data_dir.join(format!(".{name}.{}", std::process::id()));
    write_private(&draft, &secret).map_err(fault)?;
    // Linking fails if another process was first: then its secret is the one.
    let linked = std::fs::hard_link(&draft, &path);
    std::fs::remove_file(&draft).map_err(fault)?;
    match linked {
        Ok(()) => Ok(secret),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            read_kept(&path).map_err(fault)?.ok_or_else(|| fault(std::io::Error::other("the kept secret is empty")))
        }
        Err(error) => Err(fault(error)),
    }
}

fn read_kept(path: &Path) -> std::io::Result<Option<String>> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
