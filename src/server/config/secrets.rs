//! Secrets: from the environment, else made once and kept in the data folder; in production the ledger's key alone.

use super::{ConfigError, Environment, LedgerKey, Secret, StripeConfig, Variables, refused};
use std::{io::Write, net::SocketAddr, path::Path};
use url::Url;

/// The shortest key that signs access tokens, in bytes (HS256's own length).
const MIN_KEY_BYTES: usize = 32;

/// Keys that stand in example files and so are known to everybody.
const EXAMPLES: [&str; 4] = ["change-me", "changeme", "your-secret-key", "secret"];

pub(super) fn secret_key(
    given: Option<String>,
    data_dir: &Path,
    environment: Environment,
) -> Result<Secret, ConfigError> {
    let production = environment == Environment::Production;
    let key = match given {
        Some(key) => key,
        None => kept_secret(data_dir, "secret_key", "")?,
    };
    if key.len() < MIN_KEY_BYTES {
        return Err(refused(
            "SECRET_KEY",
            format!("needs {MIN_KEY_BYTES} bytes or more, for example from `openssl rand -hex 32`"),
        ));
    }
    let lower = key.to_lowercase();
    let varied = key.bytes().collect::<std::collections::HashSet<_>>().len() >= 8;
    if production && (!varied || EXAMPLES.iter().any(|example| lower.contains(example))) {
        return Err(refused(
            "SECRET_KEY",
            "is an example or too regular; make one with `openssl rand -hex 32`".to_owned(),
        ));
    }
    Ok(Secret::from(key))
}

/// The ledger's key. Several replicas on one database need the same: who has another signs nothing.
pub(super) fn ledger_key(given: Option<String>, data_dir: &Path) -> Result<LedgerKey, ConfigError> {
    let is_kept = given.is_none();
    let text = match given {
        Some(key) => key,
        None => kept_secret(data_dir, "ledger_key", "")?,
    };
    let mut key = [0; 32];
    hex::decode_to_slice(text.trim(), &mut key).map_err(|_| {
        refused("LEDGER_KEY", "needs 64 hex digits of a random key, for example from `openssl rand -hex 32`".to_owned())
    })?;
    if key.iter().collect::<std::collections::HashSet<_>>().len() < 8 {
        return Err(refused("LEDGER_KEY", "is too regular; make one with `openssl rand -hex 32`".to_owned()));
    }
    Ok(LedgerKey::new(key, is_kept))
}

pub(super) fn stripe(variables: &Variables, data_dir: &Path) -> Result<StripeConfig, ConfigError> {
    let get = |name: &str| variables.get(name).cloned();
    let key = get("STRIPE_SECRET_KEY");
    let addr_text = get("STRIPE_SANDBOX_ADDR").unwrap_or_else(|| "127.0.0.1:12111".to_owned());
    let addr: SocketAddr =
        addr_text.parse().map_err(|_| refused("STRIPE_SANDBOX_ADDR", format!("`{addr_text}` is no address")))?;
    let base = get("STRIPE_API_BASE");
    let sandbox_addr = (key.is_none() && base.is_none()).then_some(addr);
    let api_base = match (base, key.is_none()) {
        (Some(text), _) => {
            Some(Url::parse(&text).map_err(|error| refused("STRIPE_API_BASE", format!("`{text}`: {error}")))?)
        }
        (None, true) => {
            let unusable = |error| refused("STRIPE_SANDBOX_ADDR", format!("`{addr_text}`: {error}"));
            Some(Url::parse(&format!("http://{addr}")).map_err(unusable)?)
        }
        (None, false) => None,
    };
    let webhook_secrets = match get("STRIPE_WEBHOOK_SECRET") {
        Some(text) => webhook_secrets(&text)?,
        None => vec![Secret::from(kept_secret(data_dir, "stripe_webhook_secret", "whsec_")?)],
    };
    Ok(StripeConfig {
        secret_key: Secret::from(key.unwrap_or_else(|| "sk_test_signalbox".to_owned())),
        webhook_secrets,
        price_id: get("STRIPE_PRICE_ID"),
        publishable_key: get("STRIPE_PUBLISHABLE_KEY"),
        api_base,
        sandbox_addr,
    })
}

/// The secrets of a list. An empty one would be a mistake somebody finds out when no event is taken.
fn webhook_secrets(text: &str) -> Result<Vec<Secret>, ConfigError> {
    let secrets: Vec<&str> = text.split(',').map(str::trim).collect();
    if secrets.contains(&"") {
        return Err(refused(
            "STRIPE_WEBHOOK_SECRET",
            "a secret in the list is empty: whsec_… or whsec_…,whsec_…".to_owned(),
        ));
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
